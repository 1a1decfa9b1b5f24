"""What the account's owner is told of what ended by itself."""

from datetime import timedelta

import pytest

from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.sweep import sweep
from entitlements.models import Account, SweepMark
from journal.domain.actor import SYSTEM
from journal.models import Notice, Staff
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
