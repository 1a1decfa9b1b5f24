"""The catalog's features at Stripe, and which product carries them: a comparison that does what is left to do."""

import pytest

from catalog.models import BillingLink
from entitlements.integrations.stripe.push import push_catalog, push_everywhere
from entitlements.models import BillingFinding
from journal.actions.connections import edit
from journal.actions.deeds import begin, remove
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from tests.catalog.factories import BillingLinkFactory, FeatureFactory
from tests.entitlements.world import AT, DAY, publish_plan

pytestmark = pytest.mark.django_db
TEAM = {"seats", "sso", "storage", "tier"}


def carried(shop):
    listed = shop.stripe.v1.products.features.list(shop.product, {"limit": 100})
    return {one.entitlement_feature.lookup_key for one in listed.data}


def test_what_a_linked_plan_gives_stands_at_its_product(shop):
    done = push_catalog(shop.connection, at=AT)
    assert set(done.made) == carried(shop) == TEAM
    link = BillingLink.objects.get(mode="test", feature=shop.catalog.sso)
    assert link.external_id.startswith("feat_")


def test_pushed_again_nothing_is_left_to_do(shop):
    push_catalog(shop.connection, at=AT)
    asked = [one for one in shop.fake.requests if one.method != "GET"]
    assert push_catalog(shop.connection, at=AT).nothing
    assert [one for one in shop.fake.requests if one.method != "GET"] == asked


def test_what_the_plan_gives_no_more_is_taken_off_and_others_are_left(shop):
    push_catalog(shop.connection, at=AT)
    foreign = shop.stripe.v1.entitlements.features.create({"name": "Theirs", "lookup_key": "theirs"})
    shop.stripe.v1.products.features.create(shop.product, {"entitlement_feature": foreign.id})
    publish_plan(shop.catalog.team, {shop.catalog.sso: True}, at=AT)
    done = push_catalog(shop.connection, at=AT + DAY)
    assert carried(shop) == {"sso", "theirs"}
    assert len(done.untied) == 3


def test_a_feature_that_stands_there_is_found_by_our_key_and_renamed(shop):
    stood = shop.stripe.v1.entitlements.features.create({"name": "Old", "lookup_key": "sso"})
    done = push_catalog(shop.connection, at=AT)
    assert "sso" not in done.made
    assert done.renamed == ["sso"]
    assert BillingLink.objects.get(feature=shop.catalog.sso).external_id == stood.id


def test_broken_off_it_is_gone_on_with(shop):
    shop.fake.inject("429", next=1, path="/v1/products/", method="POST")
    with pytest.raises(Later):
        push_catalog(shop.connection, at=AT)
    push_catalog(shop.connection, at=AT + DAY)
    assert carried(shop) == TEAM


def test_what_stripe_refuses_is_a_finding_and_the_rest_is_pushed(shop):
    other = BillingLinkFactory(mode="test", feature=None, plan=shop.catalog.free, external_id="prod_gone")
    done = push_catalog(shop.connection, at=AT)
    assert list(done.refused) == ["product prod_gone"]
    assert carried(shop) == TEAM
    assert BillingFinding.objects.get(kind="push").state == "open"
    remove(other, deed=begin(by=SYSTEM, at=AT))
    push_catalog(shop.connection, at=AT)
    assert BillingFinding.objects.get(kind="push").state == "mended"


def test_only_a_connection_that_was_set_up_to_push_does(shop):
    FeatureFactory()
    assert push_everywhere(at=AT) == []
    edit(connection=shop.connection, settings=shop.connection.settings | {"push": "yes"}, by=SYSTEM, at=AT)
    assert len(push_everywhere(at=AT)) == 1
