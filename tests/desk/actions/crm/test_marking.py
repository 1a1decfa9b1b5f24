"""Which companies may have to be written anew: by what changed, by use, and by time."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection as database

from catalog.domain.values import Kind
from desk.actions.crm.marking import FED, feed, make_due, mark_changed
from desk.domain.crm.flows import Flow
from desk.integrations.crm.writing import write_due
from desk.models import CrmCompany, CrmFlow
from entitlements.actions.accounts import set_standing
from entitlements.actions.merging import ask_to_merge
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account, FactsChange, ThresholdCrossing, UsageCounter
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.catalog.factories import FeatureFactory
from tests.conftest import actor
from tests.desk.integrations.crm.written_there import There, company_of, connected
from tests.entitlements.factories import overridden
from tests.entitlements.spent import counted
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import AT, DAY, account, subscribed

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def line(db: None) -> tuple[Connection, There]:
    return connected()


@pytest.fixture
def connection(line: tuple[Connection, There]) -> Connection:
    return line[0]


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered, connection: Connection) -> CrmCompany:
    return company_of(customer(world), connection)


@pytest.fixture
def beta(world: Metered, connection: Connection) -> CrmCompany:
    return company_of(customer(world, "beta"), connection)


@pytest.fixture
def quiet(acme: CrmCompany, beta: CrmCompany, connection: Connection) -> datetime:
    """Everything was written once, and nothing waits."""
    return settle(connection, AT)


def settle(connection: Connection, at: datetime) -> datetime:
    for _ in range(2):
        mark_changed(connection, at=at)
        write_due(connection, at=at)
    assert marked(connection) == []
    return at


def marked(connection: Connection) -> list[str]:
    rows = CrmCompany.objects.filter(connection=connection, to_write_at__isnull=False).order_by("external_id")
    return [row.external_id.removeprefix("there-") for row in rows]


def its(company: CrmCompany) -> Account:
    assert company.account is not None
    return company.account


def test_at_first_everybody(connection: Connection, acme: CrmCompany, beta: CrmCompany) -> None:
    nobodys = company_of(None, connection, id="nobody")
    mark_changed(connection, at=AT)
    assert (marked(connection), nobodys.to_write_at) == (["acme", "beta"], None)


def test_where_nothing_happened_nobody(connection: Connection, quiet: datetime) -> None:
    assert (mark_changed(connection, at=quiet + MINUTE), marked(connection)) == (0, [])


@pytest.mark.parametrize(
    "change",
    [
        lambda acme, world: overridden(acme, world.calls, Mode.ADD, Decimal(10), at=AT),
        lambda acme, world: subscribed(acme, world.plan, at=AT),
        lambda acme, world: set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT),
    ],
    ids=["an override", "a subscription", "its standing"],
)
def test_what_changed_for_one_marks_that_one(
    connection: Connection, acme: CrmCompany, world: Metered, quiet: datetime, change: Callable[..., object]
) -> None:
    change(its(acme), world)
    assert (mark_changed(connection, at=quiet + MINUTE), marked(connection)) == (1, ["acme"])
    write_due(connection, at=quiet + MINUTE)
    mark_changed(connection, at=quiet + 2 * MINUTE)
    assert marked(connection) == []


def test_each_connection_reads_for_itself(
    connection: Connection, acme: CrmCompany, world: Metered, quiet: datetime
) -> None:
    other, _ = connected()
    company_of(its(acme), other)
    settle(other, quiet)
    overridden(its(acme), world.calls, Mode.ADD, Decimal(10), at=AT)
    assert [mark_changed(one, at=quiet + MINUTE) for one in (connection, other)] == [1, 1]


def test_what_changed_for_a_parent_marks_its_children(
    connection: Connection, acme: CrmCompany, world: Metered, quiet: datetime
) -> None:
    child = company_of(account("child", parent=its(acme)), connection)
    company_of(account("grandchild", parent=its(child)), connection)
    settle(connection, quiet + MINUTE)
    overridden(its(acme), world.calls, Mode.ADD, Decimal(10), at=AT)
    mark_changed(connection, at=quiet + 2 * MINUTE)
    assert marked(connection) == ["acme", "child", "grandchild"]


def test_what_concerns_everybody_lets_everybodys_turn_come(connection: Connection, quiet: datetime) -> None:
    FeatureFactory(key="exports", name="Exports", kind=Kind.GATE)
    assert mark_changed(connection, at=quiet + MINUTE) >= 2
    assert marked(connection) == ["acme", "beta"]


def test_one_customers_change_doesnt_stand_behind_everybodys(
    connection: Connection, acme: CrmCompany, beta: CrmCompany, world: Metered, quiet: datetime
) -> None:
    overridden(its(beta), world.calls, Mode.ADD, Decimal(10), at=AT)
    FeatureFactory(key="exports", name="Exports", kind=Kind.GATE)
    mark_changed(connection, at=quiet + MINUTE)
    assert marked(connection) == ["beta"]
    write_due(connection, at=quiet + MINUTE)
    assert marked(connection) == []
    assert CrmCompany.objects.get(pk=acme.pk).next_at > quiet + MINUTE  # it had its turn in the same run


def test_a_change_long_ago_may_have_gone_from_the_log(
    connection: Connection, acme: CrmCompany, world: Metered, quiet: datetime
) -> None:
    overridden(its(acme), world.calls, Mode.ADD, Decimal(10), at=AT)
    FactsChange.objects.all().delete()
    mark_changed(connection, at=quiet + 13 * timedelta(hours=1))
    assert "acme" in marked(connection)


# By use --------------------------------------------------------------------------------------------------------------
def test_use_is_told_once_an_hour(connection: Connection, acme: CrmCompany, world: Metered, quiet: datetime) -> None:
    counted(its(acme), world.calls, 10, at=quiet + MINUTE)
    mark_changed(connection, at=quiet + 59 * MINUTE)
    assert marked(connection) == []
    mark_changed(connection, at=quiet + 60 * MINUTE)
    assert marked(connection) == ["acme"]


def crossed(held_by: Account, world: Metered, *, at: datetime) -> ThresholdCrossing:
    return ThresholdCrossing.objects.create(
        account=held_by, feature=world.calls, starts_at=at, since=at, percent=80, used=800, limit_amount=1000,
        crossed_at=at, told="both",
    )  # fmt: skip


def test_a_threshold_is_told_at_once_and_once(
    connection: Connection, acme: CrmCompany, world: Metered, quiet: datetime
) -> None:
    crossed(its(acme), world, at=quiet + MINUTE)
    mark_changed(connection, at=quiet + MINUTE)
    assert marked(connection) == ["acme"]
    write_due(connection, at=quiet + MINUTE)
    for minutes in (2, 5, 20, 30):
        mark_changed(connection, at=quiet + minutes * MINUTE)
        assert marked(connection) == []


def test_a_threshold_that_was_committed_late_is_found(
    connection: Connection, acme: CrmCompany, beta: CrmCompany, world: Metered, quiet: datetime
) -> None:
    late = crossed(its(acme), world, at=quiet + MINUTE)
    number, _ = late.pk, late.delete()
    crossed(its(beta), world, at=quiet + MINUTE)
    mark_changed(connection, at=quiet + MINUTE)
    write_due(connection, at=quiet + MINUTE)
    late.pk = number
    late.save(force_insert=True)
    mark_changed(connection, at=quiet + 2 * MINUTE)
    assert marked(connection) == ["acme"]


# By time -------------------------------------------------------------------------------------------------------------
def test_an_end_by_time_alone_is_found_when_it_comes(
    connection: Connection, acme: CrmCompany, world: Metered, quiet: datetime
) -> None:
    subscribed(its(acme), world.plan, at=AT - DAY, ends_at=AT + timedelta(hours=3))
    settle(connection, quiet + MINUTE)
    mark_changed(connection, at=AT + timedelta(minutes=179))
    assert marked(connection) == []
    mark_changed(connection, at=AT + timedelta(hours=3))
    assert marked(connection) == ["acme"]


def test_everybody_is_looked_at_once_a_day(connection: Connection, quiet: datetime) -> None:
    at = quiet
    for _ in range(3):  # the log is read more often than it is pruned
        at += timedelta(hours=8)
        mark_changed(connection, at=at)
    assert marked(connection) == ["acme", "beta"]


def test_so_many_at_a_time(connection: Connection, acme: CrmCompany, beta: CrmCompany) -> None:
    CrmCompany.objects.update(next_at=AT)
    CrmCompany.objects.filter(pk=beta.pk).update(next_at=AT - MINUTE)
    assert (feed(connection, at=AT - 2 * MINUTE), marked(connection)) == (0, [])
    assert (feed(connection, at=AT, most=1), marked(connection)) == (1, ["beta"])
    assert (feed(connection, at=AT), FED >= 100) == (1, True)


def test_marked_twice_it_waits_since_the_first_time(acme: CrmCompany) -> None:
    rows = CrmCompany.objects.filter(pk=acme.pk)
    assert (make_due(rows, at=AT), make_due(rows, at=AT + MINUTE)) == (1, 1)
    assert rows.values_list("to_write_at", "marks").get() == (AT, 2)


def test_what_was_read_is_kept_with_what_was_marked(connection: Connection, acme: CrmCompany, quiet: datetime) -> None:
    row = CrmFlow.objects.get(connection=connection, flow=Flow.ENTITLEMENTS)
    assert datetime.fromisoformat(row.read["read_at"]) == quiet.astimezone(UTC)
    assert set(row.read["tails"]) >= {"crossings", "covers", "grants", "contracts"}


def test_merged_here_its_company_tells_of_the_account_that_stays(
    connection: Connection, line: tuple[Connection, There], acme: CrmCompany, beta: CrmCompany, quiet: datetime
) -> None:
    there = line[1]
    duplicate, into = its(beta), its(acme)
    asked = ask_to_merge(duplicate=duplicate, into=into, reason="One", by=actor("sales"), at=quiet + MINUTE)
    approvals.approve(approval=asked, by=actor("finance"), at=quiet + MINUTE)
    settle(connection, quiet + 2 * MINUTE)
    assert {key.split(".")[0] for key in there.records} == {"acme"}
    assert {fields["account_key"] for fields in there.companies.values()} == {"acme"}


@pytest.mark.skipif(database.vendor != "sqlite", reason="Elsewhere a statement takes as many values as one likes.")
def test_use_of_very_many_is_asked_in_portions(
    connection: Connection, acme: CrmCompany, world: Metered, quiet: datetime
) -> None:
    names = [f"other-{place}" for place in range(600)]
    others = Account.objects.bulk_create(Account(key=name, name=name, zone="UTC", created_at=AT) for name in names)
    own = counted(its(acme), world.calls, 10, at=quiet + MINUTE)
    told = {"feature": world.calls, "starts_at": own.starts_at, "since": own.since, "updated_at": own.updated_at}
    UsageCounter.objects.bulk_create(UsageCounter(account=one, used=1, **told) for one in others)
    kept = database.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1100)
    try:
        mark_changed(connection, at=quiet + 60 * MINUTE)
    finally:
        database.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, kept)
    assert marked(connection) == ["acme"]
