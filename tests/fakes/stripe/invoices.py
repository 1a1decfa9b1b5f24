"""Invoices: drawn up, finalized, paid or not, voided; and what is read of them."""

from tests.fakes.stripe import invoice_items
from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import invalid
from tests.fakes.stripe.events import emit, updating
from tests.fakes.stripe.listing import paged, where, within
from tests.fakes.stripe.rendering import nulls, shown, whole_list
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "invoice"
NULLS = """account_tax_ids application custom_fields customer_account customer_shipping
  amount_paid_off_stripe default_payment_method default_source description due_date effective_at ending_balance footer from_invoice
  hosted_invoice_url invoice_pdf last_finalization_error latest_revision next_payment_attempt number on_behalf_of
  receipt_number rendering shipping_cost shipping_details statement_descriptor status_details threshold_reason
  automatically_finalizes_at webhooks_delivered_at"""
AUTOMATIC_TAX = {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None}


def row_of(
    state: State, subscription: Row, lines: list[Row], reason: str, *, period: tuple[int, int] | None = None
) -> Row:
    """An invoice as it would be, put nowhere."""
    customer = state.get("customer", subscription["customer"])
    at, total, key = state.now(subscription), sum(one["amount"] for one in lines), state.ids("in_")
    start, end = period or (at, at)
    for one in lines:
        one["invoice"] = key
    parent = {
        "metadata": dict(subscription["metadata"]),
        "subscription": subscription["id"],
        "subscription_proration_date": at,
    }
    return {
        "id": key, "object": KIND, **nulls(NULLS), "account_country": state.settings.country,
        "account_name": state.settings.name, "amount_overpaid": 0, "amount_paid": 0, "amount_shipping": 0,
        **_due(total, customer["balance"]), "attempt_count": 0, "attempted": False, "auto_advance": True,
        "automatic_tax": dict(AUTOMATIC_TAX), "billing_reason": reason, "collection_method": subscription["collection_method"],
        "created": at, "currency": subscription["currency"], "customer": customer["id"],
        "customer_address": customer["address"], "customer_email": customer["email"], "customer_name": customer["name"],
        "customer_phone": customer["phone"], "customer_tax_exempt": customer["tax_exempt"], "customer_tax_ids": [],
        "default_tax_rates": [], "discounts": [], "issuer": {"type": "self"}, "livemode": False, "metadata": {},
        "lines": whole_list(lines, f"/v1/invoices/{key}/lines") | {"total_count": len(lines)},
        "parent": {"quote_details": None, "subscription_details": parent, "type": "subscription_details"},
        "payment_settings": nulls("default_mandate payment_method_options payment_method_types"),
        "period_start": start, "period_end": end, "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0,
        "starting_balance": customer["balance"], "status": "draft", "subtotal": total, "subtotal_excluding_tax": total,
        "status_transitions": nulls("finalized_at marked_uncollectible_at paid_at voided_at"),
        "test_clock": subscription["test_clock"], "total": total, "total_discount_amounts": [], "total_excluding_tax": total,
        "total_pretax_credit_amounts": [], "total_taxes": [], "_confirmation_secret": None,
    }  # fmt: skip


def _due(total: int, balance: int) -> Row:
    due = max(total + balance, 0)
    return {"amount_due": due, "amount_remaining": due}


def drawn(
    state: State, subscription: Row, lines: list[Row], reason: str, *, period: tuple[int, int] | None = None
) -> Row:
    """A draft with what was pending, and the subscription's latest."""
    waited = invoice_items.taken(state, subscription)
    lines = subscription["_pending"] + lines + waited
    subscription["_pending"] = []
    row = state.put(row_of(state, subscription, lines, reason, period=period))
    invoice_items.landed(state, row, waited)
    row["_payments"] = whole_list([], f"/v1/invoice_payments?invoice={row['id']}")
    subscription["latest_invoice"] = row["id"]
    subscription["_invoices"].append(row["id"])
    emit(state, "invoice.created", row)
    return row


