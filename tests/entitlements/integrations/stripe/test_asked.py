"""What a person asks of Stripe from a page: looked at and followed, or said why not, with nothing changed."""

from datetime import timedelta

import pytest

from entitlements.domain.billed.findings import FindingKind
from entitlements.integrations.stripe.asked import look_again, look_at, page_of, push_again, take_theirs
from entitlements.models import BilledSubscription, BillingFinding, SubscriptionItem
from entitlements.queries.billed.findings import standing
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import AuditEvent, Connection
from tests.catalog.factories import BillingLinkFactory
from tests.conftest import actor
from tests.entitlements.factories import BillingFindingFactory
from tests.entitlements.integrations.stripe.conftest import Shop
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def finance(db):
    return actor("finance")


def bought(shop: Shop, quantity: int = 2, price: str = "") -> str:
    made = shop.buy(shop.customer(), quantity, price)
    shop.deliver()
    return str(made.id)


def quantities() -> list[int]:
    return [row.quantity for row in SubscriptionItem.objects.filter(ends_at=None)]


def test_a_price_that_was_linked_meanwhile_gives_what_was_paid_for(shop: Shop, finance) -> None:
    price = shop.unlinked(700)
    bought(shop, price=price)
    finding = BillingFinding.objects.get(kind=FindingKind.UNLINKED)
    assert not SubscriptionItem.objects.exists()
    BillingLinkFactory(
        mode="test", feature=None, plan=shop.catalog.free, interval="month", currency="EUR", external_id=price
    )
    assert look_again(finding=finding, by=finance, at=AT).startswith("Begun: 2 × Free")
    finding.refresh_from_db()
    assert (finding.state, quantities()) == ("mended", [2])
    assert AuditEvent.objects.get(verb="billing_finding:look_again").actor_name == finance.name


def test_a_subscription_of_an_account_is_looked_at(shop: Shop, finance) -> None:
    billing_id = bought(shop)
    item = shop.stripe.v1.subscriptions.retrieve(billing_id)["items"].data[0]
    shop.stripe.v1.subscription_items.update(item.id, {"quantity": 7})
    look_at(billed=BilledSubscription.objects.get(), by=finance, at=AT + timedelta(seconds=1))
    assert quantities() == [7]


def test_of_a_difference_it_is_compared_only_until_theirs_is_taken(shop: Shop, finance) -> None:
    billing_id = bought(shop)
    item = shop.stripe.v1.subscriptions.retrieve(billing_id)["items"].data[0]
    shop.stripe.v1.subscription_items.update(item.id, {"quantity": 7})
    row = BillingFindingFactory(kind="drift", connection=shop.connection, billing_id=billing_id, about="")
    assert look_again(finding=row, by=finance, at=AT).startswith("It still differs. ")
    assert quantities() == [2]
    found = standing(shop.connection, billing_id)
    assert found is not None
    take_theirs(finding=found, by=finance, at=AT + timedelta(seconds=1))
    assert (quantities(), standing(shop.connection, billing_id)) == ([7], None)


def test_while_stripe_is_away_nothing_changes_and_it_says_when_to_try_again(shop: Shop, finance) -> None:
    bought(shop)
    shop.fake.inject("503", next=9)
    with pytest.raises(Refusal, match=r"can’t answer.*Nothing was changed. Try again in about \d+ seconds?\."):
        look_at(billed=BilledSubscription.objects.get(), by=finance, at=AT)
    assert quantities() == [2]


def test_what_stripe_never_had_is_said(shop: Shop, finance) -> None:
    row = BillingFindingFactory(kind="refused", connection=shop.connection, billing_id="sub_gone")
    with pytest.raises(Refusal, match="no longer, or never had it"):
        look_again(finding=row, by=finance, at=AT)


def test_what_is_about_no_one_customer_cant_be_looked_at(shop: Shop, finance) -> None:
    row = BillingFindingFactory(connection=shop.connection, billing_id="", about="feature:x")
    with pytest.raises(Refusal, match="about no one customer"):
        look_again(finding=row, by=finance, at=AT)


def test_a_connection_that_is_paused_is_asked_nothing(shop: Shop, finance) -> None:
    bought(shop)
    Connection.objects.filter(pk=shop.connection.pk).update(state="paused")
    with pytest.raises(Refusal, match="Stripe is paused, so nobody asks Stripe"):
        look_at(billed=BilledSubscription.objects.get(), by=finance, at=AT)


def test_only_who_may_settle_has_anything_looked_at(shop: Shop) -> None:
    bought(shop)
    for role in ("support", "sales", "auditor"):
        with pytest.raises(NotAllowed):
            look_at(billed=BilledSubscription.objects.get(), by=actor(role), at=AT)


def test_the_catalog_is_pushed_again(shop: Shop, finance) -> None:
    row = BillingFindingFactory(kind="push", connection=shop.connection, billing_id="", about="feature sso")
    assert push_again(finding=row, by=finance, at=AT).startswith("Stripe has everything as the catalog has it.")
    row.refresh_from_db()
    assert row.state == "mended"


@pytest.mark.parametrize(
    ("mode", "thing", "address"),
    [
        ("live", "sub_1", "https://dashboard.stripe.com/acct_1/subscriptions/sub_1"),
        ("test", "cus_1", "https://dashboard.stripe.com/acct_1/test/customers/cus_1"),
        ("test", "price_1/../x", "https://dashboard.stripe.com/acct_1/test/prices/price_1%2F..%2Fx"),
        ("live", "javascript:alert(1)", ""),
    ],
)
def test_its_own_page_stands_in_the_dashboard_of_its_mode(mode: str, thing: str, address: str) -> None:
    there = Connection(vendor="stripe", mode=mode, settings={"account": "acct_1"})
    assert page_of(connection=there, thing=thing) == address


def test_a_pretended_stripe_has_no_dashboard() -> None:
    there = Connection(vendor="stripe", mode="test", settings={"base": "http://127.0.0.1:1"})
    assert page_of(connection=there, thing="sub_1") == ""
