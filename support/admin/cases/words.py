"""Cases, their clocks and what happened to them, in the words of the people who read these screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from support.domain.case_events import CaseState, EventKind, Health
from support.domain.milestones import MilestoneKind
from support.queries.instants import place, say_day, say_instant

DAY, HOUR, MINUTE = 86_400, 3_600, 60

STATE_COLOURS = {
    CaseState.OPEN: "blue",
    CaseState.WAITING: "amber",
    CaseState.ON_HOLD: "amber",
    CaseState.RESOLVED: "green",
    CaseState.CLOSED: "grey",
    CaseState.CANCELLED: "grey",
}
VARIANTS = {"blue": "info", "amber": "warning", "green": "success", "red": "danger", "grey": "default"}
STATE_VARIANTS = {state.words: VARIANTS[colour] for state, colour in STATE_COLOURS.items()}
SET_TO = {
    CaseState.OPEN: "It is open again",
    CaseState.WAITING: "We wait for the customer",
    CaseState.ON_HOLD: "It is put on hold",
    CaseState.RESOLVED: "It is resolved",
    CaseState.CLOSED: "It is closed",
    CaseState.CANCELLED: "It is cancelled",
}
EVENTS = {
    EventKind.CUSTOMER_MESSAGE: "The customer wrote",
    EventKind.PUBLIC_REPLY: "We answered the customer",
    EventKind.AUTOMATIC_REPLY: "An automatic reply went out",
    EventKind.INTERNAL_NOTE: "A note for us",
}
HEALTH_COLOURS = {Health.GOOD: "green", Health.AT_RISK: "amber", Health.CRITICAL: "red"}
KIND_WORDS = {
    MilestoneKind.FIRST_RESPONSE: "First response",
    MilestoneKind.NEXT_RESPONSE: "Next response",
    MilestoneKind.UPDATE: "Update",
    MilestoneKind.RESOLUTION: "Resolution",
    MilestoneKind.OWN: "Own",
}


@dataclass(frozen=True, slots=True)
class Named:
    """What events call by key, by the name people know it by."""

    severities: Mapping[str, str]
    teams: Mapping[str, str]
    milestones: Mapping[str, str]


def state_badge(state: str) -> tuple[str, str]:
    known = CaseState(state)
    return known.words, STATE_COLOURS[known]


def say_event(kind: str, to: str, named: Named) -> str:
    """What happened, as a colleague would tell it."""
    match EventKind(kind):
        case EventKind.OPENED:
            return f"The case was opened as {named.severities.get(to, to)}"
        case EventKind.STATE:
            return SET_TO[CaseState(to)]
        case EventKind.SEVERITY:
            return f"Its severity became {named.severities.get(to, to)}"
        case EventKind.ASSIGNED:
            return f"It was given to {say_assigned(to, named.teams)}"
        case EventKind.STARTED:
            return f"“{named.milestones.get(to, to)}” was started by hand"
        case EventKind.MET:
            return f"“{named.milestones.get(to, to)}” was met by hand"
        case other:
            return EVENTS[other]


def say_assigned(to: str, teams: Mapping[str, str]) -> str:
    """ "second_line/ana@desk.example" → "Second line, ana@desk.example"."""
    team, _, assignee = to.partition("/")
    return ", ".join(part for part in (teams.get(team, team), assignee) if part) or "nobody"


def say_length(length: timedelta) -> str:
    """ "3 d 4 h", "1 h 12 min", "12 min"; static/support/cases.js says the same."""
    seconds = int(abs(length.total_seconds()))
    if seconds >= DAY:
        return _two(seconds // DAY, "d", seconds % DAY // HOUR, "h")
    if seconds >= HOUR:
        return _two(seconds // HOUR, "h", seconds % HOUR // MINUTE, "min")
    return f"{seconds // MINUTE} min" if seconds >= MINUTE else "less than a minute"


def say_open_time(length: timedelta) -> str:
    """Time that counts on a business clock, in hours: a day of it would be mistaken for a day."""
    minutes = max(0, int(length.total_seconds())) // MINUTE
    if minutes < 60:
        return f"{minutes} min" if minutes else "less than a minute"
    return _two(minutes // 60, "h", minutes % 60, "min")


def _two(much: int, unit: str, rest: int, smaller: str) -> str:
    return f"{much} {unit} {rest} {smaller}" if rest else f"{much} {unit}"


def say_remaining(due_at: datetime, *, at: datetime) -> str:
    """ "due in 1 h 12 min", "late for 5 min"; exactly at its due time nothing is late yet."""
    return f"late for {say_length(at - due_at)}" if due_at < at else f"due in {say_length(due_at - at)}"


def say_in_both(instant: datetime, *, now: datetime, reader: str, customer: str) -> str:
    """In the reader's zone, and in the customer's where the two show another clock: "today 18:00 (Amsterdam), 12:00 (New York)"."""
    said = say_instant(instant, now=now, zone=reader)
    here, there = (instant.astimezone(ZoneInfo(zone)) for zone in (reader, customer))
    if here.replace(tzinfo=None) == there.replace(tzinfo=None):
        return said
    day = (
        ""
        if here.date() == there.date()
        else f"{say_day(there.date(), today=now.astimezone(ZoneInfo(customer)).date())} "
    )
    return f"{said}, {day}{there:%H:%M} ({place(customer)})"
