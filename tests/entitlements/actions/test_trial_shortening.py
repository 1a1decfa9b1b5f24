"""An extension is taken back by as much as it gave: what came after it stays, and nothing ends in the past."""

from datetime import timedelta

import pytest

from entitlements.actions.trial_shortening import take_extension_back
from entitlements.actions.trials import convert, extend
from entitlements.models import EntitlementChange, SubscriptionPhase
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed
from journal.models import AuditEvent
from tests.conftest import actor
from tests.entitlements.world import AT, DAY, account, catalog, policy, subscribed

pytestmark = pytest.mark.django_db
END = AT + 4 * DAY


@pytest.fixture
def trial():
    world = catalog()
    policy()
    subscription = subscribed(account("acme"), world.team, trial_days=14)
    return extend(subscription=subscription, days=7, reason="A deal", by=actor("sales"), at=AT)


def taken_back(trial, *, at, by=SYSTEM):
    take_extension_back(trial=trial, old_end=END, new_end=END + 7 * DAY, reason="Lost", by=by, at=at)
    return SubscriptionPhase.objects.select_related("subscription").get(pk=trial.pk)


def test_it_ends_as_if_it_had_never_been_extended(trial):
    row = taken_back(trial, at=AT + DAY)
    assert (row.ends_at, row.extended_times, row.extended_at, row.extended_from) == (END, 0, None, None)
    event = AuditEvent.objects.get(verb="trial:take_back_extension")
    assert (event.reason, event.changes["ends_at"]) == ("Lost", [(END + 7 * DAY).isoformat(), END.isoformat()])


def test_access_by_it_ends_now_and_not_in_the_past(trial):
    now = END + DAY
    assert taken_back(trial, at=now).ends_at == now
    assert EntitlementChange.objects.filter(feature_key="storage", effective_at=now).exists()


def test_what_it_was_extended_by_since_stays(trial):
    extend(subscription=trial.subscription, days=3, reason="Kind", by=actor("sales"), at=AT + DAY)
    row = taken_back(trial, at=AT + 2 * DAY)
    assert (row.ends_at, row.extended_times) == (END + 3 * DAY, 1)


@pytest.mark.parametrize("when", [timedelta(days=12), timedelta(days=2)])
def test_a_trial_that_is_over_or_was_converted_is_left_as_it_is(trial, when):
    if when < timedelta(days=4):
        convert(subscription=trial.subscription, by=SYSTEM, at=AT + DAY)
    so_far = AuditEvent.objects.count()
    assert taken_back(trial, at=AT + when).ends_at == END + 7 * DAY
    assert AuditEvent.objects.count() == so_far


def test_taken_back_twice_it_is_taken_back_once(trial):
    taken_back(trial, at=AT + DAY)
    so_far = AuditEvent.objects.count()
    assert taken_back(trial, at=AT + DAY).ends_at == END
    assert AuditEvent.objects.count() == so_far


def test_the_end_of_the_subscription_goes_back_with_it():
    world = catalog()
    policy()
    subscription = subscribed(account("acme"), world.team, trial_days=14, ends_at=END + 2 * DAY)
    trial = extend(subscription=subscription, days=7, reason="A deal", by=actor("sales"), at=AT)
    assert taken_back(trial, at=AT + DAY).subscription.ends_at == END + 2 * DAY


def test_who_may_not_extend_may_not_take_it_back(trial):
    with pytest.raises(NotAllowed):
        taken_back(trial, at=AT + DAY, by=actor("auditor"))
