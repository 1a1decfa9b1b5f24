"""The tables as 0009 leaves them, made at once where there are none yet (docs/adr/0029)."""

from django.db import migrations

from journal.squashing import TablesAtOnce

NAMES = (
    "0001_initial",
    "0002_cohorts_periods_redemptions",
    "0003_trial_ends_and_changes",
    "0004_deals",
    "0005_loan_parts",
    "0006_contract_reminders",
    "0007_runtime",
    "0008_edges",
    "0009_renewals",
)


class Migration(migrations.Migration):
    replaces = [("entitlements", name) for name in NAMES]
    dependencies = [("catalog", "0004_squeeze"), ("journal", "0001_initial")]
    operations = [TablesAtOnce("entitlements", NAMES)]
