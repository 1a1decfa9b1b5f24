"""The tables as 0006 leaves them, made at once where there are none yet (docs/adr/0029)."""

from django.db import migrations

from journal.squashing import TablesAtOnce

NAMES = (
    "0001_initial",
    "0002_sla",
    "0003_move_promises",
    "0004_only_versions",
    "0005_coverage",
    "0006_intake",
)


class Migration(migrations.Migration):
    replaces = [("support", name) for name in NAMES]
    dependencies = [("catalog", "0004_squeeze"), ("entitlements", "0009_renewals")]
    operations = [TablesAtOnce("support", NAMES, rows_only=("0003_move_promises",))]
