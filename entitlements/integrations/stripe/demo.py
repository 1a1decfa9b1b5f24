"""The demo's own Stripe, which stands on this machine: the desk is connected with it, and what the desk sells is for sale there.

Every step is a comparison and may be repeated at each start. Nothing of it can be reached where the desk is in
production (`client_of` refuses), and none of its keys opens anything elsewhere.
"""

from datetime import datetime
from typing import Any

import stripe

from catalog.actions.billing_links import Named, set_links
from catalog.models.billing import Mode as CatalogMode
from catalog.queries.billing import Slot, links_token
from entitlements.integrations.stripe.client import (
    ACCOUNT,
    API_KEY,
    BASE,
    PUSH,
    PUSH_PLANS,
    SIGNING,
    SYSTEM,
    asking,
)
from entitlements.integrations.stripe.offers import links_of, offers
from entitlements.integrations.stripe.push import push_catalog
from journal.actions.pretended import connect_pretended
from journal.domain.actor import SYSTEM as DESK
from journal.models import Connection

NAME = "Stripe, pretended on this machine"
UNLINKED = "unlinked_month"  # so that somebody can see what comes of a price that nobody linked


def connect(*, key: str, base: str, api_key: str, signing: str, at: datetime) -> Connection:
    """Connected the demo with its Stripe, or brought that connection up to date; what somebody paused stays paused."""
    told = {ACCOUNT: "acct_counterpart", BASE: base, PUSH: "yes", PUSH_PLANS: "yes"}
    secrets = {API_KEY: api_key, SIGNING: signing}
    return connect_pretended(vendor=SYSTEM, name=NAME, key=key, told=told, secrets=secrets, at=at)


def stock(connection: Connection, *, at: datetime) -> list[str]:
    """Made for sale there what is on sale here, as any push does, and a price that nobody linked; the plans' names."""
    _forget_invented(connection, at=at)
    push_catalog(connection, at=at, by=DESK)
    with asking(connection, at=at) as client:
        _something_unlinked(client)
    return [offer.plan.name for offer in offers(at=at)]


def _forget_invented(connection: Connection, *, at: datetime) -> None:
    """The demo's own data names a product for trying out that is at no Stripe, and so would never be for sale."""
    mode = CatalogMode(connection.mode)
    with asking(connection, at=at) as client:
        gone = [slot for slot, link in links_of(mode).items() if not _is_there(client, link.external_id, slot)]
    if gone:
        named = [Named(slot, "") for slot in gone]
        set_links(
            mode=mode, named=named, seen=links_token(mode=mode), by=DESK, at=at, reason="The pretended Stripe has none"
        )


def _is_there(client: stripe.StripeClient, thing: str, slot: Slot) -> bool:
    try:
        client.v1.prices.retrieve(thing) if slot.interval else client.v1.products.retrieve(thing)
    except stripe.InvalidRequestError as error:
        return error.code != "resource_missing"
    return True


def _something_unlinked(client: stripe.StripeClient) -> None:
    if client.v1.prices.list({"lookup_keys": [UNLINKED], "limit": 1}).data:
        return
    words = "The desk has no link for this price: bought, it gives nothing, and stands among the findings."
    product = client.v1.products.create({"name": "A forgotten price", "description": words})
    told: Any = {"product": product.id, "currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}}
    client.v1.prices.create(told | {"lookup_key": UNLINKED})
