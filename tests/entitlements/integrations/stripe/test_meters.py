"""Use beyond what is included becomes meter events: each of ours once, whatever breaks, and later where Stripe was away."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.domain.values import Enforcement, Reset
from entitlements.actions.spend_caps import set_cap
from entitlements.domain.usage.operations import Act
from entitlements.integrations.stripe.client import API_KEY
from entitlements.integrations.stripe.meters import identifier_of, report_overage
from entitlements.models import BilledSubscription, UsageEvent
from journal.actions.connections import edit
from journal.actions.deeds import begin, keep
from journal.actions.outbound import claim_next, resend
from journal.domain.actor import SYSTEM
from journal.integrations.delivery import deliver
from journal.models import Connection, ConnectionSecret, Outbound
from journal.senders import sender_of
from tests.entitlements.integrations.stripe.conftest import connected
from tests.entitlements.using import metered_feature, plan_of, use
from tests.entitlements.world import AT, account, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(shop):
    """100 calls a month are included, more is charged; its customer at Stripe, and a meter of the feature's name."""
    calls = metered_feature("calls", "API calls", Reset.MONTH)
    charged = plan_of(calls, 100, "pro", prices=[(1_000_000, 1)], enforcement=Enforcement.TRACK)
    acme = account("acme", zone="UTC")
    subscribed(acme, charged)
    customer = shop.customer()
    BilledSubscription.objects.create(
        connection=shop.connection, billing_id="sub_1", customer=customer, account=acme, told_at=AT
    )
    shop.meter = metered(shop, "calls")
    shop.customer_id, shop.calls = customer, calls
    return acme


def metered(shop, name):
    meter = {"display_name": name, "event_name": name, "default_aggregation": {"formula": "sum"}}
    return shop.stripe.v1.billing.meters.create(meter)


def told(shop):
    """What Stripe's meter has come to."""
    window = {
        "start_time": int((AT - timedelta(days=40)).timestamp()),
        "end_time": int((AT + timedelta(days=40)).timestamp()),
    }
    told = shop.stripe.v1.billing.meters.event_summaries.list(shop.meter.id, {"customer": shop.customer_id, **window})
    return sum(one.aggregated_value for one in told.data)


def go(at=AT, **more):
    promised = report_overage(at=at, **more)
    deliver(clock=lambda: at, jitter=lambda: 0.0)
    return promised


def test_only_what_is_beyond_is_told_and_each_event_once(shop, acme):
    for quantity in (60, 60, 30):  # 20 of the second and all of the third are beyond
        use(acme, shop.calls, quantity)
    assert go() == 2
    assert go() == 0
    assert told(shop) == 50


def test_it_bears_the_events_own_name_and_time(shop, acme):
    use(acme, shop.calls, 130, act=Act.REPORT, at=AT - timedelta(hours=1), now=AT)
    go()
    (event,) = shop.fake.state.all("billing.meter_event")
    assert event["identifier"] == identifier_of(UsageEvent.objects.get())
    assert event["timestamp"] == int((AT - timedelta(hours=1)).timestamp())


def test_within_what_is_included_nothing_is_told(shop, acme):
    use(acme, shop.calls, 100)
    assert go() == 0


@pytest.mark.parametrize("kind", ["500_after", "timeout"])
def test_broken_off_after_the_write_it_counts_once(shop, acme, clock, kind):
    use(acme, shop.calls, 130)
    shop.fake.inject(kind, next=1, path="/v1/billing/meter_events", seconds=0.0)
    go()
    clock.move_to(AT + timedelta(minutes=1))
    go(AT + timedelta(minutes=1))
    assert Outbound.objects.get(kind="billing").state == "sent"
    assert told(shop) == 30


def test_told_again_under_its_name_it_counts_once(shop, acme):
    use(acme, shop.calls, 130)
    go()
    row = Outbound.objects.get(kind="billing")
    Outbound.objects.filter(pk=row.pk).update(state="pending", sent_at=None)
    deliver(clock=lambda: AT, jitter=lambda: 0.0)
    row.refresh_from_db()
    assert (row.state, told(shop)) == ("sent", 30)


