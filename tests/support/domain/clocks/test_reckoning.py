"""R5 to R8: when clocks are due, what pauses and changes do to that, and what is late. Office hours are nine to five."""

from datetime import timedelta

import pytest

from support.domain.case_events import Channel, ClockState
from tests.support.domain.clocks.cases import case, clock, clocks, expect, one, policy, when

# Due times without a pause --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "target", "due"),
    [
        ("Mon 10:00", "4h", "Mon 14:00"),
        ("Sat 10:00", "1d", "Sun 10:00"),
        ("Mon 10:00", "4bh", "Mon 14:00"),
        ("Mon 15:00", "4bh", "Tue 11:00"),
        ("Mon 13:00", "4bh", "Mon 17:00"),  # filled exactly: at the closing
        ("Mon 17:00", "1bm", "Tue 09:01"),
        ("Fri 16:00", "2bh", "Mon+1 10:00"),
        ("Sat 11:00", "4bh", "Mon+1 13:00"),
        ("Mon 10:00", "1bd", "Tue 10:00"),
        ("Fri 20:00", "1bd", "Tue+1 09:00"),
        ("Mon 10:00", "eod", "Mon 17:00"),
        ("Mon 20:00", "eod", "Tue 17:00"),
        ("Fri 10:00", "eod+1", "Mon+1 17:00"),
    ],
)
def test_a_target_is_due_in_the_time_it_counts_in(opened: str, target: str, due: str) -> None:
    facts = case(f"at | event\n{opened} | opened", policy=policy(one(target)))
    reckoned = clock(facts, "resolution 1")
    assert (when(reckoned.first_due), when(reckoned.due_at), when(reckoned.measured_from)) == (due, due, opened)


@pytest.mark.parametrize(
    ("severity", "channel", "due"),
    [
        ("urgent", Channel.EMAIL, "Mon 11:00"),
        ("urgent", Channel.CHAT, "Mon 10:30"),
        ("high", Channel.CHAT, "Mon 12:00"),  # the channel has no target of its own for this severity
        ("low", Channel.CHAT, ""),
    ],
)
def test_a_target_goes_by_severity_and_the_channels_own_before_every_channels(
    severity: str, channel: Channel, due: str
) -> None:
    text = policy("kind | target\nresolution | urgent/chat 30m, urgent 1h, high 2h")
    facts = case(f"at | event | to\nMon 10:00 | opened | {severity}", policy=text, channel=channel)
    assert [each["due"] for each in clocks(facts)] == ([due] if due else [])


# Pauses ---------------------------------------------------------------------------------------------------------------

PAUSES = """
  target | paused    | resumed     | due         | because
  4h     | Mon 11:00 | Mon 12:00   | Mon 15:00   | an hour around the clock
  4h     | Mon 20:00 | Mon 21:00   | Mon 14:00   | it began after the due time
  4h     | Mon 14:00 | Mon 15:00   | Mon 14:00   | it began at the due time
  4h     | Mon 13:59 | Mon 15:00   | Mon 15:01   | it began before it
  4bh    | Mon 11:00 | Mon 12:00   | Mon 15:00   | an open hour
  4bh    | Mon 11:00 | Tue 10:00   | Tue 13:00   | seven open hours
  4bh    | Mon 13:00 | Mon 16:00   | Mon 17:00   | filled exactly to the closing
  4bh    | Mon 13:00 | Mon 16:01   | Tue 09:01   | a minute more
  4bh    | Mon 12:00 | Mon+1 09:00 | Mon+1 11:00 | the weekend adds nothing
  1bd    | Mon 17:00 | Tue 09:00   | Tue 10:00   | a night is no open time
  1bd    | Mon 11:00 | Mon 13:00   | Tue 12:00   | days first, then the hours of the pause
  eod    | Mon 11:00 | Mon 13:00   | Tue 11:00   | from the end of the day on
  eod    | Mon 17:00 | Tue 11:00   | Mon 17:00   | it began at the due time
"""


@pytest.mark.parametrize("row", [line.split("|") for line in PAUSES.strip().splitlines()[1:]], ids=lambda row: row[-1])
def test_a_pause_moves_the_due_time_by_the_open_time_it_took(row: list[str]) -> None:
    target, paused, resumed, due, _because = (cell.strip() for cell in row)
    facts = case(f"at | event\nMon 10:00 | opened\n{paused} | waiting\n{resumed} | open", policy=policy(one(target)))
    assert when(clock(facts, "resolution 1").due_at) == due


