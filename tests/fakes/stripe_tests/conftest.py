"""A counterpart for each test, and at the test's end: every answer and event in Stripe's shape, every parameter heeded."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes.stripe import Counterpart, customers, payment_methods, stripe_counterpart
from tests.fakes.stripe.catalog import price_made, product_made
from tests.fakes.stripe_tests import shapes

# Accepted and without effect, knowingly: hints to Stripe, or said elsewhere.
UNHEEDED = {"off_session", "forgive", "proration_date", "validate_location", "error_on_requires_action"}


@pytest.fixture
def fake() -> Iterator[Counterpart]:
    with stripe_counterpart(seed=7) as counterpart:
        yield counterpart
    assert not misshapen(counterpart)
    assert not [one for one in counterpart.ignored if one[1] not in UNHEEDED]


def misshapen(counterpart: Counterpart) -> list[str]:
    found: list[str] = []
    for asked in counterpart.requests:
        gone = asked.method == "DELETE" and asked.path.startswith("/v2/")
        if asked.status == 200 and "object" in asked.answer and not gone:
            found += shapes.wrong(asked.answer, f"{asked.method} {asked.path} ")
    kinds = set(shapes.facts()["event_types"])
    for event in counterpart.events:
        assert event["type"] in kinds, event["type"]
        found += shapes.wrong(_public(event), f"{event['type']} ") + shapes.wrong(
            event["data"]["object"], f"{event['type']} of "
        )
    return found


def _public(row: Any) -> Any:
    return {name: value for name, value in row.items() if not name.startswith("_")}


@pytest.fixture
def stripe(fake: Counterpart) -> Any:
    return fake.client(max_network_retries=0)


@dataclass
class Shop:
    """What most tests need: two plans of one product, a feature, and somebody with a card."""

    fake: Counterpart
    stripe: Any
    product: str
    monthly: str
    dearer: str
    yearly: str
    customer: str

    def subscribed(self, price: str = "", quantity: int = 1, **more: Any) -> Any:
        items = [{"price": price or self.monthly, "quantity": quantity}]
        return self.stripe.v1.subscriptions.create({"customer": self.customer, "items": items, **more})

    def now(self, subscription: Any) -> Any:
        return self.stripe.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})

    def price(self, amount: int, interval: str = "month", **more: Any) -> str:
        asked = {"product": self.product, "currency": "eur", "unit_amount": amount, "recurring": {"interval": interval}}
        return str(self.stripe.v1.prices.create(asked | more).id)

    def card(self, token: str) -> Any:
        method = self.stripe.v1.payment_methods.attach(token, {"customer": self.customer})
        self.stripe.v1.customers.update(self.customer, {"invoice_settings": {"default_payment_method": method.id}})
        return method

    def told(self, kind: str = "") -> list[str]:
        return [event["type"] for event in self.fake.events if event["type"].startswith(kind)]


@pytest.fixture
def shop(fake: Counterpart, stripe: Any) -> Shop:
    """Put there at once, past the wire: what it takes to ask for all that has tests of its own."""
    with fake.state.lock:
        product = product_made(fake.state, {"name": "Team"})["id"]
        prices = [_price(fake, product, *one) for one in ((1000, "month"), (3000, "month"), (10_000, "year"))]
        customer = customers.made(fake.state, email="ada@example.com", name="Ada")
        card = payment_methods.attached(fake.state, "pm_card_visa", customer)
        customer["invoice_settings"]["default_payment_method"] = card["id"]
    return Shop(fake, stripe, product, *prices, customer["id"])


def _price(fake: Counterpart, product: str, amount: int, interval: str) -> str:
    given = {"product": product, "currency": "eur", "unit_amount": amount, "recurring": {"interval": interval}}
    return str(price_made(fake.state, given)["id"])


@pytest.fixture
def bare(shop: Shop) -> Shop:
    """The same shop, with somebody who has no card."""
    shop.customer = shop.stripe.v1.customers.create({"email": "bob@example.com"}).id
    return shop


def on_a_clock(shop: Shop, token: str = "pm_card_visa") -> Any:
    """The shop's customer becomes one on a test clock of its own."""
    clock = shop.stripe.v1.test_helpers.test_clocks.create({"frozen_time": shop.fake.now, "name": "Test"})
    shop.customer = shop.stripe.v1.customers.create({"email": "cee@example.com", "test_clock": clock.id}).id
    if token:
        shop.card(token)
    return clock
