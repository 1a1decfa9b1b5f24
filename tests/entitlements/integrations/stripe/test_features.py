"""What Stripe says a customer is entitled to is what the account has, where the billing decides about the feature."""

from datetime import timedelta

import pytest

from entitlements.actions.billed.features import follow_features
from entitlements.actions.billed.tickets import take_features_ticket
from entitlements.integrations.stripe import features as looking
from entitlements.integrations.stripe.arrivals import FEATURES, TYPES
from entitlements.integrations.stripe.client import NotThere
from entitlements.integrations.stripe.features import fetched_features, look_at_features, parse_features
from entitlements.integrations.stripe.missed import fetch_missed
from entitlements.models import BilledFeature, BillingFinding, EntitlementChange, FeaturesTold
from journal.actions.connections import as_actor
from journal.domain.receiving import Later
from journal.models import AuditEvent
from tests.entitlements.integrations.stripe.conftest import only_account
from tests.entitlements.integrations.stripe.features import (
    by_billing,
    carries,
    deliver_only_features,
    deliver_without_features,
    has,
    rows,
    summaries,
)
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
MANY = [f"f{number:02}" for number in range(25)]


def test_who_buys_has_what_the_product_carries(shop):
    by_billing("audit")
    carries(shop, "audit")
    shop.buy(shop.customer())
    shop.deliver()
    assert has("audit")
    (change,) = EntitlementChange.objects.filter(feature_key="audit")
    assert change.cause == "The billing says so"
    assert shop.arrivals(type=FEATURES)[0].state == "done"


def test_its_subject_is_the_customer(shop):
    carries(shop, "audit")
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    assert {row.subject for row in shop.arrivals(type=FEATURES)} == {customer}
    assert FEATURES in TYPES
    assert f"v1.{FEATURES}" not in TYPES


def test_all_that_there_are_however_few_the_message_shows(shop, monkeypatch):
    monkeypatch.setattr(looking, "PAGE", 10)
    for key in MANY:
        by_billing(key)
    carries(shop, *MANY)
    shop.buy(shop.customer())
    (told,) = summaries(shop)
    inline = told["data"]["object"]["entitlements"]
    assert (len(inline["data"]), inline["has_more"]) == (10, True)
    before = len(shop.fake.requests)
    shop.post(told)
    shop.take()
    assert rows() == [(key, True) for key in MANY]
    asked = [one for one in shop.fake.requests[before:] if one.path.endswith("/active_entitlements")]
    assert len(asked) == 6, "three pages each for the look after the subscription and for the message itself"


def test_none_takes_all_back(shop):
    by_billing("audit"), by_billing("export")
    carries(shop, "audit", "export")
    bought = shop.buy(shop.customer())
    shop.deliver()
    assert has("audit")
    assert has("export")
    shop.stripe.v1.subscriptions.cancel(bought.id)
    (told,) = summaries(shop)
    assert told["data"]["object"]["entitlements"]["data"] == []
    shop.post(told)
    shop.take()
    assert rows() == [("audit", False), ("export", False)]
    assert not has("audit")
    assert not has("export")


def test_the_message_may_come_before_that_of_the_purchase(shop):
    by_billing("audit")
    carries(shop, "audit")
    shop.buy(shop.customer())
    deliver_only_features(shop)
    assert has("audit")
    assert not BillingFinding.objects.exists()


def test_lost_messages_are_made_up_for_by_those_of_the_subscription(shop):
    by_billing("audit")
    carries(shop, "audit")
    bought = shop.buy(shop.customer())
    deliver_without_features(shop)
    assert has("audit")
    shop.stripe.v1.subscriptions.cancel(bought.id)
    deliver_without_features(shop)
    assert not has("audit")


def test_the_catch_up_finds_what_never_came(shop):
    by_billing("audit")
    carries(shop, "audit")
    shop.buy(shop.customer())
    fetch_missed(at=AT)
    assert shop.arrivals(type=FEATURES)
    shop.take()
    assert has("audit")


def test_a_customer_who_is_removed_has_none_any_more(shop):
    by_billing("audit")
    carries(shop, "audit")
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    shop.stripe.v1.customers.delete(customer)
    for event in shop.told():
        if event["type"] == "customer.deleted":
            shop.post(event)
    shop.take()
    assert shop.arrivals(type="customer.deleted")[0].state == "done"
    assert rows() == [("audit", False)]


