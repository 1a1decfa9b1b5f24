"""Sums that come on a customer's next invoice beside the subscription: promised once, and taken off again once.

Each has a stream of its own among the deliveries, so that one that is refused holds up nothing else of the account; and
in that stream nothing is taken off before it is known what became of putting it there.
"""

from datetime import datetime

from catalog.domain.words import say_money
from entitlements.actions.billing import BILLING
from entitlements.models import Account
from entitlements.queries.billed.invoice_items import item_key, off_key
from entitlements.queries.billed.payers import Payer
from journal.actions.outbound import promise, try_again
from journal.models import Outbound

ADD, REMOVE = "add_invoice_item", "remove_invoice_item"


def promise_invoice_item(
    *, payer: Payer, account: Account, name: str, description: str, micros: int, currency: str, at: datetime
) -> Outbound | None:
    """Promise that a sum comes on the payer's next invoice. `name` is ours, and is promised once."""
    return promise(
        kind=BILLING,
        destination=f"{payer.connection.vendor}: {name}",
        account_key=account.key,
        payload={
            "subject": f"On the next invoice of {account}: {description}, {say_money(micros, currency)}",
            "do": ADD,
            "subscription": "",
            "connection": payer.connection.pk,
            "customer": payer.customer,
            "name": name,
            "description": description,
            "amount_micros": micros,
            "currency": currency,
            "account": account.key,
        },
        once_key=item_key(name),
        at=at,
    )


def take_off_invoice(*, name: str, reason: str, at: datetime) -> Outbound | None:
    """Promise that the sum is taken off again; None where it was never promised.

    What was not told yet is never told: whoever carries it looks for this promise first.
    """
    told = Outbound.objects.filter(once_key=item_key(name)).first()
    if told is None:
        return None
    kept = {word: told.payload[word] for word in ("subscription", "connection", "customer", "name", "account")}
    off = promise(
        kind=BILLING,
        destination=told.destination,
        account_key=told.account_key,
        payload={
            **kept,
            "subject": f"Not on an invoice any more: {told.payload['description']} ({reason})"[:500],
            "do": REMOVE,
            "description": told.payload["description"],
            "item": str(told.message_id),
        },
        once_key=off_key(name),
        at=at,
    )
    try_again(told.once_key, at=at)
    return off
