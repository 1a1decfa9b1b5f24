"""Whose counters use lands on besides the account's own: the parent's, a subject's, what a spend cap pays for."""

from datetime import timedelta

import pytest

from catalog.domain.values import Enforcement, ParentRule, Reset
from entitlements.actions.spend_caps import set_cap
from entitlements.domain.usage.operations import Act, Why
from entitlements.models import SubjectLimit, TrialUse, UsageCounter, UsageEvent
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, FeatureRevisionFactory
from tests.entitlements.using import customer, metered, metered_feature, operation, plan_of, priced, told, use
from tests.entitlements.world import AT, account, subscribed

pytestmark = pytest.mark.django_db


def family(parent_rule=ParentRule.SHARED):
    feature = metered_feature("calls", "Calls", Reset.MONTH)
    rule = {"default_reset": Reset.MONTH, "parent_rule": parent_rule}
    FeatureRevisionFactory(feature=feature, effective_at=EPOCH + timedelta(days=1), **rule)
    parent = account("parent", zone="UTC")
    subscribed(parent, plan_of(feature, 10))
    return feature, parent, *(account(key, zone="UTC", parent=parent) for key in ("ann", "ben"))


def test_children_share_the_parents_allowance():
    feature, parent, ann, ben = family()
    assert use(ann, feature, 6).allowed
    refused = use(ben, feature, 5)
    assert (refused.allowed, refused.why, refused.left) == (False, Why.PARENT_REACHED, 4)
    assert use(parent, feature, 4).allowed
    assert not use(ann, feature, 1).allowed
    assert UsageCounter.objects.get(account=parent).used == 10
    assert UsageCounter.objects.get(account=ann).used == 6


def test_a_repeat_counts_once_on_the_parent_too():
    feature, parent, ann, _ = family()
    for _ in range(3):
        use(ann, feature, 4, id="once")
    assert UsageCounter.objects.get(account=parent).used == 4
    assert UsageEvent.objects.filter(account=parent).count() == 1


def test_what_is_inherited_is_each_childs_own():
    feature, parent, ann, ben = family(ParentRule.INHERIT)
    assert use(ann, feature, 10).allowed
    assert use(ben, feature, 10).allowed
    assert not UsageCounter.objects.filter(account=parent).exists()


def test_a_subject_stays_within_its_own_limit():
    world = metered()
    acme = customer(world)
    limit = SubjectLimit(account=acme, feature=world.calls, subject="agent:a", amount=10, starts_at=AT)
    keep(limit, deed=begin(by=SYSTEM, at=AT))
    assert use(acme, world.calls, 10, subject="agent:a").allowed
    refused = use(acme, world.calls, 1, subject="agent:a")
    assert (refused.why, refused.limit) == (Why.SUBJECT_REACHED, 10)
    assert "“agent:a”" in refused.because
    assert use(acme, world.calls, 1, subject="agent:b").used == 11


def test_a_limit_set_later_knows_what_was_used_before():
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 8, subject="agent:a")
    limit = SubjectLimit(account=acme, feature=world.calls, subject="agent:a", amount=10, starts_at=AT)
    keep(limit, deed=begin(by=SYSTEM, at=AT))
    assert not use(acme, world.calls, 3, subject="agent:a").allowed
    assert use(acme, world.calls, 2, subject="agent:a").allowed


def test_a_spend_cap_bounds_what_is_charged():
    storage = metered_feature("egress", "Egress", Reset.MONTH, unit="GB")
    acme = account("acme", zone="UTC")
    plan = plan_of(storage, 8, prices=[(125_000, 1)], enforcement=Enforcement.TRACK)
    subscribed(acme, plan)
    assert use(acme, storage, 20).over == 12
    cap = {"currency": "USD", "by": SYSTEM, "at": AT}
    set_cap(account=acme, feature=None, amount_micros=2_000_000, **cap)
    assert use(acme, storage, 4).allowed
    refused = use(acme, storage, 1)
    assert refused.why is Why.CAP_REACHED
    assert refused.because == "the customer's spend cap pays for use up to 24 GB; nothing is left"


def test_one_cap_in_all_is_spent_once_by_two_features():
    acme, [one, two] = priced("one", "two")
    assert use(acme, one, 6).allowed
    assert not use(acme, two, 5).allowed
    assert use(acme, two, 4).allowed


def test_told_in_one_batch_they_spend_it_once_too():
    acme, [one, two] = priced("one", "two")
    outcomes = told(operation(acme, one, 6), operation(acme, two, 5), operation(acme, two, 4))
    assert [outcome.allowed for outcome in outcomes] == [True, False, True]


def test_a_budget_that_is_over_gives_nothing_more():
    world = metered()
    acme = customer(world)
    dates = {"in_all": True, "starts_at": AT, "ends_at": AT + timedelta(hours=1)}
    budget = SubjectLimit(account=acme, feature=world.calls, subject="task:1", amount=10, **dates)
    keep(budget, deed=begin(by=SYSTEM, at=AT))
    assert use(acme, world.calls, 3, subject="task:1").allowed
    late = AT + timedelta(hours=1)
    assert use(acme, world.calls, 1, subject="task:1", at=late).why is Why.SUBJECT_REACHED
    assert use(acme, world.calls, 1, subject="task:2", at=late).allowed


def test_a_counter_made_anew_says_the_same():
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 5)
    use(acme, world.calls, 7)
    UsageCounter.objects.all().delete()
    assert use(acme, world.calls, 1).used == 13


def test_the_first_use_in_a_trial_is_noted():
    feature = metered_feature("calls", "Calls", Reset.MONTH)
    acme = account("acme", zone="UTC")
    subscribed(acme, plan_of(feature, 10), trial_days=30)
    use(acme, feature, 1, act=Act.REPORT)
    assert TrialUse.objects.filter(feature=feature).count() == 1
    use(acme, feature, 1)
    assert TrialUse.objects.count() == 1
