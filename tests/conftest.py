"""What every test shares: the database it runs on, a closed network, and the one way round the triggers."""

import gc
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.db import connection
from django.test import TransactionTestCase
from xdist.scheduler import LoadScopeScheduling

from journal import triggers
from journal.domain.actor import Actor, ActorKind

EXAMPLES = int(os.environ.get("DESK_EXAMPLES", "5"))  # raise it for a night of looking for trouble
hypothesis.settings.register_profile("desk", deadline=None, print_blob=True, max_examples=EXAMPLES)
hypothesis.settings.load_profile("desk")
gc.set_threshold(50_000, 20, 20)  # looking for rings of garbage took a sixth of the time

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    """No test speaks to anything beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise ConnectionRefusedError(f"Tests may only connect to this machine, not to {address[0]}.")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def _systems_to_be_connected_with() -> None:
    """Registries live as long as their process: the pretended systems are in them from the first test to the last."""
    from tests.fakes import billing_console, console

    console.register()
    billing_console.register()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Row numbers begin far from 1, each table's elsewhere, so that no test takes a row's number for another's."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for place, model in enumerate(apps.get_models(include_auto_created=True), start=1):
            table, column = model._meta.db_table, model._meta.pk.column
            if model._meta.auto_field is None:
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, place * 1009])
            else:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', column, place * 1009]
                )


@pytest.fixture(autouse=True)
def _nothing_known_by_heart() -> None:
    """Each test's rows are rolled back, and may be put back: what this process remembers of them goes with them."""
    for forget in _forgetful():
        forget()


@cache
def _forgetful() -> tuple[Callable[[], None], ...]:
    from desk.integrations.crm import offering
    from entitlements.api import licence_access
    from entitlements.api.hot import names, wholes
    from entitlements.api.runtime import refusals
    from entitlements.queries.check import lasts, memory
    from entitlements.queries.licences import known
    from journal.api import rate
    from journal.queries import live_keys

    return (
        offering.forget_offers, licence_access.forget_windows, names.forget_names, wholes.forget_wholes,
        refusals.forget_offers, lasts.forget_lasts, memory.forget_everything, known.forget_licences, rate.forget_rates,
        live_keys.forget_all,
    )  # fmt: skip


def _flush_past_triggers() -> None:
    """Emptying the tables between tests is the one thing that may pass the immutability triggers by."""
    teardown = TransactionTestCase._fixture_teardown

    def suspended_teardown(self: TransactionTestCase) -> None:
        with triggers.suspended(connection):
            teardown(self)

    TransactionTestCase._fixture_teardown = suspended_teardown  # type: ignore[method-assign]


_flush_past_triggers()


# Files whose tests go to one process, one after the other: they share a world that is dear to make, or kill processes
# and shall not all do so at once. They come first, and so do the browser's: what waits more than it works leaves time to others.
TOGETHER = {
    "tests/journeys/test_scale.py": "processes",
    "tests/journeys/test_killed_worker.py": "processes",
    "tests/journeys/test_webhooks_killed.py": "processes",
    "tests/journeys/test_arrivals_killed.py": "processes",
    "tests/journeys/stripe/test_demo.py": "processes",
    "tests/test_migrations.py": "fire",
    "tests/journeys/test_outages.py": "fire",
    "tests/journeys/test_under_fire.py": "fire",
    "tests/journeys/test_gateway.py": "fire",
    "tests/desk/test_demo.py": "demo",
    "tests/support/intake/test_minilm.py": "weights",
}
FIRST = ("processes", "fire", "tests/browser/")


class Together(LoadScopeScheduling):
    """pytest-xdist's own groups rest on what pytest 9.2 has no longer, and would send every test anywhere."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return TOGETHER.get(path) or (path if path.startswith("tests/browser/") else nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    path = item.nodeid.partition("::")[0]
    named = TOGETHER.get(path, path)
    return next((place for place, first in enumerate(FIRST) if named.startswith(first)), len(FIRST))


def pytest_report_header() -> str:
    return f"database: {os.environ.get('DESK_TEST_DATABASE', 'sqlite')}"


@pytest.fixture
def at() -> datetime:
    """A Monday morning: 2 March 2026, 09:00 UTC."""
    return AT


@pytest.fixture
def finance(db: None) -> Actor:
    return actor("finance")


@pytest.fixture
def sales(db: None) -> Actor:
    return actor("sales")


@pytest.fixture
def support_agent(db: None) -> Actor:
    return actor("support")


@pytest.fixture
def auditor(db: None) -> Actor:
    return actor("auditor")


@pytest.fixture
def administrator(db: None) -> Actor:
    return actor("administrator")


def actor(role: str, name: str = "") -> Actor:
    """A person of that role, as the actions see one."""
    from config.roles import ROLES

    name = name or f"{role.capitalize()} Person"
    return Actor(
        kind=ActorKind.STAFF, key=f"{role}-{name}", name=name, roles=frozenset({role}), permissions=ROLES[role]
    )
