"""What was promised when: the severity and the terms of a case as functions of time, and how each milestone reads.

Both change at instants; between two changes lies a spell in which nothing changes. A milestone that the terms of a
spell don't know reads as it was last defined before, else as it is first defined later.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from support.domain.calendar import Calendar
from support.domain.case_events import Channel
from support.domain.clocks.values import Terms
from support.domain.coverage import MissingCalendar
from support.domain.milestones import MilestoneTerms, Promised
from support.domain.targets import ALWAYS, TargetUnit


class InvalidTerms(ValueError):
    """Nothing says what this case is promised."""


class Spell(NamedTuple):
    """From `start` on, this severity and these terms. The first spell speaks for everything before it, too."""

    start: datetime
    severity: str
    terms: Terms


class Definition(NamedTuple):
    start: datetime
    milestone: MilestoneTerms


@dataclass(frozen=True, slots=True)
class Definitions:
    """How one milestone reads at each instant; `steps` are in order of time, and there is at least one."""

    steps: tuple[Definition, ...]

    def at(self, instant: datetime) -> MilestoneTerms:
        if len(self.steps) == 1:
            return self.steps[0].milestone
        begun = [step for step in self.steps if step.start <= instant]
        return (begun[-1] if begun else self.steps[0]).milestone


def spells_of(
    severities: Sequence[tuple[datetime, str]], terms: Iterable[Terms], *, now: datetime
) -> tuple[Spell, ...]:
    """The spells in order; terms that begin after `now` are still to come. Raises `InvalidTerms` without any terms."""
    ordered = sorted(terms, key=lambda each: (each.starts_at, each.id))
    if not ordered:
        raise InvalidTerms("A case is promised something from its opening on, be it nothing; give it terms.")
    begun = [ordered[0], *(each for each in ordered[1:] if each.starts_at <= now)]
    opened_at, severity = severities[0]
    if len(severities) == len(begun) == 1:
        return (Spell(opened_at, severity, begun[0]),)
    return _interleaved(severities, begun, opened_at)


def definitions_of(spells: Sequence[Spell]) -> dict[str, Definitions]:
    """Every milestone by key: those of the last terms in their order, then those that only earlier terms knew."""
    steps: dict[str, list[Definition]] = {}
    for spell in reversed(spells):
        for milestone in spell.terms.policy.milestones if spell.terms.policy else ():
            found = steps.setdefault(milestone.key, [])
            if found and found[-1].milestone is milestone:
                found.pop()
            found.append(Definition(spell.start, milestone))
    return {key: Definitions(tuple(reversed(found))) for key, found in steps.items()}


def promised_in(spell: Spell, milestone: str, *, channel: Channel) -> Promised | None:
    policy = spell.terms.policy
    return policy.promised(milestone, severity=spell.severity, channel=channel.value) if policy else None


def hours_in(spell: Spell, promised: Promised) -> Calendar:
    """The hours a target counts by. Raises `MissingCalendar` for hours that the terms name and don't hold."""
    if promised.target.unit is TargetUnit.MINUTES:
        return ALWAYS
    if promised.calendar is None or promised.calendar not in spell.terms.hours:
        raise MissingCalendar(f"A target counts by the hours {promised.calendar!r}, which are not there.")
    return spell.terms.hours[promised.calendar]


def _interleaved(
    severities: Sequence[tuple[datetime, str]], begun: list[Terms], opened_at: datetime
) -> tuple[Spell, ...]:
    cuts = {at for at, _ in severities} | {max(each.starts_at, opened_at) for each in begun}
    return tuple(
        Spell(
            at,
            [severity for since, severity in severities if since <= at][-1],
            [each for each in begun if each is begun[0] or each.starts_at <= at][-1],
        )
        for at in sorted(cuts)
    )
