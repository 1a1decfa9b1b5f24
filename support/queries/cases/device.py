"""What a case would be promised if it were about another device. Nothing here writes."""

from collections.abc import Iterator
from datetime import datetime

from support.domain.case_events import OPEN_STATES
from support.domain.covers import Choice
from support.domain.impact import Turn, moves_between
from support.models import Case, CasePromise
from support.queries.cases.choosing import Considered
from support.queries.cases.impact import compared
from support.queries.cases.promising import Judged, about_case, judged, tier_of
from support.queries.covering import tier_ranks


def with_device(case: Case, *, at: datetime) -> Considered | None:
    """For a case that bears the device, saved or not. None: nobody knows whose it is.

    `promise` is what it would be promised from now on: by what covered the device when the case was opened, or covers it
    now, where that is better and no clock would be due later by it or stop. None: it keeps what it has. A cover that
    somebody chose goes before both, and is never replaced.
    """
    judgements = list(_judged(case, at=at))
    if not judgements:
        return None
    choice, best = judgements[0]
    for other, promise in judgements:
        if promise is not None and (best is None or _rank(other) > _rank(choice)):
            choice, best = other, promise
    if best is not None:
        best.starts_at = max(at, case.opened_at)
    return Considered(choice, best)


def _judged(case: Case, *, at: datetime) -> Iterator[tuple[Choice, CasePromise | None]]:
    """As it was at the opening, then as it is now; each with what it would promise, where that is better."""
    about = about_case(case)
    for moment, known_at in ((case.opened_at, case.recorded_at), (max(at, case.opened_at), at)):
        found = judged(case.account, at=moment, known_at=known_at, about=about)
        if found.covering is not None:
            yield found.covering.choice, found.promise if _betters(case, found, at=at) else None


def _betters(case: Case, found: Judged, *, at: datetime) -> bool:
    assert found.covering is not None
    ranks = {"": -1, **tier_ranks(found.covering.facts)}
    tier = tier_of(found.promise)
    if case.state not in OPEN_STATES or found.missed or tier not in ranks or case.tier not in ranks:
        return False
    if ranks[tier] <= ranks[case.tier]:
        return False
    compare = compared({case.pk: found.promise}, now=at)
    moves = moves_between(compare.before[case.pk], compare.after[case.pk])
    return not any(move.turn in (Turn.LATER, Turn.STOPS) for move in moves)


def _rank(choice: Choice) -> int:
    return -1 if choice.promising is None else choice.promising.rank
