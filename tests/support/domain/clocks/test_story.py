"""R1 and R2: in which order events are read, and what they make of a case."""

import pytest

from support.domain.case_events import CaseEvent, CaseState, EventKind, Opener
from support.domain.clocks.story import InvalidStory, state_after, story_of
from support.domain.clocks.values import CaseFacts
from tests.support.domain.clocks.cases import at, case, dicts, stands, when

STATES = """
  state     | event            | to       | then
  open      | state            | waiting  | waiting
  open      | state            | resolved | resolved
  open      | customer_message |          | open
  open      | public_reply     |          | open
  open      | automatic_reply  |          | open
  waiting   | customer_message |          | open
  waiting   | public_reply     |          | waiting
  waiting   | internal_note    |          | waiting
  waiting   | automatic_reply  |          | waiting
  on_hold   | customer_message |          | on_hold
  on_hold   | state            | open     | open
  resolved  | customer_message |          | open
  resolved  | public_reply     |          | resolved
  resolved  | state            | closed   | closed
  closed    | customer_message |          | open
  closed    | assigned         | crew/    | closed
  closed    | state            | waiting  | waiting
  closed    | state            | cancelled | cancelled
  cancelled | state            | open     | cancelled
  cancelled | customer_message |          | cancelled
"""


@pytest.mark.parametrize("row", dicts(STATES), ids=lambda row: f"{row['state']}-{row['event']}-{row['to']}")
def test_what_an_event_makes_of_a_state(row: dict[str, str]) -> None:
    event = CaseEvent(at("Mon 09:00"), 1, EventKind(row["event"]), row["to"])
    assert state_after(CaseState(row["state"]), event) is CaseState(row["then"])


def test_events_are_read_by_when_they_happened_however_late_they_were_heard_of() -> None:
    facts = case("""
      at        | event    | to
      Mon 09:00 | opened   | high
      Mon 12:00 | severity | low
      Mon 10:00 | severity | urgent
      Mon 11:00 | waiting  |
    """)
    assert stands(facts).severity == "low"
    assert stands(facts).state is CaseState.WAITING


def test_of_two_events_at_one_instant_the_one_heard_of_later_speaks() -> None:
    facts = case("""
      at        | event    | to
      Mon 09:00 | opened   | high
      Mon 10:00 | severity | urgent
      Mon 10:00 | severity | low
      Mon 10:00 | waiting  |
      Mon 10:00 | message  |
    """)
    assert (stands(facts).severity, stands(facts).state) == ("low", CaseState.OPEN)


def test_what_lies_after_now_makes_its_own_instant_the_present() -> None:
    facts = case("""
      at        | event  | to
      Mon 09:00 | opened |
      Mon 11:00 | closed |
    """)
    story = story_of(facts.events, opener=Opener.CUSTOMER, now=at("Mon 10:00"))
    assert (when(story.now), story.state) == ("Mon 11:00", CaseState.CLOSED)
    assert when(story_of(facts.events, opener=Opener.CUSTOMER, now=at("Tue 10:00")).now) == "Tue 10:00"


def test_a_case_passes_from_state_to_state_without_a_gap() -> None:
    facts = case("""
      at        | event   | to
      Mon 09:00 | opened  |
      Mon 10:00 | waiting |
      Mon 11:00 | waiting |
      Mon 12:00 | message |
      Mon 13:00 | closed  |
    """)
    story = story_of(facts.events, opener=Opener.CUSTOMER, now=at("Mon 14:00"))
    assert [(when(start), when(end), state.value) for start, end, state in story.stretches] == [
        ("Mon 09:00", "Mon 10:00", "open"),
        ("Mon 10:00", "Mon 12:00", "waiting"),  # told twice, it began once
        ("Mon 12:00", "Mon 13:00", "open"),
        ("Mon 13:00", "", "closed"),
    ]


@pytest.mark.parametrize(
    ("assigned", "team", "assignee"),
    [("crew/ann@desk.example", "crew", "ann@desk.example"), ("crew", "crew", ""), ("crew/", "crew", ""),
     ("/ann@desk.example", "", "ann@desk.example"), ("", "", ""), ("/", "", "")],
)  # fmt: skip
def test_the_last_assignment_says_in_whose_hands_it_is(assigned: str, team: str, assignee: str) -> None:
    facts = case(f"""
      at        | event    | to
      Mon 09:00 | opened   |
      Mon 09:30 | assigned | others/bob@desk.example
      Mon 10:00 | assigned | {assigned}
    """)
    assert (stands(facts).team, stands(facts).assignee) == (team, assignee)


@pytest.mark.parametrize(
    ("states", "ended"),
    [
        ("resolved", ""),
        ("closed", "Mon 10:00"),
        ("cancelled", "Mon 10:00"),
        ("resolved closed", "Mon 11:00"),
        ("closed closed", "Mon 10:00"),
        ("closed open", ""),
        ("closed open closed", "Mon 12:00"),
        ("closed cancelled", "Mon 11:00"),
        ("cancelled open", "Mon 10:00"),
        ("closed resolved", ""),
    ],
)
def test_when_a_case_ended(states: str, ended: str) -> None:
    rows = [f"Mon {10 + number}:00 | {state} | " for number, state in enumerate(states.split())]
    facts = case("\n".join(["at | event | to", "Mon 09:00 | opened | ", *rows]))
    assert when(stands(facts).ended_at) == ended


def test_nothing_happens_any_more_to_a_cancelled_case() -> None:
    facts = case("""
      at        | event     | to
      Mon 09:00 | opened    | high
      Mon 10:00 | assigned  | crew/ann
      Mon 11:00 | cancelled |
      Mon 12:00 | severity  | low
      Mon 12:00 | assigned  | others/bob
      Mon 12:00 | message   |
      Mon 12:00 | open      |
    """)
    stand = stands(facts)
    assert (stand.state, stand.severity, stand.team, stand.assignee) == (CaseState.CANCELLED, "high", "crew", "ann")


def test_a_first_contact_is_a_public_reply_or_that_we_wrote_first() -> None:
    facts = case("""
      at        | event      | to
      Mon 09:00 | opened     |
      Mon 10:00 | auto reply |
      Mon 11:00 | note       |
      Mon 12:00 | reply      |
      Mon 13:00 | message    |
    """)

    def contacted(opener: Opener) -> list[bool]:
        story = story_of(facts.events, opener=opener, now=at("Mon 14:00"))
        return [moment.contacted for moment in story.moments]

    assert contacted(Opener.CUSTOMER) == [False, False, False, False, True]
    assert contacted(Opener.AGENT) == [True, True, True, True, True]


def test_a_story_begins_with_the_opening() -> None:
    facts: CaseFacts = case("""
      at        | event | to
      Mon 09:00 | reply |
    """)
    with pytest.raises(InvalidStory, match="begins with its opening"):
        stands(facts)
    with pytest.raises(InvalidStory):
        story_of((), opener=Opener.CUSTOMER, now=at("Mon 09:00"))
