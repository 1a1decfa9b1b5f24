"""Invoice items: what comes once on a customer's next invoice, made once whatever breaks, and deleted while it can be.

An Idempotency-Key does for a day at most, and Stripe keeps a failure under it as well as a success. So each try looks
among the customer's items first, by the id of our message in their metadata. Between that look and the writing a key
keeps out whoever looked at the same time; where it turns out to be used up by a failure, the next one is taken.
"""

from typing import Any

import stripe

from entitlements.integrations.stripe.client import PAGE, Declined, every, plain
from entitlements.queries.billed.invoice_items import is_off
from journal.models import Outbound

ID = "desk_item"
MOST_KEYS = 30
MICROS = 1_000_000
# Where Stripe's smallest unit isn't the hundredth. https://docs.stripe.com/currencies#zero-decimal
WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])  # of which the last digit is nought
HUNDREDS = frozenset(["ISK", "UGX"])  # said in hundredths, though only whole ones are paid


class Invoiced(Declined):
    """It stands on an invoice that was sent already: only a person can put that right."""


def add(client: stripe.StripeClient, row: Outbound) -> None:
    """Nothing where it is there already, or was withdrawn before it got there."""
    told, item = row.payload, str(row.message_id)
    if is_off(row) or _ours(client, told["customer"], item) is not None:
        return
    _refuse_another_currency(client, told["customer"], told["currency"])
    wanted = {
        "customer": told["customer"],
        "amount": smallest(told["amount_micros"], told["currency"]),
        "currency": told["currency"].lower(),
        "description": told["description"],
        "metadata": {ID: item, "desk_name": told["name"], "desk_account": told["account"]},
    }
    _create_once(client, wanted, item)


def remove(client: stripe.StripeClient, row: Outbound) -> None:
    """It may go while it waits, or while its invoice is a draft."""
    found = _ours(client, row.payload["customer"], row.payload["item"])
    if found is None:
        return
    try:
        client.v1.invoice_items.delete(found.id)
    except stripe.InvalidRequestError as error:
        if found.invoice is None or error.code == "resource_missing":
            raise
        words = (
            f"“{row.payload['description']}” was withdrawn here, and stands on the invoice {found.invoice} already. "
        )
        raise Invoiced(words + "Write a credit note there, then leave it as it is here, and say so.") from None


def smallest(micros: int, currency: str) -> int:
    """A sum as Stripe says it; nothing is rounded, so what can't be said is declined."""
    parts = 1 if currency in WHOLE else 1000 if currency in THOUSANDTHS else 100
    step = 10 if currency in THOUSANDTHS else 100 if currency in HUNDREDS else 1
    said, rest = divmod(micros * parts, MICROS)
    if rest or said % step:
        raise Declined(f"Stripe has no sums of {currency} as fine as that. Bill it by hand.")
    return said


def _ours(client: stripe.StripeClient, customer: str, item: str) -> stripe.InvoiceItem | None:
    listed = every(client.v1.invoice_items.list({"customer": customer, "limit": PAGE}))
    return next((one for one in listed if (plain(one)["metadata"] or {}).get(ID) == item), None)


def _refuse_another_currency(client: stripe.StripeClient, customer: str, currency: str) -> None:
    """One in another currency than the subscription's would wait for an invoice that never comes."""
    there = client.v1.customers.retrieve(customer)
    if getattr(there, "deleted", False):
        raise Declined("The customer was removed at Stripe. Bill it by hand.")
    if there.currency and there.currency.upper() != currency:
        raise Declined(f"Stripe bills the customer in {there.currency.upper()}, not in {currency}. Bill it by hand.")


def _create_once(client: stripe.StripeClient, wanted: Any, item: str) -> None:
    for number in range(MOST_KEYS):
        try:
            client.v1.invoice_items.create(
                wanted, {"idempotency_key": f"desk-{item}-{number}", "max_network_retries": 0}
            )
            return
        except stripe.StripeError as error:
            last = number == MOST_KEYS - 1
            if last or (error.headers or {}).get("Idempotent-Replayed") != "true":
                raise
        if _ours(client, wanted["customer"], item) is not None:
            return
