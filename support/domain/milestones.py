"""Milestones: what an SLA policy promises on a case, as values that can't be built wrong.

A milestone starts at one trigger and is met at another; meanwhile it may pause in some states of the case. Its target
is looked up by severity and channel: the channel's own first, else the one for every channel; without either there is
no clock. Four kinds have rules of their own (support/domain/clocks/), the fifth is what staff make of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from support.domain.targets import Target


class InvalidPolicy(ValueError):
    """This promise can't be kept, or contradicts itself; `where` names the field or the cell."""

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.where = where


class CaseState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def words(self) -> str:
        return {"waiting": "Waiting for the customer"}.get(self.value) or self.value.replace("_", " ").capitalize()


class MilestoneKind(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    UPDATE = "update"
    RESOLUTION = "resolution"
    OWN = "own"


class Trigger(StrEnum):
    OPENED = "opened"
    CUSTOMER_MESSAGE = "customer_message"
    PUBLIC_REPLY = "public_reply"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    BY_HAND = "by_hand"

    @property
    def words(self) -> str:
        return {
            "opened": "the case is opened",
            "customer_message": "the customer writes",
            "public_reply": "an agent answers publicly",
            "assigned": "the case is assigned",
            "resolved": "the case is resolved",
            "by_hand": "somebody says so",
        }[self.value]


class Recurrence(StrEnum):
    """none: once. independent: anew whenever its start comes again. sequential: the next follows at once."""

    NONE = "none"
    INDEPENDENT = "independent"
    SEQUENTIAL = "sequential"


class Measured(StrEnum):
    """From where a target counts after the severity or the policy has changed."""

    FROM_START = "from_start"
    FROM_CHANGE = "from_change"


class Signal(StrEnum):
    """What is known about an account. The rule's value: days ahead, a Health, or the key of a market."""

    RENEWAL_WITHIN = "renewal_within"
    HEALTH = "health"
    MARKET = "market"


class OffsetUnit(StrEnum):
    MINUTES = "minutes"
    BUSINESS_DAYS = "business_days"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Offset:
    """So far before (negative) or after the due time, in the time the target itself counts in.

    PERCENT is said of the target: 80 is the instant at which 80 % of it had passed, 150 half as much again after it.
    """

    amount: int
    unit: OffsetUnit

    def __post_init__(self) -> None:
        if self.unit is OffsetUnit.PERCENT and not 1 <= self.amount <= 1000:
            raise InvalidPolicy("A percentage of a target lies between 1 and 1,000.", where="steps")
        if abs(self.amount) > 366 * 24 * 60:
            raise InvalidPolicy("A warning or escalation lies within a year of the due time.", where="steps")

    @property
    def ahead(self) -> bool:
        """True for a warning: it comes before the due time."""
        return self.amount < 100 if self.unit is OffsetUnit.PERCENT else self.amount < 0


@dataclass(frozen=True, slots=True)
class Step:
    """A warning or an escalation. `tells` are "team", "assignee", "owner" or e-mail addresses; `raise_to` a severity."""

    offset: Offset
    tells: tuple[str, ...] = ()
    raise_to: str = ""

    @property
    def key(self) -> str:
        return f"{self.offset.amount}{self.offset.unit.value}"


@dataclass(frozen=True, slots=True)
class MilestoneTerms:
    key: str
    name: str
    kind: MilestoneKind
    starts: Trigger
    stops: Trigger
    pauses_while: frozenset[CaseState] = frozenset()
    recurrence: Recurrence = Recurrence.NONE
    measured: Measured = Measured.FROM_START
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Promised:
    """One target. `calendar` is the key of the calendar it counts by; None only around the clock.

    `lifts` are percentages that rules laid on it, each with its reason.
    """

    target: Target
    calendar: str | None = None
    lifts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """What one version of a policy promises: milestones in order, targets by (milestone, severity, channel or "")."""

    tier: str
    tier_name: str
    version: int
    milestones: tuple[MilestoneTerms, ...] = ()
    targets: Mapping[tuple[str, str, str], Promised] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", MappingProxyType(dict(self.targets)))

    def promised(self, milestone: str, *, severity: str, channel: str) -> Promised | None:
        """The channel's own target, else the one for every channel, else none."""
        return self.targets.get((milestone, severity, channel)) or self.targets.get((milestone, severity, ""))
