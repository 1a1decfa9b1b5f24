"""What intake is worth: tickets deflected, what a resolution costs, how often staff agree with the machine.

**Deflected** is a ticket that was redirected or offered an upgrade, where the same requester of the same account opened
no other case within SETTLING days. A younger one isn't known yet: it waits, and counts on neither side.
**Saved** is deflected × what a ticket costs. **Cost per resolution** is what people's tickets cost, divided by all that
was resolved, by people or deflected.
**Agreement** is the share of reviewed decisions in which the person's outcome equals the machine's, week by week (from
Monday), with the Clopper–Pearson interval: so few reviews, so wide.

Units: money in millionths of its currency, shares from 0 to 1; no share where nothing was counted.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from support.domain.intake.outcomes import Outcome

SETTLING = timedelta(days=7)
COST_PER_TICKET = 19_000_000  # millionths of a dollar
SURE = 0.95
HALVINGS = 60
DEFLECTING = (Outcome.REDIRECT, Outcome.SUGGEST)


@dataclass(frozen=True, slots=True)
class Checked:
    """A ticket that intake decided. `case` is the case it became, if it did; `account` 0 where nobody knows it."""

    at: datetime
    day: date
    outcome: Outcome
    account: int = 0
    requester: str = ""
    case: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """A case of a customer."""

    at: datetime
    account: int
    requester: str
    case: int


@dataclass(frozen=True, slots=True)
class Deflection:
    """`asked` is how many were redirected or offered something, each of which was deflected, followed, or waits."""

    asked: int
    deflected: int
    followed: int

    @property
    def waiting(self) -> int:
        return self.asked - self.deflected - self.followed

    @property
    def share(self) -> float | None:
        """Of those that are known."""
        known = self.deflected + self.followed
        return self.deflected / known if known else None


@dataclass(frozen=True, slots=True)
class Cost:
    """`per_resolution` is None where nothing was resolved."""

    saved: int
    spent: int
    per_resolution: int | None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A decision that a person looked at: what the machine made of it, or proposed, and what the person did."""

    day: date
    machine: Outcome
    person: Outcome


@dataclass(frozen=True, slots=True)
class Agreement:
    week: date  # its Monday
    reviewed: int
    agreed: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.agreed / self.reviewed


def count_outcomes(checked: Iterable[Checked]) -> dict[tuple[date, Outcome], int]:
    """How many tickets of a day came to an outcome; days in order, outcomes in theirs."""
    counts = Counter((one.day, one.outcome) for one in checked)
    order = list(Outcome)
    return {key: counts[key] for key in sorted(counts, key=lambda key: (key[0], order.index(key[1])))}


def deflection(checked: Iterable[Checked], opened: Iterable[Opened], *, now: datetime) -> Deflection:
    """Without an account or a requester nobody can tell whether a case followed: it waits for good."""
    cases: dict[tuple[int, str], list[tuple[datetime, int]]] = defaultdict(list)
    for one in opened:
        cases[one.account, _same(one.requester)].append((one.at, one.case))
    for found in cases.values():
        found.sort()
    asked = [one for one in checked if one.outcome in DEFLECTING]
    known = [_followed(one, cases, now) for one in asked]
    return Deflection(len(asked), deflected=known.count(False), followed=known.count(True))


def _same(requester: str) -> str:
    return requester.strip().casefold()


def _followed(
    checked: Checked, cases: Mapping[tuple[int, str], list[tuple[datetime, int]]], now: datetime
) -> bool | None:
    """Whether another case followed in time; None where that can't be known, or not yet."""
    if not checked.account or not _same(checked.requester):
        return None
    found = cases.get((checked.account, _same(checked.requester)), [])
    until = checked.at + SETTLING
    start = bisect_right(found, checked.at, key=lambda one: one[0])
    for at, case in found[start:]:
        if at > min(until, now):
            break
        if case != checked.case or not case:
            return True
    return False if now > until else None


def cost(*, handled: int, deflected: int, per_ticket: int = COST_PER_TICKET) -> Cost:
    """`handled` are the tickets people resolved. Rounded half up to the millionth."""
    if min(handled, deflected, per_ticket) < 0:
        raise ValueError("Tickets and their cost are never less than none.")
    spent, resolved = handled * per_ticket, handled + deflected
    return Cost(deflected * per_ticket, spent, (2 * spent + resolved) // (2 * resolved) if resolved else None)


def agreement(reviewed: Iterable[Reviewed]) -> list[Agreement]:
    """Week by week, the first first. Weeks without a review are left out."""
    weeks: dict[date, list[bool]] = defaultdict(list)
    for one in reviewed:
        weeks[one.day - timedelta(days=one.day.weekday())].append(one.machine is one.person)
    return [
        Agreement(week, len(found), sum(found), *interval(sum(found), len(found)))
        for week, found in sorted(weeks.items())
    ]


@lru_cache(maxsize=10_000)  # a page tells of many weeks, of which all but the last stay as they were
def interval(agreed: int, reviewed: int, *, sure: float = SURE) -> tuple[float, float]:
    """Clopper and Pearson's exact interval of a share (Biometrika 26, 1934): (0, 1) where nothing was reviewed."""
    if not 0 <= agreed <= reviewed:
        raise ValueError("What agrees is part of what was reviewed.")
    tail = (1 - sure) / 2
    low = _where(lambda share: _beta(agreed, reviewed - agreed + 1, share) < tail) if agreed else 0.0
    high = _where(lambda share: _beta(agreed + 1, reviewed - agreed, share) < 1 - tail) if agreed < reviewed else 1.0
    return low, high


def _where(below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz; DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    tiny, fraction, c, d = 1e-300, 1.0, 1.0, 0.0
    for number in range(10_000):
        half = number // 2
        if number == 0:
            term = 1.0
        elif number % 2 == 0:
            term = half * (b - half) * x / ((a + number - 1) * (a + number))
        else:
            term = -(a + half) * (a + b + half) * x / ((a + number - 1) * (a + number))
        d = 1 / ((1 + term * d) or tiny)
        c = (1 + term / c) or tiny
        fraction *= c * d
        if number and abs(1 - c * d) < 1e-14:
            break
    return front * (fraction - 1) / a
