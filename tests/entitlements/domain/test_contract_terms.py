"""Terms of contracts: whole days, counted from the first, renewed without anybody writing it down."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.window import start_of_day
from entitlements.domain.contract_terms import Terms, months_after
from tests.entitlements.domain.zones import ZONES

AMSTERDAM = "Europe/Amsterdam"
YEAR = Terms(date(2026, 3, 1), AMSTERDAM, months=12, renews=True, renewal_months=12, notice_days=30)
MOMENT = timedelta(microseconds=1)


def test_a_year_runs_through_the_day_before_and_the_next_begins_where_it_ends() -> None:
    first, second = YEAR.term(1), YEAR.term(2)
    assert (first.first_day, first.last_day) == (date(2026, 3, 1), date(2027, 2, 28))
    assert first.starts_at == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert second.starts_at == first.ends_at == datetime(2027, 2, 28, 23, tzinfo=UTC)


def test_months_are_counted_from_the_first_day_so_that_nothing_drifts() -> None:
    monthly = Terms(date(2026, 1, 31), AMSTERDAM, months=1, renews=True, renewal_months=1)
    assert [monthly.term(n).first_day for n in (1, 2, 3, 4)] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_the_last_day_of_february_comes_back_in_a_leap_year() -> None:
    assert months_after(date(2027, 2, 28), 12) == date(2028, 2, 28)
    assert months_after(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert months_after(date(2028, 2, 29), 48) == date(2032, 2, 29)


def test_a_renewal_may_be_of_another_length_than_the_first_term() -> None:
    terms = Terms(date(2026, 1, 1), "UTC", months=24, renews=True, renewal_months=12)
    assert [terms.term(n).first_day.year for n in (1, 2, 3)] == [2026, 2028, 2029]


@pytest.mark.parametrize(
    ("at", "number"),
    [
        (datetime(2025, 6, 1, tzinfo=UTC), 1),
        (datetime(2027, 2, 28, 22, 59, tzinfo=UTC), 1),
        (datetime(2027, 2, 28, 23, tzinfo=UTC), 2),
        (datetime(2126, 2, 28, 23, tzinfo=UTC), 101),
    ],
)
def test_an_instant_falls_into_one_term_and_before_the_first_it_is_the_first(at: datetime, number: int) -> None:
    running = YEAR.running(at)
    assert running is not None
    assert running.number == number


def test_without_months_there_are_no_terms() -> None:
    assert Terms(date(2026, 3, 1), AMSTERDAM).running(datetime(2026, 5, 1, tzinfo=UTC)) is None
    with pytest.raises(ValueError, match="no terms"):
        Terms(date(2026, 3, 1), AMSTERDAM).term(1)


def test_notice_of_thirty_days_leaves_thirty_whole_days() -> None:
    last = YEAR.last_day_for_notice(YEAR.term(1))
    assert last == date(2027, 1, 29)
    assert (date(2027, 2, 28) - last).days == 30


def test_notice_in_time_ends_the_running_term_and_a_moment_later_the_next() -> None:
    too_late = start_of_day(date(2027, 1, 30), AMSTERDAM)
    assert YEAR.end_if_notice(too_late - MOMENT) == YEAR.term(1).ends_at
    assert YEAR.end_if_notice(too_late) == YEAR.term(2).ends_at


def test_notice_longer_than_a_term_ends_the_first_it_is_in_time_for() -> None:
    monthly = Terms(date(2026, 1, 1), "UTC", months=1, renews=True, renewal_months=1, notice_days=90)
    assert monthly.end_if_notice(datetime(2026, 1, 15, tzinfo=UTC)) == datetime(2026, 5, 1, tzinfo=UTC)


def test_without_terms_notice_ends_it_so_many_days_after_the_day_it_was_given() -> None:
    open_ended = Terms(date(2026, 1, 1), AMSTERDAM, notice_days=14)
    assert open_ended.end_if_notice(datetime(2026, 3, 2, 9, tzinfo=UTC)) == start_of_day(date(2026, 3, 17), AMSTERDAM)
    before = datetime(2025, 12, 1, tzinfo=UTC)
    assert open_ended.end_if_notice(before) == start_of_day(date(2026, 1, 15), AMSTERDAM)


@pytest.mark.parametrize(
    "wrong", [{"months": 0}, {"months": 12, "renews": True}, {"renews": True, "renewal_months": 1}, {"notice_days": -1}]
)
def test_terms_that_say_nothing_can_not_be_built(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Terms(date(2026, 3, 1), AMSTERDAM, **wrong)  # type: ignore[arg-type]  # that is the point


any_terms = st.builds(
    Terms,
    first_day=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    zone=st.sampled_from(ZONES),
    months=st.integers(1, 36),
    renews=st.just(True),
    renewal_months=st.integers(1, 24),
    notice_days=st.integers(0, 120),
)
instants = st.datetimes(datetime(2019, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants bare bounds


@given(any_terms, st.integers(1, 60))
def test_terms_follow_each_other_without_a_gap_in_every_zone(terms: Terms, number: int) -> None:
    one, following = terms.term(number), terms.term(number + 1)
    assert one.starts_at < one.ends_at == following.starts_at
    assert one.last_day + timedelta(days=1) == following.first_day
    assert terms.running(one.starts_at) == terms.running(one.ends_at - MOMENT) == one
    assert (one.ends_at - MOMENT).astimezone(ZoneInfo(terms.zone)).date() <= one.last_day


@given(any_terms, instants)
def test_the_running_term_holds_the_instant_unless_it_is_before_the_first(terms: Terms, at: datetime) -> None:
    running = terms.running(at)
    assert running is not None
    assert at < running.ends_at
    assert running.starts_at <= at or running.number == 1


@given(any_terms, instants, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_later_notice_never_ends_it_sooner_and_always_leaves_the_days_agreed(
    terms: Terms, at: datetime, later: timedelta
) -> None:
    end = terms.end_if_notice(at)
    assert at < end <= terms.end_if_notice(at + later)
    day = at.astimezone(ZoneInfo(terms.zone)).date()
    last = (end - MOMENT).astimezone(ZoneInfo(terms.zone)).date()
    assert (last - day).days >= terms.notice_days
