"""Revoking an override: what the customer will have stands before the button."""

from typing import Any

import pytest
from django.test import Client

from entitlements.domain.facts import Mode
from entitlements.models import Override
from tests.desk.admin.reading import address
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.agreed import approved, drafted, storage_line
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def more(acme: Customer) -> Override:
    return overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)


def test_it_shows_what_changes_and_then_revokes(sales_desk: Client, acme: Customer, more: Override) -> None:
    page = url("override_revoke", more.pk)
    said = text_of(sales_desk.get(page))
    assert "With it 120 GB Without it 100 GB" in said
    assert value(acme.account, "storage", AT) == 120 * GB
    response = sales_desk.post(page, {"reason": "The deal fell through"})
    assert response.url == address("overrides")
    assert value(acme.account, "storage", AT) == 100 * GB


def test_a_second_press_is_refused_in_words(sales_desk: Client, more: Override) -> None:
    for _ in range(2):
        response = sales_desk.post(url("override_revoke", more.pk), {"reason": "Over"})
    assert "isn't in force" in complaints(response)[""][0]


def test_where_nothing_changes_it_says_so(sales_desk: Client, acme: Customer, more: Override) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.DENY, at=AT - DAY)
    assert "Nothing changes for the customer" in text_of(sales_desk.get(url("override_revoke", more.pk)))


def test_an_ended_one_offers_no_button(sales_desk: Client, acme: Customer) -> None:
    long_ago = {"at": AT - 9 * DAY, "through_on": (AT - 5 * DAY).date()}
    ended = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, **long_ago)
    assert "nothing to revoke" in text_of(sales_desk.get(url("override_revoke", ended.pk)))


def test_what_a_contract_made_is_taken_away_by_the_contract(sales_desk: Client, acme: Customer) -> None:
    version = drafted(acme.account, key="C-1")
    storage_line(version, acme.catalog.storage)
    approved(version)
    response = sales_desk.get(url("override_revoke", Override.objects.get().pk))
    assert "It is part of contract C-1: amend the contract to take it away." in text_of(response)
    assert "Revoke it" not in text_of(response)


def test_a_reason_is_asked_for(sales_desk: Client, more: Override) -> None:
    response = sales_desk.post(url("override_revoke", more.pk), {"reason": " "})
    assert "Give a reason" in complaints(response)["reason"][0]


def test_an_unknown_one_is_not_found(sales_desk: Client) -> None:
    assert sales_desk.get(url("override_revoke", 999)).status_code == 404


@pytest.mark.parametrize("role", ["support", "auditor", "administrator"])
def test_other_roles_are_turned_away(sign_in: Any, more: Override, role: str) -> None:
    desk = sign_in(role)
    assert desk.get(url("override_revoke", more.pk)).status_code == 403
    assert desk.post(url("override_revoke", more.pk), {"reason": "x"}).status_code == 403
