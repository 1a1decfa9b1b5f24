"""Taking an extension back, within ten minutes of it."""

from datetime import datetime, timedelta

import pytest

from entitlements.actions.subscriptions import add_item
from entitlements.actions.trials import NoRunningTrial, NothingToUndo, convert, extend, undo_extension
from entitlements.models import Account, Subscription, SubscriptionPhase
from entitlements.queries.life.trials import outdated_extension
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
END = AT + 4 * DAY


@pytest.fixture
def sold(db: None) -> Catalog:
    policy()
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    """Ten days into a trial of Team that lasts 14 days in Amsterdam."""
    acme = account()
    subscribed(acme, sold.team, trial_days=14)
    return acme


def more(acme: Account, by: Actor, days: int = 7, at: datetime = AT) -> Subscription:
    extend(subscription=acme.subscriptions.get(), days=days, reason="Slow buyer", by=by, at=at)
    return acme.subscriptions.get()


def test_the_trial_ends_as_it_did_and_counts_as_never_extended(acme: Account, sales: Actor) -> None:
    undo_extension(subscription=more(acme, sales), by=sales, at=AT + 9 * MINUTE)
    trial = SubscriptionPhase.objects.get()
    assert (trial.ends_at, trial.extended_times, trial.extended_at, trial.extended_from) == (END, 0, None, None)
    assert value(acme, "storage", END) == 1 * GB
    event = AuditEvent.objects.get(verb="trial:undo_extension")
    assert event.changes["ends_at"] == [(END + 7 * DAY).isoformat(), END.isoformat()]


def test_only_the_last_extension_and_only_once(acme: Account, sales: Actor) -> None:
    more(acme, sales, days=3)
    tried = more(acme, sales, days=7, at=AT + MINUTE)
    assert undo_extension(subscription=tried, by=sales, at=AT + 2 * MINUTE).ends_at == END + 3 * DAY
    with pytest.raises(NothingToUndo, match="only the last one"):
        undo_extension(subscription=tried, by=sales, at=AT + 3 * MINUTE)


def test_after_ten_minutes_it_stands(acme: Account, sales: Actor) -> None:
    with pytest.raises(NothingToUndo, match="ten minutes; for this one that was until 2 March 2026 10:10"):
        undo_extension(subscription=more(acme, sales), by=sales, at=AT + 10 * MINUTE)


def test_what_the_customer_has_by_it_already_is_not_taken_at_once(acme: Account, sales: Actor) -> None:
    tried = more(acme, sales, at=END - MINUTE)
    with pytest.raises(NothingToUndo, match="would end access at once"):
        undo_extension(subscription=tried, by=sales, at=END)
    assert value(acme, "storage", END) == 100 * GB


def test_the_end_of_the_subscription_goes_back_too(sold: Catalog, sales: Actor) -> None:
    short = account("short")
    subscribed(short, sold.team, trial_days=14, ends_at=END)
    tried = more(short, sales)
    assert tried.ends_at == END + 7 * DAY
    undo_extension(subscription=tried, by=sales, at=AT + MINUTE)
    assert short.subscriptions.get().ends_at == END


def test_converted_since_it_stands(acme: Account, sales: Actor) -> None:
    tried = more(acme, sales)
    convert(subscription=tried, by=sales, at=AT + MINUTE)
    with pytest.raises(NoRunningTrial):
        undo_extension(subscription=tried, by=sales, at=AT + 2 * MINUTE)


def test_what_was_decided_since_is_taken_back_first(acme: Account, sold: Catalog, sales: Actor) -> None:
    tried = more(acme, sales)
    later = END + 5 * DAY  # begins within the extension: without it, it would begin after the trial
    add_item(subscription=tried, plan=sold.free, starts_at=later, by=sales, at=AT + MINUTE)
    with pytest.raises(NothingToUndo, match="was changed since"):
        undo_extension(subscription=tried, by=sales, at=AT + 2 * MINUTE)


def test_pressed_on_an_old_page_it_is_refused(acme: Account, sales: Actor) -> None:
    tried = more(acme, sales)
    with pytest.raises(Stale):
        undo_extension(subscription=tried, seen_end=END, by=sales, at=AT + MINUTE)


def test_an_extension_asked_for_beside_it_is_refused_once_the_end_has_moved(
    acme: Account, sales: Actor, finance: Actor
) -> None:
    tried = more(acme, sales, days=3)
    asked = extend(subscription=tried, days=30, reason="Long holidays", by=sales, at=AT)
    undo_extension(subscription=tried, by=sales, at=AT + MINUTE)
    assert "has changed since" in outdated_extension(asked)
    with pytest.raises(Refusal, match="has changed since the extension was asked for"):
        approvals.approve(approval=asked, by=finance, at=AT + 2 * MINUTE)


def test_support_may_not_undo(acme: Account, sales: Actor, support_agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        undo_extension(subscription=more(acme, sales), by=support_agent, at=AT)
