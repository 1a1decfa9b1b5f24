"""Time for a person who tries it out: a customer's dates come nearer, while the clock stays that of everybody else.

Whoever listens lives by the real clock. Were time moved on here, all that happens would lie in its future; so the past of
one customer is moved back instead, with all that was planned, and what is due by then is done now.
"""

from typing import Any

from tests.fakes.stripe import agenda, lifecycle
from tests.fakes.stripe.events import updating
from tests.fakes.stripe.state import Row, State

ENDS = ("_at", "_start", "_end", "_date", "_anchor", "_attempt")
ALSO = {"created", "start", "end"}
SHARED = {"price", "plan"}  # of everybody: their dates are not this customer's


def brought_nearer(state: State, customer: Row, seconds: int) -> None:
    """All that this customer's subscriptions are and wait for lies so much earlier; then what is due is done."""
    now = state.clock.now()
    for row in living(state, customer):
        with lifecycle.changing(state, row):
            _moved(row, seconds)
            # Months are of different lengths: counted from where the period now ends, the next one is a whole one.
            row["billing_cycle_anchor"] = min(one["current_period_end"] for one in row["items"]["data"])
        for key in row["_invoices"]:
            _moved(state.get("invoice", key), seconds)
        if row["schedule"]:
            schedule = state.get("subscription_schedule", row["schedule"])
            with updating(state, schedule, "subscription_schedule.updated"):
                _moved(schedule, seconds)
    agenda.run(state, None, now)
    state.clock.hold(None)


def to_the_next(state: State, customer: Row) -> int:
    """How far the next date lies ahead at which something happens by itself: a renewal, a trial's end, an end."""
    ahead = [
        when
        for row in living(state, customer)
        for when in (row["trial_end"], row["cancel_at"], *(one["current_period_end"] for one in row["items"]["data"]))
        if when and when > state.clock.now()
    ]
    return min(ahead) - state.clock.now() if ahead else 0


def living(state: State, customer: Row) -> list[Row]:
    rows = [row for row in state.all("subscription") if row["customer"] == customer["id"]]
    return [row for row in rows if row["status"] not in lifecycle.ENDED]


def _moved(value: Any, seconds: int) -> None:
    if isinstance(value, list):
        for one in value:
            _moved(one, seconds)
    if not isinstance(value, dict):
        return
    for name, one in value.items():
        if (name in ALSO or name.endswith(ENDS)) and type(one) is int:
            value[name] = one - seconds
        elif name not in SHARED:
            _moved(one, seconds)
