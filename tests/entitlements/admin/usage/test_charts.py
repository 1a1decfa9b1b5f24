"""The drawings of use: where lines, marks and bars stand. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from catalog.domain.fallbacks import Fallback, Reliance
from catalog.domain.rules import USUAL_THRESHOLDS
from catalog.domain.values import UNLIMITED, Aggregation, Enforcement, FeatureShape, Kind, Reset, TermState
from entitlements.admin.usage.charts import BROAD, HEADROOM, TALL, days_chart, levels_of, period_chart
from entitlements.admin.usage.page import say_short
from entitlements.domain.resolution import Resolution
from entitlements.domain.usage.pace import Day, paths_of
from entitlements.domain.usage.terms import UseTerms
from entitlements.queries.usage.series import Series

AT = datetime(2026, 3, 11, 12, tzinfo=UTC)


def terms(limit: object = Decimal(1000), aggregation: Aggregation = Aggregation.SUM, **more: object) -> UseTerms:
    shape = FeatureShape("calls", "API calls", Kind.METERED, aggregation=aggregation)
    answer = Resolution(
        shape, limit, True, TermState.VALUE, more.pop("reset", Reset.MONTH), Enforcement.SOFT, None, "", None
    )
    return UseTerms(answer, Reliance(Fallback.DENY), thresholds=USUAL_THRESHOLDS)


def series(known: UseTerms, amounts: list[int], *, used: int, at: datetime = AT, of: datetime = AT) -> Series:
    """`amounts`: of the days up to and with today."""
    first = at.date() - (len(amounts) - 1) * timedelta(days=1)
    on = [first + timedelta(days=number) for number in range(len(amounts))]
    days = {day: Day(day, Decimal(n), Decimal(n)) for day, n in zip(on, amounts, strict=True)}
    period, total = known.period(of), Decimal(used)
    paths = paths_of(known, period, used=total, days=days, at=at, seed=1) if period.contains(at) else None
    return Series(known, period, period.contains(at), total, Decimal(0), days, (), (), paths)


def test_what_adds_up_is_counted_back_from_what_it_comes_to():
    found = levels_of(series(terms(), [100] * 40, used=1050), at=AT)
    assert found[0] == (date(2026, 3, 1), Decimal(50))
    assert found[-1] == (date(2026, 3, 11), Decimal(1050))


def test_after_a_reset_by_staff_nothing_lies_below_nothing():
    found = levels_of(series(terms(), [100] * 40, used=250), at=AT)
    assert [int(level) for _, level in found[-4:]] == [0, 50, 150, 250]


def test_a_level_is_what_the_counter_said_that_day():
    found = levels_of(series(terms(aggregation=Aggregation.PEAK), [5, 7, 6], used=7), at=AT)
    assert [int(level) for _, level in found[-4:]] == [0, 5, 7, 6]


def test_limit_thresholds_and_use_stand_at_their_height():
    chart = period_chart(series(terms(), [0] * 40, used=500), at=AT)
    heights = {mark.words: mark.at for mark in chart.across}
    assert heights["Limit 1,000"] == round(round(TALL * (1 - 1 / HEADROOM), 1) / TALL * 100, 2)
    assert heights["80 %"] > heights["90 %"] > heights["Limit 1,000"]
    x, y = chart.used.split()[-1].split(",")
    assert float(y) == round(TALL * (1 - 500 / 1080), 1)
    assert float(x) == round(BROAD * 10.5 / 31, 1)


def test_the_forecast_goes_on_from_today_to_the_end_and_names_the_day():
    chart = period_chart(series(terms(), [50] * 57, used=525), at=AT)
    first, last = chart.ahead.split()[0], chart.ahead.split()[-1]
    assert first == chart.used.split()[-1]
    assert float(last.split(",")[0]) == BROAD
    assert [mark.words for mark in chart.below] == ["1 March", "20 March", "31 March"]
    assert 580 < chart.hit < 660


def test_a_forecast_far_beyond_the_limit_is_cut():
    chart = period_chart(series(terms(), [5000] * 57, used=900), at=AT)
    limit = next(mark for mark in chart.across if mark.kind == "limit")
    assert limit.at < 60


def test_a_period_that_is_over_has_no_forecast_and_runs_to_its_end():
    chart = period_chart(series(terms(), [50] * 57, used=700, of=AT - timedelta(days=20)), at=AT)
    assert (chart.ahead, chart.band, chart.hit, chart.today) == ("", "", None, None)
    assert float(chart.used.split()[-1].split(",")[0]) == BROAD


def test_what_starts_again_each_minute_is_drawn_by_days_only():
    minute = series(terms(reset=Reset.MINUTE), [50] * 10, used=3)
    assert period_chart(minute, at=AT) is None
    assert len(days_chart(minute, at=AT).bars) == 10


def test_without_a_limit_use_alone_is_drawn():
    chart = period_chart(series(terms(UNLIMITED), [10] * 20, used=110), at=AT)
    assert chart.across == ()
    assert chart.used


def test_the_days_of_this_period_are_told_from_those_before():
    chart = days_chart(series(terms(), [10] * 50 + [20] * 7, used=150), at=AT)
    assert (len(chart.bars), chart.most) == (57, "20")
    assert [bar.kind for bar in chart.bars].count("now") == 11
    assert (chart.bars[-1].height, chart.bars[0].height) == (TALL, TALL / 2)
    assert chart.bars[0].words == "14 January: 10"


def test_nothing_used_draws_nothing():
    idle = series(terms(), [], used=0)
    assert days_chart(idle, at=AT) is None
    assert period_chart(replace(idle, terms=terms(UNLIMITED)), at=AT) is None


def test_lengths_are_said_in_one_unit_rounded_up():
    said = {seconds: say_short(timedelta(seconds=seconds)) for seconds in (0, 0.2, 90, 150, 7300, 200_000)}
    assert list(said.values()) == ["a second", "a second", "90 seconds", "3 minutes", "3 hours", "3 days"]
