"""Who listens: webhook endpoints, and the event destinations of /v2 that may ask for thin events."""

from urllib.parse import urlsplit

from tests.fakes.serving import LOOPBACK
from tests.fakes.stripe.clock import HOUR, iso
from tests.fakes.stripe.errors import invalid
from tests.fakes.stripe.events import VERSION, matches
from tests.fakes.stripe.listing import paged
from tests.fakes.stripe.rendering import shown
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "webhook_endpoint"


def opened(
    state: State, url: str, events: list[str], *, secret: str = "", payload: str = "snapshot", more: Row | None = None
) -> Row:
    if urlsplit(url).hostname not in LOOPBACK or urlsplit(url).scheme != "http":
        raise invalid("This counterpart only speaks to this machine, over http.", "url", "url_invalid")
    given = more or {}
    return state.put({
        "id": state.ids("we_"), "object": KIND, "api_version": given.get("api_version"), "application": None,
        "created": state.clock.now(), "description": given.get("description") or None, "enabled_events": list(events),
        "livemode": False, "metadata": dict(given.get("metadata") or {}), "status": "enabled", "url": url,
        "_secrets": [(secret or state.ids("whsec_"), None)], "_payload": payload, "_name": given.get("name", ""),
    })  # fmt: skip


def listening(state: State, event: Row) -> list[Row]:
    """Those who get this event, told thinly or as a snapshot."""
    payload = "snapshot" if event["object"] == "event" else "thin"
    mine = [one for one in state.all(KIND) if one["status"] == "enabled" and one["_payload"] == payload]
    return [one for one in mine if any(matches(wanted, event["type"]) for wanted in one["enabled_events"])]


def roll(state: State, endpoint: Row, keep_hours: int = 24) -> str:
    """A new secret; for a while the former one signs as well."""
    until = state.clock.now() + keep_hours * HOUR
    fresh = state.ids("whsec_")
    held = [(secret, ends if ends is not None else until) for secret, ends in endpoint["_secrets"]]
    endpoint["_secrets"] = [(fresh, None), *held]
    return fresh


@route("POST", "/v1/webhook_endpoints", "WebhookEndpointCreateParams")
def create_endpoint(call: Call) -> Row:
    given = {name: call.params[name] for name in ("api_version", "description", "metadata") if name in call.params}
    if given.get("api_version", VERSION) != VERSION:
        raise invalid(f"This counterpart only speaks {VERSION}.", "api_version")
    row = opened(call.state, call.params["url"], call.params["enabled_events"], more=given)
    return shown(row) | {"secret": row["_secrets"][0][0]}


@route("GET", "/v1/webhook_endpoints", "WebhookEndpointListParams")
def list_endpoints(call: Call) -> Row:
    return paged(call, [row for row in call.state.all(KIND) if row["_payload"] == "snapshot"])


@route("GET", "/v1/webhook_endpoints/{id}", "WebhookEndpointRetrieveParams")
def retrieve_endpoint(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


@route("POST", "/v1/webhook_endpoints/{id}", "WebhookEndpointUpdateParams")
def update_endpoint(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    for name in ("url", "enabled_events", "description"):
        if name in call.params:
            row[name] = call.params[name]
    if "metadata" in call.params:
        row["metadata"] = merged(row["metadata"], call.params["metadata"])
    if "disabled" in call.params:
        row["status"] = "disabled" if call.params["disabled"] else "enabled"
    return row


@route("DELETE", "/v1/webhook_endpoints/{id}", "WebhookEndpointDeleteParams")
def delete_endpoint(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    call.state.drop(row)
    return {"id": row["id"], "object": KIND, "deleted": True}


def merged(held: dict[str, str], given: dict[str, str] | str) -> dict[str, str]:
    """Metadata as Stripe updates it: key by key; an empty value removes one, an empty string all."""
    if given == "":
        return {}
    assert isinstance(given, dict)
    return {name: value for name, value in (held | given).items() if value != ""}


@route("POST", "/v2/core/event_destinations", "v2.core.EventDestinationCreateParams")
def create_destination(call: Call) -> Row:
    params = call.params
    if params["type"] != "webhook_endpoint" or "webhook_endpoint" not in params:
        raise invalid("This counterpart sends to webhook endpoints only.", "type")
    given = {"name": params["name"], "description": params.get("description"), "metadata": params.get("metadata")}
    url = params["webhook_endpoint"]["url"]
    row = opened(call.state, url, params["enabled_events"], payload=params["event_payload"], more=given)
    said = _destination(row)
    for asked in params.get("include", []):
        name = asked.removeprefix("webhook_endpoint.")
        said["webhook_endpoint"][name] = row["_secrets"][0][0] if name == "signing_secret" else url
    return said


@route("GET", "/v2/core/event_destinations/{id}", "v2.core.EventDestinationRetrieveParams")
def retrieve_destination(call: Call) -> Row:
    row = _destination(call.state.get(KIND, call["id"]))
    if "webhook_endpoint.url" in call.params.get("include", []):
        row["webhook_endpoint"]["url"] = call.state.get(KIND, call["id"])["url"]
    return row


@route("DELETE", "/v2/core/event_destinations/{id}", "v2.core.EventDestinationDeleteParams")
def delete_destination(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    call.state.drop(row)
    return {"id": row["id"], "object": "v2.core.event_destination"}


def _destination(row: Row) -> Row:
    thin = row["_payload"] == "thin"
    return {
        "id": row["id"], "object": "v2.core.event_destination", "created": iso(row["created"]), "livemode": False,
        "updated": iso(row["created"]), "type": "webhook_endpoint", "status": row["status"], "status_details": None,
        "description": row["description"] or "", "enabled_events": row["enabled_events"], "name": row["_name"],
        "event_payload": row["_payload"], "events_from": ["@self"], "metadata": row["metadata"],
        "snapshot_api_version": None if thin else VERSION, "webhook_endpoint": {},
    }  # fmt: skip