def test_one_whom_stripe_never_knew_loses_nothing(shop):
    feature = by_billing("audit")
    carries(shop, "audit")
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    row = BilledFeature.objects.get(feature=feature)
    with pytest.raises(NotThere):
        fetched_features(shop.connection, "cus_of_another_account", at=AT)
    assert (row.ends_at, has("audit")) == (None, True)


def test_every_message_twice_and_backwards_ends_in_the_same(shop):
    by_billing("audit")
    carries(shop, "audit")
    bought = shop.buy(shop.customer())
    shop.stripe.v1.subscriptions.cancel(bought.id)
    told = shop.told()
    for event in [*reversed(told), *told]:
        assert shop.post(event) == 200
    shop.take()
    assert BilledFeature.objects.filter(ends_at=None).count() == 0
    assert not shop.arrivals(state__in=["given_up", "waiting"])


def test_looked_at_again_nothing_is_written(shop):
    by_billing("audit")
    carries(shop, "audit", "theirs")
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    before = AuditEvent.objects.count(), BilledFeature.history.count(), EntitlementChange.objects.count()
    followed = look_at_features(shop.connection, customer, at=AT + timedelta(minutes=1))
    assert (followed.words, followed.applied) == ("Nothing differed", True)
    assert before == (AuditEvent.objects.count(), BilledFeature.history.count(), EntitlementChange.objects.count())


def test_an_older_look_that_comes_late_changes_nothing(shop):
    by_billing("audit")
    carries(shop, "audit")
    customer = shop.customer()
    bought = shop.buy(customer)
    shop.deliver()
    early = take_features_ticket(connection=shop.connection, customer=customer)
    slow = fetched_features(shop.connection, customer, at=AT)
    shop.stripe.v1.subscriptions.cancel(bought.id)
    deliver_only_features(shop)
    by = as_actor(shop.connection)
    came = follow_features(connection=shop.connection, told=slow, ticket=early, by=by, at=AT + DAY)
    assert not came.applied
    assert not BilledFeature.objects.filter(ends_at=None).exists()


@pytest.mark.parametrize("kind", ["429", "503", "timeout"])
def test_an_outage_costs_no_try(shop, clock, kind):
    by_billing("audit")
    carries(shop, "audit")
    shop.buy(shop.customer())
    shop.fake.inject(kind, next=3, path="/v1/entitlements/active_entitlements", seconds=0.0)
    shop.deliver()
    assert {row.attempts for row in shop.arrivals(state="waiting")} == {0}
    shop.fake.heal()
    clock.move_to(AT + timedelta(minutes=5))
    shop.take()
    assert not shop.arrivals(state="waiting")
    assert has("audit", at=AT + timedelta(minutes=5))


def test_while_no_feature_is_of_interest_nobody_asks_for_them(shop):
    shop.buy(shop.customer())
    shop.deliver()
    assert not [one for one in shop.fake.requests if "active_entitlements" in one.path]
    assert not FeaturesTold.objects.exists()


def test_an_entitlement_in_another_form_is_refused_and_not_guessed():
    told = parse_features([{"id": "ent_1", "feature": {"id": "feat_1"}, "lookup_key": None}], customer="c", live=False)
    assert (told.features[0].feature, told.features[0].lookup_key, told.features[0].key) == ("feat_1", "", "")
    with pytest.raises(KeyError):
        parse_features([{"id": "ent_1"}], customer="c", live=False)


def test_a_thin_one_names_no_customer_and_is_set_aside(shop):
    by_billing("audit")
    carries(shop, "audit")
    shop.buy(shop.customer())
    thin = [shop.fake.state.get("v2.core.event", key) for event in shop.told() for key in event["_thin"]]
    for event in thin:
        if "active_entitlement_summary" in event["type"]:
            assert shop.post(event) == 200
    shop.take()
    assert {row.state for row in shop.arrivals()} == {"set_aside"}


def test_later_is_said_where_stripe_is_away(shop):
    shop.fake.inject("429", next=1, path="/v1/entitlements/active_entitlements")
    with pytest.raises(Later):
        look_at_features(shop.connection, shop.customer(), at=AT)


def test_an_account_that_is_known_by_the_customer_needs_no_purchase_here(shop):
    by_billing("audit")
    customer = shop.customer()
    price = shop.unlinked(700)
    other = shop.stripe.v1.prices.retrieve(price).product
    carries(shop, "audit", product=other)
    shop.buy(customer)
    shop.deliver()
    shop.buy(customer, price=price)
    shop.deliver()
    assert has("audit", account=only_account())
