"""An account as it was, or as we believed it to be, at another moment."""

import pytest
from django.test import Client

from entitlements.domain.facts import Mode
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB

pytestmark = pytest.mark.django_db


def test_the_past_is_shown_as_we_know_it_today(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    said = read(sales_desk, at="2026-02-28T12:00")
    assert "What is true at 28 February 2026 12:00 (Amsterdam), by everything we know today" in said
    assert "Storage 100 GB" in said
    assert "Grant an override" not in said


def test_the_past_is_shown_as_we_believed_it(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    said = read(sales_desk, "entitlements", at="2026-03-02T09:00", known_at="2026-02-28T12:00")
    assert "What we believed at 28 February 2026 12:00 (Amsterdam) about 2 March 2026 09:00 (Amsterdam)" in said
    assert "Storage 100 GB" in said


@pytest.mark.parametrize("tab", ["overview", "entitlements", "subscriptions", "overrides"])
def test_before_it_was_known_there_is_nothing_to_show(sales_desk: Client, acme: Customer, tab: str) -> None:
    said = read(sales_desk, tab, known_at="2020-01-01T00:00")
    assert "was not known yet" in said or "bought nothing by then" in said or "None: the plan" in said


@pytest.mark.parametrize("asked", [{"at": "soon"}, {"known_at": "2030-01-01T00:00"}, {"at": "0001-01-01T00:00"}])
def test_a_moment_that_is_none_is_said_and_now_is_shown(
    sales_desk: Client, acme: Customer, asked: dict[str, str]
) -> None:
    response = sales_desk.get(address(), asked)
    assert response.context["moment"].problems
    assert "Storage 100 GB" in text_of(response)


def test_the_moment_goes_along_from_tab_to_tab(sales_desk: Client, acme: Customer) -> None:
    response = sales_desk.get(address(), {"at": "2026-02-28T12:00"})
    for _, url in response.context["tabs"]:
        assert "at=2026-02-28T11%3A00%3A00%2B00%3A00" in url


def test_a_tab_without_a_past_says_that_it_shows_now(sales_desk: Client, acme: Customer) -> None:
    assert "What this tab lists is everything up to now" in read(sales_desk, "timeline", at="2026-02-28T12:00")


def test_another_moment_keeps_the_filter_and_back_to_now_does_too(sales_desk: Client, acme: Customer) -> None:
    response = sales_desk.get(address("entitlements"), {"at": "2026-02-28T12:00", "q": "stor"})
    assert response.context["filters"] == [("q", "stor")]
    assert response.context["to_now"] == f"{address('entitlements')}?q=stor"


@pytest.mark.parametrize("tab", ["overview", "entitlements", "subscriptions", "overrides", "timeline", "family"])
def test_every_tab_bears_another_moment(sales_desk: Client, tried: Customer, tab: str) -> None:
    for asked in ({"at": "2026-02-25T10:00"}, {"known_at": "2020-01-01T00:00"}, {"at": "2190-01-01T00:00"}):
        assert sales_desk.get(address(tab, "tried"), asked).status_code == 200
