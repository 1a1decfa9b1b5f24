"""What goes wrong around the sweep stays where it went wrong, and is told in the end."""

from datetime import timedelta

import pytest

from catalog.domain.values import Kind, ParentRule
from catalog.models.market import MarketUse
from entitlements.actions.accounts import edit_account, set_standing
from entitlements.actions.lifecycle import fail_payment, restore
from entitlements.actions.overrides import revoke
from entitlements.actions.subscriptions import end, start
from entitlements.actions.sweep import sweep
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account, EntitlementChange, Override, SweepMark
from entitlements.models.change import SweepFailure
from journal.domain.actor import SYSTEM
from journal.models import Notice, Staff
from tests.catalog.factories import (
    EPOCH,
    FeatureFactory,
    FeatureRevisionFactory,
    MarketFactory,
    MarketWindowFactory,
    PlanFactory,
)
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def told(held_by: Account, feature: str = "storage") -> list[tuple[str, str]]:
    rows = held_by.changes.filter(feature_key=feature, effective_at__gt=AT).order_by("effective_at", "pk")
    return list(rows.values_list("before", "after"))


@pytest.fixture
def world(db: None) -> Catalog:
    SweepMark.objects.create(swept_to=AT)
    return catalog()


def ending(key: str, world: Catalog, **more: object) -> Account:
    """An account whose subscription ends in an hour."""
    held_by = account(key, **more)
    end(subscription=subscribed(held_by, world.team), ends_at=AT + HOUR, reason="", by=SYSTEM, at=AT)
    return held_by


@pytest.fixture
def stumbling(world: Catalog) -> Account:
    """The first of two accounts is in a zone that no longer exists, so its owner can't be told when it ended."""
    first = ending("aaa", world, owner=Staff.objects.create(username="ana", email="ana@desk.example"))
    ending("good", world)
    Account.objects.filter(pk=first.pk).update(zone="Mars/Olympus")
    return first


def test_one_account_that_fails_keeps_nobody_else_waiting(stumbling: Account, caplog: pytest.LogCaptureFixture) -> None:
    sweep(at=AT + 2 * HOUR)
    assert told(Account.objects.get(key="good")) == [("100 GB", "not included")]
    assert told(stumbling) == []
    assert SweepMark.objects.get().swept_to == AT + 2 * HOUR
    failure = SweepFailure.objects.get()
    assert (failure.account, failure.attempts, "Mars/Olympus" in failure.last_error) == (stumbling, 1, True)
    assert [record.name for record in caplog.records if "aaa" in record.message] == ["entitlements.sweep"]


def test_an_account_that_failed_is_told_of_everything_once_it_works(stumbling: Account) -> None:
    for hours in (2, 3, 4):
        sweep(at=AT + hours * HOUR)
    assert SweepFailure.objects.get().attempts == 3
    Account.objects.filter(pk=stumbling.pk).update(zone="UTC")
    sweep(at=AT + 11 * DAY)
    assert told(stumbling) == [("100 GB", "not included")]
    assert Notice.objects.get().recipient == "ana@desk.example"
    assert not SweepFailure.objects.exists()


def test_a_long_value_and_a_long_reason_are_told_in_full(world: Catalog) -> None:
    note = FeatureFactory(key="note", name="Note", kind=Kind.CONFIG, config_type="text")
    wordy = PlanFactory(key="wordy", name="Wordy")
    publish_plan(wordy, {note: "y" * 600})
    acme = account()
    subscribed(acme, wordy, at=AT + HOUR)
    reason = "x" * 400
    overridden(acme, world.storage, Mode.REPLACE, 5 * GB, at=AT + 2 * HOUR, reason=reason)
    assert len(acme.changes.get(feature_key="note").after) >= 600
    assert reason in acme.changes.get(feature_key="storage").cause


@pytest.fixture
def child(world: Catalog) -> Account:
    """It has single sign-on and storage from its parent."""
    for feature in (world.sso, world.storage):
        FeatureRevisionFactory(feature=feature, parent_rule=ParentRule.INHERIT)
    parent = account("parent")
    subscribed(parent, world.team)
    return account("child", parent=parent)