def test_after_an_outage_it_catches_up(shop, acme, clock):
    use(acme, shop.calls, 130)
    shop.fake.inject("429", next=1, path="/v1/billing/meters")
    assert go() == 0
    later = AT + timedelta(hours=1)
    clock.move_to(later)
    use(acme, shop.calls, 7, at=later)
    shop.fake.advance(hours=1)
    assert go(later) == 2
    assert told(shop) == 37


def test_what_is_older_is_found_at_night(shop, acme):
    use(acme, shop.calls, 130)
    shop.fake.advance(days=2)
    later = AT + timedelta(days=2)
    assert go(later) == 0
    assert go(later, whole=True) == 1


def test_what_has_no_meter_or_nobody_is_charged_for_is_not_told(shop, acme):
    free = metered_feature("mails", "Mails", Reset.MONTH)
    subscribed(acme, plan_of(free, 5, "mailing", enforcement=Enforcement.SOFT))
    metered(shop, "mails")
    unmetered = metered_feature("pages", "Pages", Reset.MONTH)
    subscribed(acme, plan_of(unmetered, 5, "paging", prices=[(1, 1)], enforcement=Enforcement.TRACK))
    use(acme, free, 9, act=Act.REPORT)
    use(acme, unmetered, 9)
    assert go() == 0


def test_whom_stripe_does_not_bill_is_not_told_of(shop, acme):
    other = account("other", zone="UTC")
    subscribed(other, plan_of(shop.calls, 1, "small", prices=[(1, 1)], enforcement=Enforcement.TRACK))
    use(other, shop.calls, 9)
    assert go() == 0


# What may have been counted without an answer ---------------------------------------------------------------------
def broken_off(shop, kind="timeout", times=1):
    shop.fake.inject(kind, next=times, path="/v1/billing/meter_events", seconds=0.0)
    go()


def the_row():
    return Outbound.objects.get(kind="billing")


def ended(row, ends_at):
    row.ends_at = ends_at
    keep(row, deed=begin(by=SYSTEM, at=AT))


def after(shop, clock, **time):
    """Time passes at Stripe and here, and what waits is tried."""
    shop.fake.advance(**time)
    clock.shift(timedelta(**time))
    deliver(clock=lambda: datetime.now(UTC), jitter=lambda: 0.0)
    return the_row()


@pytest.mark.parametrize("hours", [1, 22])
def test_within_a_day_it_is_told_again_under_its_name(shop, acme, clock, hours):
    use(acme, shop.calls, 130)
    broken_off(shop)
    assert (after(shop, clock, hours=hours).state, told(shop)) == ("sent", 30)


@pytest.mark.parametrize("kind", ["timeout", "500_after", "reset"])
def test_later_a_person_says_whether_it_was_counted(shop, acme, clock, kind):
    use(acme, shop.calls, 130)
    broken_off(shop, kind)
    row = after(shop, clock, hours=25)
    assert row.state == "doubtful"
    assert "Compare" in row.last_error
    assert told(shop) <= 30


def test_a_person_who_sends_it_again_knows_that_it_was_not(shop, acme, clock):
    use(acme, shop.calls, 130)
    broken_off(shop)
    row = after(shop, clock, hours=25)
    shop.fake.state.tables["billing.meter_event"].clear()  # it had not come to them
    resend(outbound=row, by=SYSTEM, at=datetime.now(UTC))
    assert (after(shop, clock, seconds=60).state, told(shop)) == ("sent", 30)


@pytest.mark.parametrize("kind", ["429", "nobody"])
def test_what_certainly_never_came_there_is_told_however_late(shop, acme, clock, kind):
    use(acme, shop.calls, 130)
    report_overage(at=AT)
    if kind == "nobody":
        base = shop.connection.settings["base"]
        Connection.objects.update(settings={**shop.connection.settings, "base": "http://127.0.0.1:9"})
        deliver(clock=lambda: AT, jitter=lambda: 0.0)
        Connection.objects.update(settings={**shop.connection.settings, "base": base})
    else:
        broken_off(shop, kind)
    assert the_row().state == "pending"
    assert (after(shop, clock, days=3).state, told(shop)) == ("sent", 30)


