"""R3 and R4: from when to when each milestone is owed. Targets are around the clock here, so only needs are at stake."""

import pytest

from support.domain.case_events import Opener
from tests.support.domain.clocks.cases import case, clocks, expect, policy

FIRST = policy("""
  kind           | target
  first_response | 1h
""")
NEXT = policy("""
  kind          | target
  next_response | 1h
""")
UPDATE = policy("""
  kind   | target
  update | 1h
""")


# The first response ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        ("reply", "Mon 09:20"),
        ("resolved", "Mon 09:20"),
        ("closed", "Mon 09:20"),
        ("note", ""),
        ("auto reply", ""),
        ("message", ""),
        ("waiting", ""),
        ("assigned", ""),
        ("met", ""),
    ],
)
def test_a_first_response_is_given_publicly_or_by_settling_the_case(answer: str, ended: str) -> None:
    facts = case(f"at | event\nMon 09:00 | opened\nMon 09:20 | {answer}", policy=FIRST)
    expect(facts, f"clock | start | end\nfirst 1 | Mon 09:00 | {ended}")


def test_a_first_response_is_owed_once_whatever_follows() -> None:
    facts = case(
        """
      at        | event
      Mon 09:00 | opened
      Mon 09:20 | reply
      Mon 10:00 | message
      Mon 11:00 | resolved
      Mon 12:00 | message
    """,
        policy=FIRST,
    )
    expect(facts, "clock | state | end\nfirst 1 | met | Mon 09:20")


def test_nobody_is_owed_a_first_response_on_a_case_we_opened_ourselves() -> None:
    facts = case("at | event\nMon 09:00 | opened\nMon 10:00 | message", policy=FIRST, opener=Opener.AGENT)
    assert clocks(facts) == []


def test_a_cancelled_case_owes_no_first_response_any_more() -> None:
    facts = case("at | event\nMon 09:00 | opened\nMon 09:20 | cancelled\nMon 09:30 | reply", policy=FIRST)
    expect(facts, "clock | state | end | late\nfirst 1 | cancelled | Mon 09:20 |")


# The next response ----------------------------------------------------------------------------------------------------


def test_a_next_response_counts_from_the_oldest_unanswered_message() -> None:
    facts = case(
        """
      at        | event
      Mon 09:00 | opened
      Mon 09:20 | reply
      Mon 10:00 | message
      Mon 10:30 | message
      Mon 10:40 | note
      Mon 10:45 | auto reply
      Mon 10:50 | reply
      Mon 11:00 | reply
      Mon 12:00 | message
    """,
        policy=NEXT,
    )
    expect(
        facts,
        """
      clock  | state   | start     | due       | end
      next 1 | met     | Mon 10:00 | Mon 11:00 | Mon 10:50
      next 2 | running | Mon 12:00 | Mon 13:00 |
    """,
        now="Mon 12:30",
    )


def test_before_a_first_contact_there_is_no_next_response() -> None:
    facts = case("at | event\nMon 09:00 | opened\nMon 10:00 | message\nMon 11:00 | auto reply", policy=NEXT)
    assert clocks(facts) == []


def test_on_a_case_we_opened_the_first_message_is_owed_a_response() -> None:
    facts = case("at | event\nMon 09:00 | opened\nMon 10:00 | message", policy=NEXT, opener=Opener.AGENT)
    expect(facts, "clock | start\nnext 1 | Mon 10:00")


@pytest.mark.parametrize("settled", ["resolved", "closed"])
def test_settling_the_case_answers_the_customer(settled: str) -> None:
    facts = case(
        f"""
      at        | event
      Mon 09:00 | opened
      Mon 09:20 | reply
      Mon 10:00 | message
      Mon 10:30 | {settled}
      Mon 12:00 | message
      Mon 12:30 | cancelled
      Mon 13:00 | message
    """,
        policy=NEXT,
    )
    expect(
        facts,
        """
      clock  | state     | start     | end
      next 1 | met       | Mon 10:00 | Mon 10:30
      next 2 | cancelled | Mon 12:00 | Mon 12:30
    """,
    )


def test_a_reply_heard_of_before_the_message_of_the_same_instant_does_not_answer_it() -> None:
    rows = ["Mon 10:00 | reply", "Mon 10:00 | message"]
    opened = ["at | event", "Mon 09:00 | opened", "Mon 09:20 | reply"]
    expect(case("\n".join([*opened, *rows]), policy=NEXT), "clock | state\nnext 1 | running")
    expect(case("\n".join([*opened, *rows[::-1]]), policy=NEXT), "clock | state | end\nnext 1 | met | Mon 10:00")


# Updates, in sequence -------------------------------------------------------------------------------------------------


