"""Which visits covers owe, and on which days. A line: the cover, from, through, visits a year, recorded on."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.window import Window, start_of_day
from support.domain.cover_terms import VisitState
from support.domain.visits import (
    DAY,
    MOVES,
    Part,
    Planning,
    Standing,
    Term,
    is_late,
    is_missed,
    owed,
    planning,
    term_of,
)

FAR = date(2040, 1, 1)
LONG_AGO = date(2000, 1, 1)


def terms(text: str) -> list[Term]:
    found = []
    for line in text.strip().splitlines():
        key, first, through, a_year, *known = (part.strip() for part in line.split("|"))
        end = date.fromisoformat(through) + DAY if through else None
        on = date.fromisoformat(known[0]) if known else LONG_AGO
        found.append(Term(int(key), date.fromisoformat(first), end, int(a_year), on))
    return found


def told(parts: list[Part]) -> list[str]:
    return [f"{part.key}: {part.from_on} – {part.through_on}" for part in parts]


def test_two_a_year_are_spread_over_the_year() -> None:
    assert told(owed(terms("1 | 2026-01-01 | 2026-12-31 | 2"), until=FAR)) == [
        "1: 2026-01-01 – 2026-07-01",
        "1: 2026-07-02 – 2026-12-31",
    ]


def test_without_an_end_they_are_planned_as_far_as_asked() -> None:
    found = owed(terms("1 | 2026-01-01 | | 1"), until=date(2028, 6, 1))
    assert told(found) == ["1: 2026-01-01 – 2026-12-31", "1: 2027-01-01 – 2027-12-31", "1: 2028-01-01 – 2028-12-31"]


def test_a_short_cover_owes_its_part_of_the_year() -> None:
    assert told(owed(terms("1 | 2026-01-01 | 2026-06-30 | 4"), until=FAR)) == [
        "1: 2026-01-01 – 2026-04-01",
        "1: 2026-04-02 – 2026-06-30",
    ]


def test_a_rest_of_less_than_half_a_part_owes_nothing() -> None:
    assert len(owed(terms("1 | 2026-01-01 | 2027-01-02 | 2"), until=FAR)) == 2
    assert len(owed(terms("1 | 2026-01-01 | 2027-04-02 | 2"), until=FAR)) == 3


def test_an_amendment_goes_on_where_the_cover_was() -> None:
    found = owed(terms("1 | 2026-01-01 | 2026-05-09 | 2\n2 | 2026-05-10 | 2026-12-31 | 2"), until=FAR)
    assert told(found) == ["1: 2026-01-01 – 2026-07-01", "2: 2026-07-02 – 2026-12-31"]


def test_a_renewal_goes_on_after_the_end() -> None:
    found = owed(terms("1 | 2026-01-01 | 2026-12-31 | 1\n2 | 2027-01-01 | 2027-12-31 | 1"), until=FAR)
    assert told(found) == ["1: 2026-01-01 – 2026-12-31", "2: 2027-01-01 – 2027-12-31"]


def test_more_visits_from_an_amendment_on_never_fall_into_a_part_that_goes_on() -> None:
    found = owed(terms("1 | 2026-01-01 | 2026-05-14 | 3\n2 | 2026-05-15 | 2026-12-31 | 4"), until=FAR)
    assert told(found) == [
        "1: 2026-01-01 – 2026-05-01",
        "1: 2026-05-02 – 2026-08-31",
        "2: 2026-10-01 – 2026-12-31",
    ]


def test_an_amendment_that_takes_the_visits_away_ends_them() -> None:
    found = owed(terms("1 | 2026-01-01 | 2026-08-01 | 2\n2 | 2026-08-02 | | 0"), until=FAR)
    assert told(found) == ["1: 2026-01-01 – 2026-07-01"]


def test_after_a_gap_the_year_begins_anew() -> None:
    found = owed(terms("1 | 2026-01-01 | 2026-12-31 | 1\n2 | 2027-03-01 | 2028-02-29 | 1"), until=FAR)
    assert told(found)[1:] == ["2: 2027-03-01 – 2028-02-29"]


def test_a_successor_that_begins_earlier_cuts_the_cover_before() -> None:
    found = owed(terms("1 | 2026-01-01 | | 2\n2 | 2026-07-02 | 2026-12-31 | 2"), until=FAR)
    assert told(found) == ["1: 2026-01-01 – 2026-07-01", "2: 2026-07-02 – 2026-12-31"]


def test_what_was_over_when_it_was_recorded_is_not_planned() -> None:
    found = owed(terms("1 | 2025-01-01 | 2026-12-31 | 2 | 2026-03-02"), until=FAR)
    assert told(found) == ["1: 2026-01-01 – 2026-07-01", "1: 2026-07-02 – 2026-12-31"]


def test_the_29th_of_february_has_a_year_everywhere() -> None:
    found = owed(terms("1 | 2024-02-29 | 2026-02-27 | 1"), until=FAR)
    assert told(found) == ["1: 2024-02-29 – 2025-02-27", "1: 2025-02-28 – 2026-02-27"]


@pytest.mark.parametrize("a_year", [365, 366, 32_767])
def test_a_visit_a_day_and_more_stays_in_whole_days(a_year: int) -> None:
    known = datetime(2025, 1, 1, tzinfo=UTC)
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    term = term_of(1, window, zone="UTC", a_year=a_year, known_at=known)
    assert term is not None
    assert len(owed([term], until=FAR)) == 365


def test_a_day_belongs_to_whom_its_first_instant_does() -> None:
    noon, known = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    begun = term_of(1, Window(noon, None), zone="UTC", a_year=1, known_at=known)
    ended = term_of(2, Window(known, noon), zone="UTC", a_year=1, known_at=known)
    assert begun is not None
    assert ended is not None
    assert begun.first_day == ended.end_day == date(2026, 3, 3)
    assert term_of(3, Window(noon, noon + timedelta(hours=1)), zone="UTC", a_year=1, known_at=known) is None
    tokyo = start_of_day(date(2026, 3, 2), "Asia/Tokyo")
    there = term_of(4, Window(tokyo, None), zone="Asia/Tokyo", a_year=1, known_at=known)
    assert there is not None
    assert there.first_day == date(2026, 3, 2)


JANUARY = Part(1, date(2026, 1, 1), date(2026, 7, 1))
JULY = Part(1, date(2026, 7, 2), date(2026, 12, 31))


def stands(number: int, part: Part, state: VisitState, *, by_desk: bool = False, **other: Any) -> Standing:
    told = {"key": part.key, "from_on": part.from_on, "through_on": part.through_on, **other}
    return Standing(number, told["key"], told["from_on"], told["through_on"], state, by_desk)


def test_nothing_stands_so_all_is_added_and_then_nothing_differs() -> None:
    assert planning([JANUARY, JULY], []) == Planning(add=(JANUARY, JULY))
    both = [stands(1, JANUARY, VisitState.DONE), stands(2, JULY, VisitState.SCHEDULED)]
    assert not planning([JANUARY, JULY], both)


def test_what_is_not_owed_any_more_is_dropped_but_what_was_done_stays() -> None:
    both = [stands(1, JANUARY, VisitState.DONE), stands(2, JULY, VisitState.PLANNED)]
    assert planning([], both) == Planning(drop=(2,))


def test_owed_again_it_stands_again_unless_somebody_cancelled_it() -> None:
    dropped = [stands(1, JULY, VisitState.CANCELLED, by_desk=True)]
    assert planning([JULY], dropped) == Planning(revive=((1, JULY),))
    assert not planning([JULY], [stands(1, JULY, VisitState.CANCELLED)])


def test_a_part_that_was_cut_otherwise_moves_its_visit() -> None:
    stood = [stands(1, JULY, VisitState.PLANNED, through_on=date(2026, 10, 1))]
    assert planning([JULY], stood) == Planning(move=((1, JULY),))


def test_what_took_place_uses_up_the_part_it_overlaps() -> None:
    done = [stands(1, JANUARY, VisitState.DONE, from_on=date(2026, 3, 1), through_on=date(2026, 4, 1))]
    assert planning([JANUARY, JULY], done) == Planning(add=(JULY,))


def test_under_an_amendment_a_visit_goes_along_with_its_appointment() -> None:
    arranged = stands(7, JULY, VisitState.SCHEDULED)
    other = Part(2, JULY.from_on, JULY.through_on)
    assert planning([other], [arranged]) == Planning(move=((7, other),))
    shifted = Part(2, date(2026, 10, 1), date(2026, 12, 31))
    both = [stands(6, JULY, VisitState.PLANNED), arranged]
    assert planning([shifted], both) == Planning(move=((7, shifted),), drop=(6,))


def test_late_and_missed() -> None:
    last = date(2026, 7, 1)
    assert not is_late(VisitState.PLANNED, last, today=last)
    assert is_late(VisitState.PLANNED, last, today=last + DAY)
    assert not is_late(VisitState.DONE, last, today=last + DAY)
    assert is_missed(VisitState.PLANNED, last, None, today=last + DAY)
    assert not is_missed(VisitState.SCHEDULED, last, last + 3 * DAY, today=last + 2 * DAY)
    assert is_missed(VisitState.SCHEDULED, last, last + 3 * DAY, today=last + 4 * DAY)


def test_done_and_cancelled_are_for_good() -> None:
    for state in (VisitState.DONE, VisitState.CANCELLED):
        assert not any(state in from_states for from_states in MOVES.values())


@st.composite
def runs(draw: st.DrawFn) -> list[Term]:
    """Up to four covers, one after the other, sometimes with a gap."""
    day, found = date(2024, 1, 1) + draw(st.integers(0, 800)) * DAY, []
    for key in range(1, draw(st.integers(1, 4)) + 1):
        day += draw(st.sampled_from([0, 0, 0, 40])) * DAY
        end = day + draw(st.integers(1, 800)) * DAY
        found.append(Term(key, day, end, draw(st.integers(0, 13)), LONG_AGO))
        day = end
    return found


@given(runs())
def test_no_stretch_has_two_visits_and_none_lies_outside(covers: list[Term]) -> None:
    parts = owed(covers, until=FAR)
    of = {cover.key: cover for cover in covers}
    assert all(one.through_on < other.from_on for one, other in pairwise(parts))
    for part in parts:
        cover = of[part.key]
        assert cover.end_day is not None
        assert cover.first_day <= part.from_on < cover.end_day
        assert part.from_on <= part.through_on < (covers[-1].end_day or FAR)


@given(runs())
def test_no_year_has_more_than_the_most_generous_cover_includes(covers: list[Term]) -> None:
    parts = owed(covers, until=FAR)
    most = max(cover.a_year for cover in covers)
    for part in parts:
        year = [other for other in parts if part.from_on <= other.from_on and other.through_on < _later(part.from_on)]
        assert len(year) <= most


@given(runs(), st.integers(0, 1_500), st.integers(0, 1_500))
def test_further_ahead_there_is_more_and_nothing_else(covers: list[Term], one: int, other: int) -> None:
    near, far = sorted((one, other))
    first = date(2024, 1, 1)
    fewer, more = owed(covers, until=first + near * DAY), owed(covers, until=first + far * DAY)
    assert more[: len(fewer)] == fewer


def _later(day: date) -> date:
    """The first day after a year from the day on."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
