"""A plan's credits as a grant that nobody stored (docs/adr/0016).

What the resolver answers for a feature of kind *credits* is one grant of that value. It is set to the value again
whenever the answer's period begins (by the calendar in the account's zone, or with billing), and is gone while the
answer gives nothing. When the value changes inside a period (another plan, an override, another quantity), what is left
moves by the difference, never below zero, and what was used stays used: down and up again leads back to where it was,
and an answer that comes back within its period finds what was used of it. UNLIMITED is never refused.

Pure: facts in, engine grants out. So publishing a plan stays O(1): nobody's credits are written for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from catalog.domain.values import UNLIMITED, Amount, Reset
from catalog.domain.window import Window
from entitlements.domain.credits.grants import ZERO, Grant
from entitlements.domain.credits.grants import Reset as CreditReset
from entitlements.domain.credits.recurrence import Listed
from entitlements.domain.facts import Facts, ItemFact
from entitlements.domain.holdings import Holdings
from entitlements.domain.periods import Periods
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve_some
from entitlements.domain.usage.periods import use_period

PLAN = "plan"  # the id of the one virtual grant of a feature
PRIORITY = 50  # grants of a smaller priority are used before the plan's credits, others after them
_SLOW = frozenset({Reset.MONTH, Reset.YEAR, Reset.BILLING})  # each of their periods is told, used or not


@dataclass(frozen=True, slots=True)
class PlanCredits:
    """The plan's grant over a stretch of time, and the resets that every grant of the feature goes through with it."""

    grant: Grant
    resets: tuple[CreditReset, ...] = ()

    @property
    def starts(self) -> tuple[datetime, ...]:
        return tuple(reset.at for reset in self.resets)


@dataclass(frozen=True, slots=True)
class Answered:
    """One stretch in which the answer doesn't change: how much a period gives, and when one begins."""

    window: Window
    amount: Amount
    reset: Reset
    zone: str
    periods: Periods | None

    def period(self, at: datetime) -> Window:
        return use_period(self.reset, at=at, zone=self.zone, periods=self.periods)


def plan_credits(
    facts: Facts,
    feature: str,
    *,
    since: datetime,
    until: datetime,
    uses: Iterable[datetime] = (),
    resets: Iterable[datetime] = (),
) -> PlanCredits:
    """The plan's credits of one feature from `since` to `until`, both included; before that nothing is said.

    `resets` are those by staff: they set the plan's credits too. Of periods shorter than a month, those in which
    nothing is used (`uses` are the instants) and that nobody would miss are left out: it comes to the same.
    """
    stretches = tuple(answered(facts, feature, since=since, until=until))
    marks = sorted({*uses, until})
    by_staff = {at for at in resets if since < at <= until}
    starts = sorted({at for stretch in stretches for at in _starts(stretch, marks, until=until)} | by_staff)
    amounts = tuple((stretch.window.start or since, stretch.amount) for stretch in stretches)
    grant = Grant(
        PLAN, amounts[0][1], effective_at=since, priority=PRIORITY, recurrence=Listed(tuple(starts)), amounts=amounts
    )
    return PlanCredits(grant, tuple(CreditReset(at) for at in starts))


def answered(facts: Facts, feature: str, *, since: datetime, until: datetime) -> Iterator[Answered]:
    """What the feature comes to over a stretch of time, piece by piece."""
    at: datetime | None = since
    while at is not None and at <= until:
        answer = resolve_some(facts, [feature], at=at)[feature]
        yield Answered(
            window=Window(at, answer.valid_until),
            amount=_amount(answer),
            reset=answer.reset or Reset.NEVER,
            zone=facts.zone,
            periods=billing_of(facts, feature, answer, at=at),
        )
        at = answer.valid_until


def period_of(facts: Facts, feature: str, *, at: datetime) -> Window:
    """The period of the feature's credits that the instant falls into; without ends where they are given once."""
    return next(answered(facts, feature, since=at, until=at)).period(at)


def billing_of(facts: Facts, feature: str, answer: Resolution, *, at: datetime) -> Periods | None:
    """By whose billing the feature starts again: the plan's that gives it (or its parent's), else the newest item's."""
    if answer.reset is not Reset.BILLING:
        return None
    source: ItemFact | None = next((item for item in facts.items if item.id == answer.source), None)
    if source is None and facts.parent is not None and answer.source == facts.parent.account:
        above = resolve_some(facts.parent, [feature], at=at)[feature]
        return billing_of(facts.parent, feature, above, at=at)
    if source is None:
        live = [one.item for one in Holdings(facts, at).live]
        source = max(live, key=lambda item: (item.window.start or at, item.id), default=None)
    return None if source is None else source.periods


def _amount(answer: Resolution) -> Amount:
    if not answer.granted:
        return ZERO
    return answer.value if answer.value is UNLIMITED or isinstance(answer.value, Decimal) else ZERO


def _starts(stretch: Answered, marks: Sequence[datetime], *, until: datetime) -> Iterator[datetime]:
    """When periods begin within the stretch, up to and including `until`."""
    begin = stretch.window.start
    assert begin is not None
    if stretch.period(begin).start == begin:
        yield begin
    last = until if stretch.window.end is None else min(until, stretch.window.end)
    for start in _after(stretch, begin, last) if stretch.reset in _SLOW else _around(stretch, begin, last, marks):
        if stretch.window.contains(start):
            yield start


def _after(stretch: Answered, since: datetime, last: datetime) -> Iterator[datetime]:
    """Every start in (since, last]."""
    start = stretch.period(since).end
    while start is not None and start <= last:
        yield start
        start = stretch.period(start).end


def _around(stretch: Answered, since: datetime, last: datetime, marks: Sequence[datetime]) -> Iterator[datetime]:
    """The first start after each use and the last one before it: the others find nothing to change."""
    edges = [since, *(mark for mark in marks if since < mark < last), last]
    for before, mark in pairwise(edges):
        first, latest = stretch.period(before).end, stretch.period(mark).start
        for start in (first, latest):
            if start is not None and before < start <= mark:
                yield start.astimezone(UTC)
