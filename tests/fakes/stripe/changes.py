"""A subscription changed by request: its items, its trial, its end, its collection; and what that would cost."""

from typing import Any

from tests.fakes.stripe import dunning, invoices, items, lifecycle, lines, payment_methods, subscriptions
from tests.fakes.stripe.clock import HOUR
from tests.fakes.stripe.errors import invalid
from tests.fakes.stripe.items import Change
from tests.fakes.stripe.rendering import rendered
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

ONLY_WHEN_CANCELED = {"metadata", "cancellation_details", "expand"}


@route("POST", "/v1/subscriptions/{id}", "SubscriptionUpdateParams")
def update_subscription(call: Call) -> Row:
    row = call.state.get("subscription", call["id"])
    if row["status"] in lifecycle.ENDED and set(call.params) - ONLY_WHEN_CANCELED:
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.")
    changed(call.state, row, call.params)
    return row


def changed(state: State, row: Row, params: Any) -> None:
    """All that one request says, told as one update."""
    subscriptions.refuse_unsimulated(params)
    wanted = items.changes(state, row, params["items"]) if params.get("items") else []
    customer = state.get("customer", row["customer"])
    _fitting(row, params, state.now(row))
    with lifecycle.changing(state, row):
        subscriptions._described(state, row, params, customer)
        subscriptions.noted(row, params)
        for name, value in (params.get("cancellation_details") or {}).items():
            row["cancellation_details"][name] = value or None
        if "pause_collection" in params:
            _collection(row, params["pause_collection"])
        if wanted or _anchored_anew(params):
            repriced(state, row, wanted, params)
        if "trial_end" in params:
            _trial(state, row, params["trial_end"])
        subscriptions.ending(row, params, state.now(row))
        row["items"]["total_count"] = len(row["items"]["data"])


def _fitting(row: Row, params: Any, at: int) -> None:
    """What can't be is refused before anything is written."""
    resumes = (params.get("pause_collection") or {}).get("resumes_at")
    if resumes and resumes <= at:
        raise invalid("`resumes_at` must be in the future.", "pause_collection[resumes_at]")
    trial = params.get("trial_end", "now")
    if trial != "now" and (not isinstance(trial, int) or trial <= at):
        raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
    if "trial_end" in params and row["status"] == "paused":
        raise invalid("A paused subscription has no trial: resume it first.", "trial_end")
    ends = params.get("cancel_at")
    if isinstance(ends, int) and ends <= at:
        raise invalid("The `cancel_at` timestamp must be in the future.", "cancel_at")


def _collection(row: Row, given: Any) -> None:
    if not given:
        row["pause_collection"] = None
        return
    row["pause_collection"] = {"behavior": given["behavior"], "resumes_at": given.get("resumes_at")}


def repriced(state: State, row: Row, wanted: list[Change], params: Any) -> None:
    """New items, prices or quantities: prorated as asked, billed at once where a period begins anew."""
    behaviour = params.get("proration_behavior", "create_prorations")
    at, trial = state.now(row), row["status"] == "trialing"
    reset = _anchored_anew(params) and not trial
    due = (
        _prorations(state, row, wanted, params.get("proration_date") or at, reset)
        if behaviour != "none" and not trial
        else []
    )
    anew = reset or (not trial and any(items.restarts(change) for change in wanted))
    at_once = behaviour == "always_invoice" or anew
    paying = params.get("payment_behavior", "allow_incomplete")
    if at_once and paying in ("error_if_incomplete", "pending_if_incomplete") and not _would_pay(state, row):
        if paying == "error_if_incomplete":
            raise dunning.refusal("fail")
        _wait(state, row, wanted, due, at)
        return
    known = {one["id"] for one in row["items"]["data"]}
    items.applied(state, row, wanted, at)
    due += _additions(state, row, known, at) if behaviour != "none" and not trial else []
    if anew:
        due += _begun_anew(state, row, wanted, at, reset=reset)
    if at_once and (due or row["_pending"]):
        lifecycle.billed_now(state, row, due)
    else:
        row["_pending"] += due


def _anchored_anew(params: Any) -> bool:
    """Since 2026-09-30 the anchor of a change is a hash with a type, no longer a word."""
    return bool((params.get("billing_cycle_anchor") or {}).get("type") == "now")


def _prorations(state: State, row: Row, wanted: list[Change], at: int, reset: bool) -> list[Row]:
    if not reset:
        return lines.of_changes(state, wanted, at)
    return [lines.unused(state, one, at) for one in row["items"]["data"] if one.get("quantity")]


def _additions(state: State, row: Row, known: set[str], at: int) -> list[Row]:
    """Items that were added end with the period they joined, and pay for what is left of it."""
    added = [one for one in row["items"]["data"] if one["id"] not in known and one.get("quantity")]
    return [lines.of_addition(state, one, at) for one in added]


def _begun_anew(state: State, row: Row, wanted: list[Change], at: int, *, reset: bool) -> list[Row]:
    moved = (
        row["items"]["data"]
        if reset
        else [change.item for change in wanted if change.item and change.item["current_period_start"] == at]
    )
    if reset:
        row["billing_cycle_anchor"] = at
        for one in moved:
            one["current_period_start"], one["current_period_end"] = at, items.period_end(row, one["price"], at)
    return [line for one in moved if (line := lines.of_period(state, one))]


