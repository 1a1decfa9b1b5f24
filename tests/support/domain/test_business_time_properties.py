"""What holds for every calendar, and an oracle that counts minutes one by one and shares no code with ours."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from support.domain.business_time import (
    Calendar,
    InvalidHours,
    add_business_days,
    due,
    due_explained,
    elapsed,
    is_open,
    next_opening,
)
from tests.support.domain.desks import desk

WEEK = 7 * 1440
MINUTE = timedelta(minutes=1)
# Instants beside a jump of the clocks, each in its zone; and quiet ones.
PLACES = {
    "UTC": "2026-03-04T00:00+00:00",
    "America/Los_Angeles": "2015-03-08T10:00+00:00",
    "America/New_York": "2015-11-01T06:00+00:00",
    "America/Sao_Paulo": "2018-02-18T02:00+00:00",
    "America/St_Johns": "2010-11-07T02:31+00:00",
    "Asia/Kathmandu": "2026-03-04T00:00+00:00",
    "Australia/Lord_Howe": "2024-10-05T15:30+00:00",
    "Pacific/Apia": "2011-12-30T10:00+00:00",
}


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, tuple[tuple[int, int], ...]]:
    """Windows cut from a week that begins anywhere, so that some run over midnight and some from Sunday to Monday."""
    shift = draw(st.integers(0, WEEK - 1))
    edges = sorted(draw(st.sets(st.integers(0, WEEK - 1), min_size=2, max_size=16)))
    weekly: dict[int, tuple[tuple[int, int], ...]] = {}
    for opens, closes in list(pairwise(edges))[::2]:
        day, minute = divmod((opens + shift) % WEEK, 1440)
        weekly[day] = (*weekly.get(day, ()), (minute, min(minute + closes - opens, 2880)))
    return weekly


@st.composite
def desks(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar with holidays and overrides near a moment, and the moment."""
    zone = draw(st.sampled_from(sorted(PLACES)))
    near = datetime.fromisoformat(PLACES[zone])
    days = st.integers(-4, 4).map(lambda number: (near + timedelta(days=number)).date())
    overrides = st.dictionaries(
        days, st.sampled_from([(), ((600, 720),), ((0, 1440),), ((60, 150), (1380, 1560))]), max_size=2
    )
    try:
        calendar = Calendar(
            zone=zone, weekly=draw(weeks()), holidays=draw(st.frozensets(days, max_size=3)), overrides=draw(overrides)
        )
    except InvalidHours:
        assume(False)
    return calendar, near + draw(st.integers(-2000, 2000)) * MINUTE


def open_by_the_clock(calendar: Calendar, first: datetime, last: datetime) -> list[bool]:
    """Minute by minute: open if the furthest reading the wall clock ever reached lies in a window.

    The furthest reading is our convention in other words: where clocks go back, what was reached stays reached.
    """
    tz, reached, answers, at = ZoneInfo(calendar.zone), datetime(1900, 1, 1), [], first - timedelta(days=2)  # noqa: DTZ001
    while at < last:
        reached = max(reached, at.astimezone(tz).replace(tzinfo=None))
        if at >= first:
            answers.append(lies_in_a_window(calendar, reached))
        at += MINUTE
    return answers


def lies_in_a_window(calendar: Calendar, reading: datetime) -> bool:
    minute = reading.hour * 60 + reading.minute
    today, yesterday = reading.date(), reading.date() - timedelta(days=1)
    readings = ((today, minute), (yesterday, minute + 1440))
    return any(opens <= each < closes for day, each in readings for opens, closes in hours_of(calendar, day))


def hours_of(calendar: Calendar, day: date) -> tuple[tuple[int, int], ...]:
    closed = () if day in calendar.holidays else calendar.weekly.get(day.weekday(), ())
    return calendar.overrides.get(day, closed)


@settings(max_examples=60, deadline=None)
@given(desks(), st.integers(1, 3 * 1440))
def test_elapsed_time_is_what_the_minutes_add_up_to(place: tuple[Calendar, datetime], length: int) -> None:
    calendar, start = place
    end = start + length * MINUTE
    assert elapsed(calendar, start=start, end=end) == sum(open_by_the_clock(calendar, start, end)) * MINUTE


