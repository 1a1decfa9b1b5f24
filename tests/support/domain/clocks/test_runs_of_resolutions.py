"""R4, further: the resolution, milestones of our own, and what becomes of needs without a target."""

import pytest

from tests.support.domain.clocks.cases import case, clocks, expect, policy

RESOLUTION = policy("""
  kind       | target
  resolution | 8h
""")
AGAIN = policy("""
  kind       | target | again
  resolution | 8h     | independent
""")


def own(starts: str, stops: str, again: str = "none") -> str:
    return f"""
      kind | key  | from     | until   | again   | target
      own  | call | {starts} | {stops} | {again} | 4h
    """


# The resolution -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "state", "ended"),
    [
        ("resolved", "met", "Mon 10:00"),
        ("closed", "met", "Mon 10:00"),
        ("resolved closed", "met", "Mon 10:00"),
        ("closed resolved", "met", "Mon 10:00"),
        ("cancelled", "cancelled", "Mon 10:00"),
        ("resolved cancelled", "met", "Mon 10:00"),
        ("waiting resolved", "met", "Mon 11:00"),
        ("resolved open", "running", ""),
        ("resolved open resolved", "met", "Mon 12:00"),
        ("resolved closed waiting on_hold", "running", ""),
        ("resolved open cancelled", "cancelled", "Mon 12:00"),
        ("resolved open cancelled open", "cancelled", "Mon 12:00"),
    ],
)
def test_one_resolution_is_owed_and_goes_on_when_it_was_none(states: str, state: str, ended: str) -> None:
    rows = [f"Mon {10 + number}:00 | {each}" for number, each in enumerate(states.split())]
    facts = case("\n".join(["at | event", "Mon 09:00 | opened", *rows]), policy=RESOLUTION)
    expect(facts, f"clock | state | start | end\nresolution 1 | {state} | Mon 09:00 | {ended}")


def test_a_resolution_that_counts_anew_keeps_the_one_that_was_met() -> None:
    facts = case(
        """
      at        | event
      Mon 09:00 | opened
      Mon 10:00 | resolved
      Mon 11:00 | closed
      Mon 12:00 | message
      Mon 13:00 | message
      Mon 14:00 | closed
    """,
        policy=AGAIN,
    )
    expect(
        facts,
        """
      clock        | state | start     | due       | end
      resolution 1 | met   | Mon 09:00 | Mon 17:00 | Mon 10:00
      resolution 2 | met   | Mon 12:00 | Mon 20:00 | Mon 14:00
    """,
    )


def test_a_resolution_may_begin_with_the_assignment() -> None:
    text = policy("kind | from | target\nresolution | assigned | 8h")
    facts = case(
        """
      at        | event    | to
      Mon 09:00 | opened   |
      Mon 09:10 | assigned | /
      Mon 09:30 | assigned | crew/
      Mon 09:40 | assigned | others/
    """,
        policy=text,
    )
    expect(facts, "clock | start\nresolution 1 | Mon 09:30")


# Milestones of our own ------------------------------------------------------------------------------------------------

EVENTFUL = """
  at        | event    | to
  Mon 09:00 | opened   |
  Mon 09:10 | started  | call
  Mon 09:20 | assigned | crew/
  Mon 09:30 | reply    |
  Mon 09:40 | message  |
  Mon 09:50 | met      | other
  Mon 10:00 | met      | call
  Mon 10:10 | started  | call
  Mon 10:20 | assigned | others/
  Mon 10:30 | reply    |
  Mon 10:40 | message  |
  Mon 10:50 | resolved |
  Mon 11:00 | assigned | crew/
  Mon 11:10 | reply    |
  Mon 11:20 | closed   |
  Mon 11:30 | open     |
"""


@pytest.mark.parametrize(
    ("starts", "stops", "once", "anew"),
    [
        ("by_hand", "by_hand", "09:10-10:00", "09:10-10:00 10:10x10:50"),
        ("assigned", "public_reply", "09:20-09:30", "09:20-09:30 10:20-10:30"),
        ("assigned", "by_hand", "09:20-10:00", "09:20-10:00 10:20x10:50"),
        ("public_reply", "customer_message", "09:30-09:40", "09:30-09:40 10:30-10:40"),
        ("customer_message", "resolved", "09:40-10:50", "09:40-10:50"),
        ("opened", "assigned", "09:00-09:20", "09:00-09:20"),
        ("resolved", "public_reply", "10:50-11:10", "10:50-11:10"),
        ("resolved", "by_hand", "10:50x11:20", "10:50x11:20"),
        ("customer_message", "customer_message", "09:40-10:40", "09:40-10:40"),  # what ends it doesn't begin it
    ],
)
def test_a_milestone_of_our_own_runs_from_trigger_to_trigger(starts: str, stops: str, once: str, anew: str) -> None:
    for again, expected in (("none", once), ("independent", anew)):
        facts = case(EVENTFUL, policy=policy(own(starts, stops, again)))
        ends = {"met": "-", "cancelled": "x", "running": "…"}
        runs = [f"{run['start'][4:]}{ends[run['state']]}{run['end'][4:]}" for run in clocks(facts)]
        assert (again, " ".join(runs)) == (again, expected)


def test_by_hand_a_milestone_may_start_on_a_resolved_case() -> None:
    rows = "at | event | to\nMon 09:00 | opened |\nMon 10:00 | resolved |\nMon 11:00 | started | call\n"
    facts = case(rows, policy=policy(own("by_hand", "by_hand")))
    expect(facts, "clock | state | start\ncall 1 | running | Mon 11:00")


def test_a_milestone_of_our_own_can_follow_in_sequence() -> None:
    rows = "at | event | to\nMon 09:00 | opened |\nMon 10:00 | started | call\nMon 11:00 | met | call"
    facts = case(rows, policy=policy(own("by_hand", "by_hand", "sequential")))
    expect(facts, "clock | start | end\ncall 1 | Mon 10:00 | Mon 11:00\ncall 2 | Mon 14:00 |")


def test_an_update_without_a_sequence_is_a_milestone_like_our_own() -> None:
    text = policy("kind | again | from | target\nupdate | independent | customer_message | 1h")
    facts = case(EVENTFUL, policy=text)
    expect(facts, "clock | start | end\nupdate 1 | Mon 09:40 | Mon 10:30\nupdate 2 | Mon 10:40 | Mon 10:50")


# Without a target -----------------------------------------------------------------------------------------------------


def test_a_need_without_any_target_makes_no_clock_and_keeps_its_number() -> None:
    urgent_only = policy("kind | target\nnext_response | urgent 1h")
    facts = case(
        """
      at        | event    | to
      Mon 09:00 | opened   | low
      Mon 09:20 | reply    |
      Mon 10:00 | message  |
      Mon 10:30 | reply    |
      Mon 10:40 | severity | urgent
      Mon 11:00 | message  |
    """,
        policy=urgent_only,
    )
    expect(facts, "clock | start\nnext 2 | Mon 11:00")


def test_without_a_policy_there_are_no_clocks() -> None:
    assert clocks(case("at | event\nMon 09:00 | opened\nMon 09:20 | reply", policy=None)) == []


def test_clocks_come_in_the_order_of_the_policy() -> None:
    text = policy("""
      kind           | target
      resolution     | 8h
      first_response | 1h
      update         | 2h
    """)
    facts = case("at | event\nMon 09:00 | opened", policy=text)
    assert [each["clock"] for each in clocks(facts)] == ["resolution 1", "first 1", "update 1"]
