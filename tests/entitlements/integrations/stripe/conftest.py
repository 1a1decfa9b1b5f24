"""The desk connected with a counterpart of Stripe's over HTTP: a plan with its price there, and somebody who buys."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from catalog.models.billing import Mode as LinkMode
from entitlements.models import Account, Subscription
from journal.actions.connections import set_up
from journal.domain.actor import SYSTEM
from journal.domain.connection import Mode
from journal.integrations.receiving import take
from journal.models import Connection, Inbound
from tests.catalog.factories import BillingLinkFactory
from tests.entitlements.world import AT, Catalog, catalog
from tests.fakes.stripe import Counterpart, stripe_counterpart
from tests.fakes.stripe.events import body_of
from tests.fakes.stripe.signing import header

SECRET = "whsec_one"


@dataclass
class Shop:
    """What is sold at Stripe, what stands for it here, and what was told and not yet delivered."""

    fake: Counterpart
    stripe: Any
    connection: Connection
    catalog: Catalog
    product: str
    monthly: str
    yearly: str
    sent: set[str] = field(default_factory=set)
    web: Client = field(default_factory=Client)

    def customer(self, email: str = "ada@acme.example", name: str = "Acme", **more: Any) -> str:
        made = self.stripe.v1.customers.create({"email": email, "name": name, **more})
        self.card(made.id)
        return str(made.id)

    def card(self, customer: str, token: str = "pm_card_visa") -> None:
        method = self.stripe.v1.payment_methods.attach(token, {"customer": customer})
        self.stripe.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})

    def buy(self, customer: str, quantity: int = 1, price: str = "", **more: Any) -> Any:
        items = [{"price": price or self.monthly, "quantity": quantity}]
        return self.stripe.v1.subscriptions.create({"customer": customer, "items": items, **more})

    def unlinked(self, amount: int) -> str:
        """A price that stands for nothing here."""
        product = {"name": f"Something for {amount}"}
        told = {"product_data": product, "currency": "eur", "unit_amount": amount, "recurring": {"interval": "month"}}
        return str(self.stripe.v1.prices.create(told).id)

    def told(self) -> list[Any]:
        """What happened since this was asked last."""
        new = [event for event in self.fake.events if event["id"] not in self.sent]
        self.sent |= {event["id"] for event in new}
        return new

    def post(self, event: Any, *, secrets: tuple[str, ...] = (SECRET,), at: datetime | None = None) -> int:
        body = body_of(event)
        signed = {"stripe-signature": header(body, secrets, int((at or now()).timestamp())), "host": "127.0.0.1"}
        path = f"/hooks/{self.connection.key}"
        return self.web.post(path, body, content_type="application/json", headers=signed).status_code

    def deliver(self) -> None:
        """All that was told arrives, and is taken."""
        for event in self.told():
            assert self.post(event) == 200
        self.take()

    def take(self, at: datetime | None = None) -> int:
        return take(clock=lambda: at or now(), jitter=lambda: 0.0)

    def arrivals(self, **which: Any) -> list[Inbound]:
        return list(Inbound.objects.filter(connection=self.connection, **which).order_by("seq"))


def now() -> datetime:
    return datetime.now(UTC)


def only_account() -> Account:
    return Account.objects.get()


def only_subscription() -> Subscription:
    return Subscription.objects.get()


@pytest.fixture
def fake() -> Iterator[Counterpart]:
    with stripe_counterpart(seed=11) as counterpart:
        yield counterpart


@pytest.fixture
def clock() -> Iterator[Any]:
    """The desk's clock stands where the counterpart's does."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shop(fake: Counterpart, clock: Any) -> Shop:
    there = fake.client(max_network_retries=0)
    product = there.v1.products.create({"name": "Team"}).id
    prices = [
        there.v1.prices.create(
            {"product": product, "currency": "eur", "unit_amount": amount, "recurring": {"interval": each}}
        ).id
        for amount, each in ((1000, "month"), (10_000, "year"))
    ]
    sold = catalog()
    connection = connected(fake)
    link = {"mode": LinkMode.TEST, "feature": None, "plan": sold.team}
    BillingLinkFactory(**link, external_id=product)
    for price, each in zip(prices, ("month", "year"), strict=True):
        BillingLinkFactory(**link, interval=each, currency="EUR", external_id=price)
    made = Shop(fake, there, connection, sold, product, *prices)
    made.told()
    return made


def connected(fake: Counterpart, *, key: str = "", **settings: str) -> Connection:
    return set_up(
        vendor="stripe",
        name="Stripe",
        mode=Mode.TEST,
        settings={"account": "acct_counterpart", "base": fake.base, **settings},
        secrets={"api_key": key or fake.api_key, "signing": SECRET},
        by=SYSTEM,
        at=AT - timedelta(days=1),
    )
