"""What somebody changed there in the fields that the desk writes: told, and written again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from desk.actions.crm.findings import keep_as_is
from desk.actions.crm.marking import make_due
from desk.actions.crm.written import note_changed_there
from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.outgoing import COMPANY
from desk.domain.crm.sent import read_sent
from desk.domain.crm.told import Company
from desk.integrations.crm.writing import write_due
from desk.models import CrmCompany, CrmFinding
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.desk.integrations.crm.written_there import There, company_of, connected
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def line(db: None) -> tuple[Connection, There]:
    return connected()


@pytest.fixture
def acme(line: tuple[Connection, There]) -> CrmCompany:
    """Written once, at AT."""
    company = company_of(customer(metered()), line[0])
    make_due(CrmCompany.objects.filter(pk=company.pk), at=AT)
    write_due(line[0], at=AT)
    return fresh(company)


def fresh(company: CrmCompany) -> CrmCompany:
    return CrmCompany.objects.select_related("account", "connection").get(pk=company.pk)


def seen(company: CrmCompany, *, written_at: datetime = AT, gone: bool = False, **changed: str) -> Company:
    ours: Mapping[str, str] = {**read_sent(company.written).fields, "written_at": written_at.isoformat(), **changed}
    return Company("there", company.external_id, company.name, AT, gone=gone, ours=ours)


def noted(company: CrmCompany, told: Company, *, at: datetime = AT + MINUTE) -> tuple[str, ...]:
    return note_changed_there(row=fresh(company), company=told, by=SYSTEM, at=at)


def test_our_own_writing_that_comes_back_moves_nothing(acme: CrmCompany, line: tuple[Connection, There]) -> None:
    assert noted(acme, seen(acme)) == ()
    assert (fresh(acme).to_write_at, CrmFinding.objects.count()) == (None, 0)
    assert write_due(line[0], at=AT + MINUTE) == 0


def test_what_somebody_changed_is_told_and_written_again(acme: CrmCompany, line: tuple[Connection, There]) -> None:
    connection, there = line
    there.companies[acme.external_id] = {**there.companies[acme.external_id], "plan": "Enterprise"}
    assert noted(acme, seen(acme, plan="Enterprise")) == (
        "Plan was changed there to “Enterprise”; the desk wrote “Pro”.",
    )
    finding = CrmFinding.objects.get()
    assert (finding.kind, finding.about, finding.subject) == (
        CrmFindingKind.CONFLICT, "plan", f"company:{acme.external_id}",
    )  # fmt: skip
    assert finding.evidence == {"theirs": "Enterprise", "ours": "Pro"}
    assert write_due(connection, at=AT + MINUTE) == 1
    assert there.calls[-1] == [COMPANY]
    assert there.companies[acme.external_id]["plan"] == "Pro"


def test_each_field_is_a_finding_of_its_own(acme: CrmCompany) -> None:
    assert len(noted(acme, seen(acme, plan="Enterprise", phase="Lost"))) == 2
    assert {one.about for one in CrmFinding.objects.all()} == {"plan", "phase"}


def test_what_was_seen_before_we_wrote_last_is_no_change(acme: CrmCompany) -> None:
    assert noted(acme, seen(acme, plan="Free", written_at=AT - MINUTE)) == ()


def test_what_something_there_changes_over_and_over_is_put_right_once_an_hour(
    acme: CrmCompany, line: tuple[Connection, There]
) -> None:
    connection, there = line
    at = AT
    for minute in range(1, 121):
        at = AT + minute * MINUTE
        last = datetime.fromisoformat(read_sent(fresh(acme).written).at)
        noted(acme, seen(fresh(acme), plan="Enterprise", written_at=last), at=at)
        write_due(connection, at=at)
    assert 2 <= len(there.calls) <= 4
    assert CrmFinding.objects.count() == 1


def test_another_change_of_the_field_is_put_right_at_once(acme: CrmCompany, line: tuple[Connection, There]) -> None:
    noted(acme, seen(acme, plan="Enterprise"))
    write_due(line[0], at=AT + MINUTE)
    noted(acme, seen(acme, plan="Free", written_at=AT + MINUTE), at=AT + 2 * MINUTE)
    assert write_due(line[0], at=AT + 2 * MINUTE) == 1


def test_nobodys_company_may_say_what_it_likes(acme: CrmCompany) -> None:
    told = seen(acme, plan="Enterprise")
    CrmCompany.objects.filter(pk=acme.pk).update(account=None)
    assert noted(acme, told) == ()


def test_gone_there_its_records_go_too(acme: CrmCompany, line: tuple[Connection, There]) -> None:
    CrmCompany.objects.filter(pk=acme.pk).update(gone=True)
    assert noted(acme, seen(acme, gone=True)) == ()
    write_due(line[0], at=AT + MINUTE)
    assert line[1].records == {}


def test_gone_there_another_company_of_the_account_takes_its_records(
    acme: CrmCompany, line: tuple[Connection, There]
) -> None:
    company_of(acme.account, line[0], id="there-second")
    CrmCompany.objects.filter(pk=acme.pk).update(gone=True)
    noted(acme, replace(seen(acme), gone=True))
    write_due(line[0], at=AT + MINUTE)
    assert {company for company, _ in line[1].records.values()} == {"there-second"}


def test_back_from_where_it_was_deleted_everything_is_written_again(
    acme: CrmCompany, line: tuple[Connection, There]
) -> None:
    connection, there = line
    CrmCompany.objects.filter(pk=acme.pk).update(gone=True)
    noted(acme, seen(acme, gone=True))
    write_due(connection, at=AT + MINUTE)
    assert there.records == {}
    CrmCompany.objects.filter(pk=acme.pk).update(gone=False)
    noted(acme, seen(fresh(acme)), at=AT + 2 * MINUTE)
    write_due(connection, at=AT + 2 * MINUTE)
    assert "acme.calls" in there.records


def test_what_ends_within_the_hour_is_written_then_all_the_same(acme: CrmCompany) -> None:
    noted(acme, seen(acme, plan="Enterprise"))
    ends = AT + 10 * MINUTE
    CrmCompany.objects.filter(pk=acme.pk).update(to_write_at=None, next_at=ends)
    noted(acme, seen(acme, plan="Enterprise"))
    assert fresh(acme).next_at == ends


def test_what_a_person_let_be_is_put_right_once_an_hour_too(acme: CrmCompany, line: tuple[Connection, There]) -> None:
    noted(acme, seen(acme, plan="Enterprise"))
    keep_as_is(finding=CrmFinding.objects.get(), reason="A flow of theirs", by=SYSTEM, at=AT + MINUTE)
    write_due(line[0], at=AT + MINUTE)
    noted(acme, seen(acme, plan="Enterprise", written_at=AT + MINUTE), at=AT + 2 * MINUTE)
    assert write_due(line[0], at=AT + 2 * MINUTE) == 0
    assert fresh(acme).next_at == AT + 61 * MINUTE
