"""When a case owes an incident: a table without a database, and the order in which allowances are asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.case_events import CaseEvent, CaseState, EventKind, Opener
from support.domain.counting import Purse, in_order, owed, settled_since, source_of
from support.domain.cover_terms import CountedOn, Source

OPENING, RESOLVING = CountedOn.OPENING, CountedOn.RESOLVING
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)

OWED = """
    rule      | state     | owed
    opening   | open      | 1
    opening   | waiting   | 1
    opening   | on_hold   | 1
    opening   | resolved  | 1
    opening   | closed    | 1
    opening   | cancelled | 0
    resolving | open      | 0
    resolving | waiting   | 0
    resolving | on_hold   | 0
    resolving | resolved  | 1
    resolving | closed    | 1
    resolving | cancelled | 0
"""
ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in OWED.strip().splitlines()[1:]]


@pytest.mark.parametrize(("rule", "state", "count"), ROWS)
def test_what_is_owed_follows_from_how_a_case_stands(rule: str, state: str, count: str) -> None:
    assert owed(CountedOn(rule), state=CaseState(state), exempt=False, covered=True) == int(count)


@given(st.sampled_from(CountedOn), st.sampled_from(CaseState), st.booleans())
def test_what_is_left_uncounted_or_covered_by_what_counts_nothing_owes_nothing(rule, state, exempt) -> None:
    assert owed(rule, state=state, exempt=True, covered=exempt) == 0
    assert owed(rule, state=state, exempt=exempt, covered=False) == 0


@pytest.mark.parametrize(
    ("said", "source"),
    [("", None), ("tier", Source.TIER), ("balance:3", Source.BALANCE), ("cover:12", Source.COVER),
     ("warranty:7", Source.WARRANTY)],
)  # fmt: skip
def test_what_a_promise_says_decided_it(said: str, source: Source | None) -> None:
    assert source_of(said) is source


def told(*happened: tuple[int, str]) -> datetime | None:
    """Since when it has been settled, of a case opened at the hour; "" is a customer's message."""
    events = [CaseEvent(AT, 0, EventKind.OPENED, "high")]
    for number, (hours, to) in enumerate(happened, start=1):
        kind = EventKind.STATE if to else EventKind.CUSTOMER_MESSAGE
        events.append(CaseEvent(AT + hours * HOUR, number, kind, to))
    return settled_since(events, opener=Opener.CUSTOMER, now=AT + 100 * HOUR)


def test_since_when_a_case_has_been_settled() -> None:
    assert told() is None
    assert told((1, "resolved")) == AT + HOUR
    assert told((1, "resolved"), (2, "closed")) == AT + HOUR
    assert told((1, "closed")) == AT + HOUR
    assert told((1, "resolved"), (2, "")) is None
    assert told((1, "resolved"), (2, ""), (3, "closed")) == AT + 3 * HOUR
    assert told((3, "resolved"), (1, "resolved")) == AT + HOUR  # heard of in another order


def test_of_several_allowances_what_goes_unused_first_is_asked_first() -> None:
    soon, late = AT + HOUR, AT + 9 * HOUR
    purses = [
        Purse(1, left=False, goes_at=soon),
        Purse(2, left=True),
        Purse(3, left=True, goes_at=late),
        Purse(4, left=True, goes_at=soon),
        Purse(5, left=False, overdraws=True),
        Purse(6, left=True, goes_at=soon),
    ]
    assert in_order(purses) == [4, 6, 3, 2, 5, 1]
    assert in_order(reversed(purses)) == [4, 6, 3, 2, 5, 1]
