"""Schedules: phases that follow each other, each with its items; released or cancelled at their end."""

from typing import Any

from tests.fakes.stripe import changes, items, lifecycle, subscriptions
from tests.fakes.stripe.clock import after
from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import invalid, unsimulated
from tests.fakes.stripe.events import emit, updating
from tests.fakes.stripe.listing import paged, where, within
from tests.fakes.stripe.pricing import licensed
from tests.fakes.stripe.rendering import nulls
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "subscription_schedule"
PHASE_NULLS = """application_fee_percent automatic_tax billing_cycle_anchor billing_thresholds collection_method
  default_payment_method default_tax_rates description invoice_settings on_behalf_of transfer_data"""


@route("POST", "/v1/subscription_schedules", "SubscriptionScheduleCreateParams")
def create_schedule(call: Call) -> Row:
    state, params = call.state, call.params
    source = params.get("from_subscription")
    if source:
        return _from_subscription(state, source, params)
    if "customer" not in params or "phases" not in params:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    customer = state.named("customer", params["customer"], "customer")
    start = params.get("start_date", state.now(customer))
    start = state.now(customer) if start == "now" else start
    row = state.put(_row(state, customer, params.get("end_behavior", "release")))
    row["phases"] = _phases(state, params["phases"], start)
    row["metadata"] = merged({}, params.get("metadata", {}))
    emit(state, f"{KIND}.created", row)
    if start <= state.now(customer):
        entered(state, row, row["phases"][0])
    return row


def _row(state: State, customer: Row, end: str) -> Row:
    invoice = {**nulls("account_tax_ids custom_fields days_until_due description footer"), "issuer": {"type": "self"}}
    return {
        "id": state.ids("sub_sched_"), "object": KIND, "created": state.now(customer), "customer": customer["id"],
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": None},
        "default_settings": {"billing_cycle_anchor": "automatic", "invoice_settings": invoice, **nulls(
            "application_fee_percent automatic_tax billing_thresholds collection_method default_payment_method description "
            "on_behalf_of transfer_data"
        )}, "end_behavior": end, "livemode": False, "metadata": {}, "pause_schedules": [], "phases": [],
        "status": "not_started", "test_clock": customer["test_clock"], **nulls(
            "application canceled_at completed_at current_phase customer_account released_at released_subscription subscription"
        ),
    }  # fmt: skip


def _from_subscription(state: State, key: str, params: Any) -> Row:
    if set(params) - {"from_subscription", "expand"}:
        raise invalid("You cannot set other parameters with `from_subscription`.", "from_subscription")
    source = subscriptions.living(state, key)
    if source["schedule"]:
        raise invalid("You cannot migrate a subscription that is already attached to a schedule.", "from_subscription")
    row = state.put(_row(state, state.get("customer", source["customer"]), "release"))
    held = [{"price": one["price"]["id"], "quantity": one.get("quantity")} for one in source["items"]["data"]]
    start = min(one["current_period_start"] for one in source["items"]["data"])
    end = max(one["current_period_end"] for one in source["items"]["data"])
    phase = _phase(state, {"items": held, "metadata": source["metadata"]}, start, end)
    row |= {"phases": [phase], "status": "active", "subscription": source["id"], "_phase": 0}
    row["current_phase"] = {"start_date": start, "end_date": end}
    with lifecycle.changing(state, source):
        source["schedule"] = row["id"]
    emit(state, f"{KIND}.created", row)
    return row


def _phases(state: State, given: list[Any], start: int) -> list[Row]:
    found: list[Row] = []
    for place, one in enumerate(given):
        begins = one.get("start_date", start)
        begins = start if begins == "now" else begins
        if found and begins != start:
            raise invalid("Phases must follow each other without a gap.", f"phases[{place}][start_date]")
        end = _end(state, one, begins, place)
        found.append(_phase(state, one, begins, end))
        start = end
    return found


def _end(state: State, given: Any, start: int, place: int) -> int:
    if "end_date" in given:
        end = given["end_date"]
        if not isinstance(end, int):
            raise unsimulated(f"`end_date` {end}", f"phases[{place}][end_date]")
    elif "duration" in given:
        end = after(start, given["duration"]["interval"], given["duration"].get("interval_count", 1))
    else:
        recurring = state.named("price", given["items"][0]["price"], "price")["recurring"]
        end = after(start, recurring["interval"], recurring["interval_count"])
    if end <= start:
        raise invalid("The end of a phase must be after its start.", f"phases[{place}][end_date]")
    return int(end)


def _phase(state: State, given: Any, start: int, end: int) -> Row:
    rows = [_item(state, one, f"phases[items][{place}]") for place, one in enumerate(given["items"])]
    trial = given.get("trial_end") or (end if given.get("trial") else None)
    return {
        **nulls(PHASE_NULLS), "add_invoice_items": [], "currency": state.get("price", rows[0]["price"])["currency"],
        "discounts": [], "end_date": end, "items": rows, "metadata": merged({}, given.get("metadata") or {}),
        "proration_behavior": given.get("proration_behavior", "create_prorations"), "start_date": start,
        "trial": bool(trial) or None, "trial_end": trial, "description": given.get("description"),
    }  # fmt: skip


def _item(state: State, given: Any, where: str) -> Row:
    price = items.price_of(state, given, where)
    quantity = given.get("quantity", 1) if licensed(price) else None
    return {
        "billing_thresholds": None, "discounts": [], "metadata": merged({}, given.get("metadata") or {}), "plan": price["id"],
        "price": price["id"], "quantity": quantity, "tax_rates": [],
    }  # fmt: skip


