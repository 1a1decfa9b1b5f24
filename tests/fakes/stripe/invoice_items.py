"""Invoice items: what is charged once, beside the subscriptions; it waits for the customer's next invoice."""

from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import invalid, unsimulated
from tests.fakes.stripe.events import emit
from tests.fakes.stripe.listing import paged, where, within
from tests.fakes.stripe.rendering import nulls
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "invoiceitem"
NULLS = "customer_account frozen_fields invoice invoicing_rules net_amount parent pricing proration_details test_clock"
UNSIMULATED = ("invoice", "price_data", "pricing", "discounts", "tax_rates", "unit_amount_decimal", "quantity", "quantity_decimal")  # fmt: skip


@route("POST", "/v1/invoiceitems", "InvoiceItemCreateParams")
def create_item(call: Call) -> Row:
    state, params = call.state, call.params
    _refuse_unsimulated(call)
    if "customer" not in params:
        raise invalid("You must pass a customer.", "customer", "parameter_missing")
    if "amount" not in params or "currency" not in params:
        raise invalid("You must pass an amount and its currency.", "amount", "parameter_missing")
    customer, currency = state.named("customer", params["customer"], "customer"), params["currency"].lower()
    if customer["currency"] and customer["currency"] != currency:
        raise invalid(
            "You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice "
            f"item with currency {customer['currency']}", "currency",
        )  # fmt: skip
    at = state.now(customer)
    period = params.get("period") or {"start": at, "end": at}
    row = state.put({
        "id": state.ids("ii_"), "object": KIND, **nulls(NULLS), "amount": params["amount"], "currency": currency,
        "customer": customer["id"], "date": at, "description": params.get("description"),
        "discountable": params.get("discountable", params["amount"] >= 0), "discounts": [], "livemode": False,
        "metadata": merged({}, params.get("metadata", {})), "period": dict(period), "proration": False, "quantity": 1,
        "quantity_decimal": "1", "tax_rates": [], "test_clock": customer["test_clock"],
        "_subscription": params.get("subscription"),
    })  # fmt: skip
    customer["currency"] = currency
    emit(state, "invoiceitem.created", row)
    return row


def _refuse_unsimulated(call: Call) -> None:
    for name in UNSIMULATED:
        if name in call.params:
            raise unsimulated(f"{name} of invoice items; pass an amount", name)


@route("GET", "/v1/invoiceitems", "InvoiceItemListParams")
def list_items(call: Call) -> Row:
    params = call.params
    rows = where(params, call.state.all(KIND), "customer", "invoice")
    rows = within({"date": params["created"]}, rows, "date") if "created" in params else rows
    if "pending" in params:
        rows = [row for row in rows if (row["invoice"] is None) == params["pending"]]
    return paged(call, rows)


@route("GET", "/v1/invoiceitems/{id}", "InvoiceItemRetrieveParams")
def retrieve_item(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


@route("POST", "/v1/invoiceitems/{id}", "InvoiceItemUpdateParams")
def update_item(call: Call) -> Row:
    row, params = call.state.get(KIND, call["id"]), call.params
    _refuse_unsimulated(call)
    if row["invoice"] is not None:
        raise invalid("The invoice item is attached to an invoice and can't be changed.")
    row.update({name: params[name] for name in ("amount", "description", "discountable", "period") if name in params})
    if "metadata" in params:
        row["metadata"] = merged(row["metadata"], params["metadata"])
    return row


@route("DELETE", "/v1/invoiceitems/{id}", "InvoiceItemDeleteParams")
def delete_item(call: Call) -> Row:
    """Possible while it waits, or while its invoice is a draft, which then asks for less."""
    from tests.fakes.stripe.invoices import without

    state, row = call.state, call.state.get(KIND, call["id"])
    if row["invoice"] is not None:
        invoice = state.get("invoice", row["invoice"])
        if invoice["status"] != "draft":
            raise invalid("The invoice item is attached to an invoice that is finalized, and can't be deleted.")
        without(invoice, row["id"], state.get("customer", row["customer"])["balance"])
    state.drop(row)
    emit(state, "invoiceitem.deleted", row)
    return {"id": row["id"], "object": KIND, "deleted": True}


def taken(state: State, subscription: Row) -> list[Row]:
    """The lines of what waits for the next invoice of the subscription's customer."""
    waiting = [row for row in state.all(KIND) if row["customer"] == subscription["customer"] and not row["invoice"]]
    return [_line(state, row) for row in waiting if row["_subscription"] in (None, subscription["id"])]


def landed(state: State, invoice: Row, lines: list[Row]) -> None:
    """They are on the invoice now."""
    for line in lines:
        state.get(KIND, line["parent"]["invoice_item_details"]["invoice_item"])["invoice"] = invoice["id"]


def _line(state: State, row: Row) -> Row:
    details = {"invoice_item": row["id"], "proration": False, "proration_details": None, "subscription": row["_subscription"]}  # fmt: skip
    return {
        "id": state.ids("il_"), "object": "line_item", "amount": row["amount"], "currency": row["currency"],
        "description": row["description"], "discount_amounts": [], "discountable": row["discountable"], "discounts": [],
        "invoice": None, "livemode": False, "metadata": dict(row["metadata"]), "period": dict(row["period"]),
        "parent": {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"},
        "pretax_credit_amounts": [], "pricing": None, "quantity": row["quantity"],
        "quantity_decimal": row["quantity_decimal"], "subscription": row["_subscription"], "subtotal": row["amount"], "taxes": [],
    }  # fmt: skip
