"""⌘K: bounded, and only what the person's role shows."""

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory

from desk.search import MOST, palette
from journal.models import Staff
from tests.entitlements.world import account

pytestmark = pytest.mark.django_db


def titles(role: str, term: str) -> list[str]:
    member, _created = Staff.objects.get_or_create(username=role, is_staff=True)
    member.groups.set(Group.objects.filter(name=role))
    request = RequestFactory().get("/admin/search/")
    request.user = Staff.objects.get(pk=member.pk)
    return [str(result.title) for result in palette(request, term)]


def test_a_customer_by_a_part_of_its_name() -> None:
    account("acme-bv", name="Acme B.V.")
    assert titles("sales", "acme") == ["Acme B.V."]


def test_a_page_by_what_it_is_for() -> None:
    assert "Is this customer covered?" in titles("support", "sla")


@pytest.mark.parametrize("role", ["administrator", "nobody"])
def test_who_may_not_see_customers_finds_none(role: str) -> None:
    account("acme-bv", name="Acme B.V.")
    assert titles(role, "acme") == []


def test_sales_finds_no_page_that_it_can_not_open() -> None:
    assert "Audit" not in titles("sales", "audit")


def test_it_shows_only_a_few() -> None:
    for number in range(MOST + 5):
        account(f"acme-{number:02}", name=f"Acme {number:02}")
    assert len(titles("sales", "acme")) == MOST


@pytest.mark.parametrize("term", ["", " ", "a", "%", "\x00"])
def test_too_little_to_search_finds_nothing(term: str) -> None:
    account("acme")
    assert titles("sales", term) == []
