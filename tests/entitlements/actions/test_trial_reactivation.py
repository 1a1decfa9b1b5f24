"""A trial that is over runs again: as a subscription of its own, so that the past stays as it was."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.domain.values import Combine
from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.trial_reactivation import NotAgain, reactivate
from entitlements.actions.trial_uses import note_use
from entitlements.actions.trials import convert, extend
from entitlements.domain.facts import Mode
from entitlements.models import Account, Subscription, SubscriptionPhase
from entitlements.queries.holdings import holdings
from entitlements.queries.life.state import NotPermitted
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import Approval, AuditEvent
from tests.catalog.factories import EPOCH, FeatureRevisionFactory
from tests.conftest import actor
from tests.entitlements.factories import overridden
from tests.entitlements.trying import END, trying
from tests.entitlements.world import AT, DAY, GB, Catalog, account, add_on, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def sold(db: None) -> Catalog:
    policy()
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    """Its trial of Team ended five days ago; since then it has Free."""
    acme = account()
    subscribed(acme, sold.team, trial_days=5)
    return acme


def again(acme: Account, by: Actor, **said: object) -> SubscriptionPhase | Approval:
    told = {"days": 7, "reason": "They are back", "at": AT} | said
    return reactivate(subscription=acme.subscriptions.first(), by=by, **told)


def test_it_runs_from_now_on_and_the_past_stays_true(acme: Account, sales: Actor) -> None:
    trial = again(acme, sales)
    assert (trial.starts_at, trial.ends_at, trial.subscription.number) == (AT, AT + 7 * DAY, 2)
    assert value(acme, "storage", AT - INSTANT) == 1 * GB
    assert value(acme, "storage", AT) == 100 * GB
    assert value(acme, "storage", AT + 7 * DAY) == 1 * GB


def test_the_old_subscription_ends_and_the_audit_says_why(acme: Account, sales: Actor) -> None:
    again(acme, sales)
    assert Subscription.objects.get(number=1).ends_at == AT
    told = AuditEvent.objects.get(verb="trial:reactivate")
    assert told.changes["again"] == [None, "Team, tried in subscription 1"]
    ended = AuditEvent.objects.get(verb="subscription:end")
    assert (ended.id != told.id, ended.reason) == (True, "Its trial runs again as subscription 2")


def test_where_plans_add_up_it_counts_once(sold: Catalog, acme: Account, sales: Actor) -> None:
    FeatureRevisionFactory(feature=sold.storage, combine=Combine.ADD, effective_at=EPOCH)
    again(acme, sales)
    assert value(acme, "storage", AT) == 100 * GB
    assert value(acme, "storage", AT + 7 * DAY) == 1 * GB


def test_what_was_bought_since_goes_on(sold: Catalog, acme: Account, sales: Actor) -> None:
    pack = add_on("pack", {sold.storage: 5 * GB})
    add_item(subscription=acme.subscriptions.get(), plan=pack, by=SYSTEM, at=AT - DAY)
    again(acme, sales)
    assert Subscription.objects.get(number=1).ends_at is None
    assert value(acme, "storage", AT) == 105 * GB
    assert value(acme, "storage", AT + 7 * DAY) == 6 * GB


def test_what_was_tried_beside_the_plan_is_tried_again(sold: Catalog, sales: Actor) -> None:
    bee, pack = account("bee"), add_on("pack", {sold.storage: 5 * GB})
    tried = subscribed(bee, sold.team, trial_days=5, quantity=2)
    add_item(subscription=tried, plan=pack, quantity=3, by=SYSTEM, at=AT - 9 * DAY)
    again(bee, sales)
    assert [(item.plan.key, item.quantity) for item in bee.subscriptions.get(number=2).items.all()] == [
        ("team", 2),
        ("pack", 3),
    ]


def test_it_counts_as_one_more_extension_for_policy(acme: Account, sales: Actor) -> None:
    extend(subscription=again(acme, sales).subscription, days=1, reason="More", by=sales, at=AT)
    asked = extend(subscription=acme.subscriptions.get(number=2), days=1, reason="More", by=sales, at=AT)
    assert isinstance(asked, Approval)


def test_beyond_policy_it_waits_and_then_runs_from_the_approval_on(acme: Account, sales: Actor, finance: Actor) -> None:
    asked = again(acme, sales, days=21)
    assert isinstance(asked, Approval)
    assert value(acme, "storage", AT + DAY) == 1 * GB
    with pytest.raises(Refusal, match="waiting for approval already"):
        again(acme, sales, days=21)
    approvals.approve(approval=asked, by=finance, at=AT + DAY)
    assert acme.subscriptions.get(number=2).phases.get().ends_at == AT + 22 * DAY


def test_asked_for_in_time_it_may_be_approved_later(acme: Account, sales: Actor, finance: Actor) -> None:
    asked = again(acme, sales, days=21, at=AT + 24 * DAY)
    approvals.approve(approval=asked, by=finance, at=AT + 40 * DAY)
    assert value(acme, "storage", AT + 41 * DAY) == 100 * GB


def test_after_thirty_days_it_is_too_late(acme: Account, sales: Actor) -> None:
    again(acme, sales, at=AT + 25 * DAY - INSTANT)
    late = account("late")
    subscribed(late, acme.subscriptions.first().items.get().plan, trial_days=5)
    with pytest.raises(NotAgain, match="up to 30 days ago"):
        again(late, sales, at=AT + 25 * DAY)


def test_twice_at_once_it_runs_once(acme: Account, sales: Actor) -> None:
    again(acme, sales)
    with pytest.raises(NotPermitted, match="has ended"):
        again(acme, sales)
    assert acme.subscriptions.count() == 2


def test_where_the_plan_is_held_by_another_subscription_it_is_refused(
    sold: Catalog, acme: Account, sales: Actor
) -> None:
    subscribed(acme, sold.team, trial_days=30)
    with pytest.raises(NotAgain, match="Team is held already, by Acme, subscription 2"):
        again(acme, sales)


def test_what_ended_was_converted_or_still_runs_is_refused(sold: Catalog, sales: Actor) -> None:
    for key, act in (("ended", end), ("converted", convert), ("running", None)):
        held = subscribed(account(key), sold.team, trial_days=14)
        if act is end:
            end(subscription=held, ends_at=AT - DAY, reason="Left", by=SYSTEM, at=AT - 2 * DAY)
        elif act is convert:
            convert(subscription=held, by=SYSTEM, at=AT - DAY)
        with pytest.raises(NotPermitted):
            again(held.account, sales)


def test_an_override_of_the_old_subscription_alone_is_not_lost(sold: Catalog, acme: Account, sales: Actor) -> None:
    overridden(acme, sold.storage, Mode.ADD, 5 * GB, at=AT - DAY, subscription=acme.subscriptions.get())
    with pytest.raises(NotAgain, match="override on Storage belongs to Acme, subscription 1 alone"):
        again(acme, sales)


def test_what_another_system_bills_it_starts_itself(sold: Catalog, sales: Actor) -> None:
    billed = subscribed(account("billed"), sold.team, trial_days=5, billed_by="biller", billing_id="sub_1")
    with pytest.raises(NotAgain, match="billed by another system"):
        again(billed.account, sales)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_days_out_of_range_are_refused(acme: Account, sales: Actor, days: int) -> None:
    with pytest.raises(Refusal) as refused:
        again(acme, sales, days=days)
    assert refused.value.field == "days"


def test_support_may_not(acme: Account, support_agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        again(acme, support_agent)


class ThePastIsUntouched(TestCase):
    @given(tried=st.integers(1, 20), since=st.integers(0, 29), days=st.integers(1, 14))
    def test_answers_before_it_are_the_same_and_after_it_the_trials(self, tried: int, since: int, days: int) -> None:
        policy()
        sold, acme = catalog(), account()
        held = subscribed(acme, sold.team, trial_days=tried)
        lapse = held.phases.get().ends_at
        at = lapse + since * DAY
        earlier = [held.starts_at - DAY, held.starts_at, lapse - INSTANT, lapse, lapse + DAY, at - INSTANT]
        earlier = [instant for instant in earlier if instant < at]
        before = [[value(acme, key, instant) for key in ("storage", "sso", "seats")] for instant in earlier]
        trial = reactivate(subscription=held, days=days, reason="Back", by=actor("sales"), at=at)
        assert [[value(acme, key, instant) for key in ("storage", "sso", "seats")] for instant in earlier] == before
        assert value(acme, "storage", trial.ends_at - INSTANT) == 100 * GB
        assert value(acme, "storage", trial.ends_at) == 1 * GB
        live = [found for found in holdings(account_ids=[acme.pk], at=trial.ends_at)[acme.pk] if found.live]
        assert [(found.number, found.after_trial) for found in live] == [(2, "Free")]


def test_what_was_used_in_it_stays_used(sold: Catalog, sales: Actor) -> None:
    held = trying(sold)
    note_use(subscription=held, feature=sold.sso, by=SYSTEM, at=AT)
    trial = reactivate(subscription=held, days=3, reason="They are back", by=sales, at=END + DAY)
    assert value(held.account, "sso", END + 300 * DAY) is True
    assert trial.subscription.trial_uses.get().used_at == AT