def test_pauses_add_up_one_after_another() -> None:
    facts = case(
        """
      at        | event
      Mon 09:00 | opened
      Mon 10:00 | waiting
      Mon 11:00 | message
      Mon 12:00 | on_hold
      Mon 12:30 | open
      Mon 13:00 | waiting
      Mon 13:30 | on_hold
      Mon 13:45 | open
    """,
        policy=policy(one("4bh", pauses="waiting on_hold")),
    )
    reckoned = clock(facts, "resolution 1")
    assert [
        (when(p.start), when(p.end), p.because.value, p.open_time // timedelta(minutes=1)) for p in reckoned.pauses
    ] == [
        ("Mon 10:00", "Mon 11:00", "waiting", 60),
        ("Mon 12:00", "Mon 12:30", "on_hold", 30),
        ("Mon 13:00", "Mon 13:30", "waiting", 30),
        ("Mon 13:30", "Mon 13:45", "on_hold", 15),  # from one pausing state to another is two pauses
    ]
    assert (when(reckoned.first_due), when(reckoned.due_at)) == ("Mon 13:00", "Mon 15:15")


def test_while_it_is_paused_a_clock_has_no_due_time() -> None:
    facts = case("at | event\nMon 10:00 | opened\nMon 11:00 | waiting", policy=policy(one("4h")))
    reckoned = clock(facts, "resolution 1", now="Fri 17:00")
    assert (reckoned.state, reckoned.due_at, when(reckoned.first_due)) == (ClockState.PAUSED, None, "Mon 14:00")
    assert when(reckoned.paused_since) == "Mon 11:00"
    assert reckoned.breached_at is None


def test_what_was_due_before_it_paused_stays_due_and_late() -> None:
    facts = case("at | event\nMon 10:00 | opened\nMon 15:00 | waiting", policy=policy(one("4h")))
    expect(facts, "clock | state | due | late\nresolution 1 | running | Mon 14:00 | Mon 14:00")
    assert clock(facts, "resolution 1").paused_since is None


def test_only_the_states_a_milestone_names_pause_it() -> None:
    text = policy("""
      kind           | target | pauses
      first_response | 4h     |
      resolution     | 8h     | waiting
      own            | 8h     | on_hold
    """)
    facts = case(
        """
      at        | event   | to
      Mon 10:00 | opened  |
      Mon 10:00 | started | own
      Mon 11:00 | waiting |
      Mon 12:00 | on_hold |
      Mon 14:30 | open    |
    """,
        policy=text,
    )
    expect(facts, "clock | due\nfirst 1 | Mon 14:00\nresolution 1 | Mon 19:00\nown 1 | Mon 20:30")


def test_a_pause_begun_before_the_need_counts_from_its_start() -> None:
    text = policy("kind | target | pauses\nown | 4h | waiting")
    facts = case(
        """
      at        | event   | to
      Mon 09:00 | opened  |
      Mon 10:00 | waiting |
      Mon 11:00 | started | own
      Mon 12:00 | open    |
    """,
        policy=text,
    )
    expect(facts, "clock | start | due\nown 1 | Mon 11:00 | Mon 16:00")
    assert [when(pause.start) for pause in clock(facts, "own 1").pauses] == ["Mon 11:00"]


def test_a_clock_that_ends_while_it_is_paused_ends_its_pause() -> None:
    facts = case("at | event\nMon 10:00 | opened\nMon 11:00 | waiting\nMon 20:00 | resolved", policy=policy(one("4h")))
    reckoned = clock(facts, "resolution 1")
    assert [(when(pause.start), when(pause.end)) for pause in reckoned.pauses] == [("Mon 11:00", "Mon 20:00")]
    assert (reckoned.state, when(reckoned.due_at), reckoned.breached_at) == (ClockState.MET, "Mon 23:00", None)


def test_a_reply_ends_the_pause_of_its_clock_though_the_case_goes_on_waiting() -> None:
    facts = case(
        "at | event\nMon 10:00 | opened\nMon 11:00 | waiting\nMon 12:00 | reply\nMon 18:00 | open",
        policy=policy("kind | target | pauses\nfirst_response | 4h | waiting"),
    )
    for now in ("Mon 12:00", "Mon 19:00"):
        reckoned = clock(facts, "first 1", now=now)
        assert [(when(pause.start), when(pause.end)) for pause in reckoned.pauses] == [("Mon 11:00", "Mon 12:00")]
        assert (reckoned.state, when(reckoned.due_at)) == (ClockState.MET, "Mon 15:00")


def test_states_that_lasted_no_time_pause_nothing() -> None:
    facts = case("at | event\nMon 10:00 | opened\nMon 11:00 | waiting\nMon 11:00 | open", policy=policy(one("4h")))
    assert clock(facts, "resolution 1").pauses == ()


def test_a_pause_outside_the_hours_is_told_and_adds_nothing() -> None:
    facts = case("at | event\nMon 16:00 | opened\nMon 18:00 | waiting\nMon 20:00 | open", policy=policy(one("4bh")))
    reckoned = clock(facts, "resolution 1")
    assert [pause.open_time for pause in reckoned.pauses] == [timedelta()]
    assert when(reckoned.due_at) == "Tue 12:00"


def test_the_time_a_case_was_settled_before_it_was_reopened_is_a_pause() -> None:
    facts = case(
        """
      at        | event
      Mon 09:00 | opened
      Mon 10:00 | resolved
      Mon 12:00 | closed
      Tue 09:00 | message
    """,
        policy=policy(one("4bh", pauses="")),
    )
    reckoned = clock(facts, "resolution 1", now="Tue 10:00")
    assert [(pause.because.value, when(pause.start), when(pause.end)) for pause in reckoned.pauses] == [
        ("resolved", "Mon 10:00", "Mon 12:00"),
        ("closed", "Mon 12:00", "Tue 09:00"),
    ]
    assert (when(reckoned.due_at), reckoned.met_at, reckoned.breached_at) == ("Tue 12:00", None, None)


def test_a_run_that_lies_ahead_is_paused_from_its_start_if_nothing_changes() -> None:
    text = policy("kind | target | pauses\nupdate | 1h | waiting")
    facts = case("at | event\nMon 09:00 | opened\nMon 09:20 | reply\nMon 09:30 | waiting", policy=text)
    ahead = clock(facts, "update 2", now="Mon 09:30")
    assert (ahead.state, when(ahead.paused_since), ahead.due_at) == (ClockState.PAUSED, "Mon 10:00", None)


# Late -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resolved", "late"),
    [("Mon 13:59:59", ""), ("Mon 14:00", ""), ("Mon 14:00:01", "Mon 14:00"), ("Tue 09:00", "Mon 14:00")],
)
def test_met_at_the_due_time_is_in_time(resolved: str, late: str) -> None:
    facts = case(f"at | event\nMon 10:00 | opened\n{resolved} | resolved", policy=policy(one("4h")))
    expect(facts, f"clock | state | late\nresolution 1 | met | {late}")


@pytest.mark.parametrize(("now", "late"), [("Mon 14:00", ""), ("Mon 14:00:01", "Mon 14:00")])
def test_at_the_due_time_itself_nothing_is_late_yet(now: str, late: str) -> None:
    facts = case("at | event\nMon 10:00 | opened", policy=policy(one("4h")))
    expect(facts, f"clock | state | late\nresolution 1 | running | {late}", now=now)


@pytest.mark.parametrize(("cancelled", "late"), [("Mon 14:00", ""), ("Mon 15:00", "Mon 14:00")])
def test_cancelling_a_case_takes_back_no_lateness(cancelled: str, late: str) -> None:
    facts = case(f"at | event\nMon 10:00 | opened\n{cancelled} | cancelled", policy=policy(one("4h")))
    expect(facts, f"clock | state | end | late\nresolution 1 | cancelled | {cancelled} | {late}")


def test_a_late_clock_that_is_met_and_reopened_was_late_all_the_same() -> None:
    facts = case("at | event\nMon 10:00 | opened\nMon 15:00 | resolved\nTue 10:00 | open", policy=policy(one("4h")))
    expect(facts, "clock | state | due | late\nresolution 1 | running | Mon 14:00 | Mon 14:00")
