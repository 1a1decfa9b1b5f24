"""A name mistyped still finds the customer, on both engines, whatever wrote the name."""

import pytest
from django.db import connection

from entitlements import names_index
from entitlements.actions.accounts import edit_account
from entitlements.models import Account
from entitlements.queries import name_candidates
from entitlements.queries.accounts import find_accounts, similar_accounts
from journal import triggers
from journal.domain.actor import SYSTEM
from tests.entitlements.factories import AccountFactory
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db


@pytest.fixture
def northwind(db):
    for number in range(30):
        AccountFactory(name=f"Windmill Traders {number}")
    return account("nw", name="Northwind Traders B.V.")


@pytest.mark.parametrize(
    "text",
    [
        "Nortwind", "norhtwind", "NORTHWNID", "northwindd", "nortwind tradres", "north wind traders",
        "ana@nortwind.example", "www.nortwind.example", "  nortwind\x00 ",
    ],
)  # fmt: skip
def test_a_typo_finds_the_name(text, northwind):
    assert similar_accounts(text=text)[:1] == [northwind]


def test_the_nearest_comes_first():
    farther, nearer = account("aa", name="Nortxwins"), account("zz", name="Northwin")
    assert similar_accounts(text="northwim") == [nearer, farther]


def test_short_names_are_found_by_neighbours_swapped():
    acme = account("acme", name="Acme")
    assert similar_accounts(text="amce") == [acme]
    assert similar_accounts(text="acm") == [acme]


@pytest.mark.parametrize(
    "text", ["", "  ", "zz", "completely else", "%", '"', '" OR "', "'; --", "\U0001f642" * 9, "x" * 5_000,
             "ana@gmail.com", "\ud800abc", "abc* NEAR def", "10.0.0.1"],
)  # fmt: skip
def test_what_is_like_nothing_finds_nothing(text, northwind):
    assert similar_accounts(text=text) == []


def test_only_so_many_are_offered():
    for number in range(12):
        AccountFactory(name=f"Northwind {number}")
    assert len(similar_accounts(text="nortwind", limit=5)) == 5


def test_it_is_never_taken_for_what_was_typed(northwind):
    assert find_accounts(text="Nortwind") == []


def test_accents_and_quotes_are_nothing_special():
    oil = account("oil", name='Ölhandel "Süd" & Söhne')
    assert similar_accounts(text="Olhandl") == [oil]
    assert similar_accounts(text="ölhandl") == [oil]


def test_a_new_name_is_found_and_the_old_one_no_more(northwind):
    edit_account(account=northwind, name="Southgate", reason="Renamed.", by=SYSTEM, at=AT)
    assert similar_accounts(text="Suothgate") == [northwind]
    assert similar_accounts(text="Nortwind") == []


def test_bulk_writes_are_found_as_well():
    rows = [Account(key=f"bulk-{number}", name=f"Bulkhead {number}", created_at=AT) for number in range(3)]
    Account.objects.bulk_create(rows)
    assert [row.key for row in similar_accounts(text="blukhead")] == ["bulk-0", "bulk-1", "bulk-2"]
    Account.objects.filter(key="bulk-0").update(name="Quarterdeck")
    assert [row.key for row in similar_accounts(text="quaterdeck")] == ["bulk-0"]
    Account.objects.filter(key="bulk-1")._raw_delete("default")
    assert [row.key for row in similar_accounts(text="blukhead")] == ["bulk-2"]


def test_the_name_of_an_account_that_was_merged_leads_to_the_one_that_stays(northwind):
    old = account("old", name="Zephyr Pumps")
    Account.objects.filter(pk=old.pk).update(merged_into=northwind, merged_at=AT)
    assert similar_accounts(text="zephir") == [northwind]


def test_what_was_written_while_the_triggers_were_off_is_found(northwind):
    with triggers.suspended(connection):
        Account.objects.filter(pk=northwind.pk).update(name="Meridian")
    assert similar_accounts(text="Meridain") == [northwind]
    assert similar_accounts(text="Nortwind") == []


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite brings what it needs")
def test_a_role_that_may_not_create_the_extension_migrates_and_finds(northwind, caplog):
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        cursor.execute("CREATE ROLE plain_desk")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain_desk")
        cursor.execute("SET LOCAL ROLE plain_desk")
    names_index.install(using="default")
    assert "Let an administrator run CREATE EXTENSION pg_trgm" in caplog.text
    assert "permission denied" in caplog.text
    for text in ("Nortwind", "nortwind tradres", "ana@nortwind.example"):
        assert similar_accounts(text=text)[:1] == [northwind]
    assert find_accounts(text="thwin") == [northwind]
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    caplog.clear()
    names_index.install(using="default")
    assert not caplog.text
    assert similar_accounts(text="Nortwind")[:1] == [northwind]


def test_a_name_of_common_words_is_found_by_its_rare_ones(monkeypatch):
    """Where groups of letters are in more names than are read, the rare ones among them lead."""
    monkeypatch.setattr(name_candidates, "MOST_READ", 10)
    monkeypatch.setattr(name_candidates, "MOST_CANDIDATES", 5)
    Account.objects.bulk_create(
        [Account(key=f"t-{n}", name=f"Traders Logistics {n}", created_at=AT) for n in range(40)]
    )
    rare = account("zz", name="Quixby Traders Logistics")
    assert similar_accounts(text="Qiuxby Traders Logistics") == [rare]


@pytest.mark.parametrize("text", ["STRASSENBAU", "strasenbau", "straßenbau"])
def test_sharp_s_and_two_are_one(text):
    paver = account("paver", name="Straßenbau Süd GmbH")
    assert similar_accounts(text=text) == [paver]


@pytest.mark.parametrize("text", ["istanbul", "ISTANBUL", "İSTANBUL", "Istambul"])
def test_a_dotted_capital_i_is_an_i(text):
    freight = account("freight", name="İstanbul Nakliyat")
    assert similar_accounts(text=text) == [freight]


def test_everything_it_needs_stands_in_this_database():
    names_index.install(using="default")  # twice is as good as once
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'entitlements_account'")
            assert names_index.INDEX in {name for (name,) in cursor.fetchall()}
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            assert {f"desk_entitlements_account_named_{event}" for event in ("insert", "update", "delete")} <= {
                name for (name,) in cursor.fetchall()
            }
