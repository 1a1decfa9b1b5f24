"""The shortest cases in which the clocks and their oracle once disagreed."""

from tests.support.domain.clocks.cases import case, expect, one, policy

# A business day may be due at an opening, since one begun outside hours keeps the wall clock of the next opening. Then
# a pause can begin before the due time and yet have taken no open time by it.
DUE_AT_AN_OPENING = policy(one("1bd", pauses="waiting on_hold"))


def test_nothing_falls_due_within_a_pause_that_began_before_the_due_time() -> None:
    facts = case(
        """
        at          | event
        Sat 18:00   | opened
        Tue+1 07:00 | waiting
        Tue+1 22:00 | open
        """,
        policy=DUE_AT_AN_OPENING,
    )
    expect(facts, "due | late\nWed+1 09:00 |", now="Tue+1 23:00")


def test_pauses_that_touch_are_one() -> None:
    events = """
        at          | event
        Sat 18:00   | opened
        Tue+1 07:00 | waiting
        Tue+1 11:00 | on_hold
    """
    facts = case(events, policy=DUE_AT_AN_OPENING)
    expect(facts, "state | due | late\npaused | |", now="Tue+1 12:00")
    facts = case(events.rstrip() + "\n        Tue+1 15:00 | open", policy=DUE_AT_AN_OPENING)
    expect(facts, "state | due | late\nrunning | Tue+1 15:00 |", now="Tue+1 15:00")
