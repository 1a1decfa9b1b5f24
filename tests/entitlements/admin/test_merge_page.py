"""Merging a duplicate at the desk: found, looked at side by side, asked for, decided, and led on from its old address."""

import pytest
from django.test import Client
from django.urls import reverse

from entitlements.actions.contacts import add_contact
from entitlements.actions.identifiers import add_identifier
from entitlements.actions.merging import ask_to_merge
from entitlements.models import Account
from entitlements.models.account import IdentifierKind
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.conftest import actor
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.world import AT, account, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def beta(acme: Customer) -> Account:
    beta = account("beta", name="Acme B.V.", zone="Europe/Paris")
    add_contact(account=beta, name="Bob", email="bob@beta.example", by=SYSTEM, at=AT)
    return beta


def merge(duplicate: Account, into: Account) -> None:
    told = ask_to_merge(duplicate=duplicate, into=into, reason="One", by=actor("sales"), at=AT)
    if isinstance(told, Approval):
        approvals.approve(approval=told, by=actor("finance"), at=AT)


def sent(desk: Client, **changed: str) -> object:
    page = f"{url('account_merge', 'acme')}?other=beta"
    seen = desk.get(page).context["form"]["seen"].value()
    return desk.post(page, {"other": "beta", "seen": seen, "reason": "Signed up twice"} | changed)


def test_likely_duplicates_are_offered_and_others_found(sales_desk: Client, acme: Customer, beta: Account) -> None:
    assert "the name “acme”" in text_of(sales_desk.get(url("account_merge", "acme")))
    account("gamma")
    found = sales_desk.get(url("account_merge", "acme"), {"q": "gam"})
    assert [one.key for one in found.context["found"]] == ["gamma"]
    nobody = text_of(sales_desk.get(url("account_merge", "acme"), {"q": "nobody"}))
    assert "No other account has “nobody”" in nobody


def test_what_becomes_of_everything_is_shown_first(sales_desk: Client, acme: Customer, beta: Account) -> None:
    subscribed(beta, acme.catalog.free)
    said = text_of(sales_desk.get(url("account_merge", "acme"), {"other": "beta"}))
    for words in ("Time zone Europe/Amsterdam Europe/Paris", "Subscriptions", "Bob <bob@beta.example>",
                  "A merge can’t be undone.", "somebody else approves it", "Ask to merge"):  # fmt: skip
        assert words in said
    assert Account.objects.get(key="beta").merged_into is None


def test_an_empty_duplicate_is_merged_at_once(sales_desk: Client, acme: Customer, beta: Account) -> None:
    assert sent(sales_desk).status_code == 302
    beta.refresh_from_db()
    assert beta.merged_into == acme.account


def test_one_that_held_something_waits_for_somebody_else(sales_desk: Client, acme: Customer, beta: Account) -> None:
    subscribed(beta, acme.catalog.free)
    sent(sales_desk)
    request = Approval.objects.get(kind="merge")
    assert (request.state, request.reason) == ("pending", "Signed up twice")
    again = text_of(sales_desk.get(approvals.handler_of("merge").review(request)))
    assert "Sales has asked for this merge" in again
    assert "What becomes of what Acme B.V. has" in again


@pytest.mark.parametrize(("changed", "said"), [({"reason": ""}, "Give a reason"), ({"seen": "old"}, "Look again")])
def test_a_refusal_stands_on_the_page(
    sales_desk: Client, acme: Customer, beta: Account, changed: dict[str, str], said: str
) -> None:
    response = sent(sales_desk, **changed)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Account.objects.get(key="beta").merged_into is None


def test_what_can_not_be_done_is_said_instead_of_the_button(sales_desk: Client, acme: Customer) -> None:
    account("child", parent=acme.account)
    page = sales_desk.get(url("account_merge", "acme"), {"other": "child"})
    assert "Child belongs to Acme. Edit Child first" in text_of(page)
    assert "Ask to merge" not in page.content.decode()


def test_every_page_of_the_duplicate_leads_on(sales_desk: Client, acme: Customer, beta: Account) -> None:
    subscribed(beta, acme.catalog.team)
    merge(beta, acme.account)
    tab = reverse("admin:desk_account_timeline", args=["beta"])
    assert sales_desk.get(f"{tab}?who=desk").url == reverse("admin:desk_account_timeline", args=["acme"]) + "?who=desk"
    change = sales_desk.get(url("subscription_change", "beta", 1))
    assert change.url == url("subscription_change", "acme", 2)
    assert "was merged into Acme" in text_of(sales_desk.get(change.url))
    refused = sales_desk.post(url("account_edit", "beta"), {"name": "Gamma"})
    assert refused.url == reverse("admin:desk_account", args=["acme"])


def test_the_story_and_the_audit_show_whose_it_was(sign_in: object, acme: Customer, beta: Account) -> None:
    merge(beta, acme.account)
    desk = sign_in("finance")  # type: ignore[operator]
    assert "from Acme B.V., merged into this account" in text_of(
        desk.get(reverse("admin:desk_account_timeline", args=["acme"]))
    )
    assert "from Acme B.V." in text_of(desk.get(reverse("admin:desk_account_audit", args=["acme"])))


def test_the_list_leaves_out_what_was_merged(sales_desk: Client, acme: Customer, beta: Account) -> None:
    merge(beta, acme.account)
    rows = sales_desk.get(reverse("admin:entitlements_account_changelist")).context["cl"].result_list
    assert [row.key for row in rows] == ["acme"]


def test_possible_duplicates_say_what_they_share(sales_desk: Client, acme: Customer, beta: Account) -> None:
    for one in (acme.account, beta):
        add_identifier(account=one, kind=IdentifierKind.DOMAIN, value="acme.example", by=SYSTEM, at=AT)
        add_identifier(account=one, kind=IdentifierKind.DOMAIN, value="gmail.com", by=SYSTEM, at=AT)
    said = text_of(sales_desk.get(url("duplicates")))
    assert "the domain acme.example; the name “acme”" in said
    assert "gmail" not in said


def test_no_duplicates_says_what_to_do(sales_desk: Client, acme: Customer) -> None:
    assert "None was found." in text_of(sales_desk.get(url("duplicates")))
