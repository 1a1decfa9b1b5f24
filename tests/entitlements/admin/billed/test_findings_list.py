"""The list of billing findings: what is open stands first, narrowed down, searched, and what it says when there is none."""

import pytest
from django.test import Client

from entitlements.admin.billed.models import to_look_at
from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BillingFinding
from tests.entitlements.admin.billed.finds import found
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import BilledSubscriptionFactory
from tests.entitlements.world import AT, account
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db
LIST = url("billingfinding_changelist")


def listed(desk: Client, **asked: str) -> list[BillingFinding]:
    return list(desk.get(LIST, asked).context["cl"].result_list)


def test_it_says_what_differs_where_for_whom_and_since_when(finance_desk: Client) -> None:
    there = ConnectionFactory(name="Shop", mode="live")
    row = found(account=account("acme"), connection=there)
    said = text_of(finance_desk.get(LIST))
    for words in ("Of drift, 7 × Team is billed", "says something else", "Acme", "Shop", "Shop, live", "3 days ago"):
        assert words in said
    assert url("billingfinding_change", row.pk) in finance_desk.get(LIST).content.decode()


def test_what_is_open_stands_first_and_the_oldest_of_it(finance_desk: Client) -> None:
    settled = {"state": "mended", "settled_at": AT, "settled_by": "Ana"}
    over, young, old = found(days=9, **settled), found(days=1), found(days=5)
    assert listed(finance_desk) == [old, young, over]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({"kind": "drift"}, ["drift"]),
        ({"state": "kept"}, ["push"]),
        ({"mode": "live"}, ["unlinked"]),
        ({"older": "7"}, ["unlinked"]),
        ({"older": "x", "connection": "x"}, ["unlinked", "drift", "push"]),
    ],
)
def test_it_is_narrowed_down(finance_desk: Client, asked: dict[str, str], left: list[str]) -> None:
    found(days=3)
    found(FindingKind.UNLINKED, days=8, connection=ConnectionFactory(mode="live"))
    found(FindingKind.PUSH, state="kept", settled_at=AT, settled_by="Ana")
    assert [row.kind for row in listed(finance_desk, **asked)] == left


def test_it_is_narrowed_down_to_a_connection(finance_desk: Client) -> None:
    one, _other = found(), found()
    assert listed(finance_desk, connection=str(one.connection_id)) == [one]


@pytest.mark.parametrize("typed", ["acme", "Acme", "sub_9", "price_7"])
def test_it_is_searched_by_account_subscription_and_price(finance_desk: Client, typed: str) -> None:
    wanted = found(FindingKind.UNLINKED, account=account("acme"), billing_id="sub_9", about="price_7")
    found()
    assert listed(finance_desk, q=typed) == [wanted]


def test_without_any_it_says_what_the_desk_does_by_itself_and_when_it_looked(finance_desk: Client) -> None:
    assert "Nothing was looked at yet" in text_of(finance_desk.get(LIST))
    BilledSubscriptionFactory(told_at=AT)
    said = text_of(finance_desk.get(LIST))
    assert "Nothing is to be looked at. What is billed is followed as it is told" in said
    assert "Looked last at 2 March 2026" in said


def test_what_another_system_says_is_never_taken_for_marks(finance_desk: Client) -> None:
    found(words="<script>alert(1)</script>", billing_id="<b>sub</b>")
    assert "<script>alert(1)" not in finance_desk.get(LIST).content.decode()


def test_ticked_differences_lead_to_the_page_that_asks(finance_desk: Client) -> None:
    one, two = found(), found()
    told = {"action": "take_chosen", "_selected_action": [one.pk, two.pk]}
    response = finance_desk.post(LIST, told)
    assert response.headers["Location"] == f"{url('billingfindings_take')}?findings={one.pk},{two.pk}"


def test_the_sidebar_counts_for_whoever_settles(finance_desk: Client, support_desk: Client) -> None:
    found()
    finance, support = (desk.get(LIST).wsgi_request for desk in (finance_desk, support_desk))
    assert (to_look_at(finance), to_look_at(support)) == ("1", "")


def test_who_only_reads_is_offered_nothing_to_do(support_desk: Client) -> None:
    found()
    page = support_desk.get(LIST)
    assert "7 × Team" in text_of(page)
    assert "take_chosen" not in page.content.decode()
