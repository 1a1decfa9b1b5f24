"""How many clocks a newer calendar, policy or list of holidays would move, and which would be late. Nothing here writes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db.models import OuterRef, Subquery

from support.domain.case_events import OPEN_STATES
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, CaseStanding, Terms
from support.domain.impact import Impact, ImpactRow, Move, moves_between
from support.models import CalendarVersion, Case, CasePromise, SlaPolicy, SlaPolicyVersion
from support.queries.cases.anew import Newer
from support.snapshots.cases import TermsReader, snapshot_cases

INLINE = 300  # cases that are counted while somebody waits for the page
BATCH = 200
NO_TEAM, NO_TIER = "No team", "No tier"
LAST = 2**62  # the number of a promise that has none yet: of several from one instant it speaks


def impact_of(
    *,
    at: datetime,
    calendar: CalendarVersion | None = None,
    policy: SlaPolicyVersion | None = None,
    country: str | None = None,
    most: int = INLINE,
) -> Impact:
    """What recomputing at `at` would do, also by a draft; of more than `most` cases only how many there are.

    Then `counted` is False, and a job counts them (`actions/cases/recomputing.py`).
    """
    newer = Newer(at, calendar=calendar, policy=policy, country=country)
    reached = list(reached_by(newer))
    impact = Impact(open=open_cases())
    if len(reached) > most:
        impact.affected, impact.counted = len(reached), False
        return impact
    for first in range(0, len(reached), BATCH):
        impact.add(compared(promised_anew(reached[first : first + BATCH], newer=newer), now=at).impact)
    return impact


def open_cases() -> int:
    return Case.objects.filter(state__in=OPEN_STATES).count()


def reached_by(newer: Newer, *, after: int = 0, until: int | None = None) -> Iterator[int]:
    """The open cases that are promised something older, by their ids; of a stretch of ids."""
    for promise in last_promises(after=after, until=until):
        if newer.reaches(promise):
            yield promise.case_id


def last_promises(*, after: int = 0, until: int | None = None) -> Iterator[CasePromise]:
    """What each open case is promised last, in the order of the cases; one read."""
    latest = CasePromise.objects.filter(case=OuterRef("case")).order_by("-starts_at", "-pk").values("pk")[:1]
    rows = CasePromise.objects.filter(case__state__in=OPEN_STATES, case__gt=after, pk=Subquery(latest))
    if until is not None:
        rows = rows.filter(case__lte=until)
    return rows.select_related("policy_version").order_by("case_id").iterator(chunk_size=BATCH)


def promised_anew(cases: Collection[int], *, newer: Newer) -> dict[int, CasePromise]:
    """What each of these cases would be promised, all of which it reaches; by the case's id."""
    rows = CasePromise.objects.filter(case__in=cases).order_by("case_id", "starts_at", "pk")
    last = {row.case_id: row for row in rows.select_related("policy_version")}
    return {case: newer.anew(promise) for case, promise in last.items()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Cases with what each would be promised, and how each stands before and after; by the case's id."""

    cases: Sequence[Case]
    promises: Mapping[int, CasePromise]
    before: Mapping[int, CaseStanding]
    after: Mapping[int, CaseStanding]

    @property
    def impact(self) -> Impact:
        impact, tiers = Impact(), dict(SlaPolicy.objects.values_list("tier", "name"))
        for case in self.cases:
            team, tier = case.team.name if case.team else NO_TEAM, tiers.get(case.tier, case.tier) or NO_TIER
            moves = tuple(moves_between(self.before[case.pk], self.after[case.pk]))
            impact.add_case(team=team, tier=tier, moves=moves, row=partial(_row, case, team, tier))
        return impact


def compared(promises: Mapping[int, CasePromise], *, now: datetime) -> Comparison:
    """What these promises, not yet made, would do to their cases; the number of reads doesn't grow with them."""
    rows = Case.objects.filter(pk__in=promises).select_related("account", "severity", "team").order_by("pk")
    reader, facts = TermsReader.of(promises.values()), snapshot_cases(rows)
    # From here on nothing reads the database.
    anew = {pk: _promised(each, reader.terms(promises[pk])) for pk, each in facts.items()}
    return Comparison(
        cases=list(rows),
        promises=promises,
        before={pk: standing_of(each, now=now) for pk, each in facts.items()},
        after={pk: standing_of(each, now=now) for pk, each in anew.items()},
    )


def _promised(facts: CaseFacts, terms: Terms) -> CaseFacts:
    """As it will be once they are written: last of all."""
    return replace(facts, terms=(*facts.terms, replace(terms, id=LAST)))


def _row(case: Case, team: str, tier: str, move: Move) -> ImpactRow:
    return ImpactRow(
        case=case.pk,
        subject=case.subject,
        account=case.account.name if case.account else "",
        team=team,
        tier=tier,
        milestone=move.milestone,
        run=move.run,
        turn=move.turn,
        before=move.before,
        after=move.after,
        breaches=move.breaches,
    )
