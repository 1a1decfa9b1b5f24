"""Extending and converting trials; that they end needs no act."""

from datetime import UTC, date, datetime

import pytest

from entitlements.actions.trials import NoRunningTrial, convert, extend
from entitlements.domain.facts import Phase
from entitlements.models import Account, SubscriptionPhase
from entitlements.queries.life.state import NotPermitted
from journal.actions import approvals
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import Approval
from tests.entitlements.factories import SubscriptionPhaseFactory
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


def test_extended_through_a_day_it_ends_with_that_day_in_the_customers_zone(acme: Account, sales: Actor) -> None:
    trial = extend(subscription=acme.subscriptions.get(), until=date(2026, 3, 14), reason="Fair", by=sales, at=AT)
    assert trial.ends_at == datetime(2026, 3, 14, 23, 0, tzinfo=UTC)  # the first instant of the 15th in Amsterdam
    assert (trial.extended_at, trial.extended_from) == (AT, AT + 4 * DAY)


def test_policy_judges_a_day_by_how_far_it_lies_from_the_old_end(acme: Account, sales: Actor) -> None:
    asked = extend(subscription=acme.subscriptions.get(), until=date(2026, 3, 20), reason="Fair", by=sales, at=AT)
    assert isinstance(asked, Approval)  # 14 days and some hours: the fifteenth has begun
    assert "by 15 days, to run through 20 March 2026 (Amsterdam)" in asked.summary


@pytest.mark.parametrize("until", [date(2026, 3, 5), date(2026, 3, 2), date(1, 1, 1)])
def test_an_end_is_never_moved_backwards(acme: Account, sales: Actor, until: date) -> None:
    with pytest.raises(Refusal, match="already; choose a later day") as refused:
        extend(subscription=acme.subscriptions.get(), until=until, reason="Shorter", by=sales, at=AT)
    assert refused.value.field == "until"


@pytest.mark.parametrize("until", [date(2027, 3, 7), date(9999, 12, 31)])
def test_a_day_more_than_a_year_away_is_refused(acme: Account, sales: Actor, until: date) -> None:
    with pytest.raises(Refusal, match="1 to 365 days") as refused:
        extend(subscription=acme.subscriptions.get(), until=until, reason="Long", by=sales, at=AT)
    assert refused.value.field == "until"


@pytest.mark.parametrize("said", [{}, {"days": 3, "until": date(2026, 3, 14)}])
def test_either_days_or_a_day_is_said(acme: Account, sales: Actor, said: dict[str, object]) -> None:
    with pytest.raises(Refusal, match="how many days, or through which day"):
        extend(subscription=acme.subscriptions.get(), reason="Both", by=sales, at=AT, **said)


def test_while_the_subscription_is_paused_its_trial_stays_as_it_is(acme: Account, sales: Actor) -> None:
    tried = acme.subscriptions.get()
    SubscriptionPhaseFactory(subscription=tried, phase=Phase.PAUSED, starts_at=AT - DAY, ends_at=None)
    for act in (extend, convert):
        more = {"days": 7, "reason": "Kindness"} if act is extend else {}
        with pytest.raises(NotPermitted, match="Subscription 1 is paused"):
            act(subscription=tried, by=sales, at=AT, **more)


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


def test_a_program_converts_by_its_scope_and_asks_for_an_extension(acme: Account) -> None:
    scope = frozenset({"subscriptions:write"})
    shop = Actor(kind=ActorKind.API_KEY, key="key:1", name="Shop", permissions=scope)
    tried = acme.subscriptions.get()
    asked = extend(subscription=tried, days=3, reason="Asked in the shop", by=shop, at=AT)
    assert isinstance(asked, Approval)
    assert convert(subscription=tried, by=shop, at=AT).converted_at == AT
