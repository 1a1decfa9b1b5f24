"""Which counters an operation lands on, and how far use may go on each.

The account's own allowance is what its plans give in the period: up to the limit where it is hard, less what is kept
back for late reports; beyond it by the percentage, or as far as the customer's spend cap pays for it, or without end.
What each seat has by itself bounds the seat and not the account. A subject's own limit and what may fall to one choice
are always hard. A parent's allowance that is shared bounds the child's use together with everybody else's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Amount, Enforcement, Kind
from catalog.domain.window import Window
from entitlements.domain.decision import furthest
from entitlements.domain.usage.charging import NOTHING, Line
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Why
from entitlements.domain.usage.terms import UseTerms

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # where the one period of what never starts again begins


@dataclass(frozen=True, slots=True)
class OveragePrice:
    """So many millionths of the currency for so many smallest units beyond the limit."""

    micros: int
    per_amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Cap:
    """What the customer will still pay for overage of this feature in the period, others' overage taken off."""

    micros: int
    currency: str


@dataclass(frozen=True, slots=True)
class SubjectAllowance:
    """A subject's own limit: in each period of the feature, or in all from `since` on (a budget for a task)."""

    limit: Decimal
    since: datetime | None = None
    until: datetime | None = None

    def as_of(self, at: datetime) -> "SubjectAllowance":
        """The allowance at the instant: before a budget begins and after it has ended, it is a budget of nothing."""
        begun = self.since is None or self.since <= at
        lasts = self.until is None or at < self.until
        return self if begun and lasts else replace(self, limit=NOTHING)


@dataclass(frozen=True, slots=True)
class Holder:
    """An account on whose counters an operation lands: the one asked about first, then those above that share. What
    its use beyond the limit costs, and what its customer will pay for it, is its own too."""

    account_id: int
    feature_id: int
    terms: UseTerms
    price: OveragePrice | None = None
    caps: tuple[Cap, ...] = ()

    @property
    def most(self) -> Decimal | None:
        return reach(self.terms, self.price, self.caps)


def start_of(period: Window) -> datetime:
    return period.start or BEGINNING


def lines_of(
    holders: Sequence[Holder],
    *,
    at: datetime,
    subject: str = "",
    choice: str = "",
    allowance: SubjectAllowance | None = None,
) -> list[Line]:
    """Every counter the operation lands on, each once, the account's own first."""
    own = holders[0]
    found = list(_of_holder(own, at=at, subject=subject, choice=choice))
    if allowance is not None and subject:
        found.append(_of_subject(own, allowance, subject, at=at))
    for above in holders[1:]:
        found += _of_holder(above, at=at, subject="", choice=choice, shared=True)
    return _each_once(found)


def _each_once(lines: Iterable[Line]) -> list[Line]:
    """Where two limits bound one counter (what each seat has, and its subject's own), the smaller does. A budget that
    begins with the period has used what the period has, and goes on counting after it."""
    found: dict[CounterKey, Line] = {}
    for line in lines:
        known = found.setdefault(line.key, line)
        if known is not line:
            ends = None if known.end is None or line.end is None else max(known.end, line.end)
            found[line.key] = replace(min(known, line, key=_room), end=ends)
    return list(found.values())


def _room(line: Line) -> Decimal:
    return Decimal("Infinity") if line.most is None else line.most


def _of_holder(holder: Holder, *, at: datetime, subject: str, choice: str, shared: bool = False) -> Iterator[Line]:
    terms, period, most = holder.terms, holder.terms.period(at), holder.most
    granted = terms.usable
    each = terms.answer.each_of is not None and granted
    closed = Why.NOT_ENTITLED if not shared else Why.PARENT_REACHED
    why = (Why.PARENT_REACHED if shared else _why(terms, most)) if granted else closed
    free = each or terms.shape.kind is Kind.CREDIT  # credits are bounded by their balance (actions/credits/books.py)
    limit: Amount = UNLIMITED if free else terms.limit
    yield _line(holder, period, limit, None if free else most, why)
    if each and subject:
        yield _line(holder, period, terms.limit, most, Why.SUBJECT_REACHED, subject=subject)
    part = terms.answer.sub_limits.get(choice) if choice else None
    if part is not None and part is not UNLIMITED:
        yield _line(holder, terms.part_period(at), part, part, Why.PART_REACHED, choice=choice)


def _why(terms: UseTerms, most: Decimal | None) -> Why:
    """The customer's cap, where it stops use before the plan would."""
    if terms.limit is UNLIMITED or terms.answer.enforcement is not Enforcement.TRACK:
        return Why.LIMIT_REACHED
    plan = furthest(terms.answer, terms.limit, buffer_percent=terms.buffer_percent)
    return Why.LIMIT_REACHED if most == plan else Why.CAP_REACHED


def _of_subject(holder: Holder, allowance: SubjectAllowance, subject: str, *, at: datetime) -> Line:
    period = holder.terms.period(at)
    if allowance.since is not None:
        period = Window(allowance.since, allowance.until)
    return _line(holder, period, allowance.limit, allowance.limit, Why.SUBJECT_REACHED, subject=subject)


def _line(
    holder: Holder,
    period: Window,
    limit: Amount,
    most: Decimal | None,
    why: Why,
    *,
    subject: str = "",
    choice: str = "",
) -> Line:
    return Line(
        key=CounterKey(holder.account_id, holder.feature_id, start_of(period), subject, choice),
        terms=holder.terms,
        limit=limit,
        most=most,
        why=why,
        end=period.end,
    )


def reach(terms: UseTerms, price: OveragePrice | None = None, caps: Iterable[Cap] = ()) -> Decimal | None:
    """How far use may go in all; None: as far as it likes. Where the cap is in another currency than the price, nobody
    knows what it pays for, so that it pays for nothing."""
    limit = terms.limit
    if limit is UNLIMITED:
        return None
    if not terms.answer.granted:
        return NOTHING
    most = furthest(terms.answer, limit, buffer_percent=terms.buffer_percent)
    if terms.answer.enforcement is Enforcement.TRACK and price is not None:
        for cap in caps:
            paid = limit + paid_for(cap, price)
            most = paid if most is None else min(most, paid)
    return most


def paid_for(cap: Cap, price: OveragePrice) -> Decimal:
    """How much beyond the limit the cap pays for, in whole smallest units."""
    if cap.currency != price.currency:
        return NOTHING
    if price.micros == 0:
        return Decimal(2**62)
    return Decimal(max(cap.micros, 0) * price.per_amount // price.micros)


def cost_of(over: Decimal, price: OveragePrice) -> int:
    """What so much beyond the limit costs, in millionths, rounded up so that a cap is never passed unseen."""
    return -(-int(over) * price.micros // price.per_amount)
