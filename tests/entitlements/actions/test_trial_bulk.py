"""Extending many trials alike: each by itself, none held up by another."""

import pytest

from entitlements.actions.trial_bulk import MOST_AT_ONCE, Outcome, extend_each
from entitlements.actions.trials import convert
from entitlements.models import Subscription
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import AuditEvent
from tests.entitlements.world import AT, DAY, account, catalog, policy, subscribed

pytestmark = pytest.mark.django_db
END = AT + 4 * DAY


@pytest.fixture
def trials(db: None) -> list[Subscription]:
    """Three customers, each ten days into a trial of 14 days."""
    policy()
    sold = catalog()
    return [subscribed(account(key), sold.team, trial_days=14) for key in ("ann", "ben", "cas")]


def longer(trials: list[Subscription], by: Actor, **said: object) -> tuple[Outcome, ...]:
    told = {"days": 7, "reason": "Holidays", "by": by, "at": AT} | said
    return extend_each(seen={trial.pk: END for trial in trials}, **told)


def test_each_is_extended_and_told_by_name(trials: list[Subscription], sales: Actor) -> None:
    outcomes = longer(trials, sales)
    assert [(str(found.subscription.account), found.new_end) for found in outcomes] == [
        ("Ann", END + 7 * DAY),
        ("Ben", END + 7 * DAY),
        ("Cas", END + 7 * DAY),
    ]
    assert AuditEvent.objects.filter(verb="trial:extend").count() == 3


def test_what_is_refused_for_one_leaves_the_others_extended(trials: list[Subscription], sales: Actor) -> None:
    convert(subscription=trials[1], by=SYSTEM, at=AT)
    ann, ben, cas = longer(trials, sales)
    assert "has no trial that is still running" in ben.refused
    assert ann.new_end == cas.new_end == END + 7 * DAY


def test_beyond_policy_each_waits(trials: list[Subscription], sales: Actor) -> None:
    assert all(found.waits and found.new_end is None for found in longer(trials, sales, days=30))


def test_pressed_twice_each_is_extended_once(trials: list[Subscription], sales: Actor) -> None:
    longer(trials, sales)
    assert all("has changed since" in found.refused for found in longer(trials, sales))


def test_nothing_and_too_many_are_refused(trials: list[Subscription], sales: Actor) -> None:
    with pytest.raises(Refusal, match="None of these customers"):
        longer([], sales)
    with pytest.raises(Refusal, match="At most 200"):
        extend_each(seen=dict.fromkeys(range(MOST_AT_ONCE + 1), END), days=7, reason="All", by=sales, at=AT)


def test_support_may_not(trials: list[Subscription], support_agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        longer(trials, support_agent)
