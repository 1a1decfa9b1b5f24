"""Checkout sessions: opened by request, paid by a person on a page or by a test, or left to expire."""

from typing import Any

from tests.fakes.stripe import customers, payment_methods, subscriptions
from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import declined, invalid, unsimulated
from tests.fakes.stripe.events import emit
from tests.fakes.stripe.listing import paged, where, within
from tests.fakes.stripe.pricing import amount
from tests.fakes.stripe.rendering import nulls, whole_list
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "checkout.session"
NULLS = """adaptive_pricing after_expiration allow_promotion_codes allowed_payment_method_types billing_address_collection
  branding_settings cancel_url client_reference_id client_secret collected_information consent consent_collection
  currency_conversion customer customer_account customer_creation customer_details customer_email excluded_payment_method_types
  integration_identifier invoice invoice_creation locale managed_payments name_collection optional_items origin_context
  payment_intent payment_link payment_method_configuration_details payment_method_options permissions
  phone_number_collection presentment_details recovered_from redirect_on_completion return_url saved_payment_method_options
  setup_intent shipping_address_collection shipping_cost submit_type subscription success_url tax_id_collection
  wallet_options payment_method_collection"""
TEXT = nulls("after_submit shipping_address submit terms_of_service_acceptance")
CARDS = {"pay": "pm_card_visa", "later": "pm_card_chargeCustomerFail", "fail": "pm_card_chargeDeclined"}


@route("POST", "/v1/checkout/sessions", "checkout.SessionCreateParams")
def create_session(call: Call) -> Row:
    state, params = call.state, call.params
    mode = params.get("mode", "payment")
    if params.get("ui_mode", "hosted") not in ("hosted", "hosted_page"):
        raise unsimulated("embedded checkout", "ui_mode")
    if "success_url" not in params:
        raise invalid("Missing required param: success_url.", "success_url", "parameter_missing")
    if "customer" in params and "customer_email" in params:
        raise invalid("You may only specify one of these parameters: customer, customer_email.", "customer")
    customer = state.named("customer", params["customer"], "customer") if "customer" in params else None
    row = _row(state, params, mode, customer)
    row["_line_items"] = whole_list(_lines(state, row, params, mode), f"/v1/checkout/sessions/{row['id']}/line_items")
    total = sum(one["amount_total"] for one in row["_line_items"]["data"])
    trial = (params.get("subscription_data") or {}).get("trial_period_days") or (
        params.get("subscription_data") or {}
    ).get("trial_end")
    row |= {"amount_subtotal": 0 if trial else total, "amount_total": 0 if trial else total}
    row["_given"] = dict(params.get("subscription_data") or {})
    return state.put(row)


def _row(state: State, params: Any, mode: str, customer: Row | None) -> Row:
    key, at = state.ids("cs_test_"), state.now(customer)
    given = {
        name: params.get(name)
        for name in ("client_reference_id", "customer_email", "success_url", "cancel_url", "locale")
    }
    collection = params.get("payment_method_collection", "always") if mode == "subscription" else "if_required"
    if params.get("allow_promotion_codes"):
        given["allow_promotion_codes"] = True
    return {
        "id": key, "object": KIND, **nulls(NULLS), **given, "automatic_tax": {
            "enabled": False, "liability": None, "provider": None, "status": None,
        }, "created": at, "currency": params.get("currency"), "custom_fields": [], "custom_text": dict(TEXT),
        "customer": customer["id"] if customer else None, "customer_creation": None if customer else "always",
        "discounts": [], "expires_at": params.get("expires_at", at + DAY), "livemode": False, "mode": mode,
        "metadata": merged({}, params.get("metadata", {})), "payment_method_collection": collection,
        "payment_method_types": ["card"], "payment_status": "unpaid", "shipping_options": [], "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}, "ui_mode": "hosted_page",
        "url": f"{state.base}/c/pay/{key}", "_test_clock": customer["test_clock"] if customer else None,
    }  # fmt: skip


def _lines(state: State, row: Row, params: Any, mode: str) -> list[Row]:
    given = params.get("line_items") or []
    if mode != "setup" and not given:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    found = []
    for place, one in enumerate(given):
        if "price" not in one:
            raise unsimulated("`price_data` in checkout; create a price", f"line_items[{place}]")
        price = state.named("price", one["price"], f"line_items[{place}][price]")
        if mode == "payment" and price["recurring"]:
            raise invalid("You specified `payment` mode but passed a recurring price.", "mode")
        found.append(_line(state, price, one.get("quantity", 1)))
        row["currency"] = price["currency"]
    if mode == "subscription" and not any(state.get("price", one["price"]["id"])["recurring"] for one in found):
        raise invalid(
            "You must provide at least one recurring price in `subscription` mode when using prices.", "line_items"
        )
    return found


