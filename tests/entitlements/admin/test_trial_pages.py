"""Extending and converting trials."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.admin.pages import account_url
from entitlements.models import SubscriptionPhase
from journal.models import Approval
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, DAY, GB, account, subscribed, value

pytestmark = pytest.mark.django_db
END = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
EXTEND, CONVERT = ("trial_extend", "tried", 1), ("trial_convert", "tried", 1)


def send(desk: Client, **given: Any) -> HttpResponse:
    told = {"seen": END.isoformat(), "shown": "", "choice": "7", "days": "", "reason": "Slow buyer"}
    return desk.post(url(*EXTEND), told | given)


def ends_at() -> datetime | None:
    return SubscriptionPhase.objects.get().ends_at


def test_each_preset_shows_its_new_end_and_who_decides(sales_desk: Client, tried: Customer) -> None:
    said = text_of(sales_desk.get(url(*EXTEND)))
    assert "The trial runs until 6 Mar 2026 10:00 (Amsterdam), 4 days left" in said
    assert "+7 days: until 13 Mar 2026 10:00 (Amsterdam) · within what you may grant" in said
    assert "falls back to Free" in said


def test_a_preset_extends_in_one_go(sales_desk: Client, tried: Customer) -> None:
    assert send(sales_desk).url == account_url(tried.account)
    assert ends_at() == END + 7 * DAY
    assert value(tried.account, "storage", END + DAY) == 100 * GB


def test_pressed_twice_it_extends_once(sales_desk: Client, tried: Customer) -> None:
    send(sales_desk)
    response = send(sales_desk)
    assert "has changed since you opened the form" in complaints(response)[""][0]
    assert ends_at() == END + 7 * DAY


def test_another_number_is_shown_first_and_done_when_pressed_again(sales_desk: Client, tried: Customer) -> None:
    shown = send(sales_desk, choice="other", days="5")
    assert "5 more days: the trial then runs until 11 Mar 2026 10:00 (Amsterdam)" in text_of(shown)
    assert ends_at() == END
    send(sales_desk, choice="other", days="5", shown=shown.context["form"]["shown"].value())
    assert ends_at() == END + 5 * DAY


def test_beyond_policy_it_waits_for_approval(sales_desk: Client, tried: Customer) -> None:
    assert "lasts 30 days" in text_of(send(sales_desk, choice="other", days="30"))
    send(sales_desk, choice="other", days="30", shown="30")
    assert Approval.objects.get().kind == "trial_extension"
    assert ends_at() == END


def test_through_a_day_is_shown_first_with_the_end_it_means(sales_desk: Client, tried: Customer) -> None:
    shown = send(sales_desk, choice="through", until="2026-03-14")
    assert "Through 14 March 2026: the trial then runs through 14 March 2026 (Amsterdam)" in text_of(shown)
    assert ends_at() == END
    send(sales_desk, choice="through", until="2026-03-14", shown=shown.context["form"]["shown"].value())
    assert ends_at() == datetime(2026, 3, 14, 23, 0, tzinfo=UTC)


def test_another_day_than_the_one_shown_is_shown_anew(sales_desk: Client, tried: Customer) -> None:
    shown = send(sales_desk, choice="through", until="2026-03-14").context["form"]["shown"].value()
    assert "15 March 2026" in text_of(send(sales_desk, choice="through", until="2026-03-15", shown=shown))
    assert ends_at() == END


def test_with_a_card_it_says_what_follows_by_itself(sales_desk: Client, tried: Customer) -> None:
    carded = subscribed(account("carded"), tried.catalog.team, trial_days=14, with_card=True)
    said = text_of(sales_desk.get(url("trial_extend", "carded", carded.number)))
    assert "becomes a sale by itself (card on file)" in said


def test_what_another_system_bills_it_says_that_it_is_told(sales_desk: Client, tried: Customer) -> None:
    billed = subscribed(account("billed"), tried.catalog.team, trial_days=14, billed_by="biller", billing_id="s1")
    for name in ("trial_extend", "trial_convert"):
        assert "The system that bills it is told" in text_of(sales_desk.get(url(name, "billed", billed.number)))


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"choice": ""}, "choice", "Choose how much longer"),
        ({"choice": "other"}, "days", "Say how many days"),
        ({"choice": "other", "days": "0"}, "days", "whole number from 1 to 365"),
        ({"choice": "other", "days": "many"}, "days", "whole number"),
        ({"reason": ""}, "reason", "Give a reason"),
        ({"seen": "yesterday"}, "", "not as we made it"),
        ({"choice": "through"}, "until", "Say through which day"),
        ({"choice": "through", "until": "2026-03-01"}, "until", "choose a later day"),
        ({"choice": "through", "until": "someday"}, "until", "valid date"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, tried: Customer, given: dict[str, str], field: str, words: str
) -> None:
    assert words in complaints(send(sales_desk, **given))[field][0]
    assert ends_at() == END


def test_a_trial_is_converted_once(sales_desk: Client, tried: Customer) -> None:
    assert "it is a sale" in text_of(sales_desk.get(url(*CONVERT)))
    sales_desk.post(url(*CONVERT))
    again = sales_desk.post(url(*CONVERT), follow=True)
    assert "has no trial that is still running" in again.content.decode()
    tried.subscription.refresh_from_db()
    assert tried.subscription.converted_at == AT
    assert value(tried.account, "storage", END + DAY) == 100 * GB


@pytest.mark.parametrize("name", ["trial_extend", "trial_convert"])
def test_where_no_trial_runs_one_is_led_back(sales_desk: Client, acme: Customer, name: str) -> None:
    response = sales_desk.get(url(name, "acme", 1), follow=True)
    assert response.redirect_chain[0][0] == account_url(acme.account)
    assert "has no trial that is still running" in response.content.decode()


@pytest.mark.parametrize("name", ["trial_extend", "trial_convert"])
@pytest.mark.parametrize(("key", "number"), [("nobody", 1), ("tried", 9)])
def test_what_is_unknown_is_not_found(sales_desk: Client, tried: Customer, name: str, key: str, number: int) -> None:
    assert sales_desk.get(url(name, key, number)).status_code == 404


@pytest.mark.parametrize("role", ["support", "finance", "auditor"])
def test_other_roles_are_turned_away(sign_in: Any, tried: Customer, role: str) -> None:
    desk = sign_in(role)
    assert send(desk).status_code == 403
    assert desk.post(url(*CONVERT)).status_code == 403
    assert desk.get(url(*EXTEND)).status_code == 403
