"""From rows to what goes over the wire: private keys left out, long lists cut, ids expanded where asked."""

from typing import Any

from tests.fakes.stripe.errors import Refused
from tests.fakes.stripe.state import Row, State

INLINE = 10
EXPANDABLE = {
    "customer": "customer", "product": "product", "price": "price", "latest_invoice": "invoice", "invoice": "invoice",
    "subscription": "subscription", "default_payment_method": "payment_method", "payment_method": "payment_method",
    "schedule": "subscription_schedule", "test_clock": "test_helpers.test_clock", "feature": "entitlements.feature",
    "default_price": "price", "configuration": "billing_portal.configuration",
}  # fmt: skip
INCLUDABLE = {"tiers", "currency_options", "payments", "line_items", "subscriptions", "confirmation_secret"}
NEVER = {"default_source", "pending_setup_intent", "payment_intent", "setup_intent", "application", "on_behalf_of"}
DEPTH = 4


def shown(row: Row) -> Row:
    """A copy of a row, as it is told."""
    copy: Row = rendered(row)
    return copy


def rendered(value: Any) -> Any:
    """A copy that later changes leave alone."""
    if isinstance(value, dict):
        copy = {key: rendered(one) for key, one in value.items() if not key.startswith("_")}
        if copy.get("object") == "list" and len(copy["data"]) > INLINE and "_whole" not in value:
            copy |= {"data": copy["data"][:INLINE], "has_more": True}
        return copy
    if isinstance(value, list):
        return [rendered(one) for one in value]
    return value


def answered(state: State, row: Row, expand: list[str]) -> Row:
    said = shown(row)
    for path in expand:
        parts = path.split(".")
        if len(parts) > DEPTH:
            raise Refused(f"You cannot expand more than {DEPTH} levels of a property. Property: {path}", "", "expand")
        _expand(state, said, parts, path)
    return said


def _expand(state: State, holder: Any, parts: list[str], path: str) -> None:
    if isinstance(holder, list):
        for one in holder:
            _expand(state, one, parts, path)
        return
    name, rest = parts[0], parts[1:]
    if name in INCLUDABLE and name not in holder:
        holder[name] = _included(state, holder, name, path)
    elif name not in holder:
        raise Refused(f"This property cannot be expanded ({path}).", "", "expand")
    if not isinstance(holder[name], dict | list) or _ids(holder[name]):
        holder[name] = _fetched(state, holder[name], name, path)
    if rest and holder[name] is not None:
        _expand(state, holder[name], rest, path)


def _ids(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], str)


def _fetched(state: State, value: Any, name: str, path: str) -> Any:
    kind = EXPANDABLE.get(name)
    if kind is None and name not in NEVER:
        raise Refused(f"This property cannot be expanded ({path}).", "", "expand")
    if value is None or kind is None:
        return value
    if isinstance(value, list):
        return [_fetched(state, one, name, path) for one in value]
    row = state.find(kind, value)
    return value if row is None else rendered(row)


def _included(state: State, holder: Row, name: str, path: str) -> Any:
    """What Stripe leaves out unless it is asked for."""
    row = state.find(holder["object"], holder["id"])
    if row is None or (name != "subscriptions" and f"_{name}" not in row):
        raise Refused(f"This property cannot be expanded ({path}).", "", "expand")
    if name == "subscriptions":
        mine = [
            one for one in state.all("subscription") if one["customer"] == row["id"] and one["status"] != "canceled"
        ]
        return rendered(whole_list(mine[::-1], f"/v1/customers/{row['id']}/subscriptions"))
    return rendered(row[f"_{name}"])


def whole_list(rows: list[Row], url: str) -> Row:
    """A list inside an object: rendered, it shows the first ten."""
    return {"object": "list", "data": rows, "has_more": False, "url": url}


def nulls(names: str) -> Row:
    return dict.fromkeys(names.split())
