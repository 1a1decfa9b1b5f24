"""What the account's owner is told of what ended by itself."""

from datetime import timedelta

import pytest

from entitlements.actions.holds import hold
from entitlements.actions.lifecycle import cancel, pause, resume
from entitlements.actions.plan_changes import cancel_change, change_plan
from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.sweep import sweep
from entitlements.domain.facts import Mode
from entitlements.domain.timing import Timing
from entitlements.models import Account, SweepMark
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Notice, Staff
from tests.entitlements.factories import SubscriptionItemFactory, overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, add_on, catalog, subscribed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world(db: None) -> Catalog:
    SweepMark.objects.create(swept_to=AT)
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    return account(owner=Staff.objects.create(username="ana", email="ana@desk.example"))


def subjects() -> list[str]:
    sweep(at=AT + 30 * DAY)
    return sorted(Notice.objects.values_list("subject", flat=True))


def test_the_end_of_a_lent_plan_is_told(acme: Account, world: Catalog) -> None:
    subscription = subscribed(acme, world.free)
    add_item(subscription=subscription, plan=world.team, lent=True, ends_at=AT + HOUR, by=SYSTEM, at=AT)
    assert subjects() == ["Acme: The lent plan Team ended"]


def test_the_end_of_an_add_on_is_told(acme: Account, world: Catalog) -> None:
    subscription = subscribed(acme, world.free)
    more = add_on("boost", {world.storage: 5 * GB})
    add_item(subscription=subscription, plan=more, ends_at=AT + HOUR, by=SYSTEM, at=AT)
    assert subjects() == ["Acme: The add-on Boost ended"]


def test_what_ended_with_its_subscription_is_not_told_by_itself(acme: Account, world: Catalog) -> None:
    subscription = subscribed(acme, world.free)
    add_item(subscription=subscription, plan=world.team, lent=True, ends_at=AT + 2 * HOUR, by=SYSTEM, at=AT)
    end(subscription=subscription, ends_at=AT + HOUR, reason="", by=SYSTEM, at=AT)
    assert subjects() == ["Acme: Subscription 1 ended"]


def test_no_trial_ends_after_its_subscription_did(acme: Account, world: Catalog) -> None:
    subscription = subscribed(acme, world.team, trial_days=14)
    end(subscription=subscription, ends_at=AT + HOUR, reason="", by=SYSTEM, at=AT)
    assert subjects() == ["Acme: Subscription 1 ended"]


def test_a_planned_change_is_told_when_it_takes_effect(acme: Account, world: Catalog) -> None:
    planned = {"timing": Timing.ON_DATE, "on": AT + DAY, "by": SYSTEM, "at": AT}
    change_plan(subscription=subscribed(acme, world.free), plan=world.team, **planned)
    (subject,) = subjects()
    assert subject.startswith("Acme: A planned change took effect: ")
    change = acme.changes.get(feature_key="storage", effective_at=AT + DAY)
    assert (change.before, change.after) == ("1 GB", "100 GB")
    assert change.cause.startswith("A planned change took effect: ")


def test_a_change_that_was_called_off_never_happened(acme: Account, world: Catalog) -> None:
    planned = {"timing": Timing.ON_DATE, "on": AT + DAY, "by": SYSTEM, "at": AT}
    change = change_plan(subscription=subscribed(acme, world.free), plan=world.team, **planned)
    cancel_change(change=change, by=SYSTEM, at=AT + HOUR)
    assert subjects() == []


def test_a_change_at_once_is_told_by_whoever_made_it(acme: Account, world: Catalog) -> None:
    change_plan(subscription=subscribed(acme, world.free), plan=world.team, by=SYSTEM, at=AT + HOUR)
    assert subjects() == []


def test_winding_down_and_its_end_are_each_told(acme: Account, world: Catalog) -> None:
    leaving = {"timing": Timing.ON_DATE, "on": AT + DAY, "keep_days": 3, "reason": "", "by": SYSTEM, "at": AT}
    cancel(subscription=subscribed(acme, world.team), **leaving)
    assert subjects() == ["Acme: Subscription 1 ended", "Acme: The cancellation took effect"]


def test_a_trial_with_a_card_becomes_a_sale_by_itself(acme: Account, world: Catalog) -> None:
    subscribed(acme, world.team, trial_days=14, with_card=True)
    assert subjects() == ["Acme: The trial became a sale"]
    assert not acme.changes.filter(effective_at__gt=AT).exists()


def test_a_pause_that_ends_by_itself_is_told_and_one_that_is_lifted_is_not(acme: Account, world: Catalog) -> None:
    first, second = subscribed(acme, world.team), subscribed(acme, world.free)
    for subscription in (first, second):
        pause(subscription=subscription, until=AT + DAY, by=SYSTEM, at=AT)
    resume(subscription=second, by=SYSTEM, at=AT + HOUR)
    assert subjects() == ["Acme: The pause of subscription 1 ended"]


def test_the_end_of_a_hold_is_told(acme: Account, world: Catalog) -> None:
    item = subscribed(acme, world.team).items.get()
    hold(item=item, until=AT + DAY, reason="They migrate", by=SYSTEM, at=AT)
    assert subjects() == ["Acme: Team is no longer kept on its version"]


def test_another_quantity_of_an_add_on_is_not_its_end(acme: Account, world: Catalog) -> None:
    subscription = subscribed(acme, world.free)
    boost = add_item(subscription=subscription, plan=add_on("boost", {world.storage: 5 * GB}), by=SYSTEM, at=AT)
    boost.ends_at = AT + DAY
    deed = begin(by=SYSTEM, at=AT)
    keep(boost, deed=deed)
    SubscriptionItemFactory(subscription=subscription, version=boost.version, follows=boost, starts_at=AT + DAY)
    assert subjects() == []


def test_an_override_that_begins_by_itself_is_its_own_cause(acme: Account, world: Catalog) -> None:
    subscribed(acme, world.team)
    overridden(acme, world.storage, Mode.ADD, 5 * GB, at=AT, starts_at=AT + 2 * DAY)
    sweep(at=AT + 3 * DAY)
    change = acme.changes.get(feature_key="storage", effective_at__gt=AT)
    assert (change.after, change.cause) == ("105 GB", "The override on Storage began")
