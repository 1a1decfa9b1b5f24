"""Companies that come in together: what a page of them costs, and that none is doubled or missed within it."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from desk.actions.crm.companies import apply_company, page_of
from desk.actions.crm.linking import leave_out
from desk.actions.crm.setups import change, setup_of
from desk.actions.crm.tickets import take_tickets
from desk.domain.crm.told import Company
from desk.integrations.crm.looking import look_at
from desk.integrations.crm.port import Kind
from desk.models import CrmCompany, CrmFinding
from desk.queries.crm.setups import setup_token
from entitlements.models import Account
from journal.actions.connections import as_actor
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Stale
from journal.models import Connection
from tests.desk.flowing import flowing
from tests.desk.integrations.crm.memory import Memory
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 13


@pytest.fixture
def connection(memory: Memory) -> Connection:
    return flowing()


def chosen(connection: Connection, **choices: Any) -> None:
    change(connection=connection, seen=setup_token(setup_of(connection)), **choices, by=SYSTEM, at=AT)


def costs(connection: Connection, ids: Iterable[str]) -> int:
    with CaptureQueriesContext(database) as asked:
        look_at(connection, Kind.COMPANY, list(ids), at=AT)
    return len([one for one in asked if "SAVEPOINT" not in one["sql"]])


def each(connection: Connection, memory: Memory, name: str) -> float:
    """Statements for each company more in a page, where nothing is asked for the first time."""
    pages = {number: [f"{name}{number}x{place}" for place in range(number)] for number in (1, FEW, MANY)}
    for ids in pages.values():
        for id in ids:
            memory.company(id, name=f"{id} Trading", domain=f"{id}.example")
    few, many = [costs(connection, ids) for ids in pages.values()][1:]
    return (many - few) / (MANY - FEW)


# What it costs -------------------------------------------------------------------------------------------------------
def test_one_that_nobody_can_place_costs_eleven_statements(connection: Connection, memory: Memory) -> None:
    assert each(connection, memory, "doubt") <= 11
    assert CrmFinding.objects.count() == 1 + FEW + MANY


def test_one_that_opens_an_account_costs_thirty_two(connection: Connection, memory: Memory) -> None:
    chosen(connection, opens_accounts=True)
    assert each(connection, memory, "opens") <= 32
    assert Account.objects.count() == 1 + FEW + MANY


def test_one_that_stays_whose_it_is_costs_five(connection: Connection, memory: Memory) -> None:
    chosen(connection, opens_accounts=True)
    ids = [f"c{place}" for place in range(MANY)]
    for id in ids:
        memory.company(id, name=id, domain=f"{id}.example")
    costs(connection, ids)
    assert (costs(connection, ids) - costs(connection, ids[:FEW])) / (MANY - FEW) <= 5


# Never doubled, never missed -----------------------------------------------------------------------------------------
def test_two_of_one_domain_in_one_page_are_one_account(connection: Connection, memory: Memory) -> None:
    chosen(connection, opens_accounts=True)
    for id in ("c1", "c2"):
        memory.company(id, name=f"Gamma {id}", domain="gamma.example")
    look_at(connection, Kind.COMPANY, ["c1", "c2"], at=AT)
    assert CrmCompany.objects.values("account").distinct().count() == Account.objects.count() == 1


def test_one_fits_that_did_not_before_another_of_the_page_was_linked(connection: Connection, memory: Memory) -> None:
    """One's domain is taken over, and is the next one's too."""
    beta = account("beta", name="Beta")
    chosen(connection, masters={"domain": "crm"})
    memory.company("c0", name="Nobody", domain="nobody.example")  # so that domains were asked about by then
    memory.company("c1", name="Beta", own_key="beta", domain="beta.example")
    memory.company("c2", name="Else", domain="beta.example")
    look_at(connection, Kind.COMPANY, ["c0", "c1", "c2"], at=AT)
    assert set(CrmCompany.objects.filter(account=beta).values_list("external_id", flat=True)) == {"c1", "c2"}


def test_what_a_person_said_after_the_page_was_read_is_seen(connection: Connection) -> None:
    told = Company("memory", "c1", "Else", AT)
    ticket = take_tickets(connection=connection, kind=CrmCompany, ids=["c1"], at=AT)["c1"]
    page = page_of(connection, [told])
    leave_out(company=CrmCompany.objects.get(), reason="A supplier", by=SYSTEM, at=AT)
    follow: dict[str, Any] = {"connection": connection, "company": told, "ticket": ticket, "at": AT}
    with pytest.raises(Stale, match="said whose"):
        apply_company(**follow, by=as_actor(connection), page=page)
    assert apply_company(**follow, by=as_actor(connection), page=page).words == "Nothing differed"
    assert not CrmFinding.objects.exists()