def without(row: Row, invoice_item: str, balance: int) -> None:
    """A draft without the line of an invoice item."""
    gone = [one for one in row["lines"]["data"] if (one["parent"]["invoice_item_details"] or {}).get("invoice_item") == invoice_item]  # fmt: skip
    row["lines"]["data"] = [one for one in row["lines"]["data"] if one not in gone]
    row["lines"]["total_count"] = len(row["lines"]["data"])
    total = row["total"] - sum(one["amount"] for one in gone)
    row |= dict.fromkeys(("total", "subtotal", "subtotal_excluding_tax", "total_excluding_tax"), total) | _due(total, balance)  # fmt: skip


def finalized(state: State, row: Row) -> None:
    """Takes a number and the customer's balance; what leaves nothing to pay is paid."""
    at, customer = state.now(row), state.get("customer", row["customer"])
    balance = customer.get("balance", 0)
    with updating(state, customer, "customer.updated"):
        left = row["total"] + balance
        row |= {"starting_balance": balance, "ending_balance": min(left, 0), **_due(row["total"], balance)}
        customer["balance"] = min(left, 0)
    row["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
    customer["next_invoice_sequence"] += 1
    row |= {"status": "open", "effective_at": at, "automatically_finalizes_at": None, "webhooks_delivered_at": at}
    row["status_transitions"]["finalized_at"] = at
    row["hosted_invoice_url"] = f"{state.base}/i/{row['id']}"
    row["invoice_pdf"] = f"{state.base}/i/{row['id']}/pdf"
    row["_confirmation_secret"] = {"client_secret": f"{row['id']}_secret", "type": "payment_intent"}
    if row["collection_method"] == "send_invoice":
        row["due_date"] = at + (state.get("subscription", subscription_of(row))["days_until_due"] or 30) * DAY
    emit(state, "invoice.finalized", row)
    if row["amount_due"] == 0:
        _close(state, row, at)


def settled(state: State, row: Row, intent: str | None = None) -> None:
    """Money came: the whole of it."""
    at = state.now(row)
    row |= {"amount_paid": row["amount_due"], "amount_remaining": 0}
    payment = _payment(state, row, intent, at)
    row["_payments"]["data"].append(payment)
    emit(state, "invoice_payment.paid", payment)
    _close(state, row, at)


def _close(state: State, row: Row, at: int) -> None:
    from tests.fakes.stripe.dunning import recovered

    row |= {"status": "paid", "attempted": True, "auto_advance": False, "next_payment_attempt": None}
    row["status_transitions"]["paid_at"] = at
    emit(state, "invoice.paid", row)
    emit(state, "invoice.payment_succeeded", row)
    recovered(state, row)


def _payment(state: State, row: Row, intent: str | None, at: int) -> Row:
    kind = {"charge": None, "payment_intent": intent, "payment_record": None, "type": "payment_intent"}
    return state.put({
        "id": state.ids("inpay_"), "object": "invoice_payment", "amount_paid": row["amount_due"],
        "amount_requested": row["amount_due"], "created": at, "currency": row["currency"], "invoice": row["id"],
        "is_default": True, "livemode": False, "payment": kind, "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": at},
    })  # fmt: skip


def subscription_of(row: Row) -> str:
    return str(row["parent"]["subscription_details"]["subscription"])


def voided(state: State, row: Row) -> None:
    row |= {"status": "void", "auto_advance": False, "next_payment_attempt": None}
    row["status_transitions"]["voided_at"] = state.now(row)
    emit(state, "invoice.voided", row)


def uncollectible(state: State, row: Row, reason: str = "user_forgiven") -> None:
    row |= {"status": "uncollectible", "auto_advance": False, "next_payment_attempt": None}
    row["status_details"] = {"uncollectible": {"reason": reason}}
    row["status_transitions"]["marked_uncollectible_at"] = state.now(row)
    emit(state, "invoice.marked_uncollectible", row)


