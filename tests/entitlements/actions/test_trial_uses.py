"""Noting what was used in a trial: once, and only where a running trial gives it."""

from typing import Any

import pytest

from catalog.models import Feature, Plan
from entitlements.actions.trial_uses import SCOPE, NotGivenInTrial, note_use, note_uses
from entitlements.actions.trials import NoRunningTrial, convert
from entitlements.models import EntitlementChange, Subscription, TrialUse
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import NotAllowed
from journal.models import AuditEvent
from tests.catalog.factories import FeatureFactory
from tests.entitlements.trying import END, trying
from tests.entitlements.world import AT, DAY, account, subscribed

pytestmark = pytest.mark.django_db
PRODUCT = Actor(kind=ActorKind.API_KEY, key="key:1", name="Product", permissions=frozenset({SCOPE}))


@pytest.fixture
def trial(db: None) -> Subscription:
    return trying()


@pytest.fixture
def sso(trial: Subscription) -> Feature:
    return Feature.objects.get(key="sso")


def test_the_first_use_is_noted_with_its_moment(trial: Subscription, sso: Feature) -> None:
    before = EntitlementChange.objects.count()
    use = note_use(subscription=trial, feature=sso, by=PRODUCT, at=AT)
    assert (use.subscription, use.feature, use.used_at) == (trial, sso, AT)
    event = AuditEvent.objects.get(verb="trial:note_use")
    assert (event.actor_name, event.account_key, event.changes) == (
        "Product",
        "acme",
        {"first_used": [None, "Single sign-on"]},
    )
    assert EntitlementChange.objects.count() == before


def test_a_later_use_is_the_same_use(trial: Subscription, sso: Feature) -> None:
    first = note_use(subscription=trial, feature=sso, by=PRODUCT, at=AT)
    assert note_use(subscription=trial, feature=sso, by=PRODUCT, at=AT + DAY) == first
    assert note_use(subscription=trial, feature=sso, by=PRODUCT, at=END + DAY) == first
    assert (TrialUse.objects.get().used_at, AuditEvent.objects.filter(verb="trial:note_use").count()) == (AT, 1)


def test_when_the_trial_is_over_there_is_no_use_to_note(trial: Subscription, sso: Feature) -> None:
    with pytest.raises(NoRunningTrial):
        note_use(subscription=trial, feature=sso, by=PRODUCT, at=END)


def test_of_a_trial_that_was_converted_nothing_is_noted(trial: Subscription, sso: Feature) -> None:
    convert(subscription=trial, by=SYSTEM, at=AT)
    with pytest.raises(NoRunningTrial):
        note_use(subscription=trial, feature=sso, by=PRODUCT, at=AT + DAY)


def test_what_the_trial_does_not_give_cannot_have_been_used_in_it(trial: Subscription) -> None:
    with pytest.raises(NotGivenInTrial, match="doesn't give"):
        note_use(subscription=trial, feature=FeatureFactory(), by=PRODUCT, at=AT)


def test_people_may_not_note_uses(trial: Subscription, sso: Feature, sales: Actor) -> None:
    for call in (
        lambda: note_use(subscription=trial, feature=sso, by=sales, at=AT),
        lambda: note_uses(account=trial.account, feature=sso, by=sales, at=AT),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_it_is_noted_in_every_running_trial_that_gives_it(trial: Subscription, sso: Feature) -> None:
    acme, plans = trial.account, {plan.key: plan for plan in Plan.objects.all()}
    second = subscribed(acme, plans["team"], trial_days=30)
    subscribed(acme, plans["free"], trial_days=30)
    noted = note_uses(account=acme, feature=sso, by=PRODUCT, at=AT)
    assert sorted(use.subscription_id for use in noted) == [trial.pk, second.pk]


def test_where_no_trial_runs_nothing_is_noted(trial: Subscription, sso: Feature) -> None:
    stranger = account("stranger")
    assert note_uses(account=stranger, feature=sso, by=PRODUCT, at=AT) == ()
    assert note_uses(account=trial.account, feature=sso, by=PRODUCT, at=END) == ()
    assert not TrialUse.objects.exists()


def test_a_use_that_is_noted_already_is_told_by_one_read(
    trial: Subscription, sso: Feature, django_assert_max_num_queries: Any
) -> None:
    acme = trial.account
    first = note_uses(account=acme, feature=sso, by=PRODUCT, at=AT)
    with django_assert_max_num_queries(4):  # the transaction's own two among them
        assert note_uses(account=acme, feature=sso, by=PRODUCT, at=AT + DAY) == first
