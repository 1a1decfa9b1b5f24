"""What an operation adds to which counters, and whether it fits: all of them, or none.

An operation lands on the account's counter of the period; on the counter of its choice where part of the amount is
kept for it; on its subject's where the subject has a limit of its own; and, where the allowance is the parent's, on the
same counters of the parent and of those above. It fits where every counter stays within its reach, what is held by
reservations included. Sums, distinct things and what is held at one time can be refused; a peak, an average or the
latest level is known only afterwards, so that they are told and never refused (DESIGN.md §5).

Pure: counters in, counters out. Whoever calls holds the rows locked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Aggregation, Amount
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import ASKS, LARGEST, Act, Operation, Outcome, UnfitUse, Why, left_of
from entitlements.domain.usage.saying import say_refused
from entitlements.domain.usage.terms import UseTerms

NOTHING = Decimal(0)
REFUSED = frozenset({Aggregation.SUM, Aggregation.DISTINCT})


@dataclass(frozen=True, slots=True)
class Tallied:
    """What a counter says. `total` and `events` are what came in, from which `used` follows by the aggregation;
    `since` is the instant from which on use counts: the start of the period, or the last reset by staff."""

    used: Decimal = NOTHING
    held: Decimal = NOTHING
    total: Decimal = NOTHING
    events: int = 0
    latest_at: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One counter an operation lands on: what its limit is, how far use may go (None: as far as it likes), and which
    kind of limit it is. `terms` are those of the account whose counter it is; `end` is when it starts again."""

    key: CounterKey
    terms: UseTerms
    limit: Amount
    most: Decimal | None
    why: Why
    end: datetime | None = None

    @property
    def aggregation(self) -> Aggregation:
        return self.terms.aggregation

    @property
    def is_whole(self) -> bool:
        """Whether it is an account's counter of all of the feature, and not a subject's or a choice's."""
        return not self.key.subject and not self.key.choice


@dataclass(frozen=True, slots=True)
class Landed:
    """An operation decided: the outcome, and what its counters say then; none where it was refused."""

    outcome: Outcome
    counters: tuple[tuple[CounterKey, Tallied], ...] = ()


def land(
    operation: Operation,
    lines: Sequence[Line],
    counters: Mapping[CounterKey, Tallied],
    *,
    amount: Decimal,
    seen: Collection[CounterKey] = (),
) -> Landed:
    """Decide one operation. `lines` begin with the account's own; `amount` has its weight; `seen` are the counters on
    which the distinct thing is counted already. UnfitUse where more is given back than is held."""
    if operation.act in ASKS:
        failed = next((line for line in lines if not _fits(line, counters[line.key], _step(line, amount, seen))), None)
        if failed is not None:
            return Landed(_refused(failed, counters[failed.key], amount))
    after = tuple((line.key, _added(line, counters[line.key], operation, amount, seen)) for line in lines)
    if abs(amount) > LARGEST or any(abs(tallied.total) > LARGEST or tallied.held > LARGEST for _, tallied in after):
        raise UnfitUse("This is more than can be counted.", field="quantity", code="absurd_quantity")
    if amount < 0 and any(tallied.used < 0 for _, tallied in after):
        raise UnfitUse("More would be given back than is held.", field="quantity", code="negative_quantity")
    own, tallied = lines[0], after[0][1]
    outcome = told(own, tallied, quantity=_step(own, amount, seen), allowed=True, because=_because(own, tallied))
    return Landed(replace(outcome, until=operation.until) if operation.act is Act.RESERVE else outcome, after)


def _step(line: Line, amount: Decimal, seen: Collection[CounterKey]) -> Decimal:
    if line.aggregation is Aggregation.DISTINCT:
        return NOTHING if line.key in seen or not amount else Decimal(1)
    return amount


def _fits(line: Line, counter: Tallied, amount: Decimal) -> bool:
    if not line.terms.usable:
        return False
    # Nothing more makes nothing worse: a distinct thing that is counted already may come again above the limit.
    if line.most is None or line.aggregation not in REFUSED or amount <= 0:
        return True
    return counter.used + counter.held + amount <= line.most


def _added(
    line: Line, counter: Tallied, operation: Operation, amount: Decimal, seen: Collection[CounterKey]
) -> Tallied:
    if counter.since is not None and operation.at < counter.since:
        return counter  # staff have reset it since: it is history, and no use of this allowance
    if operation.act is Act.RESERVE:
        return replace(counter, held=counter.held + _step(line, amount, seen))
    return counted(line.aggregation, counter, amount=amount, at=operation.at, new=bool(_step(line, amount, seen)))


def counted(aggregation: Aggregation, counter: Tallied, *, amount: Decimal, at: datetime, new: bool = True) -> Tallied:
    """The counter after one more event. Of two levels at one instant the one told later stands."""
    total, events = counter.total + amount, counter.events + 1
    latest = counter.latest_at is None or at >= counter.latest_at
    match aggregation:
        case Aggregation.SUM:
            used = total
        case Aggregation.DISTINCT:
            used = counter.used + (1 if new else 0)
        case Aggregation.PEAK:
            used = max(counter.used, amount) if counter.events else amount
        case Aggregation.AVERAGE:
            used = Decimal(int(total) // events)
        case Aggregation.LATEST:
            used = amount if latest else counter.used
    return Tallied(used, counter.held, total, events, at if latest else counter.latest_at, counter.since)


def let_go(counter: Tallied, amount: Decimal) -> Tallied:
    """The counter without so much of what was held."""
    return replace(counter, held=max(counter.held - amount, NOTHING))


def told(line: Line, counter: Tallied, *, quantity: Decimal, allowed: bool, because: str) -> Outcome:
    """What is answered from the line's counter."""
    over = NOTHING if line.limit is UNLIMITED else max(counter.used - line.limit, NOTHING)
    return Outcome(
        allowed=allowed,
        because=because,
        quantity=quantity,
        used=counter.used,
        held=counter.held,
        limit=line.limit,
        left=left_of(line.limit, counter.used + counter.held),
        over=over,
        resets_at=line.end,
    )


def _refused(line: Line, counter: Tallied, amount: Decimal) -> Outcome:
    words = say_refused(line.why, line.terms, line.key, used=counter.used + counter.held, amount=amount, most=line.most)
    return replace(told(line, counter, quantity=amount, allowed=False, because=words), why=line.why)


def _because(line: Line, counter: Tallied) -> str:
    if line.limit is UNLIMITED:
        return "it is unlimited"
    if counter.used > line.limit:
        return "counted, past the limit"
    return "within the limit"


def keys_of(lines: Iterable[Line]) -> list[CounterKey]:
    """The counters in the one order in which everybody locks them."""
    return sorted({line.key for line in lines})
