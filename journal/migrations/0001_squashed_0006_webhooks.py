"""The tables as 0006 leaves them, made at once where there are none yet (docs/adr/0029)."""

from django.db import migrations

from journal.squashing import TablesAtOnce

NAMES = (
    "0001_initial",
    "0002_long_work",
    "0003_stories_of_accounts",
    "0004_deals",
    "0005_door",
    "0006_webhooks",
)


class Migration(migrations.Migration):
    replaces = [("journal", name) for name in NAMES]
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [TablesAtOnce("journal", NAMES)]
