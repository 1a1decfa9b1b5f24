"""Use day by day: what charts draw and forecasts go by. Days are UTC days; nothing here writes."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from catalog.domain.window import Window
from entitlements.domain.forecast import Ahead, Forecast, Paths
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.pace import DAY, LOOKED_BACK, Day, bound, paths_of
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import UsageCounter, UsageDay

MOST_COUNTERS = 25
Days = Mapping[date, Day]


@dataclass(frozen=True, slots=True)
class Part:
    """What a subject used of the period, or what fell to one choice."""

    name: str
    used: Decimal
    held: Decimal


@dataclass(frozen=True, slots=True)
class Series:
    """One feature of one account in one period, and the eight weeks before.

    `used` and `held` are the counter's. `running`: the period is the present one, so that it may be foreseen.
    """

    terms: UseTerms
    period: Window
    running: bool
    used: Decimal
    held: Decimal
    days: Days
    subjects: tuple[Part, ...]
    choices: tuple[Part, ...]
    paths: Paths | None

    @property
    def bound(self) -> Decimal | None:
        return bound(self.terms)

    @property
    def forecast(self) -> Forecast | None:
        """When the limit is reached; None where nothing is foreseen, nothing limits it, or it is reached already."""
        if self.paths is None or self.bound is None or self.used >= self.bound:
            return None
        return self.paths.forecast(used=self.used, limit=self.bound)

    @property
    def expected(self) -> Decimal | None:
        """Use when the period ends."""
        if self.paths is None or self.period.end is None:
            return None
        return self.paths.forecast(used=self.used, limit=self.used).expected_at_reset

    @property
    def ahead(self) -> list[Ahead]:
        return [] if self.paths is None else list(self.paths.ahead(used=self.used))

    @property
    def of_the_period(self) -> list[Day]:
        """Its days in order."""
        start, end = _days_of(self.period)
        return [day for on, day in sorted(self.days.items()) if start <= on <= end]


def _days_of(period: Window) -> tuple[date, date]:
    start = start_of(period).astimezone(UTC).date()
    end = (period.end - timedelta(microseconds=1)).astimezone(UTC).date() if period.end else date.max
    return start, end


def series_of(*, account_id: int, feature_id: int, terms: UseTerms, shown: datetime, at: datetime) -> Series:
    """The period that holds `shown`, as it stands at `at`."""
    period = terms.period(shown)
    own, subjects, choices = _counters(account_id, feature_id, period, terms.part_period(shown))
    used = own.used if own else Decimal(0)
    found = days_of([account_id], since=_first_day(period, at), until=_days_of(period)[1], feature_id=feature_id)
    days = found[account_id, feature_id]
    running = period.contains(at)
    seed = seed_of(account_id, feature_id)
    paths = paths_of(terms, period, used=used, days=days, at=at, seed=seed) if running else None
    held = own.held if own else Decimal(0)
    return Series(terms, period, running, used, held, days, subjects, choices, paths)


def seed_of(account_id: int, feature_id: int) -> int:
    """Every page and notice draws the same paths."""
    return feature_id * 1_000_003 + account_id


def _first_day(period: Window, at: datetime) -> date:
    """Eight weeks before the period, or before today where it never starts again."""
    begun = min(at, period.start or at)
    return (begun - LOOKED_BACK).astimezone(UTC).date()


def days_of(
    account_ids: Collection[int], *, since: date, until: date = date.max, feature_id: int | None = None
) -> Mapping[tuple[int, int], dict[date, Day]]:
    """The days of these accounts from the one to the other, by account and feature, in one read."""
    found: dict[tuple[int, int], dict[date, Day]] = defaultdict(dict)
    rows = UsageDay.objects.filter(account_id__in=account_ids, on__gte=since, on__lte=until).order_by("on")
    rows = rows if feature_id is None else rows.filter(feature_id=feature_id)
    for account, feature, on, amount, level in rows.values_list("account_id", "feature_id", "on", "amount", "level"):
        found[account, feature][on] = Day(on, Decimal(amount), Decimal(level))
    return found


def _counters(
    account_id: int, feature_id: int, period: Window, parts: Window
) -> tuple[Part | None, tuple[Part, ...], tuple[Part, ...]]:
    """The account's own counter of the period, those of its subjects, and those of the choices; the largest first."""
    every = UsageCounter.objects.filter(account_id=account_id, feature_id=feature_id)
    rows = every.filter(starts_at=start_of(period))
    own = rows.filter(subject="", choice="").values_list("used", "held").first()
    subjects = rows.exclude(subject="").filter(choice="").values_list("subject", "used", "held")
    choices = (
        every.filter(starts_at=start_of(parts), subject="").exclude(choice="").values_list("choice", "used", "held")
    )
    return (
        None if own is None else Part("", Decimal(own[0]), Decimal(own[1])),
        tuple(Part(name, Decimal(used), Decimal(held)) for name, used, held in _largest(subjects)),
        tuple(Part(name, Decimal(used), Decimal(held)) for name, used, held in _largest(choices)),
    )


def _largest(rows: object) -> list[tuple[str, int, int]]:
    return list(rows.order_by("-used", "pk")[:MOST_COUNTERS])  # type: ignore[attr-defined]


def periods_before(terms: UseTerms, *, at: datetime, most: int) -> list[Window]:
    """The present period and those before it, the latest first: what can be chosen to be shown."""
    found = [terms.period(at)]
    while len(found) < most and found[-1].start is not None and found[-1].start > at - 400 * DAY:
        found.append(terms.period(found[-1].start - timedelta(microseconds=1)))
    return found
