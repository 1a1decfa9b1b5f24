"""What waits for a second person comes back as it was asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.availability import Limit
from catalog.domain.window import Window
from catalog.domain.withdrawal import Lifting, Setting, read_proposal, token_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LIMIT = Limit(1, Window(NOW, NOW + DAY), NOW - DAY, id=7)

instants = st.none() | st.timedeltas(-99 * DAY, 99 * DAY).map(lambda later: NOW + later)
windows = st.tuples(instants, instants).filter(lambda pair: None in pair or pair[0] <= pair[1])
uses = st.sampled_from([("sold",), ("provided",), ("provided", "sold")])


@given(st.none() | st.integers(1, 99), uses, windows, st.none() | st.integers(1, 99))
def test_a_setting_reads_back(
    market: int | None, use: tuple[str, ...], edges: tuple[Any, Any], but: int | None
) -> None:
    asked = Setting(market, use, Window(*edges), but)
    assert read_proposal(asked.spelled() | {"seen": "x"}) == asked


def test_a_lifting_reads_back() -> None:
    assert read_proposal(Lifting(7).spelled()) == Lifting(7)


@pytest.mark.parametrize(
    ("market", "use", "window", "covered"),
    [
        (1, "sold", Window(NOW, None), True),
        (2, "sold", Window(NOW, None), False),
        (None, "sold", Window(NOW, None), False),
        (1, "provided", Window(NOW, None), False),
        (1, "sold", Window(NOW, NOW + DAY), False),
        (1, "sold", Window(None, None), False),
    ],
)
def test_a_setting_covers_exactly_what_was_asked(market: int | None, use: str, window: Window, covered: bool) -> None:
    asked = Setting(1, ("sold",), Window(NOW, None))
    assert asked.covers(market=market, but=None, use=use, window=window) is covered
    assert not asked.covers(market=market, but=9, use=use, window=window)


def test_a_request_from_before_there_were_exceptions_reads_back() -> None:
    spelled = {
        name: value for name, value in Setting(1, ("sold",), Window(NOW, None)).spelled().items() if name != "but"
    }
    assert read_proposal(spelled) == Setting(1, ("sold",), Window(NOW, None))


@pytest.mark.parametrize(
    "other",
    [
        (),
        (LIMIT, replace(LIMIT, id=8)),
        (replace(LIMIT, market=None),),
        (replace(LIMIT, since=NOW),),
        (replace(LIMIT, window=Window(NOW, None)),),
        (replace(LIMIT, window=Window(None, NOW + DAY)),),
    ],
)
def test_the_token_differs_as_soon_as_any_window_does(other: tuple[Limit, ...]) -> None:
    assert token_of(other) != token_of([LIMIT])


def test_the_token_is_of_instants_however_they_are_said_and_ordered() -> None:
    there = replace(LIMIT, since=LIMIT.since.astimezone(ZoneInfo("Asia/Tokyo")))
    more = replace(LIMIT, id=8)
    assert token_of([there, more]) == token_of([more, LIMIT])
