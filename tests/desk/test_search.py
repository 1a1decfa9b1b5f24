"""⌘K: bounded, and only what the person's role shows."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from desk.admin.search import MOST, palette
from entitlements.models import Account
from journal.models import Staff
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT, account, catalog, subscribed
from tests.support.factories import AssetFactory

pytestmark = pytest.mark.django_db


def titles(role: str, term: str) -> list[str]:
    return [str(result.title) for result in results(role, term)]


def results(role: str, term: str) -> list[object]:
    member, _created = Staff.objects.get_or_create(username=role, is_staff=True)
    member.groups.set(Group.objects.filter(name=role))
    request = RequestFactory().get("/admin/search/")
    request.user = Staff.objects.get(pk=member.pk)
    return palette(request, term)


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


@pytest.fixture
def trying(db: None) -> Account:
    """Acme, four days before the end of its trial, and Acme Bank, which has bought its plan."""
    sold, began = catalog(), timezone.now() - timedelta(days=10)
    acme = account("acme", at=began)
    subscribed(acme, sold.team, at=began, trial_days=14)
    subscribed(account("acme-bank", at=began), sold.team, at=began)
    return acme


@pytest.mark.parametrize("term", ["extend acme", "Extend the trial of Acme", "extend trial acm", "EXTEND  acme"])
def test_a_trial_is_extended_by_saying_so(trying: Account, term: str) -> None:
    (found,) = results("sales", term)
    assert found.title == "Extend the trial of Acme"
    assert found.link == reverse("admin:entitlements_trial_extend", args=["acme", 1])
    assert "(Amsterdam), 4 days left" in found.description


def test_a_customer_in_trial_brings_the_extension_along(trying: Account) -> None:
    assert titles("sales", "acme") == ["Acme", "Extend the trial of Acme"]  # its key as a whole leaves the bank out
    assert titles("sales", "acme-bank") == ["Acme-Bank"]


@pytest.mark.parametrize("role", ["support", "administrator"])
def test_who_may_not_extend_is_not_offered_it(trying: Account, role: str) -> None:
    assert not [title for title in titles(role, "acme") + titles(role, "extend acme") if title.startswith("Extend")]


def test_trials_of_all_that_were_found_are_read_at_once(
    trying: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(MOST):
        account(f"ace-{number}")
    with django_assert_max_num_queries(15):
        titles("sales", "ace")


def test_a_licence_by_its_whole_key_or_by_how_that_begins() -> None:
    issued = licensed(account("acme", name="Acme"), policy_of(None, at=AT), at=AT, name="Plant in Graz")
    prefix = issued.licence.prefix
    for typed in (issued.key, issued.key.upper(), f"el_{prefix}", f"el_{prefix}_…", prefix):
        assert f"el_{prefix}_… Plant in Graz" in titles("support", typed), typed
    assert titles("administrator", issued.key) == titles("nobody", prefix) == []
    mistyped = issued.key[:-1] + ("b" if issued.key.endswith("a") else "a")
    assert titles("support", mistyped) == titles("support", "el_") == []


def test_a_customer_whose_name_is_mistyped() -> None:
    account("acme-bv", name="Northwind Traders")
    assert titles("sales", "Nortwnid") == ["Northwind Traders"]
    assert titles("nobody", "Nortwnid") == []


def test_a_device_by_its_serial_number_or_the_beginning_of_it() -> None:
    asset = AssetFactory(serial="HP600-2209", product__name="Press")
    assert titles("support", "hp600 2209") == ["Press HP600-2209"]
    assert titles("support", "hp60") == ["Press HP600-2209"]
    assert str(asset.pk) in results("support", "hp600-2209")[0].link  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("role", "term"), [("nobody", "HP600-2209"), ("administrator", "HP600-2209"), ("support", "hp6")]
)
def test_no_device_for_who_may_not_see_them_nor_for_too_little(role: str, term: str) -> None:
    AssetFactory(serial="HP600-2209", product__name="Press")
    assert titles(role, term) == []


def test_only_a_few_devices() -> None:
    for number in range(6):
        AssetFactory(serial=f"HP600-220{number}")
    assert len(titles("support", "hp600")) == 3


def test_licences_by_what_may_be_shown_of_a_key() -> None:
    licence = licensed(account("acme-bv", name="Acme B.V."), policy_of(None, at=AT), at=AT).licence
    begun = f"el_{licence.prefix[:3]}"
    assert len(titles("support", begun)) == 1
    assert titles("nobody", begun) == []