def _line(state: State, price: Row, quantity: int) -> Row:
    metered = price["recurring"] and price["recurring"]["usage_type"] == "metered"
    cost = 0 if metered else amount(price, quantity)
    return {
        "id": state.ids("li_"), "object": "item", "adjustable_quantity": None, "amount_discount": 0, "amount_subtotal": cost,
        "amount_tax": 0, "amount_total": cost, "currency": price["currency"], "metadata": {}, "price": price,
        "description": state.get("product", price["product"])["name"], "quantity": None if metered else quantity,
    }  # fmt: skip


@route("GET", "/v1/checkout/sessions", "checkout.SessionListParams")
def list_sessions(call: Call) -> Row:
    rows = within(call.params, call.state.all(KIND))
    return paged(call, where(call.params, rows, "customer", "subscription", "status"))


@route("GET", "/v1/checkout/sessions/{id}", "checkout.SessionRetrieveParams")
def retrieve_session(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


@route("GET", "/v1/checkout/sessions/{id}/line_items", "checkout.SessionListLineItemsParams")
def list_line_items(call: Call) -> Row:
    return paged(call, call.state.get(KIND, call["id"])["_line_items"]["data"], newest_first=False)


@route("POST", "/v1/checkout/sessions/{id}", "checkout.SessionUpdateParams")
def update_session(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    if "metadata" in call.params:
        row["metadata"] = merged(row["metadata"], call.params["metadata"])
    return row


@route("POST", "/v1/checkout/sessions/{id}/expire", "checkout.SessionExpireParams")
def expire_session(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    _must_be_open(row)
    expired(call.state, row)
    return row


def _must_be_open(row: Row) -> None:
    if row["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be paid or expired. This Session has a status of {row["status"]}.'
        )


def expired(state: State, row: Row) -> None:
    row |= {"status": "expired", "url": None}
    emit(state, "checkout.session.expired", row)


def completed(state: State, row: Row, card: str = "pm_card_visa", email: str = "") -> Row:
    """A person filled the page in and it went through; a refused card leaves the page as it was."""
    _must_be_open(row)
    behaviour = payment_methods.TOKENS[card][2]
    if behaviour == "refused" or (behaviour != "ok" and row["amount_total"] and card != CARDS["later"]):
        raise declined()
    customer = _customer(state, row, email)
    method = payment_methods.attached(state, card, customer)
    if customer["invoice_settings"]["default_payment_method"] is None:
        customer["invoice_settings"]["default_payment_method"] = method["id"]
    paying = state.put(payment_methods.made(state, "pm_card_visa")) if card == CARDS["later"] else method
    paying["customer"] = customer["id"]
    if row["mode"] == "subscription":
        _subscribe(state, row, customer, paying["id"])
        state.get("subscription", row["subscription"])["default_payment_method"] = method["id"]
    row |= {"status": "complete", "url": None, "customer": customer["id"], "customer_details": _details(customer)}
    row["payment_status"] = "paid" if row["amount_total"] else "no_payment_required"
    emit(state, "checkout.session.completed", row)
    return row


def _customer(state: State, row: Row, email: str) -> Row:
    if row["customer"]:
        return state.get("customer", row["customer"])
    address = email or row["customer_email"] or "buyer@example.com"
    return customers.made(state, email=address, name=address.partition("@")[0].replace(".", " ").title())


def _details(customer: Row) -> Row:
    held = {name: customer[name] for name in ("address", "email", "name", "phone", "business_name", "individual_name")}
    return {**held, "tax_exempt": "none", "tax_ids": []}


def _subscribe(state: State, row: Row, customer: Row, method: str) -> None:
    given = row["_given"]
    names = (
        "metadata",
        "description",
        "trial_end",
        "trial_period_days",
        "trial_settings",
        "billing_cycle_anchor",
        "billing_mode",
    )
    asked: Row = {name: given[name] for name in names if name in given}
    asked["items"] = [
        {"price": one["price"]["id"]} | ({} if one["quantity"] is None else {"quantity": one["quantity"]})
        for one in row["_line_items"]["data"] if one["price"]["recurring"]
    ]  # fmt: skip
    made = subscriptions.made(state, customer, asked | {"default_payment_method": method})
    row |= {"subscription": made["id"], "invoice": made["latest_invoice"]}
