"""Finding accounts by what people type, odd input included."""

import pytest
from django.db import connection

from entitlements.actions.contacts import add_contact
from entitlements.queries.accounts import account_by_key, find_accounts
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotFound
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["acme", "ACME", " acme ", "acme b", "acme-b", "acm", "b.v"])
def test_by_the_first_letters_of_a_key_or_any_of_the_name(text: str) -> None:
    acme = account("acme-bv", name="Acme B.V.")
    assert find_accounts(text=text) == [acme]


def test_an_exact_match_hides_what_only_begins_alike() -> None:
    acme, _acme_two = account("acme"), account("acme-two")
    assert find_accounts(text="acme") == [acme]


def test_letters_beyond_ascii_and_signs_are_nothing_special() -> None:
    oebv = account("oe", name="Öl & Gas 100%")
    assert find_accounts(text="öl") == [oebv]
    assert find_accounts(text="100%") == [oebv]
    assert find_accounts(text="%") == []


@pytest.mark.parametrize("text", ["a\x00b", "x\U0010ffff", "x\ud7ff", "\ud800", "a" * 5000, "'; drop table"])
def test_odd_input_finds_nothing_and_breaks_nothing(text: str) -> None:
    account("acme")
    assert find_accounts(text=text) == []


@pytest.mark.parametrize("key", ["ac\x00me2", "own:a\x00b", "", ":", "own:"])
def test_odd_keys_are_not_found(key: str) -> None:
    account("acme")
    with pytest.raises(NotFound):
        account_by_key(key)


def test_a_prefix_walks_an_index() -> None:
    acme = account("acme")
    add_contact(account=acme, name="Ana", email="ana@acme.example", by=SYSTEM, at=AT)
    from entitlements.models import Identifier
    from entitlements.queries.accounts import prefix_of

    plan = Identifier.objects.filter(prefix_of("ana@ac")).explain()
    if connection.vendor == "sqlite":  # PostgreSQL scans small tables whatever indexes there are
        assert "USING INDEX" in plan
