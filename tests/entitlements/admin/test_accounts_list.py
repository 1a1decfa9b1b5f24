"""The list of accounts."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from entitlements.actions.accounts import set_standing
from entitlements.actions.contacts import add_contact
from entitlements.actions.lifecycle import fail_payment
from entitlements.domain.facts import Standing
from journal.domain.actor import SYSTEM
from tests.desk.admin.reading import address
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db


def shown(desk: Client, **asked: str) -> set[str]:
    return {row.key for row in desk.get(url("account_changelist"), asked).context["cl"].result_list}


def test_a_line_says_plan_phase_and_standing(sales_desk: Client, tried: Customer) -> None:
    said = text_of(sales_desk.get(url("account_changelist")))
    assert "Team v1, trial, 4 days left" in said
    assert "Open" in said


def test_a_line_leads_to_the_page_of_the_account(sales_desk: Client, acme: Customer) -> None:
    assert address() in sales_desk.get(url("account_changelist")).content.decode()


def test_the_stock_detail_leads_to_the_page_too(sales_desk: Client, acme: Customer) -> None:
    stock = url("account_change", acme.account.pk)
    assert sales_desk.get(stock).url == address()
    assert sales_desk.post(stock).status_code == 403


@pytest.mark.parametrize("typed", ["Acme", "acme", "bea@acme.example", "acme.example"])
def test_search_finds_by_name_key_email_and_domain(sales_desk: Client, acme: Customer, typed: str) -> None:
    account("other", domains=["other.example"])
    add_contact(account=acme.account, name="Bea", email="bea@acme.example", by=SYSTEM, at=AT)
    account("acme2", name="Second", domains=["acme2.example"])
    found = shown(sales_desk, q=typed)
    if typed == "acme.example":
        assert "other" not in found
    else:
        assert "acme" in found
        assert "other" not in found


def test_phases_narrow_the_list(sales_desk: Client) -> None:
    sold = catalog()
    for key, days in (("soon", 14), ("later", 60), ("over", 5)):
        subscribed(account(key), sold.team, trial_days=days)
    paying = subscribed(account("paying"), sold.team)
    account("nothing")
    fail_payment(subscription=paying, grace_days=3, by=SYSTEM, at=AT - timedelta(hours=1))
    subscribed(account("active"), sold.free)
    unpaid = subscribed(account("unpaid"), sold.team)
    fail_payment(subscription=unpaid, grace_days=0, by=SYSTEM, at=AT - timedelta(hours=1))
    assert shown(sales_desk, phase="trial") == {"soon", "later"}
    assert shown(sales_desk, phase="ending_soon") == {"soon"}
    assert shown(sales_desk, phase="trial_over") == {"over"}
    assert shown(sales_desk, phase="grace") == {"paying"}
    assert shown(sales_desk, phase="past_due") == {"unpaid"}
    assert shown(sales_desk, phase="active") == {"active"}
    assert shown(sales_desk, phase="nothing") == {"nothing"}


def test_a_plan_finds_who_bought_it_and_who_fell_back_to_it(sales_desk: Client) -> None:
    sold = catalog()
    subscribed(account("over"), sold.team, trial_days=5)
    subscribed(account("bought"), sold.free)
    subscribed(account("team"), sold.team)
    assert shown(sales_desk, plan="free") == {"over", "bought"}
    assert shown(sales_desk, plan="team") == {"team"}


def test_standing_and_owner_narrow_the_list(sales_desk: Client, acme: Customer) -> None:
    account("closed")
    gone = account("gone")
    set_standing(account=gone, standing=Standing.CLOSED, reason="Left", by=SYSTEM, at=AT - DAY)
    assert shown(sales_desk, standing="closed") == {"gone"}
    assert shown(sales_desk, standing="open") == {"acme", "closed"}
    assert shown(sales_desk, owner="none") == {"acme", "closed", "gone"}
    assert shown(sales_desk, owner="no number") == {"acme", "closed", "gone"}


def test_a_page_of_accounts_is_read_at_once(
    sales_desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sold = catalog()
    for number in range(25):
        subscribed(account(f"account-{number}"), sold.team, trial_days=14)
    sales_desk.get(url("account_changelist"))
    with django_assert_max_num_queries(24):
        sales_desk.get(url("account_changelist"))


def test_who_may_not_open_accounts_sees_no_button(support_desk: Client, sales_desk: Client) -> None:
    assert "Open an account" in text_of(sales_desk.get(url("account_changelist")))
    assert "Open an account" not in text_of(support_desk.get(url("account_changelist")))


def test_who_may_not_see_accounts_is_turned_away(sign_in: object) -> None:
    assert sign_in("administrator").get(url("account_changelist")).status_code == 403


def test_trials_that_end_soon_begin_with_the_soonest(sales_desk: Client) -> None:
    sold = catalog()
    for key, days in (("anna", 16), ("bert", 12), ("carl", 14), ("dora", 30)):
        subscribed(account(key), sold.team, trial_days=days)
    page = sales_desk.get(url("account_changelist"), {"phase": "ending_soon"})
    assert [row.key for row in page.context["cl"].result_list] == ["bert", "carl", "anna"]
    page = sales_desk.get(url("account_changelist"), {"phase": "ending_soon", "o": "-1"})
    assert [row.key for row in page.context["cl"].result_list] == ["carl", "bert", "anna"]


def test_a_line_in_trial_leads_to_its_extension(sales_desk: Client, support_desk: Client) -> None:
    subscribed(account("tried"), catalog().team, trial_days=14)
    extend = url("trial_extend", "tried", 1)
    assert extend in sales_desk.get(url("account_changelist")).content.decode()
    assert extend not in support_desk.get(url("account_changelist")).content.decode()