def test_the_next_update_follows_from_the_due_time_or_from_the_late_answer() -> None:
    facts = case(
        """
      at        | event
      Mon 09:00 | opened
      Mon 09:20 | reply
      Mon 10:40 | reply
      Mon 11:30 | reply
    """,
        policy=UPDATE,
    )
    expect(
        facts,
        """
      clock    | state   | start     | due       | end       | late
      update 1 | met     | Mon 09:00 | Mon 10:00 | Mon 09:20 |
      update 2 | met     | Mon 10:00 | Mon 11:00 | Mon 10:40 |
      update 3 | met     | Mon 11:00 | Mon 12:00 | Mon 11:30 |
      update 4 | running | Mon 12:00 | Mon 13:00 |           | Mon 13:00
    """,
    )


def test_after_a_late_update_the_next_counts_from_it() -> None:
    facts = case("at | event\nMon 09:00 | opened\nMon 10:20 | reply", policy=UPDATE)
    expect(
        facts,
        """
      clock    | start     | due       | end       | late
      update 1 | Mon 09:00 | Mon 10:00 | Mon 10:20 | Mon 10:00
      update 2 | Mon 10:20 | Mon 11:20 |           |
    """,
        now="Mon 11:00",
    )


@pytest.mark.parametrize(
    ("reply", "runs"),
    [
        ("Mon 09:59", ["Mon 09:20", ""]),  # before the next run has begun
        ("Mon 10:00", ["Mon 09:20", "Mon 10:00", ""]),  # at its very beginning
        ("Mon 10:01", ["Mon 09:20", "Mon 10:01", ""]),
    ],
)
def test_a_reply_before_a_run_has_begun_does_not_meet_it(reply: str, runs: list[str]) -> None:
    facts = case(f"at | event\nMon 09:00 | opened\nMon 09:20 | reply\n{reply} | reply", policy=UPDATE)
    assert [each["end"] for each in clocks(facts)] == runs


def test_a_run_that_lies_ahead_is_known_already() -> None:
    facts = case("at | event\nMon 09:00 | opened\nMon 09:20 | reply", policy=UPDATE)
    ahead = "clock | state | start | due\nupdate 1 | met | Mon 09:00 | Mon 10:00\nupdate 2 | running | Mon 10:00 | Mon 11:00"
    expect(facts, ahead, now="Mon 09:20")
    expect(facts, ahead, now="Mon 10:30")


@pytest.mark.parametrize("settled", ["resolved", "closed", "cancelled"])
def test_settling_the_case_cancels_the_update_that_runs_and_drops_the_one_ahead(settled: str) -> None:
    running = case(f"at | event\nMon 09:00 | opened\nMon 09:20 | {settled}", policy=UPDATE)
    expect(running, "clock | state | end\nupdate 1 | cancelled | Mon 09:20")
    ahead = case(f"at | event\nMon 09:00 | opened\nMon 09:20 | reply\nMon 09:40 | {settled}", policy=UPDATE)
    expect(ahead, "clock | state | end\nupdate 1 | met | Mon 09:20")


@pytest.mark.parametrize("back", ["open", "waiting", "on_hold", "message"])
def test_reopening_begins_the_updates_anew(back: str) -> None:
    facts = case(
        f"""
      at        | event
      Mon 09:00 | opened
      Mon 09:20 | reply
      Mon 09:40 | resolved
      Mon 12:00 | {back}
    """,
        policy=UPDATE,
    )
    expect(facts, "clock | start | end\nupdate 1 | Mon 09:00 | Mon 09:20\nupdate 2 | Mon 12:00 |")


def test_from_resolved_to_closed_nothing_is_reopened() -> None:
    facts = case("at | event\nMon 09:00 | opened\nMon 09:40 | resolved\nMon 10:00 | closed", policy=UPDATE)
    expect(facts, "clock | end\nupdate 1 | Mon 09:40")


def test_updates_that_never_began_do_not_begin_with_a_reopening() -> None:
    text = "kind | from | target\nupdate | assigned | 1h"
    facts = case("at | event\nMon 09:00 | opened\nMon 09:40 | resolved\nMon 10:00 | open", policy=policy(text))
    assert clocks(facts) == []


def test_only_the_first_start_begins_the_updates() -> None:
    text = policy("kind | from | target\nupdate | assigned | 4h")
    facts = case(
        """
      at        | event    | to
      Mon 09:00 | opened   |
      Mon 10:00 | assigned | crew/
      Mon 11:00 | assigned | others/
    """,
        policy=text,
    )
    expect(facts, "clock | start\nupdate 1 | Mon 10:00")


def test_without_a_target_the_next_update_follows_from_when_it_was_met() -> None:
    urgent_only = policy("kind | target\nupdate | urgent 1h")
    facts = case(
        """
      at        | event    | to
      Mon 09:00 | opened   | low
      Mon 09:20 | reply    |
      Mon 09:30 | severity | urgent
    """,
        policy=urgent_only,
    )
    expect(facts, "clock | start | due\nupdate 2 | Mon 09:20 | Mon 10:20")
