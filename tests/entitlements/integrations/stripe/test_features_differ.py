"""Where Stripe and the desk don't say the same of a feature: what is noted, when it is mended, and what is never noted."""

from datetime import timedelta

import pytest

from catalog.models import BillingLink
from entitlements.actions.accounts import set_standing
from entitlements.actions.billed.customers import confirm_customer
from entitlements.domain.facts import Standing
from entitlements.integrations.stripe.features import follow_names, look_at_all, look_at_features
from entitlements.integrations.stripe.push import push_catalog
from entitlements.models import BilledFeature, BillingFinding
from entitlements.queries.billed.told_features import customers_with_features
from entitlements.tasks import follow_names as by_the_clock
from journal.actions.deeds import begin, remove
from journal.domain.actor import SYSTEM
from tests.catalog.factories import BillingLinkFactory, FeatureFactory
from tests.entitlements.integrations.stripe.conftest import only_account
from tests.entitlements.integrations.stripe.features import by_billing, carries, deliver_only_features, has, rows
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


def findings(**which):
    return [(row.kind, row.about, row.state) for row in BillingFinding.objects.filter(**which).order_by("pk")]


def pushed_and_bought(shop):
    """Stripe has the catalog's features, and a customer bought Team after that."""
    push_catalog(shop.connection, at=AT)
    customer = shop.customer()
    bought = shop.buy(customer)
    shop.deliver()
    return customer, bought


def test_pushed_and_bought_nothing_differs(shop):
    pushed_and_bought(shop)
    assert findings() == []
    assert rows() == [("sso", True)], "of what the billing says gates alone are kept as rows"


def test_what_stripe_gives_and_the_desk_does_not(shop):
    FeatureFactory(key="audit", name="Audit log")
    carries(shop, "audit")
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    assert not has("audit")
    row = BillingFinding.objects.get()
    assert (row.kind, row.about, row.billing_id, row.account) == ("drift", "feature:audit", customer, only_account())
    assert row.words == "Audit log: the billing says the customer has it, here the account doesn’t have it"
    assert row.evidence["lines"][0]["theirs"] == "has it"
    assert row.title == "The billing says something else about a feature"


def test_what_the_desk_gives_and_stripe_does_not_though_the_product_carries_it(shop):
    customer, _ = pushed_and_bought(shop)
    state = shop.fake.state
    for one in list(state.tables["entitlements.active_entitlement"].values()):
        if one["lookup_key"] == "sso":
            state.drop(one)
    look_at_features(shop.connection, customer, at=AT)
    assert findings() == [("drift", "feature:sso", "open")]
    assert has("sso")


def test_what_no_product_there_carries_is_not_missing(shop):
    feature = shop.stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"})
    BillingLinkFactory(mode="test", feature=shop.catalog.sso, external_id=feature.id)
    customer = shop.customer()
    shop.buy(customer)
    shop.deliver()
    look_at_features(shop.connection, customer, at=AT)
    assert findings() == []


def test_a_difference_that_is_gone_is_mended(shop):
    FeatureFactory(key="audit")
    carries(shop, "audit")
    bought = shop.buy(shop.customer())
    shop.deliver()
    shop.stripe.v1.subscriptions.cancel(bought.id)
    shop.deliver()
    assert findings() == [("drift", "feature:audit", "mended")]


def test_where_the_billing_decides_nothing_differs(shop):
    by_billing("audit")
    carries(shop, "audit")
    shop.buy(shop.customer())
    shop.deliver()
    assert findings() == []


def test_a_suspended_account_lacks_it_by_our_own_doing(shop):
    customer, _ = pushed_and_bought(shop)
    set_standing(
        account=only_account(), standing=Standing.SUSPENDED, reason="Fraud", by=SYSTEM, at=AT + timedelta(minutes=1)
    )
    look_at_features(shop.connection, customer, at=AT + timedelta(minutes=2))
    assert findings() == []


def test_word_of_a_purchase_in_any_order_leaves_no_difference_behind(shop):
    push_catalog(shop.connection, at=AT)
    shop.told()
    shop.buy(shop.customer())
    deliver_only_features(shop)
    assert findings() == []


def test_a_feature_nobody_knows_is_found_once_for_all_customers(shop):
    carries(shop, "theirs")
    by_billing("audit")
    for number in range(3):
        shop.buy(shop.customer(f"a{number}@acme.example", f"A{number}"))
        shop.deliver()
    assert findings() == [("unlinked", "feature:theirs", "open")]
    assert BillingFinding.objects.get().title == "A feature that stands for nothing here"


