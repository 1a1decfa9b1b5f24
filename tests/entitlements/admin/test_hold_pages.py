"""Keeping a customer on a version, and letting them follow again, from the customer's own pages."""

import pytest
from django.test import Client

from entitlements.actions.holds import hold
from entitlements.models import SubscriptionItem
from journal.domain.actor import SYSTEM
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, DAY, GB, publish_plan, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(acme: Customer) -> SubscriptionItem:
    return SubscriptionItem.objects.get()


def held(item: SubscriptionItem, *, days: int = 10) -> SubscriptionItem:
    return hold(item=item, until=AT + days * DAY, reason="Contract", by=SYSTEM, at=AT - DAY)


def address(name: str, item: SubscriptionItem) -> str:
    return url(name, item.subscription.account.key, item.pk)


def test_a_customer_is_kept_through_a_day_of_theirs(
    acme: Customer, item: SubscriptionItem, finance_desk: Client
) -> None:
    asked = text_of(finance_desk.get(address("version_hold", item)))
    assert "They have Team v1" in asked
    assert "The last day of it, in Europe/Amsterdam" in asked
    given = {"through": "2026-03-31", "reason": "The contract runs"}
    done = finance_desk.post(address("version_hold", item), given, follow=True)
    assert "Acme keeps Team v1 through 31 March 2026 (Amsterdam)." in text_of(done)
    assert "Team v1 (held on it through 31 March 2026 because “The contract runs”)" in text_of(done)
    item.refresh_from_db()
    assert item.held_until.isoformat() == "2026-03-31T22:00:00+00:00"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"through": "", "reason": "Why not"}, "through"),
        ({"through": "2026-03-31", "reason": ""}, "reason"),
        ({"through": "2026-03-01", "reason": "Why not"}, ""),
    ],
)
def test_what_is_missing_or_over_is_said(item: SubscriptionItem, finance_desk: Client, given: dict, field: str) -> None:
    answer = finance_desk.post(address("version_hold", item), given)
    assert answer.status_code == 422
    assert list(complaints(answer)) == [field]


def test_a_hold_that_lasts_is_shown_before_it_is_changed(item: SubscriptionItem, finance_desk: Client) -> None:
    held(item)
    page = text_of(finance_desk.get(address("version_hold", item)))
    assert "Held already until 12 Mar 2026 10:00 (Amsterdam): Contract. The new end replaces this one." in page


def test_letting_go_says_what_they_will_have(acme: Customer, item: SubscriptionItem, finance_desk: Client) -> None:
    held(item)
    sold = acme.catalog
    publish_plan(sold.team, {sold.storage: 200 * GB}, at=AT - DAY / 2)
    asked = text_of(finance_desk.get(address("version_release", item)))
    assert "Acme will have Team v2 instead of Team v1" in asked
    done = finance_desk.post(address("version_release", item), {"reason": "They agreed"}, follow=True)
    assert "Acme has Team v2 from now on." in text_of(done)
    assert value(acme.account, "storage", AT) == 200 * GB


def test_letting_go_may_change_nothing(item: SubscriptionItem, finance_desk: Client) -> None:
    held(item)
    assert "Nothing changes now" in text_of(finance_desk.get(address("version_release", item)))


def test_nothing_is_let_go_that_isnt_held(item: SubscriptionItem, finance_desk: Client) -> None:
    assert "so there is nothing to release" in text_of(finance_desk.get(address("version_release", item)))
    answer = finance_desk.post(address("version_release", item), {"reason": "Why not"})
    assert "is not held on a version" in text_of(answer)


def test_the_item_of_another_customer_is_not_there(item: SubscriptionItem, finance_desk: Client) -> None:
    assert finance_desk.get(url("version_hold", "nobody", item.pk)).status_code == 404


def test_sales_may_not(item: SubscriptionItem, sales_desk: Client) -> None:
    for name in ("version_hold", "version_release"):
        assert sales_desk.get(address(name, item)).status_code == 403
