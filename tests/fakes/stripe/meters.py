"""Meters, and the use that is told to them."""

from decimal import Decimal
from typing import Any

from tests.fakes.stripe.clock import DAY, HOUR
from tests.fakes.stripe.errors import invalid
from tests.fakes.stripe.events import emit, updating
from tests.fakes.stripe.listing import paged
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "billing.meter"
EVENT = "billing.meter_event"


@route("POST", "/v1/billing/meters", "billing.MeterCreateParams")
def create_meter(call: Call) -> Row:
    params, now = call.params, call.state.clock.now()
    if any(row["event_name"] == params["event_name"] and row["status"] == "active" for row in call.state.all(KIND)):
        raise invalid(f"An active meter already uses the event name '{params['event_name']}'.", "event_name")
    mapping = params.get("customer_mapping") or {"event_payload_key": "stripe_customer_id", "type": "by_id"}
    row = call.state.put({
        "id": call.state.ids("mtr_test_"), "object": KIND, "created": now, "customer_mapping": dict(mapping),
        "default_aggregation": dict(params["default_aggregation"]), "display_name": params["display_name"],
        "event_name": params["event_name"], "event_time_window": params.get("event_time_window"), "livemode": False,
        "status": "active", "status_transitions": {"deactivated_at": None}, "updated": now,
        "value_settings": dict(params.get("value_settings") or {"event_payload_key": "value"}),
    })  # fmt: skip
    emit(call.state, f"{KIND}.created", row)
    return row


@route("GET", "/v1/billing/meters", "billing.MeterListParams")
def list_meters(call: Call) -> Row:
    status = call.params.get("status")
    return paged(call, [row for row in call.state.all(KIND) if status in (None, row["status"])])


@route("GET", "/v1/billing/meters/{id}", "billing.MeterRetrieveParams")
def retrieve_meter(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


@route("POST", "/v1/billing/meters/{id}", "billing.MeterUpdateParams")
def update_meter(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    with updating(call.state, row, f"{KIND}.updated"):
        row["display_name"] = call.params.get("display_name", row["display_name"])
        row["updated"] = call.state.clock.now()
    return row


@route("POST", "/v1/billing/meters/{id}/deactivate", "billing.MeterDeactivateParams")
def deactivate_meter(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    row |= {"status": "inactive", "status_transitions": {"deactivated_at": call.state.clock.now()}}
    emit(call.state, f"{KIND}.deactivated", row)
    return row


@route("POST", "/v1/billing/meters/{id}/reactivate", "billing.MeterReactivateParams")
def reactivate_meter(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    row |= {"status": "active", "status_transitions": {"deactivated_at": None}}
    emit(call.state, f"{KIND}.reactivated", row)
    return row


@route("POST", "/v1/billing/meter_events", "billing.MeterEventCreateParams")
def create_event(call: Call) -> Row:
    state, params = call.state, call.params
    meter = next((row for row in state.all(KIND) if row["event_name"] == params["event_name"]), None)
    if meter is None or meter["status"] != "active":
        raise invalid(f"No active meter found for event name {params['event_name']}.", "event_name", "no_meter")
    at, now = params.get("timestamp", state.clock.now()), state.clock.now()
    if not now - 35 * DAY <= at <= now + 300:
        raise invalid(
            "The timestamp must be within the past 35 calendar days or up to 5 minutes in the future.", "timestamp"
        )
    payload = dict(params["payload"])
    _checked(state, meter, payload)
    key = params.get("identifier") or state.ids("mbe_")
    twin = state.find(EVENT, key)
    if twin and twin["created"] > now - DAY:
        raise invalid(f"An event already exists with identifier {key}.", "identifier", "duplicate_meter_event")
    if twin:  # the name is forgotten after a day, and what it stood for counts on
        state.put(twin | {"id": f"{key} of {twin['created']}"})
    row = {
        "id": key, "object": EVENT, "created": now, "event_name": params["event_name"], "identifier": key,
        "livemode": False, "payload": payload, "timestamp": at, "_cancelled": False,
    }  # fmt: skip
    state.put(row)
    return {name: value for name, value in row.items() if name != "id"}


def _checked(state: State, meter: Row, payload: dict[str, str]) -> None:
    who, what = meter["customer_mapping"]["event_payload_key"], meter["value_settings"]["event_payload_key"]
    state.named("customer", payload.get(who, ""), f"payload[{who}]")
    if meter["default_aggregation"]["formula"] == "count":
        return
    try:
        whole = Decimal(payload.get(what, "")) == int(Decimal(payload.get(what, "")))
    except ArithmeticError:
        whole = False
    if not whole:
        raise invalid(
            f"The value must be a whole number: payload[{what}].", f"payload[{what}]", "meter_event_invalid_value"
        )


@route("POST", "/v1/billing/meter_event_adjustments", "billing.MeterEventAdjustmentCreateParams")
def cancel_event(call: Call) -> Row:
    key = (call.params.get("cancel") or {}).get("identifier", "")
    row = call.state.named(EVENT, key, "cancel[identifier]")
    if row["created"] < call.state.clock.now() - DAY:
        raise invalid("Events can be cancelled within 24 hours of when they were received.", "cancel[identifier]")
    row["_cancelled"] = True
    return {
        "object": "billing.meter_event_adjustment", "cancel": {"identifier": key}, "event_name": call.params["event_name"],
        "livemode": False, "status": "pending", "type": call.params["type"],
    }  # fmt: skip


def _events(state: State, meter: Row, customer: str, start: int, end: int) -> list[Row]:
    who = meter["customer_mapping"]["event_payload_key"]
    return [
        row for row in state.tables[EVENT].values()
        if row["event_name"] == meter["event_name"] and row["payload"].get(who) == customer
        and start <= row["timestamp"] < end and not row["_cancelled"]
    ]  # fmt: skip


def used(state: State, meter_key: str, customer: str, start: int, end: int) -> int:
    """What a meter comes to within a window, by its formula."""
    meter = state.get(KIND, meter_key)
    rows = _events(state, meter, customer, start, end)
    if meter["default_aggregation"]["formula"] == "count":
        return len(rows)
    values = [int(Decimal(row["payload"][meter["value_settings"]["event_payload_key"]])) for row in rows]
    if meter["default_aggregation"]["formula"] == "last":
        return values[-1] if values else 0
    return sum(values)


@route("GET", "/v1/billing/meters/{id}/event_summaries", "billing.MeterListEventSummariesParams")
def list_summaries(call: Call) -> Row:
    params, meter = call.params, call.state.get(KIND, call["id"])
    customer, start, end = params["customer"], params["start_time"], params["end_time"]
    width = {"hour": HOUR, "day": DAY, None: end - start}[params.get("value_grouping_window")]
    rows: list[Any] = []
    for begins in range(start, end, width):
        value = used(call.state, meter["id"], customer, begins, min(begins + width, end))
        if value:
            rows.append(_summary(call.state, meter, value, begins, min(begins + width, end)))
    return paged(call, rows)


def _summary(state: State, meter: Row, value: int, start: int, end: int) -> Row:
    return {
        "id": f"mtrusg_{meter['id'][-8:]}{start}", "object": "billing.meter_event_summary", "aggregated_value": float(value),
        "start_time": start, "end_time": end, "livemode": False, "meter": meter["id"],
    }  # fmt: skip
