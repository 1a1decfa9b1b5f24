"""Why a clock is due when it is, in sentences: each on its own line, and the last one is the sum."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from support.domain.case_events import ClockState
from support.domain.clocks.explaining import explain
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts
from support.queries.cases.clock_words import Names, say_clock, say_length
from tests.support.domain.clocks.cases import at, case, policy
from tests.support.domain.desks import desk

NAMES = Names(
    calendar="Office hours",
    holidays={date(2026, 3, 4): "Founders’ Day"},
    severities={"high": "High", "urgent": "Urgent"},
)
FIRST = policy("""
    kind           | target
    first_response | 4bh
""")


def said(facts: CaseFacts, *, now: str = "Fri 09:00", zone: str = "UTC", names: Names = NAMES) -> list[str]:
    """What is said of the case's only clock."""
    clock = standing_of(facts, now=at(now)).clocks[0]
    return list(say_clock(explain(clock), zone=zone, now=at("Mon 09:00"), names=names))


def opened(when: str, *further: str) -> str:
    return "\n".join(("at | event | to", f"{when} | opened | high", *further))


def test_business_time_names_the_stretches_that_count() -> None:
    assert said(case(opened("Mon 15:00"), policy=FIRST)) == [
        "Started Mon 2 Mar 15:00 (UTC).",
        "Counts 4 business hours by Office hours (UTC): Mon 2 Mar 15:00–17:00, Tue 3 Mar 09:00–11:00.",
        "So due Tue 3 Mar 11:00.",
    ]


def test_a_holiday_that_was_skipped_is_named() -> None:
    hours = desk("mon-fri 09:00-17:00", holidays="2026-03-04")
    lines = said(case(opened("Tue 15:00"), policy=FIRST, hours=hours))
    assert lines[2:] == ["Skipped 4 March (Founders’ Day).", "So due Thu 5 Mar 11:00."]


def test_a_pause_says_how_long_it_was_and_why() -> None:
    waits = policy("""
        kind       | target | pauses
        resolution | 4bh    | waiting
    """)
    facts = case(opened("Mon 09:00", "Mon 12:30 | state | waiting", "Mon 13:00 | message |"), policy=waits)
    assert said(facts)[-2:] == [
        "Paused 30 minutes while waiting for the customer, Mon 2 Mar 12:30–13:00.",
        "So due Mon 2 Mar 13:30.",
    ]


def test_of_a_pause_over_night_only_open_time_counts() -> None:
    waits = policy("""
        kind       | target | pauses
        resolution | 9bh    | waiting
    """)
    facts = case(opened("Mon 09:00", "Mon 16:00 | state | waiting", "Tue 10:00 | message |"), policy=waits)
    assert "Paused 2 hours of counted time while waiting for the customer, Mon 2 Mar 16:00–Tue 3 Mar 10:00." in said(
        facts
    )


def test_a_clock_that_stands_still_has_no_due_time() -> None:
    waits = policy("""
        kind       | target | pauses
        resolution | 4bh    | waiting
    """)
    lines = said(case(opened("Mon 09:00", "Mon 10:00 | state | waiting"), policy=waits), now="Mon 11:00")
    assert lines[-2:] == [
        "Paused since Mon 2 Mar 10:00 while waiting for the customer.",
        "So it has no due time until it goes on; without its pauses it was due Mon 2 Mar 13:00.",
    ]


@pytest.mark.parametrize(
    ("target", "counts"),
    [
        ("2h", "Counts 2 hours, around the clock."),
        ("2bd", "Counts 2 business days by Office hours (UTC): Tue 3 Mar, Wed 4 Mar."),
        ("eod+1", "Counts to the end of next business day by Office hours (UTC): Tue 3 Mar."),
    ],
)
def test_every_kind_of_target_is_said(target: str, counts: str) -> None:
    promise = policy(f"kind | target\nfirst_response | {target}")
    assert said(case(opened("Mon 10:00"), policy=promise))[1] == counts


def test_the_reader_s_wall_shows_the_time_and_the_calendar_says_whose_hours_they_are() -> None:
    lines = said(case(opened("Mon 15:00"), policy=FIRST), zone="Asia/Tokyo")
    assert lines[0] == "Started Tue 3 Mar 00:00 (Tokyo)."
    assert lines[1].endswith("(UTC): Tue 3 Mar 00:00–02:00, Tue 3 Mar 18:00–20:00.")


def test_another_year_is_said_with_its_number() -> None:
    lines = said(case(opened("2025-12-31 10:00"), policy=FIRST), now="2026-01-02 09:00")
    assert lines[0] == "Started Wed 31 Dec 2025 10:00 (UTC)."


def test_a_change_of_severity_and_a_rule_are_told() -> None:
    promise = policy("""
        kind           | target
        first_response | urgent 1bh, 4bh
    """)
    facts = case(opened("Mon 09:00", "Mon 10:00 | severity | urgent"), policy=promise)
    lines = said(facts, now="Mon 10:00")
    assert "From Mon 2 Mar 10:00 on the target was “within 1 business hour” (Urgent)." in lines
    clock = standing_of(facts, now=at("Mon 10:00")).clocks[0]
    lifted = replace(clock, promised=replace(clock.promised, lifts=((50, "The renewal is near"),)))
    told = say_clock(explain(lifted), zone="UTC", now=at("Mon 09:00"), names=NAMES)
    assert "The target is 50 % of the usual one: The renewal is near." in told


def test_of_many_stretches_the_first_and_the_last_are_named() -> None:
    long = policy("kind | target\nfirst_response | 80bh")
    lines = said(case(opened("Mon 09:00"), policy=long))
    assert "Thu 5 Mar 09:00–17:00, 4 more, Thu 12 Mar 09:00–17:00, Fri 13 Mar 09:00–17:00." in lines[1]


@pytest.mark.parametrize(
    ("minutes", "words"), [(30, "30 minutes"), (75, "1 hour 15 minutes"), (1440, "1 day"), (0.25, "15 seconds")]
)
def test_a_length_is_said_in_its_two_largest_units(minutes: float, words: str) -> None:
    assert say_length(timedelta(minutes=minutes)) == words


def test_a_paused_clock_is_one_that_is_paused() -> None:
    """The sentence about no due time stands for that state alone."""
    clock = standing_of(case(opened("Mon 09:00"), policy=FIRST), now=at("Mon 10:00")).clocks[0]
    assert clock.state is ClockState.RUNNING
    assert say_clock(explain(clock), zone="UTC", now=at("Mon 09:00"))[-1] == "So due Mon 2 Mar 13:00."
