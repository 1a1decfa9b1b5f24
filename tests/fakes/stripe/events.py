"""What happened, as snapshots of the moment, and the same told thinly; kept for thirty days."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.stripe import thin
from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.delivery import enqueue
from tests.fakes.stripe.errors import invalid, missing
from tests.fakes.stripe.listing import paged, within
from tests.fakes.stripe.rendering import rendered
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

VERSION = "2026-10-28.endive"
KEPT = 30 * DAY


def emit(state: State, kind: str, row: Row, previous: Row | None = None) -> Row:
    """Records what happened, with the object as it is now, and queues it for whoever listens."""
    data: Row = {"object": rendered(row)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = state.put({
        "id": state.ids("evt_"), "object": "event", "account": None, "api_version": VERSION, "context": None,
        "created": state.clock.now(), "data": data, "livemode": False, "pending_webhooks": 0,
        "request": {"id": state.asking.id, "idempotency_key": state.asking.key}, "type": kind,
    })  # fmt: skip
    twins = [state.put(row) for row in thin.told(state, event)]
    event["_thin"] = [row["id"] for row in twins]
    enqueue(state, event, twins)
    if state.on_event:
        state.on_event(event)
    return event


def differences(before: Row, now: Row) -> Row:
    """The former values of what has changed, as `previous_attributes` gives them: of a list, all of it."""
    found: Row = {}
    for name in before | now:
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        inner = isinstance(old, dict) and isinstance(new, dict) and old.get("object") != "list"
        found[name] = differences(old, new) if inner else old  # type: ignore[arg-type]
    return found


@contextmanager
def updating(state: State, row: Row, kind: str) -> Iterator[None]:
    """Tells of all that changed in the block as one update, or of nothing; a block within a block is part of it."""
    if row.get("_updating"):
        yield
        return
    before = rendered(row)
    row["_updating"] = True
    try:
        yield
    finally:
        row["_updating"] = False
    previous = differences(before, rendered(row))
    if previous:
        emit(state, kind, row, previous)


def _counted(state: State, events: list[Row]) -> list[Row]:
    """Each event with how many are still to be told of it."""
    waiting = Counter(one.event for one in state.deliveries if not one.settled)
    for event in events:
        event["pending_webhooks"] = waiting[event["id"]]
    return events


def _kept(state: State, kind: str = "event") -> list[Row]:
    since = state.clock.now() - KEPT
    events = [event for event in state.all("event") if event["created"] > since]
    return events if kind == "event" else [state.get(kind, key) for event in events for key in event["_thin"]]


@route("GET", "/v1/events", "EventListParams")
def list_events(call: Call) -> Row:
    params = call.params
    if "type" in params and "types" in params:
        raise invalid("You may not specify both type and types.", "types")
    types = [params["type"]] if "type" in params else params.get("types", [])
    if len(types) > 20:
        raise invalid("You may only specify up to 20 event types.", "types")
    events = within(params, _kept(call.state))
    if types:
        events = [event for event in events if any(matches(wanted, event["type"]) for wanted in types)]
    if "delivery_success" in params:
        failed = {one.event for one in call.state.deliveries if not one.delivered}
        events = [event for event in events if (event["id"] not in failed) is params["delivery_success"]]
    page = paged(call, events)
    _counted(call.state, page["data"])
    return page


def matches(wanted: str, kind: str) -> bool:
    return wanted in ("*", kind) or (wanted.endswith("*") and kind.startswith(wanted[:-1]))


@route("GET", "/v1/events/{id}", "EventRetrieveParams")
def retrieve_event(call: Call) -> Row:
    event = call.state.get("event", call["id"])
    if event["created"] <= call.state.clock.now() - KEPT:
        raise missing("event", call["id"])
    return _counted(call.state, [event])[0]


@route("GET", "/v2/core/events/{id}", "v2.core.EventRetrieveParams")
def retrieve_thin(call: Call) -> Row:
    return call.state.get("v2.core.event", call["id"])


@route("GET", "/v2/core/events", "v2.core.EventListParams")
def list_thin(call: Call) -> Row:
    params = call.params
    rows = _kept(call.state, "v2.core.event")[::-1]
    if "object_id" in params:
        rows = [row for row in rows if (row["related_object"] or {}).get("id") == params["object_id"]]
    if "types" in params:
        rows = [row for row in rows if row["type"] in params["types"]]
    start, limit = int(params.get("page", 0)), params.get("limit", 20)
    shown = rows[start : start + limit]
    onward = f"{call.url}?page={start + limit}&limit={limit}" if len(rows) > start + limit else None
    return {"data": shown, "next_page_url": onward, "previous_page_url": None}


def body_of(event: Row) -> bytes:
    """The bytes that are signed and sent."""
    return json.dumps(rendered(event), indent=2).encode()


def summary(state: State, customer: str, rows: list[Row]) -> Row:
    """A customer's active entitlements; it has no id, and shows ten of them."""
    url = f"/v1/customer/{customer}/entitlements"
    held: Any = {"object": "list", "data": rows, "has_more": False, "url": url}
    return {
        "object": "entitlements.active_entitlement_summary",
        "customer": customer,
        "entitlements": held,
        "livemode": False,
    }
