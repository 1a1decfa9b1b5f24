"""The rule of market windows: launches, limits, moves and lifts, and the past that stays as it was."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.availability import (
    Limit,
    first_gap,
    joined,
    lifted,
    limited_since,
    open_at,
    set_in,
    shared,
    windows_in,
)
from catalog.domain.window import ALWAYS, Window

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
EUROPE, ASIA, NOWHERE = 1, 2, None


def on(day: int) -> datetime:
    """The instant so many days from now."""
    return NOW + day * DAY


def window(start: int | None = None, end: int | None = None) -> Window:
    return Window(None if start is None else on(start), None if end is None else on(end))


def limit(
    market: int | None, start: int | None = None, end: int | None = None, *, since: int = -9, id: int = 1
) -> Limit:
    return Limit(market, window(start, end), on(since), id=id)


def told(limits: tuple[Limit, ...], *days: int) -> dict[str, str]:
    """On which of the days the thing is to be had, by place: "x" for yes."""
    places = {"europe": EUROPE, "asia": ASIA, "nowhere": NOWHERE}
    return {
        name: "".join("x" if open_at(windows_in(limits, market=place), at=on(day)) else "." for day in days)
        for name, place in places.items()
    }


def test_a_thing_without_windows_is_to_be_had_everywhere() -> None:
    assert windows_in((), market=EUROPE) == windows_in((), market=NOWHERE) == (ALWAYS,)


def test_a_launch_of_what_nobody_has_yet_limits_it_at_once_and_opens_on_its_day() -> None:
    launched = set_in((), market=EUROPE, window=window(5), given=False, at=NOW)
    assert told(launched, -1, 0, 4, 5, 99) == {"europe": "x..xx", "asia": "x....", "nowhere": "x...."}


def test_what_everybody_has_stays_with_everybody_until_the_limit_begins() -> None:
    limits = set_in((), market=EUROPE, window=window(5), given=True, at=NOW)
    assert told(limits, -1, 0, 4, 5, 99) == {"europe": "xxxxx", "asia": "xxx..", "nowhere": "xxx.."}


def test_a_limit_from_now_leaves_the_past_as_it_was() -> None:
    limits = set_in((), market=EUROPE, window=Window(), given=True, at=NOW)
    assert told(limits, -1, 0, 1) == {"europe": "xxx", "asia": "x..", "nowhere": "x.."}
    assert windows_in(limits, market=EUROPE) == (ALWAYS,)  # no edge where nothing changes


def test_a_window_with_an_end_takes_it_away_there_too() -> None:
    limits = set_in((), market=EUROPE, window=window(None, 5), given=True, at=NOW)
    assert told(limits, 4, 5)["europe"] == "x."


def test_a_further_market_opens_without_touching_the_others() -> None:
    first = set_in((), market=EUROPE, window=Window(), given=True, at=on(-3))
    both = set_in(first, market=ASIA, window=window(5), given=True, at=NOW)
    assert told(both, -4, -1, 0, 4, 5) == {"europe": "xxxxx", "asia": "x...x", "nowhere": "x...."}


def test_a_launch_that_is_moved_keeps_the_days_it_was_not_to_be_had() -> None:
    launched = (limit(EUROPE, 5, since=-9),)
    moved = set_in(launched, market=EUROPE, window=window(8), given=True, at=NOW)
    assert told(moved, -10, -8, 0, 5, 8)["europe"] == "x...x"


def test_a_launch_that_is_struck_leaves_it_nowhere_rather_than_everywhere() -> None:
    struck = lifted((limit(EUROPE, 5, since=-9),), id=1, at=NOW)
    assert told(struck, -10, -8, 0, 5, 99) == {"europe": "x....", "asia": "x....", "nowhere": "x...."}
    assert [one.id for one in struck] == [1]


def test_a_limit_still_to_come_is_struck_without_a_trace() -> None:
    coming = set_in((), market=EUROPE, window=window(5), given=True, at=NOW)
    numbered = tuple(Limit(one.market, one.window, one.since, id=7) for one in coming)
    assert lifted(numbered, id=7, at=on(1)) == ()


def test_a_window_that_has_begun_is_cut_short_and_the_limit_stays() -> None:
    cut = lifted((limit(EUROPE, -5),), id=1, at=NOW)
    assert told(cut, -6, -5, -1, 0, 9)["europe"] == ".xx.."
    assert limited_since(cut) == on(-9)


def test_a_window_for_everywhere_lifts_the_limit_also_for_accounts_without_a_market() -> None:
    opened = set_in((limit(EUROPE, -5),), market=None, window=window(3), given=True, at=NOW)
    assert told(opened, 0, 3) == {"europe": "xx", "asia": ".x", "nowhere": ".x"}


def test_striking_one_of_two_limits_to_come_begins_the_limit_no_sooner_than_the_other() -> None:
    first = set_in((), market=EUROPE, window=window(5), given=True, at=NOW)
    both = set_in(first, market=ASIA, window=window(9), given=True, at=NOW)
    numbered = tuple(Limit(one.market, one.window, one.since, id=n) for n, one in enumerate(both))
    assert told(numbered, 4, 5, 8, 9) == {"europe": "xxxx", "asia": "x..x", "nowhere": "x..."}
    assert told(lifted(numbered, id=0, at=on(1)), 4, 5, 8, 9) == {"europe": "xxx.", "asia": "xxxx", "nowhere": "xxx."}


def test_an_earlier_market_joins_a_limit_to_come_without_bringing_it_forward() -> None:
    first = set_in((), market=EUROPE, window=window(5), given=True, at=NOW)
    both = set_in(first, market=ASIA, window=window(2), given=True, at=NOW)
    assert told(both, 1, 2, 4, 5) == {"europe": "xxxx", "asia": "xxxx", "nowhere": "xxx."}


def test_windows_that_touch_are_one() -> None:
    assert joined([window(3, 5), window(1, 3), window(8), window(None, 0)]) == (
        window(None, 0),
        window(1, 5),
        window(8),
    )


def test_plan_and_feature_must_both_be_provided() -> None:
    assert shared((window(0, 5), window(7)), (window(3, 9),)) == (window(3, 5), window(7, 9))
    assert shared((ALWAYS,), (ALWAYS,)) == (ALWAYS,)


@pytest.mark.parametrize(
    ("has", "by", "gap"),
    [
        ((ALWAYS,), (ALWAYS,), None),
        ((ALWAYS,), (), 0),
        ((ALWAYS,), (window(None, 4),), 4),
        ((window(None, -1),), (), None),  # it was over before
        ((window(2, 6),), (window(1, 4), window(4, 9)), None),
        ((window(2, 6),), (window(1, 4), window(5, 9)), 4),
        ((window(2, 3), window(5)), (window(2, 4),), 5),
    ],
)
def test_the_first_instant_that_is_missing(has: tuple[Window, ...], by: tuple[Window, ...], gap: int | None) -> None:
    assert first_gap(has, by=by, since=NOW) == (None if gap is None else on(gap))


days = st.integers(-6, 6)
spans = st.tuples(st.none() | days, st.none() | days).filter(lambda s: s[0] is None or s[1] is None or s[0] < s[1])
acts = st.lists(
    st.tuples(st.sampled_from([EUROPE, ASIA, None]), st.integers(0, 4), st.none() | st.integers(5, 9), st.booleans()),
    max_size=6,
)


@given(st.lists(spans, max_size=6), days)
def test_joined_windows_hold_the_same_instants(found: list[tuple[int | None, int | None]], day: int) -> None:
    windows = [window(*span) for span in found]
    assert open_at(joined(windows), at=on(day)) == any(one.contains(on(day)) for one in windows)
    edges = [edge for one in joined(windows) for edge in one.edges()]
    assert edges == sorted(set(edges))


begun = st.tuples(st.sampled_from([EUROPE, ASIA, None]), spans, days)


@given(st.lists(begun, max_size=5), st.sampled_from([EUROPE, ASIA, NOWHERE]), days)
def test_the_rule_read_aloud(
    drawn: list[tuple[int | None, tuple[int | None, int | None], int]], place: int | None, day: int
) -> None:
    """Not limited, or not yet, or a window here or for everywhere is open."""
    limits = [limit(market, *span, since=since) for market, span, since in drawn]
    limited = bool(limits) and on(day) >= min(one.since for one in limits)
    opened = any(one.window.contains(on(day)) for one in limits if one.market in {None, place})
    assert open_at(windows_in(limits, market=place), at=on(day)) == (opened or not limited)


@given(acts, st.booleans())
def test_no_act_ever_changes_the_past(asked: list[tuple[int | None, int, int | None, bool]], has_it: bool) -> None:
    """Acts follow each other day by day; what was to be had before an act is the same after it."""
    limits: tuple[Limit, ...] = ()
    for day, (market, start, length, lift) in enumerate(asked):
        numbered = tuple(Limit(one.market, one.window, one.since, id=n) for n, one in enumerate(limits))
        if lift and (living := [one for one in numbered if not one.over(on(day))]):
            then = lifted(numbered, id=living[0].id or 0, at=on(day))
        else:
            end = None if length is None else day + start + length
            then = set_in(numbered, market=market, window=window(day + start, end), given=has_it, at=on(day))
        before = [told(numbered, d) for d in range(-2, day)]
        assert [told(then, d) for d in range(-2, day)] == before
        limits = then


@given(acts, st.integers(-2, 20))
def test_any_order_of_windows_says_the_same(asked: list[tuple[int | None, int, int | None, bool]], day: int) -> None:
    limits = tuple(
        limit(market, start, None if length is None else start + length, since=0) for market, start, length, _ in asked
    )
    assert told(limits, day) == told(limits[::-1], day)


@given(acts, st.integers(0, 4))
def test_what_is_given_is_taken_away_from_nobody_before_the_window_opens(
    asked: list[tuple[int | None, int, int | None, bool]], start: int
) -> None:
    limits = set_in((), market=EUROPE, window=window(start), given=True, at=NOW)
    for place in (EUROPE, ASIA, NOWHERE):
        gap = first_gap((ALWAYS,), by=windows_in(limits, market=place), since=NOW)
        assert gap == (None if place == EUROPE else on(start))
