"""Subscriptions: begun, changed, paused, resumed, cancelled, by request."""

from typing import Any

from tests.fakes.stripe import dunning, invoices, items, lifecycle, lines, payment_methods
from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import invalid, missing, unsimulated
from tests.fakes.stripe.events import emit
from tests.fakes.stripe.listing import paged, within
from tests.fakes.stripe.rendering import nulls, whole_list
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "subscription"
NULLS = """application application_fee_percent billing_cycle_anchor_config billing_thresholds cancel_at canceled_at
  customer_account days_until_due default_payment_method default_source description ended_at latest_invoice managed_payments
  next_pending_invoice_item_invoice on_behalf_of pause_collection pending_invoice_item_interval pending_setup_intent
  pending_update presentment_details schedule status_details test_clock transfer_data trial_end trial_start"""
UNSIMULATED = ("add_invoice_items", "backdate_start_date", "billing_thresholds", "discounts", "transfer_data",
               "billing_schedules", "pending_invoice_item_interval", "billing_cycle_anchor_config")  # fmt: skip


def row_of(state: State, customer: Row, currency: str, at: int) -> Row:
    key = state.ids("sub_")
    return {
        "id": key, "object": KIND, **nulls(NULLS), "cancel_at_period_end": False, "collection_method": "charge_automatically",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None}, "billing_cycle_anchor": at,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": None},
        "billing_schedules": [], "cancellation_details": nulls("comment feedback feedback_option reason"), "created": at,
        "currency": currency, "customer": customer["id"], "default_tax_rates": [], "discounts": [], "livemode": False,
        "invoice_settings": {**nulls("account_tax_ids custom_fields description footer"), "issuer": {"type": "self"}},
        "items": whole_list([], f"/v1/subscription_items?subscription={key}") | {"total_count": 0}, "metadata": {},
        "payment_settings": {
            "payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off",
        },
        "start_date": at, "status": "incomplete", "test_clock": customer["test_clock"],
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": "create_invoice"}},
        "_pending": [], "_invoices": [], "_asked": [], "_warned": False,
    }  # fmt: skip


def refuse_unsimulated(params: Any) -> None:
    for name in UNSIMULATED:
        if params.get(name):
            raise unsimulated(f"`{name}`", name)


@route("POST", "/v1/subscriptions", "SubscriptionCreateParams")
def create_subscription(call: Call) -> Row:
    if "customer" not in call.params:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    customer = call.state.named("customer", call.params["customer"], "customer")
    return made(call.state, customer, call.params)


def made(state: State, customer: Row, params: Any) -> Row:
    """A subscription from its parameters; checkout and schedules make theirs here too."""
    refuse_unsimulated(params)
    wanted = items.changes(state, None, params.get("items") or [])
    if not wanted:
        raise invalid("Missing required param: items.", "items", "parameter_missing")
    at = state.now(customer)
    row = row_of(state, customer, wanted[0].price["currency"], at)  # type: ignore[index]
    _described(state, row, params, customer)
    _trial(row, params, at)
    if params.get("billing_cycle_anchor") and not row["trial_end"]:
        row["billing_cycle_anchor"] = params["billing_cycle_anchor"]
    for change in wanted:
        row["items"]["data"].append(items.made(state, row, change, at, row["trial_end"]))
    row["items"]["total_count"] = len(wanted)
    behaviour = params.get("payment_behavior", "allow_incomplete")
    _payable(state, customer, row, behaviour)
    ending(row, params, at)
    state.put(row)
    customer["currency"] = customer["currency"] or row["currency"]
    noted(row, params)
    lifecycle.begun(state, row, behaviour)
    return row


def _described(state: State, row: Row, params: Any, customer: Row) -> None:
    """What may be said of a subscription at its start and later alike."""
    for name in ("description", "collection_method", "days_until_due"):
        if name in params:
            row[name] = params[name] or None
    if row["collection_method"] == "send_invoice" and not row["days_until_due"]:
        raise invalid("If `collection_method` is `send_invoice`, `days_until_due` is required.", "days_until_due")
    if "metadata" in params:
        row["metadata"] = merged(row["metadata"], params["metadata"])
    if "default_payment_method" in params:
        key = params["default_payment_method"] or None
        row["default_payment_method"] = (
            payment_methods.owned(state, key, customer, "default_payment_method")["id"] if key else None
        )
    if "trial_settings" in params:
        row["trial_settings"]["end_behavior"].update(params["trial_settings"]["end_behavior"])
    if "payment_settings" in params:
        row["payment_settings"].update(params["payment_settings"])
    if "billing_mode" in params:
        row["billing_mode"]["type"] = params["billing_mode"]["type"]
        row["billing_mode"]["flexible"] = (
            row["billing_mode"]["flexible"] if params["billing_mode"]["type"] == "flexible" else None
        )


def _trial(row: Row, params: Any, at: int) -> None:
    end = params.get("trial_end")
    days = params.get("trial_period_days")
    if end and days:
        raise invalid("You may only specify one of these parameters: trial_end, trial_period_days.", "trial_end")
    if days:
        end = at + days * DAY
    if end and end != "now":
        if end <= at:
            raise invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
        row |= {"status": "trialing", "trial_start": at, "trial_end": end, "billing_cycle_anchor": end}


