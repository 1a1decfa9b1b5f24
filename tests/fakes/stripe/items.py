"""The items of a subscription: their rows, and the change that a request asks for."""

from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe.catalog import price_made
from tests.fakes.stripe.clock import DAY, after, boundary
from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.entitlements import granted
from tests.fakes.stripe.errors import invalid, missing
from tests.fakes.stripe.listing import paged
from tests.fakes.stripe.pricing import licensed
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "subscription_item"
MOST = 20


@dataclass
class Change:
    """One item as it was and as it shall be: either may be missing."""

    item: Row | None
    price: Row | None
    quantity: int | None = None
    metadata: Any = None


def price_of(state: State, given: Any, where: str) -> Row:
    if "price_data" in given:
        return price_made(state, given["price_data"])
    if "price" not in given:
        raise invalid(f"You must pass a price for {where}.", f"{where}[price]", "parameter_missing")
    price = state.named("price", given["price"], f"{where}[price]")
    if not price["active"]:
        raise invalid("The price specified is inactive. This field only accepts active prices.", f"{where}[price]")
    if not price["recurring"]:
        raise invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            f"{where}[price]",
        )  # fmt: skip
    return price


def changes(state: State, subscription: Row | None, asked: list[Any]) -> list[Change]:
    """What a list of items asks for: a change of those that it names by id, and new ones."""
    held = {item["id"]: item for item in subscription["items"]["data"]} if subscription else {}
    found = [_change(state, held, one, f"items[{place}]") for place, one in enumerate(asked)]
    going = {change.item["id"] for change in found if change.item and change.price is None}
    kept = [item["price"]["id"] for key, item in held.items() if key not in {c.item["id"] for c in found if c.item}]
    after = kept + [change.price["id"] for change in found if change.price]
    if len(after) > MOST:
        raise invalid(f"A subscription can have at most {MOST} items.", "items")
    if len(set(after)) < len(after):
        raise invalid("You cannot add multiple subscription items with the same price.", "items")
    if going and not after:
        raise invalid("A subscription must have at least one active item.", "items")
    _one_currency(found, subscription)
    return found


def _change(state: State, held: dict[str, Row], given: Any, where: str) -> Change:
    key = given.get("id")
    item = held.get(key) if key else None
    if key and item is None:
        raise invalid(f"No such subscription_item: '{key}'", f"{where}[id]", "resource_missing")
    if item is not None and given.get("deleted"):
        return Change(item, None)
    price = (
        price_of(state, given, where) if item is None or "price" in given or "price_data" in given else item["price"]
    )
    quantity = given.get("quantity", item.get("quantity") if item else 1)
    if not licensed(price):
        if "quantity" in given:
            raise invalid("You cannot set the quantity for metered plans.", f"{where}[quantity]")
        quantity = None
    elif quantity is None:
        quantity = 1
    if quantity is not None and quantity < 0:
        raise invalid("Invalid non-negative integer", f"{where}[quantity]", "parameter_invalid_integer")
    return Change(item, price, quantity, given.get("metadata"))


def _one_currency(found: list[Change], subscription: Row | None) -> None:
    used = {change.price["currency"] for change in found if change.price}
    if subscription:
        used.add(subscription["currency"])
    if len(used) > 1:
        raise invalid("All prices on a subscription must have the same `currency`.", "items")


def made(state: State, subscription: Row, change: Change, start: int, end: int | None = None) -> Row:
    price = change.price
    assert price is not None
    item: Row = {
        "id": state.ids("si_"), "object": KIND, "billed_until": None, "billing_thresholds": None, "created": start,
        "current_period_start": start, "current_period_end": end or period_end(subscription, price, start),
        "current_trial": None, "discounts": [], "metadata": merged({}, change.metadata or {}), "plan": plan(price),
        "price": price, "quantity": change.quantity, "subscription": subscription["id"], "tax_rates": [],
    }  # fmt: skip
    if change.quantity is None:
        del item["quantity"]  # as Stripe leaves it out where use is metered
    if not end:
        recurring = price["recurring"]
        whole = after(item["current_period_end"], recurring["interval"], -recurring["interval_count"])
        if whole < start - 3 * DAY:  # a month may end three days short of the one before
            item["_joined"] = {"from": whole, "until": item["current_period_end"]}
    granted(state, item)
    return item


def period_end(subscription: Row, price: Row, start: int) -> int:
    return boundary(subscription["billing_cycle_anchor"], price["recurring"], start)


def plan(price: Row) -> Row:
    """The older form of a price, which items still carry."""
    recurring = price["recurring"]
    return {
        "id": price["id"], "object": "plan", "active": price["active"], "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"], "billing_scheme": price["billing_scheme"],
        "created": price["created"], "currency": price["currency"], "interval": recurring["interval"],
        "interval_count": recurring["interval_count"], "livemode": False, "metadata": price["metadata"],
        "meter": recurring["meter"], "nickname": price["nickname"], "product": price["product"],
        "tiers_mode": price["tiers_mode"], "transform_usage": None, "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }  # fmt: skip


def restarts(change: Change) -> bool:
    """Whether the change begins a new period: a monthly price can't end a yearly one's."""
    if change.item is None or change.price is None:
        return False
    old, new = change.item["price"]["recurring"], change.price["recurring"]
    return bool((old["interval"], old["interval_count"]) != (new["interval"], new["interval_count"]))


def applied(state: State, subscription: Row, found: list[Change], at: int) -> None:
    """Writes the change; an item whose interval changed begins a period at `at`."""
    rows = subscription["items"]["data"]
    for change in found:
        if change.item is None:
            end = subscription["trial_end"] if subscription["status"] == "trialing" else None
            rows.append(made(state, subscription, change, at, end))
        elif change.price is None:
            rows.remove(change.item)
        else:
            _written(state, subscription, change, at)


def _written(state: State, subscription: Row, change: Change, at: int) -> None:
    item, price, renewed = change.item, change.price, restarts(change) and subscription["status"] != "trialing"
    assert item is not None
    assert price is not None
    if item["price"] is not price:
        item["price"], item["plan"] = price, plan(price)
        granted(state, item)
    if change.quantity is None:
        item.pop("quantity", None)
    else:
        item["quantity"] = change.quantity
    if change.metadata is not None:
        item["metadata"] = merged(item["metadata"], change.metadata)
    if renewed:
        if len(subscription["items"]["data"]) == 1:
            subscription["billing_cycle_anchor"] = at
        item["current_period_start"], item["current_period_end"] = at, period_end(subscription, price, at)


@route("GET", "/v1/subscription_items", "SubscriptionItemListParams")
def list_items(call: Call) -> Row:
    subscription = call.state.named("subscription", call.params["subscription"], "subscription")
    return paged(call, subscription["items"]["data"], newest_first=False)


def held(state: State, key: str) -> tuple[Row, Row]:
    for subscription in state.all("subscription"):
        for item in subscription["items"]["data"]:
            if item["id"] == key:
                return subscription, item
    raise missing(KIND, key)


@route("GET", "/v1/subscription_items/{id}", "SubscriptionItemRetrieveParams")
def retrieve_item(call: Call) -> Row:
    return held(call.state, call["id"])[1]
