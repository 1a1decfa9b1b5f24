"""Extending and converting trials; that they end needs no act."""

import pytest

from entitlements.actions.trials import NoRunningTrial, convert, extend
from entitlements.models import Account, SubscriptionPhase
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import Approval
from tests.entitlements.world import AT, DAY, GB, account, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Account:
    """Ten days into a trial of Team that lasts 14 days in Amsterdam."""
    world = catalog()
    policy()
    acme = account()
    subscribed(acme, world.team, trial_days=14)
    return acme


def test_unconverted_it_falls_back_to_the_plan_for_afterwards_with_no_worker_running(acme: Account) -> None:
    end = AT + 4 * DAY
    assert value(acme, "storage", end - end.resolution) == 100 * GB
    assert value(acme, "storage", end) == 1 * GB
    assert value(acme, "sso", end) is None


def test_extended_by_fourteen_calendar_days_across_the_change_of_clocks(acme: Account, sales: Actor) -> None:
    extend(subscription=acme.subscriptions.get(), days=14, reason="Holidays", by=sales, at=AT)
    extend(subscription=acme.subscriptions.get(), days=14, reason="More holidays", by=sales, at=AT + DAY)
    trial = SubscriptionPhase.objects.get()
    assert trial.ends_at == AT + 32 * DAY - DAY / 24  # the same wall clock in Amsterdam, after 29 March
    assert value(acme, "storage", AT + 20 * DAY) == 100 * GB


def test_beyond_policy_it_waits_and_then_is_as_asked(acme: Account, sales: Actor, finance: Actor) -> None:
    asked = extend(subscription=acme.subscriptions.get(), days=21, reason="Long holidays", by=sales, at=AT)
    assert isinstance(asked, Approval)
    assert value(acme, "storage", AT + 5 * DAY) == 1 * GB
    approvals.approve(approval=asked, by=finance, at=AT + DAY)
    assert value(acme, "storage", AT + 5 * DAY) == 100 * GB


def test_a_third_time_is_beyond_policy(acme: Account, sales: Actor) -> None:
    for _ in range(2):
        extend(subscription=acme.subscriptions.get(), days=1, reason="A little more", by=sales, at=AT)
    asked = extend(subscription=acme.subscriptions.get(), days=1, reason="A little more", by=sales, at=AT)
    assert isinstance(asked, Approval)


def test_pressed_twice_it_extends_once(acme: Account, sales: Actor) -> None:
    shown = SubscriptionPhase.objects.get().ends_at
    again = {"days": 7, "reason": "Holidays", "by": sales, "at": AT, "seen_end": shown}
    extend(subscription=acme.subscriptions.get(), **again)
    with pytest.raises(Refusal, match="has changed since"):
        extend(subscription=acme.subscriptions.get(), **again)
    assert SubscriptionPhase.objects.get().extended_times == 1


def test_approved_after_it_lapsed_it_is_refused(acme: Account, sales: Actor, finance: Actor) -> None:
    asked = extend(subscription=acme.subscriptions.get(), days=21, reason="Long holidays", by=sales, at=AT)
    with pytest.raises(NoRunningTrial):
        approvals.approve(approval=asked, by=finance, at=AT + 5 * DAY)


def test_converted_it_doesnt_lapse(acme: Account, sales: Actor) -> None:
    convert(subscription=acme.subscriptions.get(), by=sales, at=AT)
    assert value(acme, "storage", AT + 400 * DAY) == 100 * GB


def test_a_trial_that_is_over_cant_be_extended(acme: Account, sales: Actor) -> None:
    with pytest.raises(NoRunningTrial):
        extend(subscription=acme.subscriptions.get(), days=7, reason="Too late", by=sales, at=AT + 4 * DAY)


@pytest.mark.parametrize("days", [0, -3, 366])
def test_days_out_of_range_are_refused(acme: Account, sales: Actor, days: int) -> None:
    with pytest.raises(Refusal) as refused:
        extend(subscription=acme.subscriptions.get(), days=days, reason="Odd", by=sales, at=AT)
    assert refused.value.field == "days"


def test_support_may_not_extend(acme: Account, support_agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        extend(subscription=acme.subscriptions.get(), days=7, reason="Kindness", by=support_agent, at=AT)
