"""Which tables feed an answer, and whose: a change of any row is told to every process that holds answers in memory.

The database tells it by itself, in the transaction of the change. On PostgreSQL one statement tells each account once,
however many rows it touches, and wakes whoever listens; on SQLite each row tells it.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.backends.utils import truncate_name

from entitlements.models.facts_change import EVERYBODY, FactsChange
from journal.triggers import LONGEST_NAME, PREFIX, Trigger

CHANNEL = "desk_facts"
MOST_TOLD_APART = 10_000  # accounts of one statement; beyond it everybody is meant
SIDES = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

CATALOG = "SELECT NULL"
ITSELF = 'SELECT {row}."id"'
ITS_ACCOUNT = 'SELECT {row}."account_id"'
ITS_SUBSCRIPTIONS = (
    'SELECT held."account_id" FROM "entitlements_subscription" held WHERE held."id" = {row}."subscription_id"'
)
ITS_LICENCE = 'SELECT held."account_id" FROM "entitlements_licence" held WHERE held."id" = {row}."licence_id"'
ITS_MEMBERS = 'SELECT one."account_id" FROM "entitlements_cohortmember" one WHERE one."cohort_id" = {row}."id"'

TOLD = {
    "catalog.Feature": CATALOG,
    "catalog.FeatureGroup": CATALOG,
    "catalog.FeatureRevision": CATALOG,
    "catalog.Dimension": CATALOG,
    "catalog.DimensionChoice": CATALOG,
    "catalog.Plan": CATALOG,
    "catalog.PlanVersion": CATALOG,
    "catalog.Market": CATALOG,
    "catalog.MarketWindow": CATALOG,
    "catalog.Rollout": CATALOG,
    "entitlements.LicencePolicy": CATALOG,
    "entitlements.Account": ITSELF,
    "entitlements.AccountStanding": ITS_ACCOUNT,
    "entitlements.BilledFeature": ITS_ACCOUNT,
    "entitlements.Identifier": ITS_ACCOUNT,
    "entitlements.CohortMember": ITS_ACCOUNT,
    "entitlements.Licence": ITS_ACCOUNT,
    "entitlements.LicenceActivation": ITS_LICENCE,
    "entitlements.Override": ITS_ACCOUNT,
    "entitlements.Seat": ITS_ACCOUNT,
    "entitlements.Subscription": ITS_ACCOUNT,
    "entitlements.SubscriptionItem": ITS_SUBSCRIPTIONS,
    "entitlements.SubscriptionPhase": ITS_SUBSCRIPTIONS,
    "entitlements.BillingPeriod": ITS_SUBSCRIPTIONS,
    "entitlements.TrialUse": ITS_SUBSCRIPTIONS,
    "entitlements.Cohort": ITS_MEMBERS,
}

# A draft is written cell by cell and gives nothing to anybody; what is published is told by its version.
ONLY_WHEN = {"catalog.PlanVersion": "{row}.\"state\" <> 'draft'"}
NOT_TOLD = {
    "catalog.PlanTerm": "written in drafts only; once its version is published it never changes",
    "catalog.SubLimit": "written in drafts only; once its version is published it never changes",
    "journal.Connection": "what it is called is a word in reasons, and those are read from the rows",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """Every change of the table's rows is told; `whose` is a query of the accounts a row concerns."""

    model_label: str
    whose: str
    only_when: str = "TRUE"

    def triggers(self, *, vendor: str) -> tuple[Trigger, ...]:
        made = self._sqlite if vendor == "sqlite" else self._postgresql
        return tuple(made(event) for event in SIDES)

    @property
    def table(self) -> str:
        return apps.get_model(self.model_label)._meta.db_table

    def _name(self, event: str) -> str:
        return truncate_name(f"{PREFIX}{self.table}_told_{event.lower()}", LONGEST_NAME)

    def _sqlite(self, event: str) -> Trigger:
        found = " UNION ".join(
            f"SELECT * FROM ({self.whose.format(row=row)}) WHERE {self.only_when.format(row=row)}"  # noqa: S608
            for row in SIDES[event]
        )
        log = f'"{FactsChange._meta.db_table}" ("account_id", "written_at")'
        head = f'CREATE TRIGGER "{self._name(event)}" AFTER {event} ON "{self.table}" FOR EACH ROW'
        told = f"SELECT *, strftime('%Y-%m-%d %H:%M:%f000', 'now') FROM ({found})"  # noqa: S608
        make = f"{head} BEGIN INSERT INTO {log} {told}; END"
        return Trigger(self._name(event), self.table, (make,), FactsChange._meta.db_table)

    def _postgresql(self, event: str) -> Trigger:
        """Of a whole statement at once: its rows before and after it stand in tables of their own."""
        name = self._name(event)
        given = {"OLD": "rows_before", "NEW": "rows_after"}
        found = " UNION ".join(
            f"SELECT told.* FROM {given[side]} changed, LATERAL ({self.whose.format(row='changed')}) told(account) "  # noqa: S608
            f"WHERE {self.only_when.format(row='changed')}"
            for side in SIDES[event]
        )
        function = (
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $desk$\n'
            f"DECLARE whose bigint[];\nBEGIN\n"
            f"SELECT array_agg(account::bigint) INTO whose FROM ({found}) found;\n"
            f"IF whose IS NULL THEN RETURN NULL; END IF;\n"
            f"IF cardinality(whose) > {MOST_TOLD_APART} THEN whose := ARRAY[{EVERYBODY}]; END IF;\n"
            f'INSERT INTO "{FactsChange._meta.db_table}" ("account_id", "transaction_id", "written_at")\n'
            f"SELECT one, pg_current_xact_id()::text::bigint, clock_timestamp() FROM unnest(whose) one;\n"
            f"PERFORM pg_notify('{CHANNEL}', '');\nRETURN NULL;\nEND $desk$"
        )
        tables = " ".join(f"{side} TABLE AS {given[side]}" for side in SIDES[event])
        make = (
            f'CREATE TRIGGER "{name}" AFTER {event} ON "{self.table}" REFERENCING {tables} '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "{name}"()'
        )
        return Trigger(name, self.table, (function, make), FactsChange._meta.db_table)


def every_telling() -> tuple[Telling, ...]:
    return tuple(Telling(label, whose, ONLY_WHEN.get(label, "TRUE")) for label, whose in TOLD.items())
