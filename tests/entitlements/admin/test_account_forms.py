"""Opening accounts, and suspending, closing and reopening them."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.models import Account, AccountStanding
from tests.catalog.factories import MarketFactory, PlanFactory
from tests.desk.admin.reading import address
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, GB, account, catalog, policy, value

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "Beta BV", "key": "beta", "country": "nl", "zone": "Europe/Amsterdam", "domain": "@Beta.example",
    "contact_name": "Bea", "contact_email": "bea@beta.example", "plan": "", "trial_days": "",
    "kind": "customer", "sales_channel": "", "reseller": "",
}  # fmt: skip


def send(desk: Client, **given: Any) -> HttpResponse:
    return desk.post(url("account_open"), {**GIVEN, **given})


def test_an_account_is_opened_with_its_market_contact_and_owner(sales_desk: Client) -> None:
    market = MarketFactory(countries=["NL", "BE"])
    assert send(sales_desk).url == address(key="beta")
    opened = Account.objects.get()
    assert (opened.name, opened.country, opened.market) == ("Beta BV", "NL", market)
    assert opened.owner is not None
    assert opened.owner.username == "sales"
    assert opened.contacts.get().email == "bea@beta.example"
    assert opened.identifiers.filter(value_key="beta.example").exists()


def test_it_starts_with_a_plan_on_trial(sales_desk: Client) -> None:
    sold = catalog()
    policy()
    send(sales_desk, plan=sold.team.pk, trial_days="14")
    opened = Account.objects.get()
    assert value(opened, "storage", AT) == 100 * GB
    assert opened.subscriptions.get().phases.get().phase == "trial"


def test_a_longer_trial_than_policy_allows_is_refused_and_nothing_is_opened(sales_desk: Client) -> None:
    sold = catalog()
    policy()
    answer = send(sales_desk, plan=sold.team.pk, trial_days="365")
    assert answer.status_code == 422
    assert not Account.objects.exists()


def test_only_plans_that_are_on_sale_are_offered(sales_desk: Client) -> None:
    catalog()
    PlanFactory(key="draft", name="Draft only")
    assert "Draft only" not in sales_desk.get(url("account_open")).content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("key", "Beta BV", "Use small letters"),
        ("zone", "Mars/Olympus", "No time zone has this name"),
        ("country", "Netherlands", "two letters"),
        ("domain", "https://beta.example/", "domain alone"),
        ("contact_email", "", "e-mail address"),
        ("name", "", "required"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(sales_desk: Client, field: str, typed: str, words: str) -> None:
    response = send(sales_desk, **{field: typed})
    assert words in complaints(response)[field][0]
    assert response.context["form"]["key"].value() == (typed if field == "key" else "beta")
    assert not Account.objects.exists()


def test_a_trial_needs_a_plan(sales_desk: Client) -> None:
    assert "Choose the plan" in complaints(send(sales_desk, trial_days="7"))["plan"][0]


def test_a_key_that_is_taken_is_told_and_nothing_else_is_written(sales_desk: Client) -> None:
    account("beta")
    assert "already exists" in complaints(send(sales_desk))["key"][0]
    assert Account.objects.get().name == "Beta"


def test_who_may_not_open_accounts_is_turned_away(support_desk: Client) -> None:
    assert support_desk.get(url("account_open")).status_code == 403
    assert send(support_desk).status_code == 403


# How an account stands


def put(desk: Client, standing: str, *, seen: str = "open", reason: str = "Unpaid") -> HttpResponse:
    return desk.post(url("account_standing", "acme", standing), {"seen": seen, "reason": reason})


def test_before_the_button_it_says_what_is_lost(finance_desk: Client, acme: Customer) -> None:
    said = text_of(finance_desk.get(url("account_standing", "acme", "suspended")))
    assert "Acme has 4 features now, and 0 from the second you press the button." in said


def test_it_is_suspended_and_reopened(finance_desk: Client, acme: Customer) -> None:
    assert put(finance_desk, "suspended").status_code == 302
    assert value(acme.account, "storage", AT) is None
    page = text_of(finance_desk.get(address()))
    assert "Suspended" in page
    assert "Reopen Close" in page


def test_pressed_twice_it_is_closed_once(finance_desk: Client, acme: Customer) -> None:
    put(finance_desk, "closed")
    response = put(finance_desk, "closed")
    assert "was made closed" in complaints(response)[""][0]
    assert AccountStanding.objects.count() == 1


def test_reopening_what_is_open_is_refused(finance_desk: Client, acme: Customer) -> None:
    assert "already" in complaints(put(finance_desk, "open"))[""][0]


def test_an_unknown_standing_or_account_is_not_found(finance_desk: Client, acme: Customer) -> None:
    assert finance_desk.get(url("account_standing", "acme", "asleep")).status_code == 404
    assert finance_desk.get(url("account_standing", "nobody", "closed")).status_code == 404


def test_other_roles_may_not_change_it(sales_desk: Client, acme: Customer) -> None:
    assert put(sales_desk, "closed").status_code == 403
    assert not AccountStanding.objects.exists()
