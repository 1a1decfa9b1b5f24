"""Where use is heading: what can be foreseen, and which days say nothing about it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.domain.fallbacks import Fallback, Reliance
from catalog.domain.values import UNLIMITED, Aggregation, Enforcement, FeatureShape, Kind, Reset, TermState
from entitlements.domain.resolution import Resolution
from entitlements.domain.usage.pace import Day, bound, foreseeable, paths_of
from entitlements.domain.usage.terms import UseTerms

AT = datetime(2026, 3, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def terms(
    limit: object = Decimal(1000),
    *,
    kind: Kind = Kind.METERED,
    aggregation: Aggregation | None = Aggregation.SUM,
    reset: Reset = Reset.MONTH,
    enforcement: Enforcement = Enforcement.HARD,
    **more: object,
) -> UseTerms:
    shape = FeatureShape("calls", "API calls", kind, aggregation=aggregation)
    said = {"overage_percent": more.pop("overage", None), "typed_unit": "", "valid_until": None}
    answer = Resolution(
        shape, limit, True, TermState.VALUE, reset, enforcement, **said, each_of=more.pop("each_of", None)
    )
    return UseTerms(answer, Reliance(Fallback.DENY), **more)


@pytest.mark.parametrize(
    ("known", "can"),
    [
        (terms(), True),
        (terms(reset=Reset.NEVER), True),
        (terms(reset=Reset.WEEK), True),
        (terms(reset=Reset.DAY), False),
        (terms(reset=Reset.MINUTE), False),
        (terms(aggregation=Aggregation.PEAK), False),
        (terms(aggregation=Aggregation.DISTINCT), False),
        (terms(kind=Kind.CAPACITY, aggregation=None), False),
        (terms(kind=Kind.CREDIT, aggregation=None), False),
        (terms(each_of=FeatureShape("seats", "Seats", Kind.CAPACITY)), False),
    ],
)
def test_only_what_adds_up_over_some_days_is_foreseen(known, can):
    assert foreseeable(known, known.period(AT)) is can


def test_the_amount_that_matters_is_the_limit_less_what_is_kept_back():
    assert bound(terms(buffer_percent=5)) == 950
    assert bound(terms(buffer_percent=5, enforcement=Enforcement.TRACK)) == 1000
    assert bound(terms(overage=20)) == 1000
    assert bound(terms(UNLIMITED)) is None
    assert bound(terms(Decimal(0))) is None


def days_of(*amounts: int) -> dict[date, Day]:
    """Days up to yesterday; the level starts again with the month, and nothing passes 1,000."""
    found, level, on = {}, 0, AT.date() - len(amounts) * DAY
    for amount in amounts:
        level = amount if on.day == 1 else level + amount
        if amount:
            found[on] = Day(on, Decimal(amount), Decimal(level))
        on += DAY
    return found


def expected(known: UseTerms, days: dict[date, Day], used: int) -> Decimal:
    paths = paths_of(known, known.period(AT), used=Decimal(used), days=days, at=AT, seed=1)
    return paths.forecast(used=Decimal(used), limit=Decimal(10**9)).expected_at_reset


def test_days_on_which_a_hard_limit_let_nothing_more_through_count_as_their_like():
    """February: 100 a day come to 1,000 on the tenth, and nothing afterwards; March goes as February began."""
    stopped = days_of(*[100] * 10, *[0] * 18, *[100] * 10)
    assert expected(terms(), stopped, 1000) > 2800
    assert expected(terms(enforcement=Enforcement.SOFT), stopped, 1000) < 2600


def test_a_quiet_month_below_the_limit_stays_a_quiet_month():
    quiet = days_of(*[50] * 10, *[0] * 18, *[50] * 10)
    assert expected(terms(), quiet, 500) < 1200


def test_a_period_that_is_over_is_not_foreseen():
    known = terms()
    assert paths_of(known, known.period(AT - 30 * DAY), used=Decimal(1), days={}, at=AT, seed=1) is None
