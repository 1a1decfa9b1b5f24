"""Writing to a CRM: only what differs, refusals by their kind, and nothing lost or doubled by whoever is killed."""

from datetime import datetime, timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from desk.actions.crm.marking import make_due
from desk.actions.crm.turns import TurnLost
from desk.actions.crm.written import try_again
from desk.domain.crm.faults import FaultKind
from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.outgoing import COMPANY
from desk.domain.crm.sent import read_sent
from desk.integrations.crm.port import LoginRefused
from desk.integrations.crm.writing import AT_ONCE, write_due
from desk.models import CrmCompany, CrmFinding
from desk.queries.crm.rendered import rendered
from entitlements.actions.accounts import set_standing
from entitlements.domain.billed.findings import FindingState
from entitlements.domain.facts import Standing
from entitlements.models import Account
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.models import Connection
from tests.desk.integrations.crm.written_there import Killed, There, company_of, connected, counted
from tests.entitlements.spent import counted as used
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db
SOON = AT + timedelta(minutes=1)


@pytest.fixture
def line(db: None) -> tuple[Connection, There]:
    return connected()


@pytest.fixture
def connection(line: tuple[Connection, There]) -> Connection:
    return line[0]


@pytest.fixture
def there(line: tuple[Connection, There]) -> There:
    return line[1]


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered, connection: Connection) -> CrmCompany:
    return due(company_of(customer(world), connection))


def due(company: CrmCompany, *, at: datetime = AT) -> CrmCompany:
    make_due(CrmCompany.objects.filter(pk=company.pk), at=at)
    return fresh(company)


def fresh(company: CrmCompany) -> CrmCompany:
    return CrmCompany.objects.select_related("account", "connection").get(pk=company.pk)


def says(company: CrmCompany, at: datetime = AT) -> dict[str, object]:
    """What should stand there, as `There.says` tells it."""
    parts = rendered([fresh(company)], at=at)[company.pk]
    told = {one.key: (one.company, counted(one.fields)) for part, one in parts.items() if part != COMPANY}
    return {company.external_id: counted(parts[COMPANY].fields)} | told


def test_what_stands_here_is_written_and_then_nothing(acme: CrmCompany, connection: Connection, there: There) -> None:
    assert write_due(connection, at=AT) == 1
    row = fresh(acme)
    assert there.says() == says(acme)
    assert (row.to_write_at, row.written_at, row.write_failed) == (None, AT, "")
    due(acme)
    assert (write_due(connection, at=SOON), len(there.calls)) == (0, 1)
    assert fresh(acme).to_write_at is None


def test_the_company_goes_before_its_entitlements(acme: CrmCompany, connection: Connection, there: There) -> None:
    write_due(connection, at=AT)
    assert there.calls[0][0] == COMPANY
    assert there.calls[0][1:] == sorted(there.calls[0][1:])


