"""The demo's own Stripe: connected and stocked at each start, on this machine alone, and never in production."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.domain.values import Aggregation
from catalog.models import BillingLink, PriceLine
from entitlements.integrations.stripe.client import Declined, asking
from entitlements.integrations.stripe.demo import connect, stock
from entitlements.models import BillingFinding
from journal.actions.connections import pause
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, Refusal
from journal.models import AuditEvent, Connection, ConnectionSecret
from journal.queries.connections import opened
from tests.catalog.factories import (
    BillingLinkFactory,
    FeatureFactory,
    PlanFactory,
    PlanPriceFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.entitlements.world import AT, term
from tests.fakes.stripe import stripe_counterpart

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def fake():
    with stripe_counterpart(seed=3) as there:
        yield there


def connected(fake, *, at=AT, **told):
    given = {"key": "stripe-demo", "base": fake.base, "api_key": fake.api_key, "signing": "whsec_demo"}
    return connect(**(given | told), at=at)


def plan_on_sale(*, monthly=25, plan=None, **feature):
    """One that gives a feature, charged beyond its limit where it has any."""
    plan = plan or PlanFactory(key="pro", name="Pro")
    draft, given = PlanVersionFactory(plan=plan, trial_days=14), FeatureFactory(**feature)
    for interval, dollars in (("month", monthly), ("year", 250)):
        PlanPriceFactory(version=draft, interval=interval, currency="USD", amount_micros=dollars * 1_000_000)
    limited = given.kind == "metered"
    row = keep(term(draft, given, Decimal(5) if limited else True), deed=begin(by=SYSTEM, at=AT))
    if limited:
        line = PriceLine(term=row, amount_micros=1, per_amount=1, currency="USD", position=1)
        keep(line, deed=begin(by=SYSTEM, at=AT))
    return publish_now(draft).plan


def test_what_is_on_sale_here_is_for_sale_there_by_the_month_and_the_year(fake):
    plan_on_sale(key="sso")
    assert stock(connected(fake), at=AT) == ["Pro"]
    prices = fake.client().v1.prices.list({"lookup_keys": ["pro_month_usd", "pro_year_usd"]}).data
    assert {(one.unit_amount, one.recurring.interval) for one in prices} == {(2500, "month"), (25000, "year")}
    links = dict(BillingLink.objects.filter(mode="test", plan__key="pro").values_list("interval", "external_id"))
    assert links == {"": "desk_pro"} | {one.recurring.interval: one.id for one in prices}
    (carried,) = fake.client().v1.products.features.list("desk_pro").data
    assert carried.entitlement_feature.lookup_key == "sso"


def test_what_was_linked_with_something_invented_is_for_sale_all_the_same(fake):
    """As the demo's data does with Pro."""
    pro = plan_on_sale()
    BillingLinkFactory(plan=pro, feature=None, mode="test", external_id="product_test_pro")
    BillingLinkFactory(
        plan=pro, feature=None, mode="test", interval="month", currency="USD", external_id="price_test_pro_month"
    )
    stock(connected(fake), at=AT)
    links = dict(BillingLink.objects.filter(mode="test", plan=pro).values_list("interval", "external_id"))
    assert links.keys() == {"", "month", "year"}
    assert links[""] == "desk_pro"
    assert not BillingFinding.objects.exists()


def test_started_again_nothing_is_left_to_do(fake):
    plan_on_sale()
    stock(connected(fake), at=AT)
    said = [one for one in fake.requests if one.method != "GET"]
    told = AuditEvent.objects.count()
    stock(connected(fake, at=LATER), at=LATER)
    assert [one for one in fake.requests if one.method != "GET"] == said
    assert (AuditEvent.objects.count(), Connection.objects.count(), ConnectionSecret.objects.count()) == (told, 1, 2)


def test_secrets_are_sealed_and_a_new_one_is_taken_up(fake):
    there = connected(fake)
    assert not [row for row in ConnectionSecret.objects.all() if fake.api_key in row.sealed or "whsec" in row.sealed]
    connected(fake, at=LATER, signing="whsec_other")
    assert opened(there, ["signing"], at=LATER)[0] == "whsec_other"


def test_on_another_port_the_same_connection_goes_on(fake):
    there = connected(fake, base="http://127.0.0.1:1")
    assert connected(fake, at=LATER).settings["base"] == fake.base
    assert Connection.objects.get() == there


def test_what_somebody_paused_stays_paused(fake):
    pause(connection=connected(fake), by=SYSTEM, at=AT)
    assert connected(fake, at=LATER).state == "paused"


def test_a_price_that_changed_has_a_new_one_under_its_name(fake):
    plan = plan_on_sale()
    stock(connected(fake), at=AT)
    plan_on_sale(plan=plan, monthly=30)
    stock(connected(fake), at=LATER)
    (price,) = fake.client().v1.prices.list({"lookup_keys": ["pro_month_usd"]}).data
    assert price.unit_amount == 3000
    assert BillingLink.objects.get(mode="test", plan__key="pro", interval="month").external_id == price.id


def test_a_meter_counts_what_is_charged_beyond_its_limit(fake):
    plan_on_sale(key="requests", kind="metered", aggregation=Aggregation.SUM, unit="request")
    stock(connected(fake), at=AT)
    assert [one.event_name for one in fake.client().v1.billing.meters.list().data] == ["requests"]


def test_in_production_it_is_neither_connected_nor_asked(fake, settings):
    there = connected(fake)
    settings.PRODUCTION = True
    with pytest.raises(Refusal, match="DESK_ENV is production"):
        connected(fake)
    with pytest.raises(Declined, match="pretended"), asking(there, at=AT):
        pass
    assert not fake.requests


@pytest.mark.parametrize(
    "base", ["https://example.com", "http://127.0.0.1.example.com", "http://example.com@127.0.0.1"]
)
def test_a_key_is_sent_to_this_machine_or_to_stripe_and_nowhere_else(fake, base):
    with pytest.raises(Invalid):
        connected(fake, base=base)
    there = connected(fake)
    Connection.objects.filter(pk=there.pk).update(settings=there.settings | {"base": base})
    there.refresh_from_db()
    with pytest.raises(Declined, match="pretended"), asking(there, at=AT):
        pass


def test_a_live_connection_asks_no_pretended_stripe(fake):
    there = connected(fake)
    there.mode = "live"
    with pytest.raises(Declined, match="pretended"), asking(there, at=AT):
        pass
