"""Two customers side by side."""

import pytest
from django.test import Client

from entitlements.domain.facts import Mode
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, account, subscribed

pytestmark = pytest.mark.django_db


def page(desk: Client, left: str, right: str) -> str:
    return text_of(desk.get(url("compare"), {"left": left, "right": right}))


@pytest.fixture
def blue(acme: Customer) -> Customer:
    """Blue has the same plan, and 20 GB more."""
    other = account("blue", domains=["blue.example"])
    held = subscribed(other, acme.catalog.team)
    overridden(other, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, reason="Migration")
    return Customer(other, held, acme.catalog)


def test_what_differs_comes_first_with_its_reasons(support_desk: Client, acme: Customer, blue: Customer) -> None:
    said = page(support_desk, "acme", "blue")
    assert "What differs (1)" in said
    different, _, same = said.partition("The same for both: 3 features")
    assert "100 GB Team v1 gives 100 GB" in different
    assert "120 GB Team v1 gives 100 GB" in different
    assert "Migration" in different
    assert "Single sign-on" in same


def test_an_account_is_found_by_what_it_is_known_by(support_desk: Client, acme: Customer, blue: Customer) -> None:
    assert "What differs (1)" in page(support_desk, "acme", "blue.example")


def test_what_lost_is_not_among_the_reasons(support_desk: Client, acme: Customer, blue: Customer) -> None:
    subscribed(blue.account, acme.catalog.free)
    assert "not counted" not in page(support_desk, "acme", "blue")


def test_an_account_beside_itself_may_do_the_same(support_desk: Client, acme: Customer) -> None:
    assert "They may do the same." in page(support_desk, "acme", "acme")


@pytest.mark.parametrize("typed", ["nobody", "a"])
def test_what_names_no_single_account_is_told_beside_it(
    support_desk: Client, acme: Customer, blue: Customer, typed: str
) -> None:
    said = page(support_desk, "acme", typed)
    assert f"“{typed}” is no account, or more than one. Type its key." in said
    assert "Name two customers" in said


def test_it_begins_with_an_empty_form(support_desk: Client, acme: Customer) -> None:
    assert "Name two customers to see side by side" in page(support_desk, "", "")


def test_who_may_not_look_at_customers_is_turned_away(sign_in: object, acme: Customer) -> None:
    assert sign_in("administrator").get(url("compare"), {"left": "acme", "right": "acme"}).status_code == 403
