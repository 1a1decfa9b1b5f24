"""Test clocks: a time of its own for a few customers, which is moved on by request."""

from tests.fakes.stripe import agenda, customers
from tests.fakes.stripe.clock import DAY, after
from tests.fakes.stripe.errors import invalid
from tests.fakes.stripe.events import emit
from tests.fakes.stripe.listing import paged
from tests.fakes.stripe.rendering import rendered
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "test_helpers.test_clock"
INTERVALS = 2


@route("POST", "/v1/test_helpers/test_clocks", "test_helpers.TestClockCreateParams")
def create_clock(call: Call) -> Row:
    now = call.state.clock.now()
    row = call.state.put({
        "id": call.state.ids("clock_"), "object": KIND, "created": now, "deletes_after": now + 30 * DAY, "livemode": False,
        "frozen_time": call.params["frozen_time"], "name": call.params.get("name"), "status": "ready",
        "status_details": {"advancing": None},
    })  # fmt: skip
    emit(call.state, f"{KIND}.created", row)
    return row


@route("GET", "/v1/test_helpers/test_clocks", "test_helpers.TestClockListParams")
def list_clocks(call: Call) -> Row:
    return paged(call, call.state.all(KIND))


@route("GET", "/v1/test_helpers/test_clocks/{id}", "test_helpers.TestClockRetrieveParams")
def retrieve_clock(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


@route("POST", "/v1/test_helpers/test_clocks/{id}/advance", "test_helpers.TestClockAdvanceParams")
def advance_clock(call: Call) -> Row:
    """Answers that it advances, as Stripe does; whoever asks again finds it ready."""
    state, row, target = call.state, call.state.get(KIND, call["id"]), call.params["frozen_time"]
    if target <= row["frozen_time"]:
        raise invalid("The new frozen time must be after the current frozen time.", "frozen_time")
    furthest = _furthest(state, row)
    if furthest and target > furthest:
        raise invalid(
            f"You cannot advance a test clock more than {INTERVALS} intervals of its shortest subscription at once.",
            "frozen_time",
        )
    row |= {"status": "advancing", "status_details": {"advancing": {"target_frozen_time": target}}}
    emit(state, f"{KIND}.advancing", row)
    shown: Row = rendered(row)
    agenda.run(state, row["id"], target)
    row |= {"status": "ready", "status_details": {"advancing": None}}
    emit(state, f"{KIND}.ready", row)
    return shown


def _furthest(state: State, row: Row) -> int | None:
    ends = [
        after(row["frozen_time"], item["price"]["recurring"]["interval"], INTERVALS * item["price"]["recurring"]["interval_count"])
        for subscription in state.all("subscription") if subscription["test_clock"] == row["id"]
        if subscription["status"] not in ("canceled", "incomplete_expired") for item in subscription["items"]["data"]
    ]  # fmt: skip
    return min(ends, default=None)


@route("DELETE", "/v1/test_helpers/test_clocks/{id}", "test_helpers.TestClockDeleteParams")
def delete_clock(call: Call) -> Row:
    """Its customers go with it, and their subscriptions."""
    state, row = call.state, call.state.get(KIND, call["id"])
    for customer in [one for one in state.all("customer") if one["test_clock"] == row["id"]]:
        customers.gone(state, customer)
    for kind in ("subscription", "invoice", "subscription_schedule"):
        for one in [one for one in state.all(kind) if one["test_clock"] == row["id"]]:
            state.drop(one)
    emit(state, f"{KIND}.deleted", row)
    state.drop(row)
    return {"id": row["id"], "object": KIND, "deleted": True}