def test_linked_it_is_given_from_what_was_told_last_without_asking(shop):
    made = carries(shop, "theirs")
    feature = by_billing("audit")
    shop.buy(shop.customer())
    shop.deliver()
    asked = len(shop.fake.requests)
    assert follow_names(at=AT, whole=True) == 0
    BillingLinkFactory(mode="test", feature=feature, external_id=made["theirs"].id)
    assert follow_names(at=AT + DAY, whole=True) == 1
    assert has("audit", at=AT + DAY)
    assert findings() == [("unlinked", "feature:theirs", "mended")]
    assert len(shop.fake.requests) == asked
    assert follow_names(at=AT + DAY, whole=True) == 0


def test_a_link_that_leads_elsewhere_now_gives_that_and_takes_the_other(shop):
    made = carries(shop, "theirs")
    audit, export = by_billing("audit"), by_billing("export")
    link = BillingLinkFactory(mode="test", feature=audit, external_id=made["theirs"].id)
    shop.buy(shop.customer())
    shop.deliver()
    remove(link, deed=begin(by=SYSTEM, at=AT))
    BillingLinkFactory(mode="test", feature=export, external_id=made["theirs"].id)
    follow_names(at=AT + DAY, whole=True)
    assert rows() == [("audit", False), ("export", True)]


def test_the_clock_follows_a_new_name_soon_and_leaves_it_alone_otherwise(shop):
    carries(shop, "audit")
    shop.buy(shop.customer())
    by_billing("other")
    shop.deliver()
    by_billing("audit")
    assert follow_names(at=AT) == 0, "nothing says that a name was given"
    push_catalog(shop.connection, at=AT)
    assert BillingLink.objects.filter(feature__isnull=False).exists()
    by_the_clock()
    assert has("audit")


def test_a_customer_nobody_knows_is_a_doubt_only_where_something_would_be_given(shop):
    price = shop.unlinked(700)
    carries(shop, "audit", product=shop.stripe.v1.prices.retrieve(price).product)
    feature = FeatureFactory(key="audit")
    customer = shop.customer()
    shop.buy(customer, price=price)
    shop.deliver()
    assert not BillingFinding.objects.filter(kind="doubtful").exists()
    by_billing(feature.key)
    look_at_features(shop.connection, customer, at=AT)
    assert findings(kind="doubtful") == [("doubtful", customer, "open")]
    assert not BilledFeature.objects.exists()


def test_confirmed_whose_it_is_the_account_has_it(shop):
    price = shop.unlinked(700)
    carries(shop, "audit", product=shop.stripe.v1.prices.retrieve(price).product)
    by_billing("audit")
    customer = shop.customer()
    shop.buy(customer, price=price)
    shop.deliver()
    acme = account("acme")
    confirm_customer(finding=BillingFinding.objects.get(kind="doubtful"), account=acme, by=SYSTEM, at=AT)
    look_at_features(shop.connection, customer, at=AT)
    assert has("audit", account=acme)
    assert findings(kind="doubtful") == [("doubtful", customer, "mended")]


def test_who_is_looked_at_at_night(shop):
    shop.buy(shop.customer())
    shop.deliver()
    assert customers_with_features(shop.connection, at=AT) == []
    customer, bought = pushed_and_bought(shop)
    assert customer in customers_with_features(shop.connection, at=AT)
    assert len(customers_with_features(shop.connection, at=AT)) == 2, "the other is billed, and features have names"
    shop.stripe.v1.subscriptions.cancel(bought.id)
    shop.deliver()
    assert customer not in customers_with_features(shop.connection, at=AT)


def test_at_night_what_was_lost_is_found_by_one_question_each(shop):
    by_billing("audit")
    carries(shop, "audit")
    for number in range(3):
        shop.buy(shop.customer(f"a{number}@acme.example", f"A{number}"))
    shop.deliver()
    for row in shop.fake.state.all("subscription")[:2]:
        shop.stripe.v1.subscriptions.cancel(row["id"])
    shop.told()
    night = AT + DAY
    before = len(shop.fake.requests)
    assert look_at_all(at=night) == 3
    assert len(shop.fake.requests) - before == 3
    assert rows().count(("audit", False)) == 2
    assert look_at_all(at=night) == 0, "nobody is looked at twice in a night"


def test_a_night_that_ends_early_is_gone_on_with(shop):
    by_billing("audit")
    carries(shop, "audit")
    for number in range(2):
        shop.buy(shop.customer(f"a{number}@acme.example", f"A{number}"))
    shop.deliver()
    limit = iter([False, True])
    assert look_at_all(at=AT + DAY, enough=lambda: next(limit)) == 1
    assert look_at_all(at=AT + DAY) == 1