@route("GET", "/v1/invoices", "InvoiceListParams")
def list_invoices(call: Call) -> Row:
    params, rows = call.params, within(call.params, call.state.all(KIND))
    if "subscription" in params:
        rows = [row for row in rows if subscription_of(row) == params["subscription"]]
    rows = within(params, [row for row in rows if "due_date" not in params or row["due_date"]], "due_date")
    return paged(call, where(params, rows, "customer", "status", "collection_method"))


@route("GET", "/v1/invoices/{id}", "InvoiceRetrieveParams")
def retrieve_invoice(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


@route("GET", "/v1/invoices/{id}/lines", "InvoiceLineItemListParams")
def list_lines(call: Call) -> Row:
    return paged(call, call.state.get(KIND, call["id"])["lines"]["data"], newest_first=False)


@route("POST", "/v1/invoices/{id}", "InvoiceUpdateParams")
def update_invoice(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    with updating(call.state, row, "invoice.updated"):
        row.update({name: call.params[name] or None for name in ("description", "footer") if name in call.params})
        if "auto_advance" in call.params:
            row["auto_advance"] = call.params["auto_advance"]
        if "metadata" in call.params:
            row["metadata"] = merged(row["metadata"], call.params["metadata"])
    return row


def _must_be(row: Row, *statuses: str, verb: str) -> None:
    if row["status"] not in statuses:
        raise invalid(f"You can only {verb} invoices that are {' or '.join(statuses)}; this one is {row['status']}.")


@route("POST", "/v1/invoices/{id}/finalize", "InvoiceFinalizeInvoiceParams")
def finalize_invoice(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    _must_be(row, "draft", verb="finalize")
    if "auto_advance" in call.params:
        row["auto_advance"] = call.params["auto_advance"]
    finalized(call.state, row)
    return row


@route("POST", "/v1/invoices/{id}/pay", "InvoicePayParams")
def pay_invoice(call: Call) -> Row:
    from tests.fakes.stripe.dunning import asked_to_pay

    row = call.state.get(KIND, call["id"])
    if row["status"] == "paid":
        raise invalid("Invoice is already paid", "", "invoice_already_paid")
    _must_be(row, "draft", "open", "uncollectible", verb="pay")
    if row["status"] == "draft":
        finalized(call.state, row)
    asked_to_pay(call.state, row, call.params)
    return row


@route("POST", "/v1/invoices/{id}/void", "InvoiceVoidInvoiceParams")
def void_invoice(call: Call) -> Row:
    from tests.fakes.stripe.dunning import recovered

    row = call.state.get(KIND, call["id"])
    _must_be(row, "open", "uncollectible", verb="void")
    voided(call.state, row)
    recovered(call.state, row)
    return row


@route("POST", "/v1/invoices/{id}/mark_uncollectible", "InvoiceMarkUncollectibleParams")
def mark_uncollectible(call: Call) -> Row:
    from tests.fakes.stripe.dunning import recovered

    row = call.state.get(KIND, call["id"])
    _must_be(row, "open", verb="mark uncollectible")
    uncollectible(call.state, row)
    recovered(call.state, row)
    return row


@route("POST", "/v1/invoices/{id}/send", "InvoiceSendInvoiceParams")
def send_invoice(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    if row["status"] == "draft":
        finalized(call.state, row)
    emit(call.state, "invoice.sent", row)
    return row


@route("GET", "/v1/invoice_payments", "InvoicePaymentListParams")
def list_payments(call: Call) -> Row:
    return paged(call, where(call.params, call.state.all("invoice_payment"), "invoice", "status"))


@route("GET", "/v1/invoice_payments/{id}", "InvoicePaymentRetrieveParams")
def retrieve_payment(call: Call) -> Row:
    return call.state.get("invoice_payment", call["id"])


def preview(row: Row) -> Row:
    return shown(row) | {"id": f"upcoming_{row['id']}"}
