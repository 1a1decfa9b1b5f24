import pytest

from support.domain.milestone_checks import faulty_milestones
from support.domain.milestones import CaseState, MilestoneTerms, Recurrence, Trigger
from support.domain.policy_draft import PolicyDraft
from tests.support.domain.policies import errors, milestone, policy


def told(*milestones: MilestoneTerms) -> list[tuple[str, str]]:
    return [(fault.where, fault.message) for fault in faulty_milestones(PolicyDraft(milestones=milestones))]


@pytest.mark.parametrize("kind", ["first", "next", "update", "resolution", "own"])
def test_a_milestone_as_usual_is_sound(kind: str) -> None:
    assert told(milestone(kind)) == []


STARTS = {
    "first": {"starts": Trigger.ASSIGNED},
    "next": {"stops": Trigger.RESOLVED},
    "resolution": {"stops": Trigger.PUBLIC_REPLY},
}


@pytest.mark.parametrize("kind", STARTS)
def test_a_kind_with_rules_of_its_own_keeps_its_triggers(kind: str) -> None:
    ((where, message),) = told(milestone(kind, **STARTS[kind]))
    assert where.endswith(("/starts", "/stops"))
    assert "choose" in message


@pytest.mark.parametrize("trigger", [one for one in Trigger if one is not Trigger.BY_HAND])
def test_what_starts_and_stops_alike_would_be_met_at_once(trigger: Trigger) -> None:
    ((where, message),) = told(milestone("own", starts=trigger, stops=trigger))
    assert where == "milestones/own/stops"
    assert "would be met at once" in message


def test_by_hand_is_started_and_met_by_two_deeds() -> None:
    assert told(milestone("own", starts=Trigger.BY_HAND, stops=Trigger.BY_HAND)) == []


def test_nothing_is_met_by_opening_and_nothing_begins_with_the_end() -> None:
    assert "could never be met" in told(milestone("own", starts=Trigger.ASSIGNED, stops=Trigger.OPENED))[0][1]
    assert "over as it starts" in told(milestone("own", starts=Trigger.RESOLVED, stops=Trigger.BY_HAND))[0][1]


@pytest.mark.parametrize("state", [CaseState.RESOLVED, CaseState.CLOSED, CaseState.CANCELLED])
def test_nothing_pauses_in_a_state_in_which_it_is_over(state: CaseState) -> None:
    ((where, message),) = told(milestone("resolution", pauses_while=frozenset({CaseState.WAITING, state})))
    assert where == "milestones/resolution/pauses_while"
    assert f"once the case is {state.value}" in message


def test_a_milestone_that_pauses_always_never_runs() -> None:
    always = frozenset({CaseState.OPEN, CaseState.WAITING, CaseState.ON_HOLD})
    assert "never run" in told(milestone("update", pauses_while=always))[0][1]


RECURRENCES = [
    ("first", Recurrence.INDEPENDENT, {}, "happens once"),
    ("first", Recurrence.SEQUENTIAL, {}, "happens once"),
    ("next", Recurrence.SEQUENTIAL, {}, "can't follow itself"),
    ("next", Recurrence.INDEPENDENT, {}, ""),
    ("resolution", Recurrence.SEQUENTIAL, {}, "can't follow itself"),
    ("resolution", Recurrence.INDEPENDENT, {}, ""),
    ("update", Recurrence.SEQUENTIAL, {}, ""),
    ("update", Recurrence.INDEPENDENT, {}, "opened only once"),
    ("update", Recurrence.INDEPENDENT, {"starts": Trigger.ASSIGNED}, ""),
    ("own", Recurrence.INDEPENDENT, {}, ""),
    ("own", Recurrence.INDEPENDENT, {"starts": Trigger.OPENED}, "opened only once"),
    ("own", Recurrence.SEQUENTIAL, {"stops": Trigger.RESOLVED}, "owes nothing more"),
]


@pytest.mark.parametrize(("kind", "recurrence", "terms", "why"), RECURRENCES)
def test_a_recurrence_that_cannot_recur_is_refused(
    kind: str, recurrence: Recurrence, terms: dict[str, Trigger], why: str
) -> None:
    found = told(milestone(kind, recurrence=recurrence, **terms))
    assert why in found[0][1] if why else found == []


def test_keys_and_names_stand_once_and_a_kind_too() -> None:
    own = milestone("own", key="call", name="Call back")
    assert "is there twice" in told(own, milestone("own", key="call", name="Other"))[0][1]
    assert len(told(own, milestone("own", key="visit", name="call back "))) == 2
    two = told(milestone("first"), milestone("first", key="again", name="Again"))
    assert {where for where, _ in two} == {"milestones/first_response", "milestones/again"}
    assert told(own, milestone("own", key="visit", name="Visit")) == []


@pytest.mark.parametrize(("key", "name"), [("", "Call"), ("Call back", "Call"), ("call", " "), ("call", "x" * 121)])
def test_a_milestone_has_a_key_and_a_name(key: str, name: str) -> None:
    assert len(told(milestone("own", key=key, name=name))) == 1


def test_the_whole_policy_tells_of_its_milestones_too() -> None:
    draft = policy("head\n first | urgent | | 1 h |", milestone("first", recurrence=Recurrence.SEQUENTIAL))
    assert [fault.where for fault in errors(draft)] == ["milestones/first_response/recurrence"]