def _payable(state: State, customer: Row, row: Row, behaviour: str) -> None:
    """Who can't pay at all is refused before anything is written; so is a failing card where that is asked for."""
    if (
        row["status"] == "trialing"
        or row["collection_method"] == "send_invoice"
        or behaviour in ("default_incomplete", "draft")
    ):
        return
    owed = sum(line["amount"] for line in lifecycle.first_lines(state, row))
    if owed + customer["balance"] <= 0:
        return
    came = dunning.outcome(state, customer, payment_methods.payer(state, customer, row))
    if came == "missing" or (behaviour == "error_if_incomplete" and came != "ok"):
        raise dunning.refusal(came)


def ending(row: Row, params: Any, at: int) -> None:
    """When it is to end: with its period, at a moment, or not at all any more."""
    ends = [one["current_period_end"] for one in row["items"]["data"]]
    if params.get("cancel_at_period_end") and params.get("cancel_at"):
        raise invalid("You cannot set both `cancel_at_period_end` and `cancel_at`.", "cancel_at")
    if "cancel_at" in params:
        moment = {"": None, "min_period_end": min(ends), "max_period_end": max(ends)}.get(
            params["cancel_at"], params["cancel_at"]
        )
        _end_at(row, moment, at, with_period=False)
    elif "cancel_at_period_end" in params:
        _end_at(
            row, max(ends) if params["cancel_at_period_end"] else None, at, with_period=params["cancel_at_period_end"]
        )


def _end_at(row: Row, moment: int | None, at: int, *, with_period: bool) -> None:
    if moment is not None and moment <= at:
        raise invalid("The `cancel_at` timestamp must be in the future.", "cancel_at")
    row |= {"cancel_at": moment, "cancel_at_period_end": with_period, "canceled_at": at if moment else None}
    row["cancellation_details"]["reason"] = "cancellation_requested" if moment else None


def noted(row: Row, params: Any) -> None:
    """How prorations were asked for is kept, for tests to look at."""
    behaviour, when = params.get("proration_behavior"), params.get("proration_date")
    if behaviour or when:
        row["_asked"].append({"proration_behavior": behaviour, "proration_date": when})
    params.get("off_session"), params.get("currency"), params.get("payment_behavior")


@route("GET", "/v1/subscriptions", "SubscriptionListParams")
def list_subscriptions(call: Call) -> Row:
    params, rows = call.params, within(call.params, call.state.all(KIND))
    status = params.get("status", "")
    if status == "ended":
        rows = [row for row in rows if row["status"] in lifecycle.ENDED]
    elif status != "all":
        rows = [row for row in rows if (row["status"] == status if status else row["status"] != "canceled")]
    for name in ("customer", "collection_method", "test_clock"):
        if name in params:
            rows = [row for row in rows if row[name] == params[name]]
    if "price" in params:
        rows = [row for row in rows if params["price"] in [one["price"]["id"] for one in row["items"]["data"]]]
    for name in ("current_period_start", "current_period_end"):
        rows = [row for row in rows if within(params, row["items"]["data"], name)]
    return paged(call, rows)


@route("GET", "/v1/subscriptions/{id}", "SubscriptionRetrieveParams")
def retrieve_subscription(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


def living(state: State, key: str) -> Row:
    row = state.get(KIND, key)
    if row["status"] in lifecycle.ENDED:
        raise missing(KIND, key)
    return row


@route("DELETE", "/v1/subscriptions/{id}", "SubscriptionCancelParams")
def cancel_subscription(call: Call) -> Row:
    state, params, row = call.state, call.params, living(call.state, call["id"])
    for name, value in (params.get("cancellation_details") or {}).items():
        row["cancellation_details"][name] = value or None
    if params.get("prorate"):
        row["_pending"] += [
            lines.unused(state, one, state.now(row)) for one in row["items"]["data"] if one.get("quantity")
        ]
    if params.get("invoice_now"):
        lifecycle.billed_now(state, row, [])
    lifecycle.cancelled(state, row)
    return row


@route("POST", "/v1/subscriptions/{id}/pause", "SubscriptionPauseParams")
def pause_subscription(call: Call) -> Row:
    state, row = call.state, living(call.state, call["id"])
    if row["status"] not in ("active", "trialing", "past_due"):
        raise invalid(f"A subscription with the status `{row['status']}` cannot be paused.")
    call.params.get("type")
    credit = (call.params.get("bill_for") or {}).get("unused_time_from", {}).get("type", "now")
    if credit != "none" and row["status"] == "active":
        licensed = [one for one in row["items"]["data"] if one.get("quantity")]
        since = [one["current_period_start"] if credit == "item_current_period_start" else None for one in licensed]
        at = state.now(row)
        row["_pending"] += [lines.unused(state, one, at, start) for one, start in zip(licensed, since, strict=True)]
    if call.params.get("invoicing_behavior") == "invoice" and row["_pending"]:
        lifecycle.billed_now(state, row, [])
    lifecycle.paused(state, row, "pause_requested")
    return row


@route("POST", "/v1/subscriptions/{id}/resume", "SubscriptionResumeParams")
def resume_subscription(call: Call) -> Row:
    row = living(call.state, call["id"])
    if row["status"] != "paused":
        raise invalid("Subscription is not paused.")
    anchor = (call.params.get("billing_cycle_anchor") or {}).get("type", "now")
    behaviour = call.params.get("payment_behavior", "resume_on_payment_attempt")
    noted(row, call.params)
    lifecycle.resumed(call.state, row, anchor=anchor, behaviour=behaviour)
    return row


def told_of_trial(state: State, row: Row) -> None:
    row["_warned"] = True
    emit(state, "customer.subscription.trial_will_end", row)


def latest(state: State, row: Row) -> Row | None:
    return state.find(invoices.KIND, row["latest_invoice"]) if row["latest_invoice"] else None