def test_only_what_differs_is_sent(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:  # fmt: skip
    write_due(connection, at=AT)
    used(account_of(acme), world.calls, 900)
    due(acme)
    write_due(connection, at=SOON)
    assert there.calls[1] == [COMPANY, "acme.calls"]


def account_of(company: CrmCompany) -> Account:
    assert company.account is not None
    return company.account


def test_many_go_in_one_call(connection: Connection, there: There, world: Metered) -> None:
    for place in range(5):
        due(company_of(customer(world, f"customer-{place}"), connection))
    assert (write_due(connection, at=AT), len(there.calls)) == (5, 1)
    assert AT_ONCE >= 100


def test_who_waits_longest_goes_first(
    connection: Connection, there: There, world: Metered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.integrations.crm.writing.AT_ONCE", 1)
    for place, minutes in enumerate((5, 1, 3)):
        due(company_of(customer(world, f"c{place}"), connection), at=AT - timedelta(minutes=minutes))
    write_due(connection, at=AT)
    assert [call[1].split(".")[0] for call in there.calls] == ["c0", "c2", "c1"]


def test_it_stops_when_it_is_enough(
    connection: Connection, there: There, world: Metered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.integrations.crm.writing.AT_ONCE", 1)
    for place in range(3):
        due(company_of(customer(world, f"c{place}"), connection))
    assert write_due(connection, at=AT, enough=lambda: bool(there.calls)) == 1
    assert CrmCompany.objects.filter(to_write_at__isnull=False).count() == 2


def test_who_lost_the_turn_while_sending_leaves_it_to_be_written_once_more(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:
    """Another went on, and what it wrote is newer than what this one's answer comes for."""

    def another_goes_on(rows: object) -> None:
        there.before = None
        used(account_of(acme), world.calls, 900)
        due(acme, at=SOON)
        write_due(connection, at=SOON)
        assert there.says() == says(acme, SOON)

    def hold() -> None:
        if there.calls:
            raise TurnLost

    there.before = another_goes_on
    with pytest.raises(TurnLost):
        write_due(connection, at=AT, hold=hold)
    assert there.says() != says(acme, SOON)
    write_due(connection, at=SOON)
    assert there.says() == says(acme, SOON)


# What goes wrong -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fault", [FaultKind.LOCKED, FaultKind.AWAY, FaultKind.QUOTA])
def test_what_is_locked_is_tried_again_alone(
    acme: CrmCompany, connection: Connection, there: There, fault: FaultKind
) -> None:
    there.faults["acme.calls"] = [(fault, "unable to obtain exclusive access")]
    write_due(connection, at=AT)
    row = fresh(acme)
    assert (row.write_failed, row.write_tries, row.to_write_at) == ("unable to obtain exclusive access", 1, AT)
    assert row.write_after is not None
    assert row.write_after > AT
    assert write_due(connection, at=AT) == 0
    assert write_due(connection, at=row.write_after) == 1
    assert there.calls[1] == ["acme.calls"]
    assert (fresh(acme).write_failed, fresh(acme).write_after, fresh(acme).write_tries) == ("", None, 0)


def test_waits_grow(acme: CrmCompany, connection: Connection, there: There) -> None:
    there.faults["acme.calls"] = [(FaultKind.LOCKED, "locked")] * 12
    at, waits = AT, []
    for _ in range(12):
        write_due(connection, at=at)
        until = fresh(acme).write_after or at
        waits.append(until - at)
        at = until
    assert waits == sorted(waits)
    assert waits[-1] <= timedelta(hours=6)


def test_what_is_refused_is_shown_and_not_sent_again(acme: CrmCompany, connection: Connection, there: There) -> None:
    there.faults["acme.calls"] = [(FaultKind.INVALID, "Segment__c is required")]
    write_due(connection, at=AT)
    finding = CrmFinding.objects.get(kind=CrmFindingKind.NOT_WRITTEN)
    assert finding.words == "The desk couldn’t write the record of API calls: Segment__c is required"
    assert (finding.subject, finding.about) == (f"company:{acme.external_id}", "acme.calls")
    row = fresh(due(acme))
    assert (row.write_failed, write_due(connection, at=SOON)) == ("Segment__c is required", 0)
    assert (len(there.calls), fresh(acme).write_failed) == (1, "Segment__c is required")


def test_once_something_changes_it_is_sent_again_and_the_finding_is_settled(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:
    there.faults["acme.calls"] = [(FaultKind.INVALID, "Segment__c is required")]
    write_due(connection, at=AT)
    used(account_of(acme), world.calls, 10)
    due(acme)
    write_due(connection, at=SOON)
    assert "acme.calls" in there.calls[1]
    assert CrmFinding.objects.get().state == FindingState.MENDED
    assert (fresh(acme).write_failed, there.says() == says(acme)) == ("", True)


def test_a_person_has_it_tried_again(acme: CrmCompany, connection: Connection, there: There) -> None:
    there.faults[COMPANY] = [(FaultKind.INVALID, "no right to Account.Desk_Plan__c")] * 2
    write_due(connection, at=AT)
    assert try_again(CrmCompany.objects.filter(pk=acme.pk), at=SOON) == 1
    write_due(connection, at=SOON)
    assert there.calls[1] == [COMPANY]
    try_again(CrmCompany.objects.filter(pk=acme.pk), at=SOON)
    write_due(connection, at=SOON)
    assert (there.says() == says(acme), CrmFinding.objects.get().state) == (True, FindingState.MENDED)


def test_a_record_that_somebody_deleted_is_made_anew(acme: CrmCompany, connection: Connection, there: There) -> None:
    there.faults["acme.calls"] = [(FaultKind.GONE, "entity is deleted")]
    write_due(connection, at=AT)
    assert fresh(acme).to_write_at is not None
    write_due(connection, at=SOON)
    assert (there.calls[1], there.says() == says(acme)) == (["acme.calls"], True)


def test_a_company_that_is_gone_there_is_looked_at_again(
    acme: CrmCompany, connection: Connection, there: There
) -> None:
    there.gone.add(acme.external_id)
    write_due(connection, at=AT)
    row = fresh(acme)
    assert (row.due_at, row.to_write_at, CrmFinding.objects.count()) == (AT, None, 0)


@pytest.mark.parametrize("error", [Later("busy", after=timedelta(minutes=5)), LoginRefused("no"), TimeoutError()])
def test_where_it_cant_be_asked_everything_waits(
    acme: CrmCompany, connection: Connection, there: There, error: Exception
) -> None:
    def away(_rows: object) -> None:
        raise error

    there.before = away
    with pytest.raises(type(error)):
        write_due(connection, at=AT)
    row = fresh(acme)
    assert (row.to_write_at, set(read_sent(row.written).records.values())) == (AT, {""})  # nobody knows what it took


def test_killed_after_sending_the_same_is_sent_once_more(
    acme: CrmCompany, connection: Connection, there: There
) -> None:
    def killed(_rows: object) -> None:
        raise Killed

    there.after = killed
    with pytest.raises(Killed):
        write_due(connection, at=AT)
    there.after = None
    write_due(connection, at=SOON)
    assert (there.calls[0] == there.calls[1], there.says() == says(acme)) == (True, True)


def test_killed_while_it_was_somebody_elses_nothing_is_left_behind(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:
    def killed(_rows: object) -> None:
        raise Killed

    there.after = killed
    with pytest.raises(Killed):
        write_due(connection, at=AT)
    there.after = None
    linked(acme, customer(world, "beta"))
    write_due(connection, at=SOON)
    assert there.says() == says(acme)
    assert {key.split(".")[0] for key in there.records} == {"beta"}


def test_killed_with_a_change_that_was_taken_back_it_is_written_back(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:
    def killed(_rows: object) -> None:
        raise Killed

    write_due(connection, at=AT)
    used(account_of(acme), world.calls, 900)
    due(acme)
    there.after = killed
    with pytest.raises(Killed):
        write_due(connection, at=AT)
    there.after = None
    used(account_of(acme), world.calls, 0)
    write_due(connection, at=SOON)
    assert there.says() == says(acme)


def test_what_changes_while_it_is_sent_is_written_afterwards(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:
    def meanwhile(_rows: object) -> None:
        there.after = None
        used(account_of(acme), world.calls, 500)
        due(acme)

    there.after = meanwhile
    write_due(connection, at=AT)
    assert fresh(acme).to_write_at == AT
    write_due(connection, at=SOON)
    assert (there.says() == says(acme), fresh(acme).to_write_at) == (True, None)


# Whose it is ---------------------------------------------------------------------------------------------------------
def linked(company: CrmCompany, account: Account | None) -> None:
    CrmCompany.objects.filter(pk=company.pk).update(account=account)
    due(company)


def test_unlinked_its_records_are_removed_and_its_fields_emptied(
    acme: CrmCompany, connection: Connection, there: There
) -> None:
    write_due(connection, at=AT)
    linked(acme, None)
    write_due(connection, at=SOON)
    assert there.says() == {}


def test_linked_to_another_the_former_ones_records_give_way(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:
    write_due(connection, at=AT)
    linked(acme, customer(world, "beta"))
    write_due(connection, at=SOON)
    assert there.says() == says(acme)
    assert {key.split(".")[0] for key in there.records} == {"beta"}


def test_two_that_change_places_keep_all_their_records(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:
    beta = due(company_of(customer(world, "beta"), connection))
    write_due(connection, at=AT)
    one, other = account_of(acme), account_of(beta)
    linked(acme, other)
    linked(beta, one)
    write_due(connection, at=SOON)
    assert there.says() == says(acme) | says(beta)


def test_a_second_company_takes_over_from_one_that_is_gone(
    acme: CrmCompany, connection: Connection, there: There
) -> None:
    second = due(company_of(acme.account, connection, id="there-second"))
    write_due(connection, at=AT)
    assert {company for company, _ in there.records.values()} == {acme.external_id}
    CrmCompany.objects.filter(pk=acme.pk).update(gone=True)
    due(acme)
    due(second)
    write_due(connection, at=SOON)
    assert {company for company, _ in there.records.values()} == {"there-second"}
    assert read_sent(fresh(acme).written).entitlements == frozenset()


def test_records_that_a_company_left_to_another_go_where_that_has_them_no_more(
    acme: CrmCompany, connection: Connection, there: There, world: Metered
) -> None:
    write_due(connection, at=AT)
    bare = account("bare")
    second = company_of(acme.account, connection, id="there-second")
    linked(acme, bare)
    set_standing(account=account_of(second), standing=Standing.CLOSED, reason="Over", by=SYSTEM, at=AT)
    write_due(connection, at=SOON)
    write_due(connection, at=SOON)
    assert {company for company, _ in there.records.values()} == {"there-second"}
    assert {fields["granted"] for _, fields in there.records.values()} == {False}


def test_deleted_there_with_nobody_to_take_over_its_records_go(
    acme: CrmCompany, connection: Connection, there: There
) -> None:
    write_due(connection, at=AT)
    CrmCompany.objects.filter(pk=acme.pk).update(gone=True)
    due(acme)
    write_due(connection, at=SOON)
    assert there.records == {}


# What it costs -------------------------------------------------------------------------------------------------------
def test_a_company_more_costs_no_statement(connection: Connection, there: There, world: Metered) -> None:
    few, many = (
        [company_of(customer(world, f"customer-{number}-{place}"), connection) for place in range(number)]
        for number in (2, 12)
    )
    assert statements(connection, few) == statements(connection, many)
    assert there.sent == sum(len(rendered([one], at=AT)[one.pk]) for one in (*few, *many))
    assert statements(connection, few) == statements(connection, many)


def statements(connection: Connection, companies: list[CrmCompany]) -> int:
    """For all of them; also where nothing differs from what was written."""
    for one in companies:
        due(one)
    with CaptureQueriesContext(database) as asked:
        write_due(connection, at=AT)
    return len(asked)
