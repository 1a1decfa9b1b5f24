"""Who listens, and to what: webhooks of version 3, by the developer's key; a private app's are set by hand in HubSpot."""

from tests.fakes.hubspot import kinds
from tests.fakes.hubspot.batches import answer
from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.errors import conflict, invalid, not_found
from tests.fakes.hubspot.events import App
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Row, State

AT = "/webhooks/v3/{app}"
SETTINGS, ALL, ONE = AT + "/settings", AT + "/subscriptions", AT + "/subscriptions/{id}"
W = "webhooks:"
DEEDS = ("creation", "propertyChange", "deletion", "merge", "restore", "associationChange")
NOUNS = (*(kind.singular for kind in kinds.STANDARD), "object")


def listening(state: State, app: App, event: str, prop: str = "", kind: str = "") -> Row:
    noun, _, deed = event.partition(".")
    if noun not in NOUNS or deed not in DEEDS:
        raise invalid(f"Invalid eventType: {event}")
    if (deed == "propertyChange") != bool(prop):
        raise invalid("propertyName is needed for propertyChange, and for nothing else")
    if (noun == "object") != bool(kind):
        raise invalid("objectTypeId is needed for object.* events, and for nothing else")
    if kind:
        kind = kinds.kind_of(state, kind).id
    said = (event, prop or None, kind or None)
    if said in [
        (row["eventType"], row.get("propertyName"), row.get("objectTypeId")) for row in app.subscriptions.values()
    ]:
        raise conflict(f"A subscription to {event} exists already")
    at = iso(state.clock.now())
    row: Row = {"id": state.ids("subscription"), "eventType": event, "active": True, "createdAt": at, "updatedAt": at}
    row |= {"propertyName": prop} if prop else {}
    row |= {"objectTypeId": kind} if kind else {}
    app.subscriptions[row["id"]] = row
    return row


def _app(call: Call) -> App:
    found = call.state.apps.get(int(call["app"])) if call["app"].isdigit() else None
    if found is None:
        raise not_found(f"App {call['app']} does not exist")
    return found


def _one(call: Call) -> Row:
    row = _app(call).subscriptions.get(call["id"])
    if row is None:
        raise not_found()
    return row


def _said(app: App) -> Row:
    return {
        "targetUrl": app.url, "throttling": {"maxConcurrentRequests": app.concurrent}, "createdAt": app.since,
        "updatedAt": app.since,
    }  # fmt: skip


@route("GET", SETTINGS, says=W + "SettingsResponse", key="developer")
def settings(call: Call) -> Row:
    if not _app(call).url:
        raise not_found()
    return _said(_app(call))


@route("PUT", SETTINGS, takes=W + "SettingsChangeRequest", says=W + "SettingsResponse", key="developer")
def configure(call: Call) -> Row:
    app = _app(call)
    app.url, app.concurrent = call.body["targetUrl"], call.body["throttling"]["maxConcurrentRequests"]
    app.since = app.since or iso(call.state.clock.now())
    return _said(app)


@route("DELETE", SETTINGS, status=204, key="developer")
def clear(call: Call) -> None:
    _app(call).url = ""


@route("GET", ALL, says=W + "SubscriptionListResponse", key="developer")
def listed(call: Call) -> Row:
    return {"results": list(_app(call).subscriptions.values())}


@route("POST", ALL, takes=W + "SubscriptionCreateRequest", says=W + "SubscriptionResponse", status=201, key="developer")
def create(call: Call) -> Row:
    """It sleeps until it is made active, unless it is said to be."""
    given = call.body
    row = listening(
        call.state, _app(call), given["eventType"], given.get("propertyName") or "", given.get("objectTypeId") or ""
    )
    row["active"] = bool(given.get("active"))
    return row


@route("GET", ONE, says=W + "SubscriptionResponse", key="developer")
def read(call: Call) -> Row:
    return _one(call)


@route("PATCH", ONE, takes=W + "SubscriptionPatchRequest", says=W + "SubscriptionResponse", key="developer")
def change(call: Call) -> Row:
    row = _one(call)
    row |= {"active": bool(call.body.get("active")), "updatedAt": iso(call.state.clock.now())}
    return row


@route("DELETE", ONE, status=204, key="developer")
def archive(call: Call) -> None:
    _app(call).subscriptions.pop(call["id"], None)


@route("POST", ALL + "/batch/update", takes=W + "BatchInputSubscriptionBatchUpdateRequest",
       says=W + "BatchResponseSubscriptionResponse", key="developer")  # fmt: skip
def change_many(call: Call) -> tuple[int, Row]:
    rows = [_app(call).subscriptions.get(str(one["id"])) for one in call.body["inputs"]]
    if None in rows:
        raise not_found()
    for row, one in zip(rows, call.body["inputs"], strict=True):
        row |= {"active": one["active"], "updatedAt": iso(call.state.clock.now())}  # type: ignore[operator]
    return answer(call, [row for row in rows if row], [])
