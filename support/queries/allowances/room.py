"""How much time still fits on an allowance: of the balance, and of what is for the channel. Nothing here writes.

Who enters time holds the counters and the balance locked and asks the same (`actions/time_taking.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED
from entitlements.domain.credits.course import Course
from entitlements.domain.credits.grants import ZERO, Use
from entitlements.domain.credits.ledger import Kind
from entitlements.domain.facts import Facts
from entitlements.domain.usage.charging import Tallied
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Act, Operation, digest_of
from entitlements.domain.usage.terms import is_had
from entitlements.models import Account, CreditBalance
from entitlements.queries.credits.balances import balance_row
from entitlements.queries.credits.courses import outdated_course, told_again
from entitlements.queries.usage.landing import Ready, Sources, lands_on
from entitlements.queries.usage.tallies import tallied
from support.domain.cover_terms import AtZero
from support.models import Allowance
from support.queries.allowances.balances import CHANNEL
from support.queries.allowances.measures import Measure

SOURCE = "desk:support"
PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Taking:
    """Minutes that are to be taken of an account's allowance. `worked_at` is when they count; `now` is the clock's."""

    account: Account
    allowance: Allowance
    channel: str
    worked_at: datetime
    now: datetime

    @property
    def measure(self) -> Measure:
        return Measure(self.allowance.feature.shape)

    @property
    def blocks(self) -> bool:
        return self.allowance.at_zero == AtZero.BLOCK

    def operation(self, minutes: int, *, event_id: str, choices: frozenset[str]) -> Operation:
        """What is told of it. It has happened, so that it is a report: what fits was worked out before."""
        choice = f"{CHANNEL}{self.channel}"
        choice = choice if choice in choices else ""
        key, quantity = self.allowance.feature.key, self.measure.units(minutes)
        return Operation(
            Act.REPORT, SOURCE, event_id, self.account.pk, key, quantity, self.worked_at, choice=choice,
            digest=digest_of(Act.REPORT, self.account.pk, key, quantity, at=self.worked_at, choice=choice),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """Minutes that are left: of all (None: no limit; below zero where overdrawn) and for the channel (None: no part of
    its own). `bound` is how many of those wanted fit; None: all of them, as the allowance may be overdrawn."""

    left: int | None
    part: int | None
    bound: int | None


def room_for(taking: Taking, *, wanted: int, sources: Sources | None = None) -> Room:
    """What is left just now, by rows that nobody holds."""
    sources = sources or Sources(taking.now)
    ready = ready_for(taking, sources)
    top = ready.holders[-1].account_id
    whose = taking.account if top == taking.account.pk else Account.objects.get(pk=top)
    balance = balance_row(account=whose, feature=taking.allowance.feature)
    facts = sources.facts_for(top)
    course = outdated_course(balance, facts=facts, at=taking.now)
    said = tallied(ready.lines, at=taking.now)
    return room_in(taking, ready, said, wanted=wanted, course=course, balance=balance, facts=facts)


def ready_for(taking: Taking, sources: Sources, *, minutes: int = 0, event_id: str = "") -> Ready:
    """The counters it lands on; UnfitUse where nothing can be counted of the feature at that moment."""
    terms = sources.terms_for(taking.account.pk, at=taking.worked_at).get(taking.allowance.feature.key)
    choices = frozenset() if terms is None else terms.choices
    operation = taking.operation(minutes, event_id=event_id, choices=choices)
    sources.read_ahead([operation])
    return lands_on(operation, sources, now=taking.now)


def room_in(
    taking: Taking, ready: Ready, said: Mapping[CounterKey, Tallied], *, wanted: int, course: Course,
    balance: CreditBalance, facts: Facts,
) -> Room:  # fmt: skip
    """The room by these counters and this balance."""
    measure = taking.measure
    part = _part_left(ready, said)
    asked = ready.terms.weighed(measure.units(wanted), ready.operation.choice)
    fits = fitting(course, balance, facts=facts, at=taking.worked_at, wanted=asked)
    course.advance(max(course.at, taking.now))
    left = None if course.left is UNLIMITED else course.left
    bounds = [] if fits is None else [fits - _held(ready, said)]
    bounds += [] if part is None else [part]
    if not is_had(ready.terms, fits):
        bounds.append(ZERO)
    owed = course.state.overage
    return Room(
        left=measure.left(UNLIMITED if left is None else left, owed=owed),
        part=None if part is None else measure.minutes(part),
        bound=max(0, measure.minutes(_unweighed(ready, min(bounds)))) if taking.blocks and bounds else None,
    )


def fitting(
    course: Course, balance: CreditBalance, *, facts: Facts, at: datetime, wanted: Decimal
) -> Decimal | None:  # fmt: skip
    """How much may be used at the instant so that nothing is taken that wasn't there; None: as much as one likes.

    What is told late may not push what was used since beyond the balance either: told again with it, no more of all use
    is beyond all grants than without.
    """
    if at >= course.phase_at:
        course.advance(max(at, course.at))
        return None if course.left is UNLIMITED else course.left
    without = _beyond(course, balance, facts=facts, at=at, amount=ZERO)
    if _beyond(course, balance, facts=facts, at=at, amount=wanted) <= without:
        return wanted
    most, too_much = ZERO, wanted
    while too_much - most > 1:
        middle = (most + too_much) // 2
        fits = _beyond(course, balance, facts=facts, at=at, amount=middle) <= without
        most, too_much = (middle, too_much) if fits else (most, middle)
    return most


def _beyond(course: Course, balance: CreditBalance, *, facts: Facts, at: datetime, amount: Decimal) -> Decimal:
    """How much of all that was used since is beyond all grants, with so much more at the instant."""
    told = told_again(
        balance, facts=facts, marks=course.marks, since=at, until=course.at, or_then=True, uses=[Use(at, amount, PROBE)]
    )
    return sum((-line.amount for line in told.drained() if line.kind is Kind.OVERAGE and line.amount < 0), ZERO)


def _part_left(ready: Ready, said: Mapping[CounterKey, Tallied]) -> Decimal | None:
    """The least that is left of the parts for its channel, of the account's own and of those it shares."""
    parts = [(line.most, said[line.key]) for line in ready.lines if line.key.choice]
    return min((most - counter.used - counter.held for most, counter in parts if most is not None), default=None)


def _held(ready: Ready, said: Mapping[CounterKey, Tallied]) -> Decimal:
    """What others hold of the balance: of the account at the top of those that share it."""
    return [said[line.key].held for line in ready.lines if line.is_whole][-1]


def _unweighed(ready: Ready, units: Decimal) -> Decimal:
    """How many of the choice's own make so many, where one counts more or less than one."""
    weight = ready.terms.weights.get(ready.operation.choice, 1000)
    return units * 1000 // weight if weight else units