def entered(state: State, row: Row, phase: Row) -> None:
    """A phase begins: its items are the subscription's, which the first phase makes."""
    with updating(state, row, f"{KIND}.updated"):
        row |= {"status": "active", "_phase": row["phases"].index(phase)}
        row["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
        wanted = [
            {name: one[name] for name in ("price", "quantity") if one[name] is not None} for one in phase["items"]
        ]
        if row["subscription"] is None:
            given = {
                "items": wanted,
                "metadata": phase["metadata"],
                "trial_end": phase["trial_end"],
                "payment_behavior": "draft",
            }
            made = subscriptions.made(
                state, state.get("customer", row["customer"]), {k: v for k, v in given.items() if v}
            )
            row["subscription"], made["schedule"] = made["id"], row["id"]
            return
        subscription = state.get("subscription", row["subscription"])
        asked = {
            "items": _towards(subscription, wanted),
            "proration_behavior": phase["proration_behavior"],
            "metadata": phase["metadata"],
        }
        if all(one["current_period_end"] == state.now(subscription) for one in subscription["items"]["data"]):
            asked["proration_behavior"] = "none"
        changes.changed(state, subscription, asked)
        if phase["trial_end"] and phase["trial_end"] > state.now(subscription):
            changes.changed(state, subscription, {"trial_end": phase["trial_end"]})


def _towards(subscription: Row, wanted: list[Row]) -> list[Row]:
    """Items of the same price stay, the rest take the places of those that go."""
    held = {one["price"]["id"]: one["id"] for one in subscription["items"]["data"]}
    stay = {one["price"] for one in wanted} & set(held)
    free = [key for price, key in held.items() if price not in stay]
    asked: list[Row] = []
    for one in wanted:
        key = held[one["price"]] if one["price"] in stay else (free.pop(0) if free else None)
        asked.append({**one, "id": key} if key else one)
    return asked + [{"id": key, "deleted": True} for key in free]


def turned(state: State, row: Row) -> None:
    """The phase is over: the next one, or the schedule's end."""
    following = row["_phase"] + 1
    if following < len(row["phases"]):
        entered(state, row, row["phases"][following])
        return
    subscription = state.get("subscription", row["subscription"])
    if row["end_behavior"] == "cancel":
        row |= {"status": "completed", "completed_at": state.now(row), "current_phase": None}
        emit(state, f"{KIND}.completed", row)
        lifecycle.cancelled(state, subscription)
    else:
        _released(state, row, subscription, "completed")


def _released(state: State, row: Row, subscription: Row | None, told: str) -> None:
    at = state.now(row)
    row |= {
        "status": "released",
        "released_at": at,
        "current_phase": None,
        "released_subscription": row["subscription"],
        "subscription": None,
    }
    if told == "completed":
        row["completed_at"] = at
    emit(state, f"{KIND}.released", row)
    if subscription:
        with lifecycle.changing(state, subscription):
            subscription["schedule"] = None


def ended_with(state: State, subscription: Row) -> None:
    """The subscription was cancelled under its schedule."""
    row = state.get(KIND, subscription["schedule"])
    if row["status"] in ("active", "not_started"):
        row |= {"status": "canceled", "canceled_at": state.now(row), "current_phase": None}
        emit(state, f"{KIND}.canceled", row)


@route("GET", "/v1/subscription_schedules", "SubscriptionScheduleListParams")
def list_schedules(call: Call) -> Row:
    return paged(call, where(call.params, within(call.params, call.state.all(KIND)), "customer"))


@route("GET", "/v1/subscription_schedules/{id}", "SubscriptionScheduleRetrieveParams")
def retrieve_schedule(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


def _open(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    if row["status"] not in ("active", "not_started"):
        raise invalid(f"You cannot change a schedule that is {row['status']}.")
    return row


@route("POST", "/v1/subscription_schedules/{id}", "SubscriptionScheduleUpdateParams")
def update_schedule(call: Call) -> Row:
    state, params, row = call.state, call.params, _open(call)
    phases = _rephased(state, row, params["phases"]) if "phases" in params else None
    with updating(state, row, f"{KIND}.updated"):
        if "end_behavior" in params:
            row["end_behavior"] = params["end_behavior"]
        if "metadata" in params:
            row["metadata"] = merged(row["metadata"], params["metadata"])
        if phases:
            row["phases"] = phases
            if row["current_phase"]:
                entered(state, row, next(one for one in phases if one["end_date"] > state.now(row)))
    params.get("proration_behavior")
    return row


def _rephased(state: State, row: Row, given: list[Any]) -> list[Row]:
    """New phases: those of a schedule under way begin with the phase that runs, and one of them is still to end."""
    now = state.now(row)
    start = row["current_phase"]["start_date"] if row["current_phase"] else given[0].get("start_date", now)
    phases = _phases(state, given, now if start == "now" else start)
    if phases[-1]["end_date"] <= now:
        raise invalid("At least one phase must end in the future.", "phases")
    return phases


@route("POST", "/v1/subscription_schedules/{id}/cancel", "SubscriptionScheduleCancelParams")
def cancel_schedule(call: Call) -> Row:
    row = _open(call)
    call.params.get("invoice_now"), call.params.get("prorate")
    row |= {"status": "canceled", "canceled_at": call.state.now(row), "current_phase": None}
    emit(call.state, f"{KIND}.canceled", row)
    if row["subscription"]:
        lifecycle.cancelled(call.state, call.state.get("subscription", row["subscription"]))
    return row


@route("POST", "/v1/subscription_schedules/{id}/release", "SubscriptionScheduleReleaseParams")
def release_schedule(call: Call) -> Row:
    row = _open(call)
    if not row["subscription"]:
        raise invalid("You cannot release a schedule that has not started.")
    call.params.get("preserve_cancel_date")
    _released(call.state, row, call.state.get("subscription", row["subscription"]), "released")
    return row
