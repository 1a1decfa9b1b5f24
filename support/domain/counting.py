"""When a case takes an incident of prepaid help, and when it gives it back. Pure.

Whether one is owed follows from how the case stands alone, never from what was done before: so events may come late,
twice and in any order, and the end is the same. Where cases count from their opening, every case owes one that wasn't
cancelled; where they count from their resolution, every case that is resolved or closed, and one that is opened again
owes it no more. What is left uncounted for a reason owes nothing, and neither does what is covered by something that
counts nothing: a warranty, or a cover of which that was agreed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from support.domain.case_events import CaseEvent, CaseState, Opener
from support.domain.clocks.story import SETTLED, story_of
from support.domain.cover_terms import CountedOn, Source

BALANCE, COVER = "balance:", "cover:"


def owed(rule: CountedOn, *, state: CaseState, exempt: bool, covered: bool) -> int:
    """How many incidents a case owes: one or none. `covered`: what decides about it counts on prepaid help."""
    if exempt or not covered or state is CaseState.CANCELLED:
        return 0
    return 1 if rule is CountedOn.OPENING or state in SETTLED else 0


def source_of(covered_by: str) -> Source | None:
    """What a promise says decided it: "tier", "balance:3", "cover:12", "warranty:7"; None: nothing did."""
    return Source(covered_by.partition(":")[0]) if covered_by else None


def number_in(covered_by: str) -> int:
    return int(covered_by.partition(":")[2])


def settled_since(events: Iterable[CaseEvent], *, opener: Opener, now: datetime) -> datetime | None:
    """Since when the case has been resolved or closed without a break; None: it isn't."""
    since: datetime | None = None
    for stretch in reversed(story_of(events, opener=opener, now=now).stretches):
        if stretch.state not in SETTLED:
            break
        since = stretch.start
    return since


@dataclass(frozen=True, slots=True)
class Purse:
    """An allowance that a case may count on. `left`: whether another incident fits; `goes_at`: when the next of it goes
    unused."""

    key: int
    left: bool
    overdraws: bool = False
    goes_at: datetime | None = None


def in_order(purses: Iterable[Purse]) -> list[int]:
    """Of several those that have one left come first, then those that may be overdrawn; among them what goes unused
    first. A case counts on one of them: on the first that takes it."""
    return [one.key for one in sorted(purses, key=_first)]


def _first(one: Purse) -> tuple[bool, bool, bool, float, int]:
    goes = 0.0 if one.goes_at is None else one.goes_at.timestamp()
    return (not one.left, not one.overdraws, one.goes_at is None, goes, one.key)