def _would_pay(state: State, row: Row) -> bool:
    customer = state.get("customer", row["customer"])
    return dunning.outcome(state, customer, payment_methods.payer(state, customer, row)) == "ok"


def _wait(state: State, row: Row, wanted: list[Change], due: list[Row], at: int) -> None:
    """`pending_if_incomplete`: the change waits for its invoice, for 23 hours."""
    asked = [
        {"id": c.item["id"] if c.item else None, "price": c.price, "quantity": c.quantity} for c in wanted if c.price
    ]
    row["_pending_change"] = wanted
    row["pending_update"] = {
        "billing_cycle_anchor": None, "cancel_at_period_end": None, "discount": None, "discounts": None, "metadata": None,
        "expires_at": at + 23 * HOUR, "subscription_items": [_as_item(row, one) for one in asked], "trial_end": None,
        "trial_from_plan": None,
    }  # fmt: skip
    invoice = invoices.drawn(state, row, due, "subscription_update")
    row["_pending_invoice"] = invoice["id"]
    invoices.finalized(state, invoice)
    if invoice["status"] == "open":
        dunning.attempted(state, invoice)


def _as_item(row: Row, asked: Row) -> Row:
    held = next((one for one in row["items"]["data"] if one["id"] == asked["id"]), row["items"]["data"][0])
    return {**held, "price": asked["price"], "plan": items.plan(asked["price"]), "quantity": asked["quantity"]}


def _trial(state: State, row: Row, end: Any) -> None:
    at = state.now(row)
    if end == "now":
        if row["status"] == "trialing":
            row["trial_end"] = at
            for one in row["items"]["data"]:
                one["current_period_end"] = at
            row["billing_cycle_anchor"] = at
            lifecycle.trial_over(state, row, at)
        return
    began = row["trial_start"] if row["status"] == "trialing" else at
    row |= {"status": "trialing", "trial_start": began, "trial_end": end, "billing_cycle_anchor": end, "_warned": False}
    for one in row["items"]["data"]:
        one |= {"current_period_end": end, "current_period_start": max(one["current_period_start"], began)}


def _of_item(call: Call) -> tuple[Row, Row]:
    return items.held(call.state, call["id"])


RIDING = ("proration_behavior", "proration_date", "payment_behavior", "off_session")


def _riding(call: Call) -> Row:
    return {name: call.params[name] for name in RIDING if name in call.params}


def _asked(call: Call) -> Row:
    names = ("price", "price_data", "quantity", "metadata")
    return {name: call.params[name] for name in names if name in call.params}


@route("POST", "/v1/subscription_items", "SubscriptionItemCreateParams")
def create_item(call: Call) -> Row:
    row = subscriptions.living(call.state, call.params["subscription"])
    changed(call.state, row, {"items": [_asked(call)], **_riding(call)})
    added: Row = row["items"]["data"][-1]
    return added


@route("POST", "/v1/subscription_items/{id}", "SubscriptionItemUpdateParams")
def update_item(call: Call) -> Row:
    row, item = _of_item(call)
    changed(call.state, row, {"items": [{"id": item["id"], **_asked(call)}], **_riding(call)})
    return item


@route("DELETE", "/v1/subscription_items/{id}", "SubscriptionItemDeleteParams")
def delete_item(call: Call) -> Row:
    row, item = _of_item(call)
    changed(call.state, row, {"items": [{"id": item["id"], "deleted": True}], **_riding(call)})
    return {"id": item["id"], "object": "subscription_item", "deleted": True}


@route("POST", "/v1/invoices/create_preview", "InvoiceCreatePreviewParams")
def preview_invoice(call: Call) -> Row:
    """What a change would be billed: worked out on a copy, told to nobody."""
    params = call.params
    details = params.get("subscription_details") or {}
    row = subscriptions.living(call.state, params["subscription"]) if "subscription" in params else None
    params.get("customer")
    if row is None:
        raise invalid("This counterpart previews changes of a subscription only.", "subscription", "parameter_missing")
    wanted = items.changes(call.state, row, details["items"]) if details.get("items") else []
    at = details.get("proration_date") or call.state.now(row)
    due = _prorations(call.state, row, wanted, at, False) if details.get("proration_behavior") != "none" else []
    if details.get("proration_behavior", "create_prorations") != "always_invoice":
        due += _next_cycle(call.state, row, wanted)
    upcoming = invoices.row_of(call.state, row, [rendered(one) for one in row["_pending"]] + due, "upcoming")
    return invoices.preview(upcoming)


def _next_cycle(state: State, row: Row, wanted: list[Change]) -> list[Row]:
    """The period after this one, at the prices and quantities that are wanted."""
    new = {change.item["id"]: change for change in wanted if change.item}
    found: list[Row | None] = []
    for one in row["items"]["data"]:
        change = new.get(one["id"])
        if change and change.price is None:
            continue
        price, quantity = (change.price, change.quantity) if change else (one["price"], one.get("quantity"))
        start = one["current_period_end"]
        copy = {**one, "price": price, "quantity": quantity, "current_period_start": start}
        copy["current_period_end"] = items.period_end(row, price, start)  # type: ignore[arg-type]
        found.append(lines.of_period(state, copy))
    return [one for one in found if one]