def test_a_worker_that_was_killed_leaves_the_same_doubt(shop, acme, clock):
    use(acme, shop.calls, 130)
    report_overage(at=AT)
    row = claim_next(at=AT)
    sender_of("billing")(row)  # and it ended before it could say so
    assert told(shop) == 30
    assert after(shop, clock, hours=30).state == "doubtful"
    assert told(shop) == 30


def test_what_stripe_goes_on_refusing_holds_nothing_up(shop, acme, clock):
    use(acme, shop.calls, 130)
    report_overage(at=AT)
    shop.stripe.v1.customers.delete(shop.customer_id)
    for _ in range(12):
        row = after(shop, clock, hours=6)
    assert row.state == "doubtful"
    assert "No such customer" in row.last_error


# Who pays, and for what -------------------------------------------------------------------------------------------
def test_use_from_before_the_subscription_is_nobodys_at_stripe(shop, acme):
    began = AT - timedelta(minutes=30)
    BilledSubscription.objects.update(told={"began_at": began.isoformat()})
    use(acme, shop.calls, 130, act=Act.REPORT, at=AT - timedelta(hours=1), now=AT)
    use(acme, shop.calls, 7)
    assert go() == 1
    assert told(shop) == 7


def test_bought_later_only_what_follows_is_told(shop):
    calls = metered_feature("calls", "API calls", Reset.MONTH)
    late = account("late", zone="UTC")
    subscribed(late, plan_of(calls, 100, "pro", prices=[(1_000_000, 1)], enforcement=Enforcement.TRACK))
    shop.meter, shop.customer_id = metered(shop, "calls"), shop.customer()
    use(late, calls, 150, at=AT - timedelta(minutes=5))
    assert go() == 0
    BilledSubscription.objects.create(
        connection=shop.connection, billing_id="sub_1", customer=shop.customer_id, account=late, told_at=AT,
        told={"began_at": AT.isoformat()},
    )  # fmt: skip
    use(late, calls, 4)
    assert go(whole=True) == 1
    assert told(shop) == 4


def test_after_the_plan_charges_no_more_what_was_used_before_is_told(shop, acme):
    use(acme, shop.calls, 130, at=AT - timedelta(minutes=10))
    ended(acme.subscriptions.get(), AT - timedelta(minutes=5))
    assert go() == 1
    assert told(shop) == 30


def test_a_limit_that_moves_in_the_period_counts_as_it_stood(shop, acme):
    use(acme, shop.calls, 130)  # 30 beyond 100
    more = plan_of(shop.calls, 200, "larger", prices=[(1_000_000, 1)], enforcement=Enforcement.TRACK)
    row = subscribed(acme, more)
    use(acme, shop.calls, 50)  # 180 of 200
    use(acme, shop.calls, 30)  # 10 beyond 200
    ended(row, AT + timedelta(minutes=1))
    use(acme, shop.calls, 5, at=AT + timedelta(minutes=2))  # all beyond 100
    assert go(AT + timedelta(minutes=2)) == 3
    assert told(shop) == 30 + 10 + 5


def test_late_use_counts_in_the_period_it_was_in(shop, acme):
    use(acme, shop.calls, 130)
    former = AT - timedelta(days=5)  # in February, of which nothing was used
    use(acme, shop.calls, 90, act=Act.REPORT, at=former, now=AT)
    assert go() == 1
    use(acme, shop.calls, 20, act=Act.REPORT, at=former, now=AT)
    assert go() == 1
    assert told(shop) == 30 + 10


def test_what_a_cap_refuses_is_not_told(shop, acme):
    set_cap(account=acme, feature=shop.calls, amount_micros=20_000_000, currency="USD", by=SYSTEM, at=AT)
    assert use(acme, shop.calls, 115).allowed
    assert not use(acme, shop.calls, 10).allowed
    assert go() == 1
    assert told(shop) == 15


def test_a_connection_that_cannot_be_asked_holds_up_no_other(shop, acme, fake):
    """The first one's key is gone: what is billed by the second one is told all the same."""
    edit(connection=shop.connection, name="The first", by=SYSTEM, at=AT)
    other = connected(fake, account="acct_other")
    BilledSubscription.objects.update(connection=other)
    ConnectionSecret.objects.filter(connection=shop.connection, purpose=API_KEY).delete()
    use(acme, shop.calls, 130)
    assert report_overage(at=AT) == 1
