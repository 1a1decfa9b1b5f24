"""The lines of invoices: a period of an item, the use of a meter, and what a change within a period comes to."""

from tests.fakes.stripe.clock import in_words
from tests.fakes.stripe.items import Change, restarts
from tests.fakes.stripe.pricing import amount, licensed, share
from tests.fakes.stripe.state import Row, State


def line(
    state: State,
    item: Row,
    price: Row,
    quantity: int,
    cost: int,
    start: int,
    end: int,
    *,
    proration: bool = False,
    words: str = "",
) -> Row:
    details = {
        "invoice_item": state.ids("ii_") if proration else None, "proration": proration,
        "proration_details": {"credited_items": None}, "subscription": item["subscription"], "subscription_item": item["id"],
    }  # fmt: skip
    return {
        "id": state.ids("il_"), "object": "line_item", "amount": cost, "currency": price["currency"],
        "description": words or f"{quantity} × {_name(state, price)}", "discount_amounts": [], "discountable": not proration,
        "discounts": [], "invoice": None, "livemode": False, "metadata": {}, "period": {"start": start, "end": end},
        "parent": {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"},
        "pretax_credit_amounts": [], "quantity": quantity, "quantity_decimal": str(quantity), "subtotal": cost, "taxes": [],
        "subscription": item["subscription"], "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]}, "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
    }  # fmt: skip


def _name(state: State, price: Row) -> str:
    product = state.find("product", price["product"])
    return str(price["nickname"] or (product["name"] if product else price["id"]))


def of_period(state: State, item: Row) -> Row | None:
    """The period that begins: paid ahead, and in part only where it is cut short.

    Metered items are billed when their period is over.
    """
    if not licensed(item["price"]):
        return None
    price, quantity, start, end = (
        item["price"],
        item["quantity"],
        item["current_period_start"],
        item["current_period_end"],
    )
    cost = share(amount(price, quantity), whole_start(item), end, start)
    return line(state, item, price, quantity, cost, start, end)


def whole_start(item: Row) -> int:
    """Where the period would have begun that an item joined later, or that an anchor cut short."""
    joined = item.get("_joined")
    return int(
        joined["from"] if joined and joined["until"] == item["current_period_end"] else item["current_period_start"]
    )


def of_trial(state: State, item: Row) -> Row:
    words = f"Free trial for {_name(state, item['price'])}"
    start, end = item["current_period_start"], item["current_period_end"]
    return line(state, item, item["price"], item.get("quantity", 0), 0, start, end, words=words)


def of_use(state: State, item: Row, customer: str) -> Row | None:
    """What was used in the period that is over."""
    from tests.fakes.stripe.meters import used

    price, start, end = item["price"], item["current_period_start"], item["current_period_end"]
    if licensed(price):
        return None
    quantity = used(state, price["recurring"]["meter"], customer, start, end)
    return line(state, item, price, quantity, amount(price, quantity), start, end)


def of_changes(state: State, found: list[Change], at: int) -> list[Row]:
    """Credits for what is left of the old, charges for what is left of the new: the items are still as they were."""
    lines: list[Row] = []
    for change in found:
        item = change.item
        if item is not None and change.price is item["price"] and change.quantity == item.get("quantity"):
            continue
        if item is not None and licensed(item["price"]):
            lines.append(unused(state, item, at))
        if change.price is not None and licensed(change.price) and not (item and restarts(change)):
            lines += _remaining(state, change, item, at)
    return [one for one in lines if one["amount"]]


def unused(state: State, item: Row, at: int, since: int | None = None) -> Row:
    price, quantity, end = item["price"], item["quantity"], item["current_period_end"]
    cost = -share(amount(price, quantity), whole_start(item), end, at if since is None else since)
    words = f"Unused time on {quantity} × {_name(state, price)} after {in_words(at)}"
    return line(state, item, price, quantity, cost, at, end, proration=True, words=words)


def _remaining(state: State, change: Change, item: Row | None, at: int) -> list[Row]:
    """An item that is new within a period is charged by its own first line."""
    if item is None or change.price is None:
        return []
    quantity = change.quantity or 0
    end = item["current_period_end"]
    cost = share(amount(change.price, quantity), whole_start(item), end, at)
    words = f"Remaining time on {quantity} × {_name(state, change.price)} after {in_words(at)}"
    return [line(state, item, change.price, quantity, cost, at, end, proration=True, words=words)]


def of_addition(state: State, item: Row, at: int) -> Row:
    """What is left of the running period for an item added within it."""
    price, quantity, end = item["price"], item["quantity"], item["current_period_end"]
    cost = share(amount(price, quantity), whole_start(item), end, at)
    words = f"Remaining time on {quantity} × {_name(state, price)} after {in_words(at)}"
    return line(state, item, price, quantity, cost, at, end, proration=True, words=words)
