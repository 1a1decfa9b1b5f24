"""The tables as 0004 leaves them, made at once where there are none yet (docs/adr/0029)."""

from django.db import migrations

from journal.squashing import TablesAtOnce

NAMES = (
    "0001_initial",
    "0002_packaging",
    "0003_trial_ends_and_changes",
    "0004_squeeze",
)


class Migration(migrations.Migration):
    replaces = [("catalog", name) for name in NAMES]
    dependencies = [("journal", "0002_long_work")]
    operations = [TablesAtOnce("catalog", NAMES)]