def test_a_promise_revoked_from_the_parent_is_told_to_the_child(child: Account, world: Catalog) -> None:
    promise: Override = overridden(child.parent, world.storage, Mode.ADD, 5 * GB, at=AT)
    revoke(override=promise, reason="", by=SYSTEM, at=AT + HOUR)
    sweep(at=AT + 2 * HOUR)
    assert told(child) == [("105 GB", "100 GB")]
    assert told(child.parent) == [("105 GB", "100 GB")]
    assert "Parent" in child.changes.get(effective_at=AT + HOUR).cause


def test_grace_suspension_and_payment_of_the_parent_are_told_to_the_child(child: Account) -> None:
    subscription = child.parent.subscriptions.get()
    fail_payment(subscription=subscription, grace_days=1, by=SYSTEM, at=AT)
    sweep(at=AT + 25 * HOUR)
    restore(subscription=subscription, by=SYSTEM, at=AT + 26 * HOUR)
    sweep(at=AT + 27 * HOUR)
    for standing, hours in ((Standing.SUSPENDED, 28), (Standing.OPEN, 29)):
        set_standing(account=child.parent, standing=standing, reason="", by=SYSTEM, at=AT + hours * HOUR)
    sweep(at=AT + 30 * HOUR)
    expected = [("100 GB", "not included"), ("not included", "100 GB")]
    assert told(child)[:2] == expected
    assert told(child.parent)[:2] == expected
    assert len(told(child)) == len(told(child.parent))


def test_what_landed_after_the_sweep_had_passed_is_told_all_the_same(world: Catalog) -> None:
    acme = account()
    subscription = subscribed(acme, world.team)
    sweep(at=AT + 10 * SECOND)
    end(subscription=subscription, ends_at=AT + 7 * SECOND, reason="", by=SYSTEM, at=AT + 5 * SECOND)
    for minute in range(1, 10):
        sweep(at=AT + timedelta(minutes=minute))
    assert told(acme) == [("100 GB", "not included")]


def test_a_sweep_that_has_to_stop_goes_on_where_it_stopped(world: Catalog) -> None:
    held = [ending(f"a{number}", world) for number in range(5)]
    for tick in range(1, 6):
        sweep(at=AT + 2 * HOUR + tick * SECOND, enough=lambda: True)
        assert sum(bool(told(each)) for each in held) == tick
        assert SweepMark.objects.get().swept_to == AT
    sweep(at=AT + 3 * HOUR)
    assert SweepMark.objects.get().swept_to == AT + 3 * HOUR
    assert all(told(each) == [("100 GB", "not included")] for each in held)


def test_an_end_and_a_beginning_at_one_instant_are_told_as_they_followed(world: Catalog) -> None:
    acme = ending("acme", world)
    start(account=acme, plan=world.free, by=SYSTEM, at=AT + HOUR)
    sweep(at=AT + 2 * HOUR)
    assert sorted(told(acme)) == [("100 GB", "not included"), ("not included", "1 GB")]


def test_two_acts_of_one_instant_are_both_told(world: Catalog) -> None:
    acme = account()
    end(subscription=subscribed(acme, world.team), ends_at=AT + HOUR, reason="", by=SYSTEM, at=AT + HOUR)
    start(account=acme, plan=world.free, by=SYSTEM, at=AT + HOUR)
    sweep(at=AT + 2 * HOUR)
    assert told(acme) == [("100 GB", "not included"), ("not included", "1 GB")]
    assert EntitlementChange.objects.filter(effective_at=AT + HOUR, audit_id__isnull=True).count() == 0


def test_another_market_of_the_parent_is_told_to_the_child(child: Account, world: Catalog) -> None:
    nordics = MarketFactory()
    window = {"use": MarketUse.PROVIDED, "starts_at": EPOCH, "limits_from": EPOCH}
    MarketWindowFactory(plan=None, feature=world.storage, market=nordics, **window)
    edit_account(account=child.parent, seen={}, market=nordics, by=SYSTEM, at=AT + HOUR)
    sweep(at=AT + 2 * HOUR)
    assert told(child.parent) == told(child) == [("not included", "100 GB")]
    assert child.changes.get().cause == "What Parent has changed, the parent account"
