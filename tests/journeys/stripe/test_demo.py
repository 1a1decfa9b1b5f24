"""`make run STRIPE=demo`: somebody without any key buys, fails to pay, and pays after all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.desk import rows_in, until
from tests.journeys.stripe.demo_desk import Demo, demo_in

SOON = 60.0  # seconds; the aim is 5, which `benchmarks.billing_provisioning` measures
GRACE = "entitlements_subscriptionphase WHERE phase = 'grace' AND restored_at IS {}"
pytestmark = pytest.mark.kill


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    there = demo_in(tmp_path)
    with there.running():  # what it started has to end with it
        yield there


def test_a_newcomer_buys_fails_to_pay_and_pays(demo: Demo, tmp_path: Path) -> None:
    customer = demo.buys("Team", "ada@newcomer.example")
    assert until(lambda: demo.allows(customer, "sso"), seconds=SOON)
    portal = demo.portal(customer)
    demo.push(portal, deed="card", card="pm_card_chargeCustomerFail")
    assert "Payment overdue" in demo.push(portal, deed="nearer", days="0").text
    assert until(lambda: rows_in(tmp_path, GRACE.format("NULL")) == 1, seconds=SOON)
    demo.push(portal, deed="card", card="pm_card_visa")
    invoice = demo.page(portal).partition("name=invoice value=")[2].partition(">")[0]
    assert "Payment overdue" not in demo.push(portal, deed="pay", invoice=invoice).text
    assert until(lambda: rows_in(tmp_path, GRACE.format("NOT NULL")) == 1, seconds=SOON)
    assert demo.allows(customer, "sso")
