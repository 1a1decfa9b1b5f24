"""Customers: who pays, with what by default, and what they have in hand."""

from typing import Any

from tests.fakes.stripe import payment_methods
from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import invalid, unsimulated
from tests.fakes.stripe.events import emit, updating
from tests.fakes.stripe.listing import paged, where, within
from tests.fakes.stripe.rendering import nulls
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "customer"
PLAIN = ("description", "email", "name", "phone", "business_name", "individual_name", "balance", "invoice_prefix",
         "next_invoice_sequence", "preferred_locales", "tax_exempt")  # fmt: skip
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
ON_A_CLOCK = 3


def made(state: State, **given: Any) -> Row:
    """A new customer, told to whoever listens."""
    key = state.ids("cus_")
    row: Row = {
        "id": key, "object": KIND, **nulls(
            "address business_name customer_account currency default_source description discount email individual_name "
            "name phone shipping test_clock"
        ), "balance": 0, "created": 0, "delinquent": False, "invoice_prefix": key[4:12].upper(), "livemode": False,
        "invoice_settings": nulls("custom_fields default_payment_method footer rendering_options"), "metadata": {},
        "next_invoice_sequence": 1, "preferred_locales": [], "tax_exempt": "none",
    } | given  # fmt: skip
    row["created"] = state.now(row)
    emit(state, "customer.created", state.put(row))
    return row


@route("POST", "/v1/customers", "CustomerCreateParams")
def create_customer(call: Call) -> Row:
    given = _written(call)
    clock = call.params.get("test_clock")
    if clock:
        call.state.named("test_helpers.test_clock", clock, "test_clock")
        if len([row for row in call.state.all(KIND) if row["test_clock"] == clock]) >= ON_A_CLOCK:
            raise invalid(f"Test clocks can have at most {ON_A_CLOCK} customers.", "test_clock")
        given["test_clock"] = clock
    given["metadata"] = merged({}, call.params.get("metadata", {}))
    row = made(call.state, **given)
    if "payment_method" in call.params:
        payment_methods.attached(call.state, call.params["payment_method"], row)
    _settle(call, row)
    return row


def _written(call: Call) -> Row:
    given = {name: call.params[name] or None for name in PLAIN if name in call.params}
    given |= {"balance": call.params["balance"]} if "balance" in call.params else {}
    if "address" in call.params:
        address = call.params["address"]
        given["address"] = {name: address.get(name) for name in ADDRESS} if address else None
    if "source" in call.params:
        raise unsimulated("sources; attach a payment method", "source")
    return given


def _settle(call: Call, row: Row) -> None:
    """Invoice settings: a default card has to be this customer's."""
    settings = call.params.get("invoice_settings") or {}
    if "default_payment_method" in settings:
        key = settings["default_payment_method"] or None
        if key:
            payment_methods.owned(call.state, key, row, "invoice_settings[default_payment_method]")
        row["invoice_settings"]["default_payment_method"] = key
    for name in ("custom_fields", "footer"):
        if name in settings:
            row["invoice_settings"][name] = settings[name] or None


@route("GET", "/v1/customers", "CustomerListParams")
def list_customers(call: Call) -> Row:
    rows = where(call.params, within(call.params, call.state.all(KIND)), "email")
    clock = call.params.get("test_clock")
    return paged(call, [row for row in rows if row["test_clock"] == clock])


@route("GET", "/v1/customers/{id}", "CustomerRetrieveParams")
def retrieve_customer(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


@route("POST", "/v1/customers/{id}", "CustomerUpdateParams")
def update_customer(call: Call) -> Row:
    row = call.state.named(KIND, call["id"], "id")
    with updating(call.state, row, "customer.updated"):
        row.update(_written(call))
        if "metadata" in call.params:
            row["metadata"] = merged(row["metadata"], call.params["metadata"])
        _settle(call, row)
    return row


@route("DELETE", "/v1/customers/{id}", "CustomerDeleteParams")
def delete_customer(call: Call) -> Row:
    row = call.state.named(KIND, call["id"], "id")
    return gone(call.state, row)


def gone(state: State, row: Row) -> Row:
    """The customer's subscriptions end with it; its id answers on, as deleted."""
    from tests.fakes.stripe.lifecycle import cancelled

    for one in state.all("subscription"):
        if one["customer"] == row["id"] and one["status"] not in ("canceled", "incomplete_expired"):
            cancelled(state, one)
    emit(state, "customer.deleted", row)
    left = {"id": row["id"], "object": KIND, "deleted": True}
    return state.put(left)
