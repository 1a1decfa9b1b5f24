"""What the steps of one look at the billing work on together: one deed, and what is to be told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.models import Plan
from entitlements.domain.billed.findings import FindingKind
from entitlements.domain.billed.steps import Sold
from entitlements.domain.billed.told import Billed
from entitlements.models import Account, Subscription
from journal.actions.deeds import Deed, record
from journal.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Noted:
    """Something for a person to look at, before it is written down."""

    kind: FindingKind
    about: str
    words: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Work:
    """A subscription that is made what the billing says; `subscription` None: it is yet to begin."""

    billed: Billed
    account: Account
    subscription: Subscription | None
    deed: Deed
    events: list[AuditEvent] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    kept: frozenset[str] = frozenset()  # steps that are left out, by their names
    despite_kept: bool = False  # somebody takes back that they are
    sold: Mapping[str, Sold] | None = None  # what its prices stand for, where that was read before
    differs: tuple[str, ...] = ()  # what is left that differs, what was kept among it

    @property
    def held(self) -> Subscription:
        if self.subscription is None:
            raise LookupError("The subscription has not been started.")
        return self.subscription

    def tell(self, verb: str, changes: Mapping[str, Any] | None = None) -> None:
        """Into the audit, in the words of what staff does by hand: whoever listens needn't know who did it."""
        key = self.account.key
        self.events.append(record(self.deed, verb, subject=self.held, account_key=key, changes=changes))


def plan_of(sold: Sold) -> Plan:
    return Plan.objects.get(key=sold.plan)


def say_sold(plan: Plan, quantity: int) -> str:
    return plan.name if quantity == 1 else f"{quantity} × {plan.name}"
