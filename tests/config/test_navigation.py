"""The sidebar: where one is stands out, once, and a count of nothing is not there."""

from django.test import Client
from django.urls import reverse

from tests.entitlements.admin.conftest import _monday_morning, acme, sales_desk, sign_in  # noqa: F401


def here(desk: Client, address: str) -> list[str]:
    groups = desk.get(address).context["sidebar_navigation"]
    return [str(item["title"]) for group in groups for item in group["items"] if item["active"]]


def test_of_links_within_each_other_the_nearest_stands_out(sales_desk: Client) -> None:  # noqa: F811
    assert here(sales_desk, reverse("admin:entitlements_review")) == ["Overrides to look at"]
    assert here(sales_desk, reverse("admin:entitlements_override_changelist")) == ["Overrides"]
    assert here(sales_desk, reverse("admin:index")) == []


def test_an_accounts_own_page_belongs_to_the_accounts(sales_desk: Client, acme: object) -> None:  # noqa: F811
    assert here(sales_desk, reverse("admin:desk_account", args=["acme"])) == ["Accounts"]


def test_a_list_is_titled_by_what_stands_on_it(sales_desk: Client) -> None:  # noqa: F811
    page = sales_desk.get(reverse("admin:entitlements_contract_changelist"))
    assert page.context["title"] == "Contracts"
