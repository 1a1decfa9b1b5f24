"""The catalog that is remembered is the one of the rows at this moment, whoever changed it and whether it was told yet."""

from collections.abc import Iterator

import pytest
from django.db import connection, connections, transaction

from catalog.models import Feature
from entitlements.queries.check import Memory
from tests.catalog.factories import FeatureFactory
from tests.entitlements.factories import AccountFactory

postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


class Clock:
    at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(transactional_db: None, clock: Clock) -> Memory:
    """As a process has it whose thread reads the log; nothing is read here unless the test says so."""
    FeatureFactory(key="sso", name="Single sign-on")
    made = Memory(clock=clock)
    made.take_up_changes()
    return made


def name_in(memory: Memory) -> str:
    return memory.catalog().facts["sso"].shape.name


def elsewhere(sql: str, *parameters: object) -> None:
    """As another process would, committed at once."""
    other = connections.create_connection(connection.alias)
    with other.cursor() as cursor:
        cursor.execute(sql, parameters)
    other.close()


def renamed_elsewhere() -> None:
    elsewhere("UPDATE catalog_feature SET name = %s WHERE key = %s", "Sign-on", "sso")


def test_it_is_read_once_and_then_only_asked_about(memory, django_assert_num_queries):
    first = memory.catalog()
    with django_assert_num_queries(1):
        assert memory.catalog() is first
    AccountFactory()
    assert memory.catalog() is first


def test_what_another_process_committed_counts_before_anybody_told_of_it(memory):
    first = memory.catalog()
    renamed_elsewhere()
    assert name_in(memory) == "Sign-on"
    assert memory.view().snapshot is first  # a check may be so old
    memory.take_up_changes()
    assert memory.catalog() is memory.catalog() is not first
    assert name_in(memory) == "Sign-on"


def test_what_this_transaction_changed_counts_in_it_and_is_not_remembered(memory):
    first = memory.catalog()
    with transaction.atomic():
        Feature.objects.filter(key="sso").update(name="Sign-on")
        assert name_in(memory) == "Sign-on"
        transaction.set_rollback(True)
    assert memory.catalog() is first
    assert name_in(memory) == "Single sign-on"


def test_rows_are_read_where_nobody_reads_the_log(memory, clock):
    first = memory.catalog()
    clock.at += 3
    assert memory.catalog() is not first
    assert Memory().catalog() is not first


@pytest.fixture
def slow() -> Iterator[None]:
    """Another transaction is open all the while, so that what was read since it began is looked at again."""
    other = connections.create_connection(connection.alias)
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
    yield
    other.rollback()
    other.close()


@postgresql
def test_what_was_taken_up_is_not_taken_for_new_while_an_older_transaction_is_open(memory, slow):
    renamed_elsewhere()
    assert memory.take_up_changes() >= 1
    assert memory.catalog() is memory.catalog()
    assert name_in(memory) == "Sign-on"
