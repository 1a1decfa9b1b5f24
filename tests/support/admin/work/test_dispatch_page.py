"""The page for whoever stands before the device: found by what is on its plate, answered in large words."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from support.models import Asset, Cover
from tests.conftest import AT, actor
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import address, reader
from tests.support.factories import CaseFactory
from tests.support.worked import a_pump, recorded, warranted
from tests.support.world import customer, kept

pytestmark = pytest.mark.django_db


def page(role: str = "support", **asked: Any) -> Any:
    return reader(role).get(address("dispatch"), asked)


@pytest.mark.parametrize("typed", ["NP-100", "np 100", " np100 "])
def test_a_serial_number_finds_the_device(pump: Asset, typed: str) -> None:
    words = text_of(page(q=typed))
    assert "Pump NP-100 Customer Acme Where Plant North Dock 4 1011 AB Amsterdam" in words
    assert "Labour is covered; the customer pays for parts and 50 % of travel." in words
    assert "Travel The customer pays 50 % Maintenance bears 50 %" in words


def test_everything_and_nothing_in_one_sentence(pump: Asset) -> None:
    warranted(pump, labour=100, travel=100)
    assert "Everything is covered." in text_of(page(q="NP-100"))
    other = a_pump(customer("bolt", plan=None), product="valve", serial="V-1")
    assert "Nothing is covered: the customer pays for all of it." in text_of(page(asset=other.pk))


def test_what_comes_first_is_said(pump: Asset) -> None:
    assert "Nothing has to be authorised first." in text_of(page(q="NP-100"))
    cover = Cover.objects.get()
    cover.authorisation = "The plant manager approves."
    kept(cover)
    assert "Before work begins: The plant manager approves." in text_of(page(q="NP-100"))


def test_warranty_visits_cases_and_history(pump: Asset) -> None:
    warranted(pump)
    case = CaseFactory(account=pump.account, asset=pump, subject="It leaks")
    recorded(pump.account, actor("support"), asset=pump)
    words = text_of(page(q="NP-100"))
    assert "Maker’s warranty through 31 December 2027 In force" in words
    assert "Visit 1 of Maintenance Planned 1 January 2026 – 1 July 2026" in words
    assert "Maintenance: 2 of 2 visits left this year." in words
    assert f"{case.number} It leaks Open Normal" in words or f"{case.number} It leaks Open" in words
    assert "1 × Seal ring" in words


def test_a_customer_offers_the_devices(pump: Asset) -> None:
    a_pump(pump.account, product="valve", serial="V-1", retired_at=AT, retire_reason="Broken.")
    words = text_of(page(q="acme"))
    assert "It depends on the device. Which one is it? Pump NP-100" in words
    assert "Pump V-1 out of service" in words


def test_several_of_one_number_are_offered(pump: Asset) -> None:
    a_pump(customer("bolt", plan=None), product="valve")
    words = text_of(page(q="NP-100"))
    assert "2 devices have the serial number “NP-100”. Which one is it?" in words
    assert "Pump NP-100 Bolt · Plant North" in words


def test_out_of_service_is_the_first_thing_said(pump: Asset) -> None:
    gone = a_pump(pump.account, product="old", serial="OLD-1", retired_at=AT, retire_reason="Beyond repair.")
    assert "Out of service. It was taken out of service: Beyond repair." in text_of(page(asset=gone.pk))


@pytest.mark.parametrize(
    "asked", [{"q": "zzz-9"}, {"q": "\x00"}, {"asset": "x"}, {"asset": "9" * 17}, {"account": "no"}]
)
def test_nonsense_finds_nothing_and_says_what_was_searched(pump: Asset, asked: dict[str, str]) -> None:
    answer = page(**asked)
    assert answer.status_code == 200
    assert ("Nothing found for “zzz-9”" in text_of(answer)) is (asked.get("q") == "zzz-9")


def test_buttons_are_for_those_who_may(pump: Asset) -> None:
    assert "Record work or a part" in text_of(page(q="NP-100"))
    assert "Mark visit 1 done" in text_of(page(q="NP-100"))
    for role in ("sales", "finance", "auditor"):
        words = text_of(page(role, q="NP-100"))
        assert "Record work or a part" not in words
        assert "Mark visit" not in words


def test_the_number_of_reads_does_not_grow(pump: Asset, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client: Client = reader("support")
    url = f"{address('dispatch')}?q=NP-100"
    client.get(url)
    warranted(pump)
    recorded(pump.account, actor("support"), asset=pump)
    CaseFactory(account=pump.account, asset=pump)
    with django_assert_max_num_queries(90) as few:
        client.get(url)
    for _ in range(4):
        warranted(pump)
        recorded(pump.account, actor("support"), asset=pump)
        CaseFactory(account=pump.account, asset=pump)
    with django_assert_max_num_queries(len(few)):
        client.get(url)
