"""What becomes of everything that points to an account when it is merged into another: one rule for each relation.

A relation without a rule fails a test, and so does a rule without a relation: nothing of a customer is forgotten because
somebody added a table. Apps above register theirs in AppConfig.ready().
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet


class Fate(StrEnum):
    """What becomes of a row of the duplicate."""

    MOVES = "moves"
    UNLESS_SAME = "unless_same"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class MergeRule:
    """`relation` is "app.Model.column"; `words` name its rows, and `why` says what becomes of them.

    `alike` tells two rows that say the same by the same value; None is like nothing. `weighs`: having any such row, the
    duplicate is merged only with a second person. `by_key`: the column holds the account's key as text.
    """

    relation: str
    fate: Fate
    words: str
    why: str
    alike: Callable[[Any], Hashable | None] | None = None
    weighs: bool = False
    by_key: bool = False

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.relation.rpartition(".")[0])

    @property
    def column(self) -> str:
        return self.relation.rpartition(".")[2]

    def rows(self, account: Any) -> QuerySet[Any]:
        """The rows that point to the account, oldest first."""
        return self.model._default_manager.filter(**{self.column: account.key if self.by_key else account}).order_by(
            "pk"
        )


_rules: dict[str, MergeRule] = {}


def register(rule: MergeRule) -> None:
    if _rules.get(rule.relation, rule) != rule:
        raise ValueError(f"What becomes of {rule.relation} in a merge is registered already.")
    _rules[rule.relation] = rule


def rules(*fates: Fate) -> Iterator[MergeRule]:
    """The rules of relations, in the order they were registered; the account's own columns are in `OWN_COLUMNS`."""
    return (rule for rule in _rules.values() if not fates or rule.fate in fates)


# What is known of the account that stays goes on being known of it; the duplicate keeps its own row as it stood.
OWN_COLUMNS = frozenset(
    {"id", "key", "name", "country", "market", "zone", "owner", "kind", "sales_channel", "merged_at", "created_at"}
)


def register_own() -> None:
    """The rules for what this app and the journal keep about accounts."""
    for rule in (*_moving(), *_unless_same(), *_staying()):
        register(rule)


def _moving() -> Iterator[MergeRule]:
    yield MergeRule(
        "entitlements.Subscription.account", Fate.MOVES, "Subscriptions",
        "They go on under the account that stays, numbered after its own. No date in them moves.", weighs=True,
    )  # fmt: skip
    yield MergeRule("entitlements.Contract.account", Fate.MOVES, "Contracts", "They go on as signed.", weighs=True)
    yield MergeRule(
        "entitlements.Licence.account", Fate.MOVES, "Licences",
        "Their keys go on working, and give what the account that stays has.", weighs=True,
    )  # fmt: skip
    yield MergeRule("entitlements.Loan.account", Fate.MOVES, "Loans", "They go on until their end.", weighs=True)
    yield MergeRule("entitlements.Renewal.account", Fate.MOVES, "Renewals", "They go with what ends.")
    yield MergeRule(
        "entitlements.BilledFeature.account", Fate.MOVES, "What the system that bills it says it has",
        "The account that stays has it, for as long as that system says so.", weighs=True,
    )  # fmt: skip
    yield MergeRule(
        "entitlements.BillingFinding.account", Fate.MOVES, "What the billing and the desk don't agree about",
        "Whoever settles it finds it at the account that stays.",
    )  # fmt: skip
    yield MergeRule(
        "entitlements.Redemption.account", Fate.MOVES, "Used promotional codes",
        "What they gave goes on, also where both used a code of one campaign.", weighs=True,
    )  # fmt: skip
    yield MergeRule(
        "entitlements.Account.parent", Fate.MOVES, "Accounts that belong to it",
        "They belong to the account that stays from now on.", weighs=True,
    )  # fmt: skip
    yield MergeRule(
        "entitlements.Account.reseller", Fate.MOVES, "Accounts it sells to",
        "They are sold to by the account that stays from now on.", weighs=True,
    )  # fmt: skip
    yield MergeRule(
        "entitlements.Account.merged_into", Fate.MOVES, "Accounts merged into it before",
        "They lead to the account that stays.",
    )  # fmt: skip


