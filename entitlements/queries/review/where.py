"""Where overrides happen: counted by feature, reason, team and person; and how many were in force week by week."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from catalog.domain.values import Nature
from catalog.domain.words import say_value
from catalog.models import Feature
from entitlements.domain.facts import Mode
from entitlements.models import Override, ReasonCode
from entitlements.models.override import OverrideState

LATELY = timedelta(days=90)
WEEKS = 26
WEEK = timedelta(weeks=1)
WORTH_A_PLAN = 5  # so many customers with the same exception, and it is no exception any more
EXCEPTION = Q(loan__isnull=True, contract_line__isnull=True) & ~Q(mode=Mode.DENY)
NONE = "none"  # how an address says: without any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: how many are in force, at how many customers, what they add in all, and how many are new."""

    key: str
    name: str
    in_force: int
    customers: int
    granted: int
    given: int = 0  # the customers who are given it as an exception: neither denied it, nor lent it, nor by contract
    added: str = ""

    @property
    def habitual(self) -> bool:
        return self.given >= WORTH_A_PLAN


@dataclass(frozen=True, slots=True)
class Places:
    features: tuple[Figure, ...]
    reasons: tuple[Figure, ...]
    teams: tuple[Figure, ...]
    people: tuple[Figure, ...]
    weeks: tuple["WeekEnd", ...] = field(default=())


@dataclass(frozen=True, slots=True)
class WeekEnd:
    """How many overrides were in force at the end of a week."""

    at: datetime
    in_force: int


def in_force(at: datetime) -> Q:
    """As the list of overrides says it: approved, begun, neither ended nor revoked."""
    return Q(state=OverrideState.APPROVED) & _spoke(at)


def granted_since(at: datetime) -> Q:
    """What was put in force in the ninety days before, whatever became of it."""
    return Q(state=OverrideState.APPROVED, approved_at__gt=at - LATELY, approved_at__lte=at)


def where_overrides_happen(*, at: datetime) -> Places:
    """The figures of the moment, the most frequent first."""
    names = dict(ReasonCode.objects.values_list("key", "name"))
    features = {row.key: row for row in Feature.objects.all()}
    added = _added(at, features)
    return Places(
        features=_figures("feature__key", at=at, named=lambda key: str(features[key]), added=added),
        reasons=_figures("reason_code__key", at=at, named=lambda key: names.get(key, "No listed reason")),
        teams=_figures("requested_as", at=at, named=lambda key: key.capitalize() or "The desk and programs"),
        people=_figures("requested_by", at=at, named=str),
        weeks=tuple(burn_down(at=at)),
    )


def burn_down(*, at: datetime) -> Iterator[WeekEnd]:
    """How many were in force at the end of each of the last 26 weeks, the oldest first; the last is now. One read."""
    ends = [at - WEEK * back for back in range(WEEKS - 1, -1, -1)]
    counts = {f"week_{n}": Count("pk", filter=_spoke(end)) for n, end in enumerate(ends)}
    found = Override.objects.filter(state=OverrideState.APPROVED).aggregate(**counts)
    yield from (WeekEnd(end, found[f"week_{n}"]) for n, end in enumerate(ends))


def _spoke(at: datetime) -> Q:
    ended = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    revoked = Q(revoked_at__isnull=True) | Q(revoked_at__gt=at)
    return Q(starts_at__lte=at) & ended & revoked


def _figures(column: str, *, at: datetime, named: Any, added: Mapping[str, str] | None = None) -> tuple[Figure, ...]:
    rows = Override.objects.filter(in_force(at) | granted_since(at)).order_by().values_list(column)
    counted = rows.annotate(
        in_force=Count("pk", filter=in_force(at)),
        customers=Count("account_id", filter=in_force(at), distinct=True),
        granted=Count("pk", filter=granted_since(at)),
        given=Count("account_id", filter=in_force(at) & EXCEPTION, distinct=True),
    )
    lines = [
        Figure(key or NONE, named(key or ""), live, customers, granted, given, (added or {}).get(key, ""))
        for key, live, customers, granted, given in counted
    ]
    return tuple(sorted(lines, key=lambda line: (-line.in_force, -line.granted, line.name)))


def _added(at: datetime, features: Mapping[str, Feature]) -> dict[str, str]:
    """What the overrides in force that add an amount come to, by feature: the only ones that can be summed."""
    rows = Override.objects.filter(in_force(at), mode=Mode.ADD, unlimited=False, amount__isnull=False)
    sums: Iterable[tuple[str, int]] = rows.order_by().values_list(F("feature__key")).annotate(Sum("amount"))
    return {
        key: f"+ {say_value(Decimal(amount), shape=features[key].shape)}"
        for key, amount in sums
        if features[key].shape.nature is Nature.QUANTITY
    }
