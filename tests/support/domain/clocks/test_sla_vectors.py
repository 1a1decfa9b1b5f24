"""What other desks' public tests and manuals state (tests/vectors/sla_timelines.json), told as cases and reckoned by ours.

Each product names the same things in its own words; here they become milestones: their *first response* is ours, their
*time to own* a first response that no pause moves, their *resolution* a resolution that waiting pauses, an *internal*
target one that is started when it is attached, and a recurring milestone one of our own, started and met by hand.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.domain.business_time import elapsed
from support.domain.calendar import NOTHING, Calendar
from support.domain.case_events import CaseEvent, CaseState, Channel, ClockState, EventKind, Opener
from support.domain.clocks.explaining import explain
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, CaseStanding, RunClock, Terms
from support.domain.milestones import (
    MilestoneKind,
    MilestoneTerms,
    Offset,
    OffsetUnit,
    PolicyTerms,
    Promised,
    Recurrence,
    Step,
    Trigger,
)
from support.domain.targets import Target, TargetUnit
from tests.support.domain.clocks.cases import case, expect, policy
from tests.support.domain.desks import SHORT, windows

FACTS = json.loads((Path(__file__).parents[3] / "vectors" / "sla_timelines.json").read_text())
SCENARIOS = {scenario["id"]: scenario for scenario in FACTS["scenarios"]}
LATER = timedelta(days=40)
MINUTE = timedelta(minutes=1)
WAITING = frozenset({CaseState.WAITING})
BY_HAND = (Trigger.BY_HAND, Trigger.BY_HAND)
UNITS = {
    "min": (1, TargetUnit.BUSINESS_MINUTES),
    "hours": (60, TargetUnit.BUSINESS_MINUTES),
    "hour": (60, TargetUnit.BUSINESS_MINUTES),
}

# Milestone -> what it is here, and which targets of a scenario's policy it takes, in order of preference.
MILESTONES = {
    "first": (MilestoneKind.FIRST_RESPONSE, (Trigger.OPENED, Trigger.PUBLIC_REPLY), ("first_response_min", "target")),
    "resolution": (MilestoneKind.RESOLUTION, (Trigger.OPENED, Trigger.RESOLVED), ("resolution_min", "target")),
    "internal_first": (MilestoneKind.OWN, (Trigger.BY_HAND, Trigger.PUBLIC_REPLY), ("internal_first_min",)),
    "internal_resolution": (MilestoneKind.OWN, (Trigger.BY_HAND, Trigger.RESOLVED), ("internal_resolution_min",)),
    "milestone": (MilestoneKind.OWN, BY_HAND, ("target_min",)),
}
EVENTS: dict[str, list[tuple[EventKind, str]]] = {
    "created": [(EventKind.OPENED, "normal")],
    "first_response": [(EventKind.PUBLIC_REPLY, "")],
    "pause": [(EventKind.STATE, "waiting")],
    "resume": [(EventKind.STATE, "open")],
    "resolved": [(EventKind.STATE, "resolved")],
    "closed": [(EventKind.STATE, "closed")],
    "criteria_met": [(EventKind.STARTED, "milestone")],
    "completed": [(EventKind.MET, "milestone")],
    "sla_and_ola_attached": [(EventKind.STARTED, "internal_first"), (EventKind.STARTED, "internal_resolution")],
    "policy_changed": [],  # the terms say it
}

# From here on a case has its policy, or another one.
CHANGES = {"sla_and_ola_attached", "policy_changed"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# From their words to ours ---------------------------------------------------------------------------------------------


def hours_of(told: dict[str, Any]) -> Calendar:
    weekly = {
        SHORT.index(day): windows(" ".join("-".join(edges) for edges in edges_of_day))
        for day, edges_of_day in told["weekly"].items()
    }
    return Calendar(zone=told["tz"], weekly=weekly, holidays=frozenset(map(date.fromisoformat, told["holidays"])))


def promised(text: str | int) -> Promised:
    """ "5 business days, end of working day", "4 hours", or minutes; all by the scenario's calendar."""
    if isinstance(text, int):
        return Promised(Target(text, TargetUnit.BUSINESS_MINUTES, around_the_clock=False), "hours")
    amount, what = text.split(" ", 1)
    by_days = {"business days": TargetUnit.BUSINESS_DAYS, "business days, end of working day": TargetUnit.END_OF_DAY}
    per, unit = (1, by_days[what]) if what in by_days else UNITS[what]
    return Promised(Target(int(amount) * per, unit, around_the_clock=False), "hours")