def _unless_same() -> Iterator[MergeRule]:
    yield MergeRule(
        "entitlements.Override.account", Fate.UNLESS_SAME, "Overrides",
        "They go on beside those of the account that stays. What one loan lent to both is lent once: it ends here.",
        alike=lambda row: row.loan_id, weighs=True,
    )  # fmt: skip
    yield MergeRule(
        "entitlements.Contact.account", Fate.UNLESS_SAME, "Contacts",
        "They join the others; an e-mail address that is there already is not doubled.",
        alike=lambda row: row.email.lower(),
    )  # fmt: skip
    yield MergeRule(
        "entitlements.Identifier.account", Fate.UNLESS_SAME, "What it is found by",
        "The account that stays is found by its keys, names, addresses and ids too.",
        alike=lambda row: (row.kind, row.value_key, row.system),
    )  # fmt: skip
    yield MergeRule(
        "entitlements.CohortMember.account", Fate.UNLESS_SAME, "Cohorts",
        "The account that stays takes its place in them.", alike=lambda row: row.cohort_id, weighs=True,
    )  # fmt: skip
    yield MergeRule(
        "entitlements.SpendCap.account", Fate.UNLESS_SAME, "Spend caps",
        "Where both have one for the same, the cap of the account that stays holds.",
        alike=lambda row: (row.feature_id,),
    )  # fmt: skip
    yield MergeRule(
        "entitlements.Seat.account", Fate.UNLESS_SAME, "Seats",
        "Their holders sit under the account that stays; who has a seat there already has one.",
        alike=lambda row: None if row.released_at else (row.feature_id, row.holder_key), weighs=True,
    )  # fmt: skip
    yield MergeRule(
        "entitlements.SubjectLimit.account", Fate.UNLESS_SAME, "Limits of its users and agents",
        "They hold under the account that stays, where it has none for the same one.",
        alike=lambda row: (row.feature_id, row.subject),
    )  # fmt: skip


def _staying() -> Iterator[MergeRule]:
    """History: it is read through the account that stays, and marked with whose it is."""
    told = "It stays as it was told, and is read with the story of the account that stays."
    for model, words in (("EntitlementChange", "Changes told"), ("AnswerGiven", "Answers programs were given")):
        yield MergeRule(f"entitlements.{model}.account", Fate.STAYS, words, told)
    yield MergeRule(
        "entitlements.AccountStanding.account", Fate.STAYS, "Suspensions and closings",
        "They were about the duplicate. The account that stays stands as it did.",
    )  # fmt: skip
    yield MergeRule(
        "entitlements.CreditGrant.account", Fate.STAYS, "Credits granted",
        "They are voided, and what is left of them is granted to the account that stays.", weighs=True,
    )  # fmt: skip
    yield MergeRule(
        "entitlements.CreditBalance.account", Fate.STAYS, "Ledgers of credits",
        "They stay as they were told, and say where the credits went.",
    )  # fmt: skip
    yield MergeRule(
        "entitlements.BilledSubscription.account", Fate.STAYS, "What a system that bills told last",
        "It is told anew, of the account to which its subscription went.",
    )  # fmt: skip
    yield MergeRule(
        "entitlements.SweepFailure.account", Fate.STAYS, "Boundaries still to be walked",
        "They are told of the duplicate, up to the merge.",
    )  # fmt: skip
    used = "It counted against what the duplicate had, and stays there; nothing of it is charged to the other account."
    for model, words in (
        ("UsageEvent", "What it used"),
        ("UsageCounter", "Its counters of use"),
        ("UsageDay", "Its days of use"),
        ("UsageReset", "Resets of its use"),
        ("ThresholdCrossing", "Thresholds it reached"),
        ("UsageForecast", "Forecasts of its use"),
    ):
        yield MergeRule(f"entitlements.{model}.account", Fate.STAYS, words, used)
    yield MergeRule(
        "entitlements.Reservation.account", Fate.STAYS, "Reservations",
        "What they hold is committed or released where it was reserved, and else ends by itself.",
    )  # fmt: skip
    yield MergeRule("entitlements.DecisionTrace.account", Fate.STAYS, "Traces of checks", told)
    for model, words in (
        ("AuditEvent", "Deeds in the audit"),
        ("Approval", "Requests that were decided"),
        ("Notice", "Notices"),
        ("Outbound", "Deliveries"),
        ("Inbound", "What arrived from connected systems"),
        ("WebhookEndpoint", "Webhook endpoints"),
    ):
        yield MergeRule(f"journal.{model}.account_key", Fate.STAYS, words, told, by_key=True)
