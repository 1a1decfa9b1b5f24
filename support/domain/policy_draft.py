"""A policy as somebody writes it: milestones, one table of targets, and the rules that move them.

A draft may be wrong, even nonsense: it is what a person has typed so far. `policy_checks` tells everything that is
wrong with it at once; only a draft without faults is put in force.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from support.domain.milestones import (
    CaseState,
    MilestoneKind,
    MilestoneTerms,
    PolicyTerms,
    Promised,
    Recurrence,
    Signal,
    Trigger,
)

# Milestone, severity, channel; an empty channel is every channel that has no target of its own.
Cell = tuple[str, str, str]

KIND_NAMES: Mapping[MilestoneKind, str] = {
    MilestoneKind.FIRST_RESPONSE: "First response",
    MilestoneKind.NEXT_RESPONSE: "Next response",
    MilestoneKind.UPDATE: "Update",
    MilestoneKind.RESOLUTION: "Resolution",
    MilestoneKind.OWN: "Milestone",
}
USUAL_TRIGGERS: Mapping[MilestoneKind, tuple[Trigger, Trigger]] = {
    MilestoneKind.FIRST_RESPONSE: (Trigger.OPENED, Trigger.PUBLIC_REPLY),
    MilestoneKind.NEXT_RESPONSE: (Trigger.CUSTOMER_MESSAGE, Trigger.PUBLIC_REPLY),
    MilestoneKind.UPDATE: (Trigger.OPENED, Trigger.PUBLIC_REPLY),
    MilestoneKind.RESOLUTION: (Trigger.OPENED, Trigger.RESOLVED),
    MilestoneKind.OWN: (Trigger.BY_HAND, Trigger.BY_HAND),
}
WAITS = frozenset({CaseState.WAITING})
# A first answer is owed whatever the state; what needs the customer's help stands still while it waits for them.
USUAL_PAUSES: Mapping[MilestoneKind, frozenset[CaseState]] = {
    MilestoneKind.UPDATE: WAITS,
    MilestoneKind.RESOLUTION: WAITS,
    MilestoneKind.OWN: WAITS,
}


@dataclass(frozen=True, slots=True)
class DraftRule:
    """While the signal holds, and until `ends_at`, targets are so many percent of what they are.

    `value` is days ahead of a renewal, a Health, or a market's key; without `milestone` it moves all of them.
    """

    signal: Signal
    value: str
    percent: int
    ends_at: datetime
    reason: str
    milestone: str = ""


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """Milestones in the order in which they are read, targets by cell, rules in the order in which they count.

    A target around the clock counts by no calendar, whichever was named beside it.
    """

    milestones: tuple[MilestoneTerms, ...] = ()
    targets: Mapping[Cell, Promised] = field(default_factory=dict, hash=False)
    rules: tuple[DraftRule, ...] = ()

    def __post_init__(self) -> None:
        targets = {
            cell: replace(one, calendar=None) if one.target.around_the_clock else one
            for cell, one in self.targets.items()
        }
        object.__setattr__(self, "targets", MappingProxyType(targets))

    @property
    def channels(self) -> tuple[str, ...]:
        """The columns of its table: every channel ("") first, then those that have a target of their own."""
        return ("", *sorted({channel for _, _, channel in self.targets if channel}))

    def milestone(self, key: str) -> MilestoneTerms | None:
        return next((one for one in self.milestones if one.key == key), None)

    def of_kind(self, kind: MilestoneKind) -> MilestoneTerms | None:
        """The first milestone of a kind."""
        return next((one for one in self.milestones if one.kind is kind), None)

    def promised(self, milestone: str, *, severity: str, channel: str) -> Promised | None:
        """The channel's own target, else the one for every channel, else none."""
        return self.targets.get((milestone, severity, channel)) or self.targets.get((milestone, severity, ""))

    def targets_of(self, milestone: str) -> dict[Cell, Promised]:
        return {cell: promised for cell, promised in self.targets.items() if cell[0] == milestone}


def draft_from(terms: PolicyTerms, *, rules: Iterable[DraftRule] = ()) -> PolicyDraft:
    """What a version says, to be written on."""
    return PolicyDraft(milestones=terms.milestones, targets=terms.targets, rules=tuple(rules))


def usual_milestone(kind: MilestoneKind, *, key: str = "", name: str = "") -> MilestoneTerms:
    """A milestone of a kind as most desks have it; key and name by the kind, unless given."""
    starts, stops = USUAL_TRIGGERS[kind]
    return MilestoneTerms(
        key=key or kind.value,
        name=name or KIND_NAMES[kind],
        kind=kind,
        starts=starts,
        stops=stops,
        pauses_while=USUAL_PAUSES.get(kind, frozenset()),
        recurrence=Recurrence.SEQUENTIAL if kind is MilestoneKind.UPDATE else Recurrence.NONE,
    )
