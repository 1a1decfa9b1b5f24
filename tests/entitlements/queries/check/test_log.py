"""Reading on in the log misses nothing, in whatever order transactions commit."""

from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from entitlements.models import FactsChange
from entitlements.queries.check.log import TABLE, Log

pytestmark = pytest.mark.django_db
postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
# Numbers no test's own rows have.
FIRST, SECOND, THIRD = 900_000_001, 900_000_002, 900_000_003


def tell(writer: BaseDatabaseWrapper, account: int) -> None:
    with writer.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (account_id, transaction_id, written_at) "
            "VALUES (%s, pg_current_xact_id()::text::bigint, now())",
            [account],
        )


@pytest.fixture
def writers() -> Iterator[list[BaseDatabaseWrapper]]:
    """Three connections of their own, whose rows are committed for good, and removed."""
    made = [connections.create_connection(connection.alias) for _ in range(3)]
    yield made
    with made[0].cursor() as cursor:
        made[0].set_autocommit(True)
        cursor.execute(f"DELETE FROM {TABLE} WHERE account_id >= %s", [FIRST])
    for one in made:
        one.close()


@pytest.fixture
def log() -> Log:
    made = Log()
    made.read(connection)
    return made


def test_what_is_told_is_read_once(log):
    for account in (7, None, 8):
        transaction = None if connection.vendor == "sqlite" else own_transaction()
        FactsChange.objects.create(account_id=account, transaction_id=transaction, written_at="2026-03-02T09:00Z")
    assert list(log.read(connection)) == [7, None, 8]
    assert list(log.read(connection)) == []
    assert log.version == FactsChange.objects.latest("pk").pk


def own_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return cursor.fetchone()[0]


@postgresql
def test_a_number_that_commits_after_a_later_one_is_not_missed(log, writers):
    slow, quick, reader = writers
    slow.set_autocommit(False)
    tell(slow, FIRST)
    tell(quick, SECOND)
    assert list(log.read(reader)) == [SECOND]
    assert list(log.read(reader)) == []
    slow.commit()
    assert list(log.read(reader)) == [FIRST]
    assert list(log.read(reader)) == []


@postgresql
def test_what_is_undone_is_never_told_and_holds_nothing_up(log, writers):
    slow, quick, reader = writers
    slow.set_autocommit(False)
    tell(slow, FIRST)
    slow.rollback()
    tell(quick, SECOND)
    tell(quick, THIRD)
    assert list(log.read(reader)) == [SECOND, THIRD]


@postgresql
def test_only_the_transaction_that_wrote_facts_is_said_to_have(log, writers):
    one, other, _ = writers
    one.set_autocommit(False)
    other.set_autocommit(False)
    tell(one, FIRST)
    assert log.written_here(one)
    assert not log.written_here(other)
    one.rollback()
    other.rollback()
