"""What is billed, and what was found between the billing and the desk, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from entitlements import billing_systems
from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.domain.billed.told import BilledState
from entitlements.models import BillingFinding
from journal.admin.webhooks.words import ago
from journal.domain.connection import Mode
from journal.models import Connection

VIEW = "entitlements.view_billingfinding"
SETTLE = "entitlements.settle_billing_finding"
LIST = "admin:entitlements_billingfinding_changelist"

COLOURS = {"To look at": "warning", "Mended": "success", "Kept as it is": "info", "Gone": "info"}
BADGES = {FindingState.OPEN: "waiting", FindingState.MENDED: "on_sale", FindingState.KEPT: "scheduled"}
STATES: Mapping[str, tuple[str, str]] = {
    BilledState.NOT_BEGUN: ("Its first payment is waited for", "waiting"),
    BilledState.TRIAL: ("In trial", "scheduled"),
    BilledState.ACTIVE: ("Active", "on_sale"),
    BilledState.PAST_DUE: ("A payment failed, and is tried again", "waiting"),
    BilledState.UNPAID: ("Unpaid, and no longer tried", "denied"),
    BilledState.PAUSED: ("Paused", "waiting"),
    BilledState.ENDED: ("Ended", "ended"),
}
NAMES = {"price": "Price", "product": "Product", "lookup_key": "Lookup key"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is said on both sides; an empty side says nothing of it."""

    about: str
    theirs: str
    ours: str


def finding_url(finding: BillingFinding, page: str = "change") -> str:
    return reverse(f"admin:entitlements_billingfinding_{page}", args=[finding.pk])


def say_where(connection: Connection) -> str:
    """ "Shop, for trying out": the connection by its name, and its mode."""
    return f"{connection.name}, {Mode(connection.mode).words.lower()}"


def page_there(connection: Connection, thing: str) -> str:
    """The billing's own page about it, where it has one."""
    system = billing_systems.system_of(connection.vendor)
    return system.page_of(connection=connection, thing=thing) if system is not None and thing else ""


def say_state(state: str) -> tuple[str, str]:
    """A state of the billing in words, with its colour."""
    return STATES.get(state, ("Nothing was told yet", "plain"))


def of_nobody(finding: BillingFinding) -> bool:
    """Whether it is about no customer at all, but about what is sold."""
    return finding.account is None and not finding.billing_id and bool(finding.about)


def say_age(since: datetime, *, at: datetime) -> str:
    return ago(at - since)


def lines_of(finding: BillingFinding) -> tuple[Line, ...]:
    """What the billing says and what the desk has, side by side, as it was found."""
    evidence = finding.evidence
    if "lines" in evidence:
        return tuple(
            Line(*(str(one.get(name, "")) for name in ("about", "theirs", "ours"))) for one in evidence["lines"]
        )
    match finding.kind:
        case FindingKind.UNLINKED:
            return tuple(_of_a_price(evidence.get("theirs") or {}))
        case FindingKind.DOUBTFUL:
            return ()
        case FindingKind.PUSH | FindingKind.REFUSED:
            return ()
    theirs, ours = (_plainly(evidence.get(side)) for side in ("theirs", "ours"))
    return (Line(finding.about or "What was compared", theirs, ours),) if theirs or ours else ()


def _of_a_price(theirs: Mapping[str, Any]) -> Iterator[Line]:
    for name, words in NAMES.items():
        if theirs.get(name):
            yield Line(words, str(theirs[name]), "stands for nothing")


def _plainly(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')}: {told}" for name, told in value.items() if told)
    return "" if value is None else str(value)
