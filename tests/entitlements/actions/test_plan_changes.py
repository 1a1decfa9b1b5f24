"""Another plan now, at the renewal or on a date; calling it off, moving it, and what follows the renewal."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.rollouts import Audience
from catalog.domain.values import BelowUse
from catalog.domain.window import Window
from catalog.models import FeatureRevision
from entitlements import in_use
from entitlements.actions.items import change_quantity, end_item
from entitlements.actions.lifecycle import cancel
from entitlements.actions.periods import record_period
from entitlements.actions.plan_changes import (
    BelowWhatIsInUse,
    ChangeOver,
    ChangeToCome,
    cancel_change,
    change_plan,
    reschedule,
)
from entitlements.actions.sales import NotOnSale
from entitlements.actions.subscriptions import add_item, end
from entitlements.domain.boundaries import boundaries
from entitlements.domain.timing import ChangeSort, Proration, Timing
from entitlements.models import Account, EntitlementChange, Subscription, SubscriptionChange, SubscriptionItem
from entitlements.queries.entitlements import entitlements_of, facts_of
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import EPOCH, MarketFactory, MarketWindowFactory, PlanFactory
from tests.entitlements.shop import Shop, shop
from tests.entitlements.world import AT, DAY, GB, account, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db
MOMENT = datetime.resolution
RENEWAL = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)  # monthly since 20 February, 10:00 in Amsterdam


@pytest.fixture
def sold() -> Shop:
    return shop()


@pytest.fixture
def held(sold: Shop) -> Subscription:
    return subscribed(account(), sold.catalog.team)


def wanted(held: Subscription, plan: Any, timing: Timing = Timing.AT_RENEWAL, **more: Any) -> SubscriptionChange:
    return change_plan(subscription=held, plan=plan, timing=timing, **{"by": SYSTEM, "at": AT} | more)


def storage(held: Subscription, *instants: datetime) -> list[int | None]:
    found = (value(held.account, "storage", at) for at in instants)
    return [None if amount is None else int(amount / GB) for amount in found]  # type: ignore[operator]


def test_now_the_other_plan_is_there_from_that_instant(sold: Shop, held: Subscription, sales: Actor) -> None:
    change = wanted(held, sold.catalog.free, Timing.NOW, by=sales, proration=Proration.CREDIT, reason="Too dear")
    assert storage(held, AT - MOMENT, AT) == [100, 1]
    assert (change.words, change.sort, change.proration) == ("Team → Free", ChangeSort.PLAN, Proration.CREDIT)
    told = AuditEvent.objects.get(verb="subscription:change_plan")
    assert told.changes["plan"] == ["Team", "Free"]
    assert [told.changes[name][1] for name in ("timing", "proration")] == ["now", "credit"]
    assert told.reason == "Too dear"


def test_at_the_renewal_it_waits_and_then_happens_by_itself(sold: Shop, held: Subscription, sales: Actor) -> None:
    change = wanted(held, sold.catalog.free, by=sales)
    assert change.effective_at == RENEWAL
    assert storage(held, AT, RENEWAL - MOMENT, RENEWAL) == [100, 100, 1]
    assert not EntitlementChange.objects.filter(effective_at=AT).exists()


def test_on_a_date_it_waits_for_that(sold: Shop, held: Subscription) -> None:
    wanted(held, sold.catalog.free, Timing.ON_DATE, on=AT + 5 * DAY)
    assert storage(held, AT + 5 * DAY - MOMENT, AT + 5 * DAY) == [100, 1]


def test_it_pins_the_version_that_was_on_sale_when_it_was_agreed(sold: Shop, held: Subscription) -> None:
    wanted(held, sold.catalog.free)
    gives = {sold.catalog.storage: 2 * GB}
    publish_plan(sold.catalog.free, gives, at=AT + DAY, audience=Audience.NEW_CUSTOMERS)
    assert storage(held, RENEWAL) == [1]


def test_quantity_and_interval_stay_unless_said_otherwise(sold: Shop) -> None:
    held = subscribed(account(), sold.catalog.free, quantity=10, interval="year")
    change = wanted(held, sold.catalog.team, Timing.NOW)
    assert change.item is not None
    assert (change.item.quantity, change.item.interval) == (10, "year")
    change = wanted(held, sold.catalog.team, Timing.NOW, quantity=20, interval="month", at=AT + DAY)
    assert change.words == "10 × Team by the year → 20 × Team"


def test_add_ons_and_what_is_lent_stay(sold: Shop, held: Subscription) -> None:
    add_item(subscription=held, plan=sold.ipv4, quantity=3, by=SYSTEM, at=AT)
    lent = add_item(subscription=held, plan=sold.catalog.team, lent=True, ends_at=AT + 9 * DAY, by=SYSTEM, at=AT)
    wanted(held, sold.catalog.free, Timing.NOW, at=AT + DAY)
    assert value(held.account, "addresses", AT + DAY) == 3
    assert storage(held, AT + DAY, AT + 9 * DAY) == [100, 1]
    lent.refresh_from_db()
    assert lent.ends_at == AT + 9 * DAY


def test_in_a_trial_the_trial_goes_on_with_the_new_plan(sold: Shop) -> None:
    held = subscribed(account(), sold.catalog.free, trial_days=14)
    change = wanted(held, sold.catalog.team, Timing.NOW)
    assert change.words == "Free → Team, still in trial"
    assert storage(held, AT + 4 * DAY - MOMENT, AT + 4 * DAY) == [100, 1]


def test_at_the_renewal_of_a_trial_it_is_bought(sold: Shop) -> None:
    held = subscribed(account(), sold.catalog.team, trial_days=14)
    change = wanted(held, sold.catalog.free)
    assert (change.effective_at, change.words) == (RENEWAL, "Team → Free")
    publish_plan(sold.catalog.free, {sold.catalog.storage: 3 * GB}, at=AT + DAY)
    assert storage(held, RENEWAL - DAY, RENEWAL) == [3, 3]


def test_a_second_one_is_refused_while_one_is_to_come(sold: Shop, held: Subscription) -> None:
    wanted(held, sold.catalog.free)
    for timing, on in ((Timing.NOW, None), (Timing.AT_RENEWAL, None), (Timing.ON_DATE, AT + 9 * DAY)):
        with pytest.raises(ChangeToCome, match="Team → Free is planned for 20 March 2026"):
            wanted(held, sold.catalog.free, timing, on=on, quantity=2, at=AT + DAY)
    item = SubscriptionItem.objects.get(plan=sold.catalog.team)
    with pytest.raises(ChangeToCome, match="Call it off first"):
        change_quantity(item=item, quantity=3, by=SYSTEM, at=AT + DAY)


def test_and_so_it_is_while_fewer_of_the_plan_are_to_come(sold: Shop) -> None:
    held = subscribed(account(), sold.catalog.free, quantity=10)
    item = SubscriptionItem.objects.get()
    change_quantity(item=item, quantity=4, timing=Timing.AT_RENEWAL, by=SYSTEM, at=AT)
    with pytest.raises(ChangeToCome, match="10 × Free → 4 × Free"):
        wanted(held, sold.catalog.team)


@pytest.mark.parametrize(
    ("timing", "more", "field"),
    [
        (Timing.ON_DATE, {}, "on"),
        (Timing.ON_DATE, {"on": AT - DAY}, "on"),
        (Timing.NOW, {"quantity": 0}, "quantity"),
        (Timing.NOW, {"interval": "week"}, "interval"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    sold: Shop, held: Subscription, timing: Timing, more: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        wanted(held, sold.catalog.free, timing, **more)
    assert refused.value.field == field


def test_neither_an_add_on_nor_the_same_plan_takes_its_place(sold: Shop, held: Subscription) -> None:
    for plan, words in ((sold.ipv4, "is an add-on"), (sold.catalog.team, "has Team already")):
        with pytest.raises(Invalid, match=words) as refused:
            wanted(held, plan, Timing.NOW)
        assert refused.value.field == "plan"


def test_it_must_be_sold_to_the_customer_when_it_begins(sold: Shop, held: Subscription) -> None:
    market = MarketFactory(name="Asia")
    MarketWindowFactory(plan=sold.catalog.free, market=market, use="sold")
    with pytest.raises(NotOnSale):
        wanted(held, sold.catalog.free)
    with pytest.raises(NotOnSale):
        wanted(held, PlanFactory(key="draft"))


def test_what_ends_before_the_renewal_has_none(sold: Shop, held: Subscription) -> None:
    end(subscription=held, ends_at=AT + 5 * DAY, reason="Fixed term", by=SYSTEM, at=AT)
    with pytest.raises(Invalid, match="ends before it would renew"):
        wanted(held, sold.catalog.free)
    with pytest.raises(Invalid, match="has ended by then"):
        wanted(held, sold.catalog.free, Timing.ON_DATE, on=AT + 5 * DAY)


def test_what_is_agreed_for_later_stands_in_the_way_of_a_plan_before_it(sold: Shop, held: Subscription) -> None:
    add_item(subscription=held, plan=sold.catalog.free, starts_at=AT + 40 * DAY, by=SYSTEM, at=AT)
    with pytest.raises(ChangeToCome, match="Free is agreed from"):
        wanted(held, sold.catalog.free)


def test_before_it_begins_only_the_new_plan_begins(sold: Shop, sales: Actor) -> None:
    held = subscribed(account(), sold.catalog.team, starts_at=AT + 5 * DAY)
    wanted(held, sold.catalog.free, Timing.NOW, by=sales)
    wanted(held, sold.catalog.team, Timing.NOW, at=AT + DAY, by=sales)
    assert storage(held, AT + 2 * DAY, AT + 5 * DAY) == [None, 100]
    assert SubscriptionItem.objects.count() == 1


def test_called_off_it_never_happens(sold: Shop, held: Subscription, sales: Actor) -> None:
    change = wanted(held, sold.catalog.free)
    cancel_change(change=change, reason="They stay on Team", by=sales, at=AT + DAY)
    assert storage(held, RENEWAL) == [100]
    assert SubscriptionItem.objects.get().ends_at is None
    assert AuditEvent.objects.get(verb="subscription:call_off_change").reason == "They stay on Team"
    change.refresh_from_db()
    assert (change.cancelled_at, change.cancelled_by) == (AT + DAY, sales.name)
    with pytest.raises(ChangeOver, match="called off already"):
        cancel_change(change=change, by=sales, at=AT + 2 * DAY)


def test_what_has_happened_is_neither_called_off_nor_moved(sold: Shop, held: Subscription, sales: Actor) -> None:
    at_once = wanted(held, sold.catalog.free, Timing.NOW)
    for act in (
        lambda: cancel_change(change=at_once, by=sales, at=AT),
        lambda: reschedule(change=at_once, effective_at=AT + DAY, by=sales, at=AT),
    ):
        with pytest.raises(ChangeOver, match="has taken effect already"):
            act()


def test_moved_both_edges_move(sold: Shop, held: Subscription, sales: Actor) -> None:
    change = wanted(held, sold.catalog.free)
    for days in (30, 3):
        moved = reschedule(change=change, effective_at=AT + days * DAY, by=sales, at=AT + DAY)
        assert storage(held, AT + days * DAY - MOMENT, AT + days * DAY) == [100, 1]
        assert (moved.timing, moved.effective_at) == (Timing.ON_DATE, AT + days * DAY)
    old, new = SubscriptionItem.objects.order_by("starts_at")
    assert old.ends_at == new.starts_at == AT + 3 * DAY


def test_a_cancellation_is_moved_with_the_days_of_access_after_it(sold: Shop, held: Subscription, sales: Actor) -> None:
    told = {"subscription": held, "by": sales, "at": AT}
    change = cancel(timing=Timing.ON_DATE, on=AT + 10 * DAY, keep_days=7, reason="Leaves", **told)
    reschedule(change=change, effective_at=AT + 15 * DAY, by=sales, at=AT + DAY)
    assert storage(held, AT + 22 * DAY - MOMENT, AT + 22 * DAY) == [100, None]
    held.refresh_from_db()
    assert held.ends_at == AT + 22 * DAY
    cancel_change(change=change, by=sales, at=AT + 2 * DAY)
    assert storage(held, AT + 50 * DAY) == [100]


def test_it_is_not_moved_into_the_past_nor_past_the_end(sold: Shop, held: Subscription, sales: Actor) -> None:
    change = wanted(held, sold.catalog.free)
    end(subscription=held, ends_at=AT + 60 * DAY, reason="Fixed term", by=SYSTEM, at=AT)
    for when in (AT, AT + DAY, AT + 60 * DAY):
        with pytest.raises(Invalid) as refused:
            reschedule(change=change, effective_at=when, by=sales, at=AT + DAY)
        assert refused.value.field == "on"


def test_support_may_not_change_what_is_sold(sold: Shop, held: Subscription, support_agent: Actor) -> None:
    change = wanted(held, sold.catalog.free)
    for act in (
        lambda: wanted(held, sold.catalog.free, by=support_agent),
        lambda: cancel_change(change=change, by=support_agent, at=AT),
        lambda: reschedule(change=change, effective_at=AT + DAY, by=support_agent, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_change_at_the_renewal_follows_the_renewal(sold: Shop, held: Subscription) -> None:
    change = wanted(held, sold.catalog.free)
    record_period(subscription=held, starts_at=AT + 5 * DAY, ends_at=AT + 35 * DAY, by=SYSTEM, at=AT + DAY)
    change.refresh_from_db()
    assert (change.effective_at, change.timing) == (AT + 5 * DAY, Timing.AT_RENEWAL)
    assert storage(held, AT + 5 * DAY - MOMENT, AT + 5 * DAY) == [100, 1]
    assert AuditEvent.objects.get(verb="period:record").changes["Team → Free"][0] == RENEWAL.isoformat()


def test_a_renewal_told_late_takes_effect_when_it_is_told(sold: Shop, held: Subscription) -> None:
    wanted(held, sold.catalog.free)
    told_at = AT + 6 * DAY
    record_period(subscription=held, starts_at=AT + 5 * DAY, ends_at=AT + 35 * DAY, by=SYSTEM, at=told_at)
    assert storage(held, told_at - MOMENT, told_at) == [100, 1]
    assert EntitlementChange.objects.filter(effective_at=told_at, feature_key="storage").exists()


def test_a_change_on_a_date_does_not_follow_it(sold: Shop, held: Subscription) -> None:
    wanted(held, sold.catalog.free, Timing.ON_DATE, on=RENEWAL)
    record_period(subscription=held, starts_at=AT + 5 * DAY, ends_at=AT + 35 * DAY, by=SYSTEM, at=AT + DAY)
    assert storage(held, RENEWAL - MOMENT, RENEWAL) == [100, 1]


def test_fewer_at_the_renewal_is_called_off_and_moved_like_a_plan(sold: Shop, held: Subscription) -> None:
    item = add_item(subscription=held, plan=sold.ipv4, quantity=5, by=SYSTEM, at=AT)
    change_quantity(item=item, quantity=2, timing=Timing.AT_RENEWAL, by=SYSTEM, at=AT)
    change = SubscriptionChange.objects.get(sort=ChangeSort.QUANTITY)
    assert change.words == "5 × IPv4 → 2 × IPv4"
    reschedule(change=change, effective_at=AT + 5 * DAY, by=SYSTEM, at=AT + DAY)
    assert [value(held.account, "addresses", AT + n * DAY) for n in (4, 5)] == [5, 2]
    cancel_change(change=change, by=SYSTEM, at=AT + 2 * DAY)
    assert value(held.account, "addresses", RENEWAL) == 5


def test_an_add_on_that_ends_at_the_renewal_may_stay_after_all(sold: Shop, held: Subscription) -> None:
    item = add_item(subscription=held, plan=sold.ipv4, quantity=5, by=SYSTEM, at=AT)
    end_item(item=item, timing=Timing.AT_RENEWAL, reason="Too dear", by=SYSTEM, at=AT)
    change_quantity(item=item, quantity=4, by=SYSTEM, at=AT + DAY)
    assert [value(held.account, "addresses", at) for at in (AT + DAY, RENEWAL)] == [4, None]
    change = SubscriptionChange.objects.get(sort=ChangeSort.END_ITEM)
    cancel_change(change=change, by=SYSTEM, at=AT + 2 * DAY)
    assert value(held.account, "addresses", RENEWAL) == 4


def test_what_was_ended_for_the_same_day_stays_ended_where_the_customer_stays(
    sold: Shop, held: Subscription, sales: Actor
) -> None:
    item = add_item(subscription=held, plan=sold.ipv4, by=SYSTEM, at=AT)
    end_item(item=item, timing=Timing.AT_RENEWAL, reason="Too dear", by=sales, at=AT)
    change = cancel(subscription=held, timing=Timing.AT_RENEWAL, reason="Leaves", by=sales, at=AT)
    change.ended = [[item.pk, None]]  # as if the subscription bore the number of the item
    keep(change, deed=begin(by=SYSTEM, at=AT))
    cancel_change(change=change, by=sales, at=AT + DAY)
    assert value(held.account, "addresses", RENEWAL) is None
    assert storage(held, RENEWAL) == [100]


def test_an_add_on_to_come_is_called_off(sold: Shop, held: Subscription) -> None:
    add_item(subscription=held, plan=sold.ipv4, quantity=5, starts_at=AT + 5 * DAY, by=SYSTEM, at=AT)
    change = SubscriptionChange.objects.get(sort=ChangeSort.ADD_ON)
    cancel_change(change=change, by=SYSTEM, at=AT + DAY)
    assert value(held.account, "addresses", AT + 5 * DAY) is None


def test_said_anew_the_former_plan_for_an_item_is_called_off(sold: Shop, held: Subscription) -> None:
    item = add_item(subscription=held, plan=sold.ipv4, quantity=5, by=SYSTEM, at=AT)
    for quantity in (2, 3):
        change_quantity(item=item, quantity=quantity, timing=Timing.AT_RENEWAL, by=SYSTEM, at=AT + DAY)
    first, second = SubscriptionChange.objects.filter(sort=ChangeSort.QUANTITY).order_by("pk")
    assert first.cancelled_at == AT + DAY
    assert (second.cancelled_at, second.words) == (None, "5 × IPv4 → 3 × IPv4")


@pytest.fixture
def five_seats_used(sold: Shop) -> Iterator[None]:
    def seats(accounts: Collection[int], *, at: datetime) -> Mapping[int, Mapping[str, Decimal]]:
        return {account: {"seats": Decimal(5)} for account in accounts}

    in_use.register(seats)
    yield
    in_use.forget(seats)


def refusing(sold: Shop) -> None:
    row = FeatureRevision(feature=sold.catalog.seats, effective_at=EPOCH, below_use=BelowUse.REFUSE)
    keep(row, deed=begin(by=SYSTEM, at=EPOCH))


def test_fewer_than_in_use_is_refused_where_the_rule_says_so(
    sold: Shop, held: Subscription, five_seats_used: None
) -> None:
    refusing(sold)
    with pytest.raises(BelowWhatIsInUse, match="Seats: 5 in use, 2 afterwards"):
        wanted(held, sold.catalog.free)
    assert not SubscriptionChange.objects.exists()


def test_and_goes_ahead_where_it_does_not(sold: Shop, held: Subscription, five_seats_used: None) -> None:
    wanted(held, sold.catalog.free, Timing.NOW)
    assert value(held.account, "seats", AT) == 2


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waits=st.booleans(), on=st.integers(2, 60), off=st.integers(1, 23), quantity=st.integers(1, 3))
def test_planned_and_called_off_all_is_as_it_was(
    sold: Shop, held: Subscription, waits: bool, on: int, off: int, quantity: int
) -> None:
    timing = Timing.AT_RENEWAL if waits else Timing.ON_DATE
    with transaction.atomic():
        before = _everything(held.account)
        change = wanted(held, sold.catalog.free, timing, on=AT + on * DAY, quantity=quantity)
        cancel_change(change=change, by=SYSTEM, at=AT + timedelta(hours=off))
        assert _everything(held.account) == before
        transaction.set_rollback(True)  # each example begins with nothing planned


def _everything(held_by: Account) -> list[object]:
    """The answers at every boundary, the windows of the items, and a moment in between."""
    facts = facts_of(account=held_by)
    probes = sorted({*boundaries(facts), *(AT + timedelta(days=n, hours=1) for n in range(0, 70, 7))})
    windows: list[Window] = [row.window for row in SubscriptionItem.objects.order_by("pk")]
    return [windows, *({k: a.value for k, a in entitlements_of(account=held_by, at=at).items()} for at in probes)]
