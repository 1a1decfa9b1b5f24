"""What a case would be promised if somebody chose a cover for it, or took the choice back. Nothing here writes."""

from dataclasses import dataclass, replace
from datetime import datetime

from support.domain.counting import COVER, number_in
from support.domain.covers import Candidate, Choice
from support.models import Case, CasePromise, Cover
from support.queries.cases.promising import Judged, about_case, decided_by, judged
from support.queries.covering import covering


@dataclass(frozen=True, slots=True)
class Considered:
    """`promise` is what would be promised from now on, None where that stays as it is; `choice` says who decides."""

    choice: Choice
    promise: CasePromise | None


def considered(case: Case, cover: str, *, at: datetime) -> Considered | None:
    """With this cover chosen; empty: as if nobody had. None: nobody knows whose case it is.

    A cover may be chosen that applied when the case was opened, or that applies now. What is promised changes only
    where the chosen cover decides how fast somebody answers, and where one did whose choice is taken back.
    """
    found = _judged(case, cover, at=at)
    if found.covering is None:
        return None
    promise = found.promise
    # From now on: clocks count from their original start by it anyway.
    promise.starts_at = max(at, case.opened_at)
    decides = stands_for(promise.covered_by, cover) if cover else is_by_choice(case)
    return Considered(found.covering.choice, promise if decides else None)


def is_by_choice(case: Case) -> bool:
    """Whether what the case is promised last rests on the cover that somebody chose for it."""
    last = case.promises.order_by("starts_at", "pk").last()
    return last is not None and stands_for(last.covered_by, case.chosen_cover)


def stands_for(covered_by: str, chosen: str) -> bool:
    """Whether what decides is what somebody chose, or a later version of it; no read where it is the same or no cover."""
    if not chosen or covered_by == chosen:
        return bool(chosen)
    if not (covered_by.startswith(COVER) and chosen.startswith(COVER)):
        return False
    wanted = number_in(chosen)
    before: int | None = number_in(covered_by)
    while before is not None and before != wanted:
        before = Cover.objects.filter(pk=before).values_list("follows", flat=True).first()
    return before is not None


def _judged(case: Case, cover: str, *, at: datetime) -> Judged:
    about = replace(about_case(case), chosen=cover)
    found = judged(case.account, at=case.opened_at, known_at=case.recorded_at, about=about)
    if cover and found.missed:
        return judged(case.account, at=max(at, case.opened_at), known_at=at, about=about)
    return found


@dataclass(frozen=True, slots=True)
class ShownCover:
    """Under which cover a case falls, and what else might cover it, judged at `at`."""

    case: Case
    at: datetime
    covered_by: str
    cover_name: str
    choice: Choice | None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return () if self.choice is None else self.choice.candidates

    @property
    def missed(self) -> str:
        return "" if self.choice is None else self.choice.missed

    @property
    def authorisation(self) -> str:
        return "" if self.choice is None else self.choice.authorisation


def shown_cover(case: Case, *, at: datetime, last: CasePromise | None = None) -> ShownCover:
    """As things were at the opening; where somebody chose one that didn't apply then, as they are now.

    `last` is what the case is promised last, where it is at hand.
    """
    last = last or case.promises.order_by("starts_at", "pk").last()
    moment, choice = _chosen(case, at=at)
    covered_by, cover_name = decided_by(last)
    return ShownCover(
        case=case,
        at=moment,
        covered_by=covered_by,
        cover_name=cover_name,
        choice=choice,
    )


def _chosen(case: Case, *, at: datetime) -> tuple[datetime, Choice | None]:
    """Who decides, without what that would promise: the reads of one covering."""
    if case.account is None:
        return case.opened_at, None
    about = about_case(case)
    choice = covering(case.account, at=case.opened_at, about=about).choice
    if not choice.missed:
        return case.opened_at, choice
    now = max(at, case.opened_at)
    return now, covering(case.account, at=now, about=about).choice
