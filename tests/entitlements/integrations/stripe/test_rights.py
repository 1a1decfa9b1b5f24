"""The rights that docs/stripe.md asks for are those that the desk's questions need: not one less, not one more."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from entitlements.integrations.stripe.client import KeyRefused
from journal.domain.arrival import MOST_TRIES

ROOT = Path(settings.BASE_DIR)
ASKED = re.compile(r"\.v1\.((?:\w+\.)+)(retrieve|list|create|update|delete)\b")
# What Stripe calls the right for each; those of a schedule and an item are the subscription's.
RIGHTS = {
    "billing.meters": "Meters",
    "billing.meter_events": "Meter events",
    "checkout.sessions": "Checkout Sessions",
    "customers": "Customers",
    "entitlements.active_entitlements": "Entitlements",
    "entitlements.features": "Entitlements",
    "events": "Events",
    "invoice_items": "Invoice items",
    "invoices": "Invoices",
    "prices": "Prices",
    "products": "Products",
    "products.features": "Products",
    "subscription_items": "Subscriptions",
    "subscription_schedules": "Subscriptions",
    "subscriptions": "Subscriptions",
}
SETS_ITSELF_UP = {"demo.py"}  # with the key of a pretended Stripe


def needed():
    """What the sources ask for: (right, whether it is written)."""
    folder = ROOT / "entitlements/integrations/stripe"
    texts = [path.read_text() for path in sorted(folder.glob("*.py")) if path.name not in SETS_ITSELF_UP]
    found = [match for text in texts for match in ASKED.findall(text)]
    return {(RIGHTS[path.rstrip(".")], verb not in ("retrieve", "list")) for path, verb in found}


def documented():
    """The table of rights, as two sets of names."""
    rows = re.findall(r"^   \|(.*)\|(.*)\|$", (ROOT / "docs/stripe.md").read_text(), re.MULTILINE)[2:]
    names = sorted(set(RIGHTS.values()), key=len, reverse=True)
    read, write = (" ".join(row[place] for row in rows) for place in (0, 1))
    return _named(read, names), _named(write, names)


def _named(text, names):
    found = set()
    for name in names:
        if name in text:
            found.add(name)
            text = text.replace(name, "")
    return found


def test_every_question_has_its_right_in_the_docs():
    read, write = documented()
    assert {name for name, writes in needed() if writes} == write
    assert {name for name, writes in needed() if not writes} <= read | write


def test_no_right_is_asked_for_that_nothing_needs():
    read, _ = documented()
    assert read <= {name for name, writes in needed() if not writes}


@pytest.mark.django_db
def test_without_a_right_the_operator_reads_which(shop, clock):
    shop.buy(shop.customer())
    shop.fake.inject("403", next=99, path="/v1/subscriptions/")
    shop.deliver()
    row = shop.arrivals(type="customer.subscription.created")[0]
    assert row.state == "waiting"
    assert "The key may not do this; give it the rights that docs/stripe.md lists" in row.last_error
    assert "rak_subscription_read" in row.last_error
    assert KeyRefused.__name__ in row.last_error
    assert MOST_TRIES == 9, "docs/stripe.md says so"
