"""Taking an extension back, and letting a trial that is over run again."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from entitlements.actions.trials import extend
from entitlements.admin.pages import account_url
from entitlements.models import SubscriptionPhase
from journal.domain.actor import Actor
from journal.models import Approval
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, DAY, GB, account, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db
END = AT + 4 * DAY
UNDO, AGAIN = ("trial_undo", "tried", 1), ("trial_reactivate", "over", 1)


@pytest.fixture
def extended(tried: Customer, sales: Actor) -> Customer:
    """Its trial was extended by a week just now."""
    extend(subscription=tried.subscription, days=7, reason="Slow buyer", by=sales, at=AT)
    return tried


@pytest.fixture
def over(db: None) -> Customer:
    """Its trial of Team ended five days ago; since then it has Free."""
    policy()
    sold, held_by = catalog(), account("over")
    return Customer(held_by, subscribed(held_by, sold.team, trial_days=5), sold)


def seen(desk: Client, *address: Any) -> str:
    return desk.get(url(*address)).context["form"]["seen"].value()


def press(desk: Client, *address: Any, **given: Any) -> HttpResponse:
    return desk.post(url(*address), {"step": "confirm", **given})


def test_the_extension_page_offers_to_undo_while_there_is_time(sales_desk: Client, extended: Customer) -> None:
    assert "Undo the last one (10 minutes left)" in text_of(sales_desk.get(url("trial_extend", "tried", 1)))
    with time_machine.travel(AT + timedelta(minutes=11), tick=False):
        assert "Undo" not in text_of(sales_desk.get(url("trial_extend", "tried", 1)))


def test_undoing_says_both_ends_and_what_is_lost_then(sales_desk: Client, extended: Customer) -> None:
    said = text_of(sales_desk.get(url(*UNDO)))
    assert "The trial runs until 13 Mar 2026 10:00 (Amsterdam)" in said
    assert "Without the extension until 6 Mar 2026 10:00 (Amsterdam)" in said
    assert "Storage 100 GB 1 GB less" in said


def test_the_button_undoes_it(sales_desk: Client, extended: Customer) -> None:
    response = press(sales_desk, *UNDO, seen=seen(sales_desk, *UNDO))
    assert response.url == account_url(extended.account, part="subscriptions")
    assert SubscriptionPhase.objects.get().ends_at == END


def test_from_an_old_tab_nothing_is_undone(sales_desk: Client, extended: Customer, sales: Actor) -> None:
    opened = seen(sales_desk, *UNDO)
    extend(subscription=extended.subscription, days=3, reason="More", by=sales, at=AT)
    assert "was changed" in complaints(press(sales_desk, *UNDO, seen=opened))[""][0]
    assert SubscriptionPhase.objects.get().ends_at == END + 10 * DAY


def test_where_nothing_can_be_undone_one_is_led_back_with_the_reason(sales_desk: Client, tried: Customer) -> None:
    response = sales_desk.get(url(*UNDO), follow=True)
    assert "There is no extension to undo" in response.content.decode()


def test_running_again_shows_what_it_gives_and_what_comes_after(sales_desk: Client, over: Customer) -> None:
    given = {"seen": seen(sales_desk, *AGAIN), "days": 7, "reason": "They are back"}
    said = text_of(sales_desk.post(url(*AGAIN), {**given, "step": "preview"}))
    assert "Team is tried again for 7 days" in said
    assert "Storage 1 GB 100 GB more" in said
    assert "They are back to what they have now" in said
    assert over.account.subscriptions.count() == 1


def test_the_button_lets_it_run_again(sales_desk: Client, over: Customer) -> None:
    press(sales_desk, *AGAIN, seen=seen(sales_desk, *AGAIN), days=7, reason="They are back")
    assert value(over.account, "storage", AT) == 100 * GB
    assert SubscriptionPhase.objects.get(subscription__number=2).ends_at == AT + 7 * DAY


def test_beyond_policy_it_says_who_decides_and_waits(sales_desk: Client, over: Customer) -> None:
    given = {"seen": seen(sales_desk, *AGAIN), "days": 60, "reason": "They are back"}
    assert "From the approval on" in text_of(sales_desk.post(url(*AGAIN), {**given, "step": "preview"}))
    press(sales_desk, *AGAIN, **given)
    assert Approval.objects.get().kind == "trial_reactivation"
    assert value(over.account, "storage", AT) == 1 * GB


def test_a_trial_that_runs_has_nothing_to_run_again(sales_desk: Client, tried: Customer) -> None:
    response = sales_desk.get(url("trial_reactivate", "tried", 1), follow=True)
    assert "its trial can&#x27;t be reactivated" in response.content.decode()


@pytest.mark.parametrize("role", ["support", "finance", "auditor"])
def test_other_roles_are_turned_away(sign_in: Any, over: Customer, role: str) -> None:
    desk = sign_in(role)
    for address in (("trial_undo", "over", 1), AGAIN):
        assert desk.get(url(*address)).status_code == 403
        assert press(desk, *address).status_code == 403