def offset(text: str) -> Offset:
    amount, what = text.split(" ", 1)
    if what == "business days":
        return Offset(int(amount), OffsetUnit.BUSINESS_DAYS)
    return Offset(int(amount) * UNITS[what][0], OffsetUnit.MINUTES)


def policy_of(scenario: Mapping[str, Any], told: Mapping[str, Any]) -> PolicyTerms:
    step = scenario["expected"].get("escalation_offset", "-1 hour")
    milestones, targets = [], {}
    for key, (kind, (starts, stops), names) in MILESTONES.items():
        if stated := [told[name] for name in names if name in told]:
            recurrence = Recurrence(told.get("recurrence", "none"))
            pauses = WAITING if kind is MilestoneKind.RESOLUTION else frozenset()
            milestones.append(
                MilestoneTerms(key, key, kind, starts, stops, pauses, recurrence, steps=(Step(offset(step)),))
            )
            targets[key, "normal", ""] = promised(stated[0])
    return PolicyTerms("theirs", "Theirs", 1, tuple(milestones), targets)


def events_of(scenario: Mapping[str, Any]) -> tuple[CaseEvent, ...]:
    """A hold of so long, which one product only adds up, is here a pause of that length from the opening on."""
    rows: list[tuple[datetime, EventKind, str]] = []
    if scenario["events"][0]["event"] != "created":
        rows.append((at(scenario["events"][0]["at"]), EventKind.OPENED, "normal"))
    for event in scenario["events"]:
        if event["event"] == "total_hold_set":
            hold = timedelta(minutes=event.get("minutes", 0), seconds=event.get("seconds", 0))
            rows += [(at(event["at"]), EventKind.STATE, "waiting"), (at(event["at"]) + hold, EventKind.STATE, "open")]
        else:
            rows += [(at(event["at"]), kind, to) for kind, to in EVENTS[event["event"]]]
    return tuple(CaseEvent(when, number, kind, to) for number, (when, kind, to) in enumerate(rows))


def case_of(scenario: Mapping[str, Any]) -> CaseFacts:
    hours = {"hours": hours_of(scenario["calendar"])}
    told = scenario["policy"]
    events = events_of(scenario)
    ours = policy_of(scenario, told)
    changed = [at(event["at"]) for event in scenario["events"] if event["event"] in CHANGES]
    before = policy_of(scenario, {"target": told["replaces"]}) if "replaces" in told else None
    terms = [Terms(1, events[0].at, before if changed else ours, hours)]
    terms += [Terms(2, when, ours, hours) for when in changed]
    return CaseFacts(events[0].at, Opener.CUSTOMER, Channel.EMAIL, events, tuple(terms))


def standing(scenario: Mapping[str, Any], *, now: datetime | None = None) -> CaseStanding:
    facts = case_of(scenario)
    return standing_of(facts, now=now or facts.events[-1].at)


def clocks(scenario: Mapping[str, Any], **now: datetime) -> dict[str, RunClock]:
    return {f"{clock.milestone.key} {clock.run}": clock for clock in standing(scenario, **now).clocks}


# What they state, answered by ours ------------------------------------------------------------------------------------


def paused(clock: RunClock) -> timedelta:
    return sum((pause.open_time for pause in clock.pauses), NOTHING)


def taken(clock: RunClock) -> timedelta:
    """Open time from the start to the end, without the pauses."""
    assert clock.met_at is not None
    return elapsed(clock.hours, start=clock.started_at, end=clock.met_at) - paused(clock)


def step_of(clock: RunClock) -> datetime:
    return next(alert.at for alert in clock.alerts if alert.step)


def said(scenario: Mapping[str, Any], now: datetime) -> str:
    """The one word their list shows for a ticket, from our state and clocks."""
    stand = standing({**scenario, "events": [each for each in scenario["events"] if at(each["at"]) <= now]}, now=now)
    by_key = {clock.milestone.key: clock for clock in stand.clocks}
    if stand.state is CaseState.WAITING:
        return "Paused"
    if by_key["first"].state is not ClockState.MET:
        return "First Response Due"
    return "Fulfilled" if by_key["resolution"].state is ClockState.MET else "Resolution Due"


def sequence(scenario: Mapping[str, Any]) -> list[str]:
    instants = sorted({at(event["at"]) for event in scenario["events"]})
    return [said(scenario, instant) for instant in instants]


def run_of(clock: RunClock) -> dict[str, str]:
    assert clock.due_at is not None
    return {"start": clock.started_at.isoformat(), "due": clock.due_at.isoformat()}


