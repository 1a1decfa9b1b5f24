"""The promise to a customer on paper: who, by when, how time is counted, which days are closed."""

from datetime import UTC, datetime
from html import unescape
from re import sub

import pytest
from django.test import Client

from support.models import SlaPolicy
from tests.support.admin.policies.conftest import SignIn
from tests.support.admin.policies.world import url
from tests.support.factories import HolidayFactory
from tests.support.world import customer, lend_tier, the_plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(promise: SlaPolicy) -> None:
    """Acme bought Team, which comes with the tier of the promise."""
    plans = the_plans()
    SlaPolicy.objects.filter(pk=promise.pk).update(tier="standard")
    customer("acme", plan=plans["team"])


def paper(desk: Client, key: str = "acme") -> str:
    page = desk.get(url("policy_promise", key)).content.decode()
    words = " ".join(unescape(sub(r"<[^>]+>", " ", page[page.find("<body") :])).split())
    return sub(r" ([:,.;])", r"\1", words)


def test_it_says_who_is_promised_what_by_when(support_desk: Client, team: None) -> None:
    said = paper(support_desk)
    assert "Support for Acme" in said
    assert "Support tier Gold" in said
    assert "Since 1 January 2026" in said
    assert "Normal 4 business hours Office hours 5 business days Office hours" in said
    assert "Phone Urgent 15 minutes 24/7" in said
    assert "Printed 2 March 2026 10:00 (Amsterdam). Gold, version 1." in said


def test_it_says_how_time_is_counted_where_the_customer_is(support_desk: Client, team: None) -> None:
    said = paper(support_desk)
    assert "Office hours: Monday–Friday 09:00–17:00, by the clock in Europe/Amsterdam. Only these hours count." in said
    assert "24/7: every hour of every day of the year counts." in said
    assert "It pauses while the case is waiting for the customer." in said
    assert "First response: after 80 % of its time our team is told." in said


def test_the_holidays_of_this_year_are_named(support_desk: Client, team: None) -> None:
    HolidayFactory(on="2026-04-27", name="King's Day")
    HolidayFactory(on="2027-04-27", name="King's Day")
    assert "Public holidays don’t count (Netherlands): 27 April (King's Day)." in paper(support_desk)


def test_a_tier_that_was_lent_tells_since_when_and_until_when(support_desk: Client, promise: SlaPolicy) -> None:
    plans = the_plans()
    SlaPolicy.objects.filter(pk=promise.pk).update(tier="priority")
    acme = customer("acme", plan=plans["team"])
    lend_tier(acme, "priority", starts_at=datetime(2026, 2, 1, tzinfo=UTC), ends_at=datetime(2026, 4, 1, tzinfo=UTC))
    said = paper(support_desk)
    assert "Since 1 February 2026" in said
    assert "Holds until Wednesday 1 April 02:00 (Amsterdam)" in said


def test_a_customer_without_support_is_told_so(support_desk: Client, promise: SlaPolicy) -> None:
    the_plans()
    customer("acme", plan=None)
    assert "No support is promised." in paper(support_desk)


def test_nothing_of_the_back_office_stands_around_it(support_desk: Client, team: None) -> None:
    page = support_desk.get(url("policy_promise", "acme")).content.decode()
    assert "navigation" not in page.lower()
    assert page.count('class="aside no-print"') == 1


def test_sales_may_print_it_and_finds_it_from_the_lookup(sign_in: SignIn, team: None) -> None:
    sales = sign_in("sales")
    page = sales.get(url("lookup"), {"q": "acme"}).content.decode()
    assert url("policy_promise", "acme") in page
    assert "Support for Acme" in paper(sales)
    assert sign_in("administrator").get(url("policy_promise", "acme")).status_code == 403


def test_a_customer_nobody_knows(support_desk: Client) -> None:
    assert support_desk.get(url("policy_promise", "nobody")).status_code == 404
