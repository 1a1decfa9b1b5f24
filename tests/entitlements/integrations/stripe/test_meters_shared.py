"""Use that several look at, or share: told once, and of whoever pays for it."""

from datetime import timedelta

import pytest

from catalog.domain.values import Enforcement, ParentRule, Reset
from entitlements.integrations.stripe.meters import report_overage
from entitlements.models import BilledSubscription
from journal.integrations.delivery import deliver
from journal.models import Outbound
from tests.catalog.factories import EPOCH, DimensionChoiceFactory, DimensionFactory, FeatureRevisionFactory
from tests.entitlements.integrations.stripe.test_meters import go, metered
from tests.entitlements.using import metered_feature, plan_of, use
from tests.entitlements.world import AT, account, subscribed
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db


def buys(shop, buyer, number=1):
    row = {
        "connection": shop.connection,
        "billing_id": f"sub_{number}",
        "customer": shop.customer(f"b{number}@b.example"),
    }
    BilledSubscription.objects.create(**row, account=buyer, told_at=AT)


def charged(feature, amount=100, key="pro"):
    return plan_of(feature, amount, key, prices=[(1_000_000, 1)], enforcement=Enforcement.TRACK)


def amounts():
    rows = Outbound.objects.filter(kind="billing").order_by("seq")
    return [(row.account_key, int(row.payload["payload"]["value"])) for row in rows]


@pytest.fixture
def family(shop):
    """A parent pays for what goes beyond the 100 calls that two children share."""
    calls = metered_feature("calls", "API calls", Reset.MONTH)
    shared = {"default_reset": Reset.MONTH, "parent_rule": ParentRule.SHARED}
    FeatureRevisionFactory(feature=calls, effective_at=EPOCH + timedelta(days=1), **shared)
    parent = account("parent", zone="UTC")
    subscribed(parent, charged(calls))
    buys(shop, parent)
    metered(shop, "calls")
    return calls, parent, *(account(key, zone="UTC", parent=parent) for key in ("ann", "ben"))


def test_what_is_shared_goes_beyond_by_what_all_have_used(shop, family):
    calls, parent, ann, ben = family
    use(ann, calls, 60)
    use(ben, calls, 60)
    use(parent, calls, 5)
    assert go() == 2
    assert amounts() == [("parent", 20), ("parent", 5)]


def test_a_child_that_buys_something_itself_pays_for_nothing_of_it(shop, family):
    calls, _, ann, _ = family
    buys(shop, ann, 2)
    use(ann, calls, 130)
    assert go() == 1
    assert amounts() == [("parent", 30)]


def test_a_choice_counts_by_its_weight(shop):
    tokens = metered_feature("tokens", "Tokens", Reset.MONTH, unit="token")
    model = DimensionFactory(feature=tokens, key="model", name="Model")
    DimensionChoiceFactory(dimension=model, key="premium", name="Premium", weight_thousandths=5000)
    acme = account("acme", zone="UTC")
    subscribed(acme, charged(tokens))
    buys(shop, acme)
    metered(shop, "tokens")
    use(acme, tokens, 90)
    use(acme, tokens, 4, choice="model.premium")  # 110 of 100
    assert go() == 1
    assert amounts() == [("acme", 10)]


@pytest.mark.django_db(transaction=True)
def test_many_who_look_and_deliver_at_once_promise_each_event_once(shop):
    calls, acme = metered_feature("calls", "API calls", Reset.MONTH), account("acme", zone="UTC")
    subscribed(acme, charged(calls, 0))
    buys(shop, acme)
    metered(shop, "calls")
    for _ in range(5):
        use(acme, calls, 3)
    found = at_once(*[lambda: report_overage(at=AT)] * 4)
    at_once(*[lambda: deliver(clock=lambda: AT, jitter=lambda: 0.0)] * 3)
    assert (sum(found), amounts()) == (5, [("acme", 3)] * 5)
    told = shop.fake.state.all("billing.meter_event")
    assert sum(int(one["payload"]["value"]) for one in told) == 15
