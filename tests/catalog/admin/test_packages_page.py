"""Packages in the back office: the tree, and making a new one."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Plan, PlanVersion
from tests.catalog.factories import FeatureFactory, FeatureGroupFactory, SeatsFactory
from tests.entitlements.gold import gold_support

pytestmark = pytest.mark.django_db

PACKAGES, NEW = reverse("admin:catalog_packages"), reverse("admin:catalog_package_new")
GOLD = {"name": "Gold support", "key": "gold_support"}


def test_an_empty_page_says_what_to_do(finance_desk: Client, support_desk: Client) -> None:
    assert "Make a package" in finance_desk.get(PACKAGES).content.decode()
    assert NEW not in support_desk.get(PACKAGES).content.decode()


def test_the_tree_says_what_each_member_gives_and_by_which_path(finance_desk: Client) -> None:
    gold_support()
    page = " ".join(finance_desk.get(PACKAGES).content.decode().split())
    for words in ("Gold support", "Premium services", "24/7 phone", "2 hours", "through Premium services"):
        assert words in page


def test_what_a_group_s_words_can_not_be_about_is_told(finance_desk: Client) -> None:
    seats = SeatsFactory(name="Seats")
    finance_desk.post(NEW, GOLD | {f"group_{seats.group_id}": "Included"})
    page = " ".join(finance_desk.get(PACKAGES).content.decode().split())
    assert '<span class="tree-name">Seats</span> <span class="desk-badge is-draft">says nothing yet' in page


def test_a_package_is_a_draft_of_an_add_on_with_its_groups(finance_desk: Client) -> None:
    group = FeatureFactory(group__name="Premium services").group
    other = FeatureGroupFactory()
    given = GOLD | {f"group_{group.pk}": "Included", f"group_{other.pk}": ""}
    response = finance_desk.post(NEW, given)

    plan = Plan.objects.get(key="gold_support")
    draft = plan.versions.get()
    assert (plan.kind, draft.is_draft) == ("add_on", True)
    assert [(term.group, term.state) for term in draft.terms.all()] == [(group, "value")]
    assert response.url.startswith(reverse("admin:catalog_sheet"))


@pytest.mark.parametrize("given", [GOLD, {"name": "Gold support", "key": "Gold"}])
def test_a_mistake_makes_nothing(given: dict[str, str], finance_desk: Client) -> None:
    FeatureGroupFactory()
    page = finance_desk.post(NEW, given)
    assert page.status_code == 422
    assert not PlanVersion.objects.exists()


def test_a_key_that_is_taken_makes_nothing_either(finance_desk: Client) -> None:
    gold = gold_support()
    page: Any = finance_desk.post(NEW, GOLD | {f"group_{gold.group.pk}": "Included"})
    assert "already a plan" in page.context["form"].errors["key"][0]
    assert Plan.objects.count() == 1
