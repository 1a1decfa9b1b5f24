"""Cases counted on prepaid help, and given back: what is owed is compared with what was taken, and the difference made.

So any order of events and any repeat ends the same. Whoever calls holds the case. Locks go on from there: what is
counted, then its balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from entitlements.actions.usage.giving_back import give_back
from entitlements.actions.usage.recording import SCOPE as USAGE
from entitlements.queries.usage.landing import Sources
from journal.actions.deeds import keep, keep_changed
from journal.domain.deed import Deed
from support.actions.allowances.taking import Incident, Taken, take
from support.actions.cases.reckoning import reckon
from support.domain.case_events import CaseState
from support.domain.counting import owed
from support.domain.cover_terms import CountedOn
from support.models import Allowance, Case, CaseCount, CasePromise
from support.queries.allowances.counts import (
    Standing,
    allowances_for,
    counted_elsewhere,
    counts_nothing,
    due_since,
    promise_of,
    since_opening,
    standing_of,
)
from support.queries.allowances.room import SOURCE
from support.queries.cases.promising import about_case, promise_for, tier_of

MOST_TRIES = 10  # each lets go of one cover that counts on what is used up


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of it; `refused` are the allowances of which nothing was left, `untold` those on which use that is so
    long ago can't be told any more."""

    taken: tuple[CaseCount, ...] = ()
    refused: tuple[Allowance, ...] = ()
    untold: tuple[Allowance, ...] = ()


def settle_counts(
    case: Case, *, at: datetime, deed: Deed, sources: Sources | None = None, standing: Standing | None = None
) -> None:  # fmt: skip
    """The case was counted on prepaid help, or given back, as it stands and as it is covered.

    Where nothing is left of what blocks at zero, what covered it doesn't any more: the case is promised anew, by who is
    next, or nothing. `sources` and `standing` are what the caller has read of the customer and the case, holding both.
    """
    for _ in range(MOST_TRIES):
        settled, standing = settle_once(case, at=at, deed=deed, sources=sources, standing=standing), None
        if settled.taken or settled.untold or not settled.refused:
            return
        _let_go_of_cover(case, settled.refused, at=at, deed=deed)


def settle_after_event(case: Case, *, at: datetime, deed: Deed) -> None:
    """The same after something happened to a case: what counts from the opening was decided then.

    So prepaid help that was bought, or set up, since doesn't reach back to it.
    """
    settle_once(case, at=at, deed=deed, rules=(CountedOn.RESOLVING,))


def settle_once(
    case: Case, *, at: datetime, deed: Deed, rules: Sequence[CountedOn] = tuple(CountedOn),
    sources: Sources | None = None, standing: Standing | None = None,
) -> Settled:  # fmt: skip
    """Make up the difference, as the case is covered now; a take by other rules than these waits."""
    standing = standing or standing_of(case, at=at)
    exempt = case.uncounted_at is not None
    kept = tuple(row for row in standing.held if not _give_back_if_due(case, row, standing, at=at, deed=deed))
    due = [rule for rule in rules if owed(rule, state=CaseState(case.state), exempt=exempt, covered=True)]
    if kept or not due:
        return Settled(kept)
    refused: list[Allowance] = []
    untold: list[Allowance] = []
    sources = sources or Sources(at)
    for allowance in allowances_for(case, standing.promise, rules=due, sources=sources):
        rule = CountedOn(allowance.counted_on)
        since = due_since(case, rule, standing, at=at)
        name = f"case:{case.pk}:{len(standing.counts) + 1}"
        incident = Incident(case, allowance, name, since, delivered=rule is CountedOn.RESOLVING)
        taken = take(incident, sources=sources, by=deed.by, at=at)
        if taken in {Taken.COUNTED, Taken.OVERDRAWN}:
            return Settled((_keep(incident, taken, deed=deed),))
        (refused if taken is Taken.NOTHING_LEFT else untold).append(allowance)
    return Settled((), tuple(refused), tuple(untold))


def _give_back_if_due(case: Case, row: CaseCount, standing: Standing, *, at: datetime, deed: Deed) -> bool:
    why = _why_back(case, row, standing, at=at)
    if not why:
        return False
    counts = replace(deed.by, permissions=deed.by.permissions | {USAGE})
    give_back(source=SOURCE, event_id=row.event_id, reason=why, by=counts, at=at)
    row.given_back_at, row.give_back_reason = at, why[:300]
    keep(row, deed=deed)
    return True


def _why_back(case: Case, row: CaseCount, standing: Standing, *, at: datetime) -> str:
    """Why a count is given back, as the customer's ledger says it; empty: it stands."""
    rule, state, promise = CountedOn(row.allowance.counted_on), CaseState(case.state), standing.promise
    if case.uncounted_at is not None:
        return f"{case.number} isn’t counted: {case.uncounted_reason}"
    if row.pk in counted_elsewhere(case, standing.held):
        return f"{case.number} is another customer’s"
    if counts_nothing(promise):
        assert promise is not None
        return f"{case.number} is covered by {promise.cover_name}, which counts nothing"
    if rule is CountedOn.RESOLVING and state is not CaseState.CANCELLED and since_opening(case, row):
        return ""  # as was agreed when it was opened
    if not owed(rule, state=state, exempt=False, covered=True):
        how = "was cancelled" if state is CaseState.CANCELLED else "was opened again"
        return f"{case.number} {how}"
    if rule is CountedOn.RESOLVING and due_since(case, rule, standing, at=at) != row.at:
        return f"{case.number} was resolved at another time than was known"
    return ""


def _keep(incident: Incident, taken: Taken, *, deed: Deed) -> CaseCount:
    row = CaseCount(
        case=incident.case,
        allowance=incident.allowance,
        event_id=incident.event_id,
        at=incident.counts_at,
        recorded_at=deed.at,
        overdrawn=taken is Taken.OVERDRAWN,
    )
    return keep(row, deed=deed)


def _let_go_of_cover(case: Case, refused: Sequence[Allowance], *, at: datetime, deed: Deed) -> None:
    """Nothing is left of what the case would count on: it is promised what others promise it, from the same instants."""
    before = promise_of(case, at=at)
    assert before is not None
    promise = promise_for(case.account, at=case.opened_at, known_at=case.recorded_at, about=about_case(case))
    if promise.covered_by == before.covered_by:
        promise = _nothing(promise, f"Nothing is left of {_named(refused)} for it.")
    starts = case.promises.filter(recorded_at=before.recorded_at).values_list("starts_at", flat=True)
    for starts_at in sorted({before.starts_at, *starts}):
        keep(_as_of(promise, starts_at, case=case, deed=deed), deed=deed)
    if case.tier != tier_of(promise):
        case.tier = tier_of(promise)
        keep_changed([case], fields=["tier"], deed=deed)
    reckon(case, at=at, deed=deed)


def _nothing(promise: CasePromise, why: str) -> CasePromise:
    promise.policy_version, promise.calendars, promise.lifts = None, {}, []
    promise.covered_by, promise.cover_name, promise.why = "", "", why
    return promise


def _as_of(promise: CasePromise, starts_at: datetime, *, case: Case, deed: Deed) -> CasePromise:
    columns = (
        "policy_version", "calendars", "holidays_known_at", "zone", "country", "lifts", "why", "covered_by",
        "cover_name",
    )  # fmt: skip
    values = {name: getattr(promise, name) for name in columns}
    return CasePromise(case=case, starts_at=starts_at, recorded_at=deed.at, **values)


def _named(allowances: Sequence[Allowance]) -> str:
    return " and ".join(str(row) for row in allowances)
