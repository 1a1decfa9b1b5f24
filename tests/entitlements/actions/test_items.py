"""How many of an add-on a customer has, from when and until when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.actions.publishing import retire
from catalog.domain.rollouts import Audience
from catalog.domain.window import Window
from catalog.models import Plan
from catalog.models.market import MarketUse
from entitlements.actions.items import ItemOver, change_quantity, end_item
from entitlements.actions.periods import record_period
from entitlements.actions.sales import NotOnSale
from entitlements.actions.subscriptions import add_item, end, start
from entitlements.domain.timing import Timing
from entitlements.models import Account, EntitlementChange, SubscriptionItem
from entitlements.queries.life.renewals import next_renewal
from entitlements.queries.selling.redeemed import extras_of
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import MarketFactory, MarketWindowFactory
from tests.conftest import EXAMPLES
from tests.entitlements.shop import Shop, shop
from tests.entitlements.world import AT, DAY, account, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db
MOMENT = datetime.resolution
RENEWAL = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)  # a month after the subscription's start, at the same wall clock


@pytest.fixture
def sold() -> Shop:
    return shop()


@pytest.fixture
def acme(sold: Shop) -> Account:
    held_by = account()
    subscribed(held_by, sold.catalog.team)  # on 20 February, 10:00 in Amsterdam
    return held_by


def bought(acme: Account, plan: Plan, quantity: int = 3, *, at: datetime = AT, **more: Any) -> SubscriptionItem:
    return add_item(subscription=acme.subscriptions.get(), plan=plan, quantity=quantity, by=SYSTEM, at=at, **more)


def addresses(acme: Account, at: datetime) -> Decimal | None:
    return value(acme, "addresses", at)


def test_an_add_on_is_there_at_once_in_its_quantity(sold: Shop, acme: Account, sales: Actor) -> None:
    add_item(subscription=acme.subscriptions.get(), plan=sold.ipv4, quantity=3, interval="year", by=sales, at=AT)
    assert addresses(acme, AT - MOMENT) is None
    assert addresses(acme, AT) == 3
    assert SubscriptionItem.objects.get(plan=sold.ipv4).interval == "year"


def test_from_a_day_to_come_it_is_there_from_that_day(sold: Shop, acme: Account) -> None:
    bought(acme, sold.ipv4, starts_at=AT + 5 * DAY)
    assert addresses(acme, AT + 5 * DAY - MOMENT) is None
    assert addresses(acme, AT + 5 * DAY) == 3


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"starts_at": AT - DAY}, "starts_at"),
        ({"ends_at": AT}, "ends_at"),
        ({"interval": "week"}, "interval"),
    ],
)
def test_what_cannot_be_sold_is_refused_beside_its_field(
    sold: Shop, acme: Account, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        bought(acme, sold.ipv4, **more)
    assert refused.value.field == field


def test_nothing_begins_after_its_subscription_has_ended(sold: Shop, acme: Account) -> None:
    end(subscription=acme.subscriptions.get(), ends_at=AT + DAY, reason="Cancelled", by=SYSTEM, at=AT)
    with pytest.raises(Refusal, match="has ended by then"):
        bought(acme, sold.ipv4, starts_at=AT + DAY)


def limited(plan: Plan, *, in_market: Any, starts_at: datetime | None = None, ends_at: datetime | None = None) -> None:
    MarketWindowFactory(plan=plan, market=in_market, use=MarketUse.SOLD, starts_at=starts_at, ends_at=ends_at)


def test_it_is_sold_only_in_its_markets(sold: Shop, sales: Actor) -> None:
    europe, asia = MarketFactory(key="europe", name="Europe"), MarketFactory(key="asia", name="Asia")
    limited(sold.ipv4, in_market=europe)
    here, there, nowhere = account("here", market=europe), account("there", market=asia), account("nowhere")
    for held_by in (here, there, nowhere):
        subscribed(held_by, sold.catalog.team)
    bought(here, sold.ipv4)
    with pytest.raises(NotOnSale, match="not sold in Asia"):
        bought(there, sold.ipv4)
    with pytest.raises(NotOnSale, match="customers without a market"):
        bought(nowhere, sold.ipv4)


def test_it_is_sold_from_the_instant_its_window_opens(sold: Shop) -> None:
    europe = MarketFactory(name="Europe")
    limited(sold.ipv4, in_market=europe, starts_at=AT + DAY, ends_at=AT + 3 * DAY)
    acme = account(market=europe)
    subscribed(acme, sold.catalog.team)
    with pytest.raises(NotOnSale):
        bought(acme, sold.ipv4)
    bought(acme, sold.ipv4, starts_at=AT + DAY)  # ordered today for the day of the launch
    with pytest.raises(NotOnSale):
        bought(acme, sold.ipv4, starts_at=AT + 3 * DAY)


def test_a_plan_too_is_sold_only_in_its_markets(sold: Shop, sales: Actor) -> None:
    limited(sold.catalog.team, in_market=MarketFactory(name="Asia"))
    with pytest.raises(NotOnSale, match="Team is not sold"):
        start(account=account("far"), plan=sold.catalog.team, by=sales, at=AT)


def test_more_is_there_at_once(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    change_quantity(item=item, quantity=5, by=sales, at=AT + DAY)
    assert [addresses(acme, AT + DAY - MOMENT), addresses(acme, AT + DAY)] == [3, 5]
    old, new = SubscriptionItem.objects.filter(plan=sold.ipv4)
    assert (old.ends_at, new.starts_at, new.follows) == (AT + DAY, AT + DAY, old)
    assert AuditEvent.objects.get(verb="subscription:change_quantity").changes["IPv4"] == [3, 5]
    change = EntitlementChange.objects.get(effective_at=AT + DAY, account=acme)
    assert (change.before, change.after) == ("3", "5")


def test_fewer_may_wait_for_the_renewal(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    assert next_renewal(item, at=AT) == RENEWAL
    change_quantity(item=item, quantity=1, timing=Timing.AT_RENEWAL, by=sales, at=AT + DAY)
    assert [addresses(acme, RENEWAL - MOMENT), addresses(acme, RENEWAL)] == [3, 1]
    (extra,) = extras_of(account=acme, at=AT + DAY)
    assert (extra.row.quantity, extra.planned.quantity) == (3, 1)


def test_a_recorded_period_says_when_it_renews(sold: Shop, acme: Account) -> None:
    item = bought(acme, sold.ipv4)
    record_period(subscription=item.subscription, starts_at=AT, ends_at=AT + 7 * DAY, by=SYSTEM, at=AT)
    assert next_renewal(item, at=AT + DAY) == AT + 7 * DAY


def test_what_is_said_last_takes_the_place_of_what_was_planned(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    change_quantity(item=item, quantity=1, timing=Timing.AT_RENEWAL, by=sales, at=AT + DAY)
    change_quantity(item=item, quantity=2, timing=Timing.AT_RENEWAL, by=sales, at=AT + 2 * DAY)
    assert [addresses(acme, RENEWAL - MOMENT), addresses(acme, RENEWAL)] == [3, 2]
    change_quantity(item=item, quantity=3, by=sales, at=AT + 3 * DAY)  # after all it stays as it is
    assert addresses(acme, RENEWAL) == 3
    assert SubscriptionItem.objects.filter(plan=sold.ipv4).count() == 1


def test_another_quantity_keeps_the_version_that_was_sold(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    publish_plan(sold.ipv4, {sold.addresses: Decimal(50)}, at=AT + DAY, audience=Audience.NEW_CUSTOMERS)
    change_quantity(item=item, quantity=2, by=sales, at=AT + 2 * DAY)
    assert addresses(acme, AT + 2 * DAY) == 2


def test_and_publications_for_everybody_still_move_it(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    publish_plan(sold.ipv4, {sold.addresses: Decimal(50)}, at=AT + DAY, audience=Audience.NOW)
    change_quantity(item=item, quantity=2, by=sales, at=AT + 2 * DAY)
    assert addresses(acme, AT + 2 * DAY) == 50


def test_a_publication_at_the_renewal_reaches_what_changes_at_that_renewal(
    sold: Shop, acme: Account, sales: Actor
) -> None:
    item = bought(acme, sold.ipv4)
    change_quantity(item=item, quantity=1, timing=Timing.AT_RENEWAL, by=sales, at=AT + DAY)
    publish_plan(sold.ipv4, {sold.addresses: Decimal(50)}, at=AT + 2 * DAY, audience=Audience.AT_RENEWAL)
    assert [addresses(acme, RENEWAL - MOMENT), addresses(acme, RENEWAL)] == [3, 50]


def test_more_of_what_is_no_longer_sold_is_refused_and_fewer_is_not(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    retire(version=item.version, by=SYSTEM, at=AT + DAY)
    with pytest.raises(NotOnSale):
        change_quantity(item=item, quantity=4, by=sales, at=AT + 2 * DAY)
    change_quantity(item=item, quantity=2, by=sales, at=AT + 2 * DAY)
    assert addresses(acme, AT + 2 * DAY) == 2


@pytest.mark.parametrize(
    ("quantity", "timing", "field"),
    [(0, Timing.NOW, "quantity"), (3, Timing.NOW, "quantity"), (4, Timing.AT_RENEWAL, "timing")],
)
def test_a_quantity_that_cannot_be_is_refused(
    sold: Shop, acme: Account, sales: Actor, quantity: int, timing: Timing, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        change_quantity(item=bought(acme, sold.ipv4), quantity=quantity, timing=timing, by=sales, at=AT + DAY)
    assert refused.value.field == field


def test_what_ends_before_the_renewal_can_not_wait_for_it(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4, ends_at=AT + 5 * DAY)
    for act in (
        lambda: change_quantity(item=item, quantity=1, timing=Timing.AT_RENEWAL, by=sales, at=AT + DAY),
        lambda: end_item(item=item, reason="No", timing=Timing.AT_RENEWAL, by=sales, at=AT + DAY),
    ):
        with pytest.raises(Invalid, match="before the next renewal"):
            act()


def test_two_forms_don_t_change_it_twice(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    change_quantity(item=item, quantity=5, seen=3, by=sales, at=AT + DAY)
    with pytest.raises(ItemOver):
        change_quantity(item=item, quantity=6, seen=3, by=sales, at=AT + 2 * DAY)
    new = SubscriptionItem.objects.get(follows=item)
    with pytest.raises(Stale, match="has become 5"):
        change_quantity(item=new, quantity=6, seen=3, by=sales, at=AT + 2 * DAY)


def test_what_has_not_begun_is_changed_in_place(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4, starts_at=AT + 5 * DAY)
    change_quantity(item=item, quantity=7, by=sales, at=AT + DAY)
    assert addresses(acme, AT + 5 * DAY) == 7
    assert SubscriptionItem.objects.filter(plan=sold.ipv4).count() == 1


def test_ended_it_is_gone_from_that_instant(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    end_item(item=item, reason="Too dear", by=sales, at=AT + DAY)
    assert [addresses(acme, AT + DAY - MOMENT), addresses(acme, AT + DAY)] == [3, None]
    assert AuditEvent.objects.get(verb="subscription:end_item").reason == "Too dear"


def test_ended_at_the_renewal_it_is_there_until_then(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    change_quantity(item=item, quantity=1, timing=Timing.AT_RENEWAL, by=sales, at=AT + DAY)
    end_item(item=item, reason="Too dear", timing=Timing.AT_RENEWAL, by=sales, at=AT + 2 * DAY)
    assert [addresses(acme, RENEWAL - MOMENT), addresses(acme, RENEWAL)] == [3, None]


def test_what_has_not_begun_is_taken_back(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4, starts_at=AT + 5 * DAY)
    assert end_item(item=item, reason="Changed their mind", by=sales, at=AT + DAY) is None
    assert not SubscriptionItem.objects.filter(plan=sold.ipv4).exists()
    with pytest.raises(Stale, match="taken back"):
        end_item(item=item, reason="Again", by=sales, at=AT + DAY)


def test_the_plan_itself_is_not_ended_as_an_item(sold: Shop, acme: Account, sales: Actor) -> None:
    with pytest.raises(Refusal, match="end the subscription"):
        end_item(item=SubscriptionItem.objects.get(), reason="No", by=sales, at=AT)


def test_a_lent_plan_ends_by_itself(sold: Shop, acme: Account, sales: Actor) -> None:
    lent = bought(acme, sold.catalog.free, 1, lent=True, ends_at=AT + 9 * DAY)
    with pytest.raises(Refusal, match="is lent and ends by itself"):
        end_item(item=lent, reason="No", by=sales, at=AT + DAY)


def test_support_may_not_sell(sold: Shop, acme: Account, support_agent: Actor) -> None:
    item = bought(acme, sold.ipv4)
    for act in (
        lambda: change_quantity(item=item, quantity=5, by=support_agent, at=AT),
        lambda: end_item(item=item, reason="No", by=support_agent, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()


Step = tuple[int, bool, int]  # a new quantity, whether it waits for the renewal, hours since the step before
STEPS = st.lists(st.tuples(st.integers(1, 4), st.booleans(), st.integers(1, 300)), max_size=5)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, probe=st.integers(0, 1700))
def test_the_items_say_at_any_time_what_the_changes_said(
    sold: Shop, acme: Account, steps: list[Step], probe: int
) -> None:
    at = AT + timedelta(hours=probe)
    with transaction.atomic():
        item = bought(acme, sold.ipv4, 2)
        told = _carry_out(item, steps)
        expected = [quantity for when, quantity in told if when <= at][-1]
        assert [row.quantity for row in _chain(item) if row.window.contains(at)] == [expected]
        transaction.set_rollback(True)  # each example begins with nothing bought


def _carry_out(item: SubscriptionItem, steps: list[Step]) -> list[tuple[datetime, int]]:
    """Change it step by step, beside a model that keeps nothing but the quantity and the one that is planned."""
    now, told, planned = AT, [(AT, 2)], []
    for quantity, waits, hours in steps:
        now += timedelta(hours=hours)
        told += [plan for plan in planned if plan[0] <= now]
        planned = [plan for plan in planned if plan[0] > now]
        current = next(row for row in _chain(item) if row.window.contains(now))
        when, timing = (next_renewal(current, at=now), Timing.AT_RENEWAL) if waits else (now, Timing.NOW)
        try:
            change_quantity(item=current, quantity=quantity, timing=timing, by=SYSTEM, at=now)
        except Invalid:
            continue
        # To keep what one has takes back what was planned, and that is all it does.
        planned = [(when, quantity)] if waits and quantity != current.quantity else []
        told += [] if waits else [(now, quantity)]
    return told + planned


def _chain(item: SubscriptionItem) -> list[SubscriptionItem]:
    rows, row = [], SubscriptionItem.objects.filter(pk=item.pk).first()
    while row is not None:
        rows.append(row)
        row = SubscriptionItem.objects.filter(follows=row).first()
    return rows


def test_windows_of_a_chain_never_overlap(sold: Shop, acme: Account, sales: Actor) -> None:
    item = bought(acme, sold.ipv4)
    change_quantity(item=item, quantity=5, by=sales, at=AT + DAY)
    rows = _chain(item)
    change_quantity(item=rows[-1], quantity=2, timing=Timing.AT_RENEWAL, by=sales, at=AT + 2 * DAY)
    windows: list[Window] = [row.window for row in _chain(item)]
    assert [window.end for window in windows[:-1]] == [window.start for window in windows[1:]]
