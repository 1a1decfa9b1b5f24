"""Where a subscription stands, with its countdown: the words of badges and of every page about it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.queries.instants import say_instant
from entitlements.admin.wording import say_end, say_left, say_start
from entitlements.domain.lifecycle import State
from entitlements.queries.holdings import HeldSubscription

PHASES = {State.TRIAL, State.GRACE, State.PAUSED, State.WINDING_DOWN}


def say_state(held: HeldSubscription, state: State, *, at: datetime, zone: str) -> str:
    """ "In grace, 5 days left, through 26 November 2026 (Amsterdam)"."""
    match state:
        case State.TO_COME:
            return f"To come, begins {say_start(held, zone=zone)}"
        case State.TRIAL_OVER:
            return f"Trial over, now {held.after_trial}" if held.after_trial else "Trial over, nobody converted it"
        case State.PAST_DUE:
            return "Past due, gives nothing until payment comes"
    end = held.phase_ends_at if state in PHASES else held.window.end
    if end is None:
        return state.words
    if state is State.ENDED:
        return f"Ended {say_instant(end, zone=zone)}"
    return f"{state.words}, {say_left(end, at=at)}, {say_end(end, zone=zone)}"


def say_ahead(instant: datetime, *, at: datetime, zone: str) -> str:
    """ "today", "tomorrow" or "in 18 days", by the customer's calendar."""
    first, last = (one.astimezone(ZoneInfo(zone)).date() for one in (at, instant))
    days = (last - first).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