@settings(max_examples=60, deadline=None)
@given(desks(), st.integers(0, 900))
def test_a_deadline_is_where_the_minutes_have_added_up(place: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = place
    deadline = due(calendar, start=start, minutes=minutes)
    assume(deadline - start < timedelta(days=4))
    flags = open_by_the_clock(calendar, start, deadline)
    assert sum(flags) == minutes
    assert flags[-1:] == [True] or minutes == 0


@settings(max_examples=60, deadline=None)
@given(desks(), st.integers(1, 900))
def test_walking_back_ends_at_the_latest_moment_with_so_much_left(
    place: tuple[Calendar, datetime], minutes: int
) -> None:
    calendar, end = place
    start = due(calendar, start=end, minutes=-minutes)
    assume(end - start < timedelta(days=4))
    flags = open_by_the_clock(calendar, start, end)
    assert sum(flags) == minutes
    assert flags[0]


@given(desks(), st.integers(0, 20_000))
def test_the_time_elapsed_until_a_deadline_is_the_time_given(place: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = place
    deadline = due(calendar, start=start, minutes=minutes)
    assert elapsed(calendar, start=start, end=deadline) == minutes * MINUTE


@given(desks(), st.integers(-3000, 3000), st.integers(0, 3000))
def test_more_time_is_never_due_earlier(place: tuple[Calendar, datetime], minutes: int, more: int) -> None:
    calendar, start = place
    assert due(calendar, start=start, minutes=minutes) <= due(calendar, start=start, minutes=minutes + more)


@given(desks(), st.integers(0, 3000), st.integers(0, 3000))
def test_a_later_start_is_never_due_earlier(place: tuple[Calendar, datetime], minutes: int, later: int) -> None:
    calendar, start = place
    assert due(calendar, start=start, minutes=minutes) <= due(calendar, start=start + later * MINUTE, minutes=minutes)


@given(desks(), st.integers(0, 3000))
def test_a_deadline_is_open_or_a_closing(place: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = place
    deadline = due(calendar, start=start, minutes=minutes)
    assert is_open(calendar, at=deadline) or (minutes and is_open(calendar, at=deadline - timedelta(microseconds=1)))


@given(desks(), st.integers(1, 3000))
def test_forth_and_back_is_the_first_open_moment(place: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = place
    there = due(calendar, start=start, minutes=minutes)
    assert due(calendar, start=there, minutes=-minutes) == next_opening(calendar, at=start)


@given(desks(), st.integers(-3000, 3000))
def test_the_stretches_of_an_explanation_add_up(place: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = place
    deadline = due_explained(calendar, start=start, minutes=minutes)
    assert deadline.at == due(calendar, start=start, minutes=minutes)
    assert sum((span.length for span in deadline.counted), timedelta()) == abs(minutes) * MINUTE
    assert all(here.closes_at <= there.opens_at for here, there in pairwise(deadline.counted))


@given(desks(), st.integers(0, 40), st.integers(0, 10))
def test_a_business_day_deadline_is_in_hours_and_more_days_are_later(
    place: tuple[Calendar, datetime], days: int, more: int
) -> None:
    calendar, start = place
    deadline = add_business_days(calendar, start=start, days=days)
    assert is_open(calendar, at=deadline) or is_open(calendar, at=deadline - timedelta(microseconds=1))
    assert start <= deadline <= add_business_days(calendar, start=start, days=days + more)


@given(st.integers(0, 4000), st.integers(0, 30))
def test_where_all_days_are_alike_adding_and_taking_away_business_days_ends_where_it_began(
    minute: int, days: int
) -> None:
    office = desk("mon-fri 09:00-17:00", holidays="2026-03-12")
    start = next_opening(office, at=datetime(2026, 3, 2, tzinfo=UTC) + minute * MINUTE)
    there = add_business_days(office, start=start, days=days)
    assert add_business_days(office, start=there, days=-days) == start


@given(st.sampled_from(sorted(PLACES)), st.integers(-3000, 3000), st.integers(-20_000, 20_000))
def test_the_short_cut_around_the_clock_is_the_long_way_round(zone: str, shift: int, minutes: int) -> None:
    start = datetime.fromisoformat(PLACES[zone]) + shift * MINUTE
    short, long = Calendar.around_the_clock(zone=zone), desk("mon-sun 00:00-24:00", zone=zone, holidays="2500-01-01")
    assert short.never_closes
    assert not long.never_closes
    assert due(short, start=start, minutes=minutes) == due(long, start=start, minutes=minutes)
    assert elapsed(short, start=start, end=start + minutes * MINUTE) == elapsed(
        long, start=start, end=start + minutes * MINUTE
    )