def answered(scenario: Mapping[str, Any], name: str) -> Any:
    """Our figure for one of theirs, in their form."""
    ours = clocks(scenario)
    resolution, first = ours.get("resolution 1"), ours.get("first 1")
    opened_at = at(scenario["events"][0]["at"])
    answers: dict[str, Any] = {
        "first_response_due": lambda: first.due_at,
        "time_to_own_due": lambda: first.due_at,
        "resolution_due": lambda: resolution.due_at,
        "resolution_due_at_creation": lambda: (
            clocks({**scenario, "events": scenario["events"][:1]}, now=opened_at)["resolution 1"].due_at
        ),
        "resolution_taken_min": lambda: taken(resolution) / MINUTE,
        "paused_business_min": lambda: paused(resolution) / MINUTE,
        "paused_business_sec_resolution": lambda: paused(resolution).total_seconds(),
        "resolution_escalation_at": lambda: step_of(resolution),
        "time_to_own_escalation_at": lambda: step_of(first),
        "escalation_-1h": lambda: step_of(resolution),
        "internal_first_due": lambda: ours["internal_first 1"].due_at,
        "internal_resolution_due": lambda: ours["internal_resolution 1"].due_at,
        "status_sequence": lambda: sequence(scenario),
        "breached": lambda: [key for key, clock in ours.items() if clock.breached_at],
        "start": lambda: ours["milestone 1"].started_at,
        "due": lambda: ours["milestone 1"].due_at,
        "occurrence_1": lambda: run_of(ours["milestone 1"]),
        "occurrence_2": lambda: run_of(ours["milestone 2"]),
    }
    figure = answers[name]()
    return figure.astimezone(UTC).isoformat() if isinstance(figure, datetime) else figure


ASKED = "escalation_offset"  # stands among the figures, and is what the steps of the policy are made of
FIGURES = [(key, name) for key, scenario in SCENARIOS.items() for name in scenario["expected"] if name != ASKED]


@pytest.mark.parametrize(("key", "name"), FIGURES, ids=[f"{key}-{name}" for key, name in FIGURES])
def test_every_figure_they_state_is_ours(key: str, name: str) -> None:
    assert answered(SCENARIOS[key], name) == SCENARIOS[key]["expected"][name]


@pytest.mark.parametrize("key", SCENARIOS)
def test_every_due_time_explains_itself(key: str) -> None:
    for clock in standing(SCENARIOS[key]).clocks:
        explanation = explain(clock)
        assert explanation.due_at == (explanation.pauses[-1].due_at if explanation.pauses else explanation.first_due)
        if explanation.target.unit is TargetUnit.BUSINESS_MINUTES:
            assert explanation.counted_time == explanation.target.amount * MINUTE


# Their rules of pausing, each with made-up instants: hours from nine to five, a target of two business hours ------------

PAUSE_RULES = {
    "ms-pause-1": ("hold not added", "Mon 07:00 | Mon 07:30 | Mon 08:30 | Mon 11:00"),
    "ms-pause-2": ("due extended by hold", "Mon 07:00 | Mon 09:30 | Mon 10:15 | Mon 11:45"),
    "ms-pause-3": ("the outside-hours stretch of hold is not added", "Mon 15:30 | Mon 16:30 | Mon 20:00 | Tue 10:00"),
    "ms-pause-4": (
        "due recalculated by the business part of the hold",
        "Mon 16:00 | Mon 18:00 | Tue 09:30 | Tue 10:30",
    ),
}


@pytest.mark.parametrize("rule", PAUSE_RULES)
def test_their_rules_of_pausing_hold(rule: str) -> None:
    _, (opened, paused_at, resumed, due) = PAUSE_RULES[rule][0], PAUSE_RULES[rule][1].split(" | ")
    facts = case(
        f"at | event\n{opened} | opened\n{paused_at} | waiting\n{resumed} | open",
        policy=policy("kind | target | pauses\nresolution | 2bh | waiting"),
    )
    expect(facts, f"clock | due\nresolution 1 | {due}")


def test_what_does_not_pause_is_their_convention_and_a_policys_choice_with_us() -> None:
    """`convention` in the file: the time to own is not extended by pauses; here a milestone names the states itself."""
    conventions = {scenario.get("convention", "") for scenario in SCENARIOS.values()} - {""}
    assert conventions == {"time-to-own (first response) is not extended by pauses; time-to-resolve is"}
    scenario = SCENARIOS["sla-054"]
    assert clocks(scenario)["first 1"].pauses == ()
    assert len(clocks(scenario)["resolution 1"].pauses) == 1


def test_every_scenario_is_told() -> None:
    assert len(SCENARIOS) == 20
    assert len(FIGURES) == 73
    assert {rule["id"]: rule["expected"] for rule in FACTS["pause_rules"]} == {
        key: expected for key, (expected, _) in PAUSE_RULES.items()
    }
