"""What goes wrong with one record, or with one customer, holds up nothing else, and isn't tried without a pause."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from desk.actions.crm.marking import make_due, mark_changed
from desk.domain.crm.faults import FaultKind
from desk.domain.crm.outgoing import COMPANY
from desk.domain.crm.sent import read_sent
from desk.integrations.crm.writing import write_due
from desk.models import CrmCompany, CrmFinding
from entitlements.domain.billed.findings import FindingState
from entitlements.domain.facts import Mode
from entitlements.models import Account
from journal.models import Connection
from tests.desk.integrations.crm.written_there import There, company_of, connected
from tests.entitlements.factories import overridden
from tests.entitlements.spent import counted as used
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
EVERY = timedelta(seconds=20)


@pytest.fixture
def line(db: None) -> tuple[Connection, There]:
    return connected()


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered, line: tuple[Connection, There]) -> CrmCompany:
    return company_of(customer(world), line[0])


@pytest.fixture
def run(line: tuple[Connection, There]) -> Callable[[datetime], int]:
    """One turn of the flow."""

    def run(at: datetime) -> int:
        mark_changed(line[0], at=at)
        return write_due(line[0], at=at)

    return run


def fresh(company: CrmCompany) -> CrmCompany:
    return CrmCompany.objects.select_related("account").get(pk=company.pk)


def its(company: CrmCompany) -> Account:
    assert company.account is not None
    return company.account


def test_who_cant_be_worked_out_holds_up_no_other(
    acme: CrmCompany, world: Metered, line: tuple[Connection, There], run: Callable[[datetime], int]
) -> None:
    for key in ("beta", "gamma"):
        company_of(customer(world, key), line[0])
    Account.objects.filter(key="acme").update(zone="Mars/Olympus")
    run(AT)
    assert {key.split(".")[0] for key in line[1].records} == {"beta", "gamma"}
    row = fresh(acme)
    assert "Mars/Olympus" in row.write_failed
    assert row.write_after is not None
    assert (row.to_write_at, row.write_tries, row.write_after > AT) == (AT, 1, True)
    Account.objects.filter(key="acme").update(zone="UTC")
    run(AT + MINUTE)
    assert "acme.calls" in line[1].records
    assert (fresh(acme).write_failed, fresh(acme).write_after, fresh(acme).to_write_at) == ("", None, None)


def test_what_fails_over_and_over_holds_up_no_news_of_its_customer(
    acme: CrmCompany, world: Metered, line: tuple[Connection, There], run: Callable[[datetime], int]
) -> None:
    there, at = line[1], AT
    there.faults["acme.calls"] = [(FaultKind.AWAY, "It broke there.")] * 50
    for _ in range(8):
        run(at)
        at = fresh(acme).write_after or at
    run(at)
    overridden(its(acme), world.seats, Mode.ADD, Decimal(5), at=at)
    run(at + MINUTE)
    assert there.records["acme.seats"][1]["limit"] == 10
    assert there.companies[acme.external_id]["open_overrides"] == 1
    assert fresh(acme).write_failed == "It broke there."


def test_news_that_comes_while_something_fails_is_written_the_next_time(
    acme: CrmCompany, line: tuple[Connection, There], run: Callable[[datetime], int]
) -> None:
    def meanwhile(_rows: object) -> None:
        make_due(CrmCompany.objects.filter(pk=acme.pk), at=AT)

    line[1].faults["acme.calls"] = [(FaultKind.AWAY, "It broke there.")]
    line[1].after = meanwhile
    run(AT)
    assert fresh(acme).write_after is None
    line[1].after = None
    assert run(AT + EVERY) == 1


def test_what_is_gone_already_neednt_be_removed(
    acme: CrmCompany, line: tuple[Connection, There], run: Callable[[datetime], int]
) -> None:
    run(AT)
    CrmCompany.objects.filter(pk=acme.pk).update(account=None)
    make_due(CrmCompany.objects.filter(pk=acme.pk), at=AT)
    line[1].faults["acme.calls"] = [(FaultKind.GONE, "entity is deleted")]
    run(AT + MINUTE)
    assert (fresh(acme).to_write_at, read_sent(fresh(acme).written).entitlements) == (None, frozenset())


def test_what_was_refused_and_is_wanted_no_more_is_no_trouble_any_more(
    acme: CrmCompany, line: tuple[Connection, There], run: Callable[[datetime], int]
) -> None:
    line[1].faults["acme.calls"] = [(FaultKind.INVALID, "Segment__c is required")]
    run(AT)
    CrmCompany.objects.filter(pk=acme.pk).update(account=None)
    make_due(CrmCompany.objects.filter(pk=acme.pk), at=AT)
    run(AT + MINUTE)
    assert CrmFinding.objects.get().state == FindingState.MENDED
    assert (fresh(acme).write_failed, read_sent(fresh(acme).written).refused) == ("", {})


def test_a_company_that_only_its_records_find_gone_is_looked_at_and_tried_less_and_less_often(
    acme: CrmCompany, world: Metered, line: tuple[Connection, There], run: Callable[[datetime], int]
) -> None:
    there = line[1]
    run(AT)
    there.gone.add(acme.external_id)
    used(its(acme), world.calls, 1)
    make_due(CrmCompany.objects.filter(pk=acme.pk), at=AT)
    before, at = len(there.calls), AT
    for _ in range(45):
        at += EVERY
        run(at)
    assert there.calls[before:][:2] == [["acme.calls"], ["acme.calls"]]
    assert COMPANY not in there.calls[-1]
    assert len(there.calls) - before <= 7
    assert fresh(acme).due_at is not None
