"""What stands in the way of a push, and that it goes on from wherever it broke off."""

import pytest

from catalog.models import BillingLink
from entitlements.integrations.stripe import push as pushing
from entitlements.integrations.stripe.push import push_catalog
from journal.domain.receiving import Later
from tests.catalog.factories import BillingLinkFactory, FeatureFactory
from tests.entitlements.integrations.stripe.features import by_billing
from tests.entitlements.world import AT, DAY, publish_plan

pytestmark = pytest.mark.django_db


def carried(shop):
    listed = shop.stripe.v1.products.features.list(shop.product, {"limit": 100})
    return sorted((one.entitlement_feature.lookup_key, one.entitlement_feature.active) for one in listed.data)


def keys(shop):
    return [key for key, _ in carried(shop)]


def written(shop):
    return [one for one in shop.fake.requests if one.method != "GET"]


def linked(key):
    return BillingLink.objects.get(mode="test", feature__key=key).external_id


def test_what_was_archived_there_is_made_anew_and_takes_its_place(shop):
    push_catalog(shop.connection, at=AT)
    former = linked("sso")
    shop.stripe.v1.entitlements.features.update(former, {"active": False})
    done = push_catalog(shop.connection, at=AT + DAY)
    assert (done.made, done.linked, done.refused) == (["sso"], ["sso"], {})
    assert linked("sso") != former
    assert ("sso", True) in carried(shop)
    assert ("sso", False) not in carried(shop)
    assert push_catalog(shop.connection, at=AT + DAY).nothing


def test_more_features_than_a_page_has_are_all_carried(shop, monkeypatch):
    monkeypatch.setattr(pushing, "PAGE", 5)
    many = {FeatureFactory(key=f"f{number:02}"): True for number in range(23)}
    publish_plan(shop.catalog.team, many, at=AT)
    push_catalog(shop.connection, at=AT + DAY)
    assert keys(shop) == [f"f{number:02}" for number in range(23)]
    assert push_catalog(shop.connection, at=AT + DAY).nothing


def test_a_feature_that_is_linked_by_its_id_is_ours_whatever_its_lookup_key(shop):
    theirs = shop.stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "single-sign-on"})
    BillingLinkFactory(mode="test", feature=shop.catalog.sso, external_id=theirs.id)
    done = push_catalog(shop.connection, at=AT)
    assert "sso" not in done.made
    assert linked("sso") == theirs.id
    assert keys(shop) == ["seats", "single-sign-on", "storage", "tier"]
    publish_plan(shop.catalog.team, {shop.catalog.seats: 5}, at=AT)
    push_catalog(shop.connection, at=AT + DAY)
    assert keys(shop) == ["seats"]


def test_what_the_billing_gives_is_neither_tied_nor_untied(shop):
    by_billing("sso")
    theirs = shop.stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"})
    push_catalog(shop.connection, at=AT)
    assert "sso" not in keys(shop)
    shop.stripe.v1.products.features.create(shop.product, {"entitlement_feature": theirs.id})
    assert push_catalog(shop.connection, at=AT + DAY).nothing
    assert "sso" in keys(shop)


def test_what_others_wrote_beside_it_stays(shop):
    told = {"name": "Old", "lookup_key": "sso", "metadata": {"team": "growth"}}
    made = shop.stripe.v1.entitlements.features.create(told)
    push_catalog(shop.connection, at=AT)
    row = shop.stripe.v1.entitlements.features.retrieve(made.id)
    assert (row.name, row.metadata["team"]) == ("Single sign-on", "growth")


@pytest.mark.parametrize("kind", ["429", "500_after"])
def test_broken_off_at_any_request_the_next_goes_on(shop, kind):
    """With 500_after Stripe did what it was asked, and nobody heard of it."""
    whole = len(asked(shop, kind, broken_at=None))
    for number in range(whole):
        fresh(shop)
        with pytest.raises(Later):
            asked(shop, kind, broken_at=number)
        assert len(push_catalog(shop.connection, at=AT + DAY).refused) == 0
        assert keys(shop) == ["seats", "sso", "storage", "tier"], f"broken off at request {number}"
        assert len(there(shop)) == 4, "none was made twice"
        assert push_catalog(shop.connection, at=AT + DAY).nothing
    assert whole > 8


def asked(shop, kind, *, broken_at):
    """The requests of one push; the one of that number fails."""
    shop.fake.heal()
    before = len(shop.fake.requests)
    if broken_at is not None:
        shop.fake.inject("slow", next=broken_at, seconds=0.0)
        shop.fake.inject(kind, next=1, should_retry=False)
    push_catalog(shop.connection, at=AT)
    return shop.fake.requests[before:]


def there(shop):
    return [one for one in shop.stripe.v1.entitlements.features.list({"limit": 100}).data if one.active]


def fresh(shop):
    """As if nothing had ever been pushed."""
    shop.fake.heal()
    for kind in ("product_feature", "entitlements.feature"):
        for row in list(shop.fake.state.tables[kind].values()):
            shop.fake.state.drop(row)
