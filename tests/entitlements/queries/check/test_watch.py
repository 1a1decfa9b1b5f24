"""A process hears of what others change, however they change it, and lets go cleanly."""

import threading
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from django.db import connection, connections

from entitlements.actions.accounts import set_standing
from entitlements.actions.fact_changes import prune_changes
from entitlements.domain.facts import Standing
from entitlements.models import FactsChange
from entitlements.queries.check import Memory
from entitlements.queries.check.watch import Watch
from journal import commits
from journal.domain.actor import SYSTEM
from tests.entitlements.factories import AccountFactory
from tests.entitlements.world import AT

SOON = 10.0  # seconds; a test may wait that long on a busy machine, the benchmark measures


@pytest.fixture
def watching(transactional_db):
    watch = Watch(Memory())
    yield watch
    watch.end()


def until(condition) -> bool:
    end = monotonic() + SOON
    while not condition():
        if monotonic() > end:
            return False
        threading.Event().wait(0.005)
    return True


def elsewhere(sql: str, *parameters) -> None:
    """As another process would."""
    other = connections.create_connection(connection.alias)
    with other.cursor() as cursor:
        cursor.execute(sql, parameters)
    other.close()


def test_what_another_process_changes_is_heard_also_after_a_cut(watching):
    acme, memory = AccountFactory(key="acme"), watching.memory
    watching.begin(wait=SOON)
    for name in ("first", "second"):
        assert until(lambda: memory.account("acme") == acme.pk and memory.store.ids.get(acme.pk) is not None)
        elsewhere("UPDATE entitlements_account SET name = %s WHERE id = %s", name, acme.pk)
        assert until(lambda: memory.store.ids.get(acme.pk) is None)
        if connection.vendor == "postgresql":
            cuts = watching.cuts
            elsewhere("SELECT pg_terminate_backend(%s)", watching.backend)
            assert until(lambda cuts=cuts: watching.cuts > cuts)


def test_what_this_process_commits_is_known_at_once_and_nothing_is_left_behind(watching, monkeypatch):
    acme, memory = AccountFactory(key="acme"), watching.memory
    monkeypatch.setattr(commits, "_listeners", [watching.committed])
    watching.begin(wait=SOON)
    assert until(lambda: memory.account("acme") == acme.pk and memory.store.ids.get(acme.pk) is not None)
    monkeypatch.setattr(Watch, "_read", lambda self: None)  # the thread is deaf
    set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT)
    assert memory.store.ids.get(acme.pk) is None
    thread = watching._thread
    watching.end()
    assert thread is not None
    assert not thread.is_alive()
    assert not memory.trusted


def test_a_forked_process_begins_anew(watching):
    watching.begin(wait=SOON)
    thread, ending = watching._thread, watching._ending
    watching.forked()
    assert not watching.memory.trusted
    watching._thread, watching._ending = thread, ending  # which a fork would have left behind


@pytest.mark.django_db
def test_a_process_that_may_not_watch_reads_rows():
    watch = Watch(Memory())
    AccountFactory(key="acme")
    acme = watch.memory.account("acme")
    assert watch._thread is None
    assert acme is not None
    assert watch.memory.store.ids.get(acme) is None


@pytest.mark.django_db
def test_what_everybody_has_read_long_ago_is_pruned():
    now = datetime.now(UTC)
    for age in (timedelta(days=2), timedelta(hours=1)):
        FactsChange.objects.create(account_id=7, written_at=now - age)
    assert prune_changes(at=now) == 1
    assert str(FactsChange.objects.get()).startswith("account 7 changed")


def test_a_database_that_says_nothing_is_as_good_as_away():
    watch = Watch(Memory())
    with watch._asking():
        assert not watch.memory.away()
        watch._asked_at -= 5.0  # seconds ago it was asked, and has said nothing
        assert watch.memory.away()
    assert not watch.memory.away()
