"""Each flow has its turn, whatever the others meet; and a worker that is killed anywhere loses nothing and repeats nothing."""

import copy
import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction

from desk.actions.crm.turns import LEASE
from desk.domain.crm.flows import Flow
from desk.domain.crm.outgoing import COMPANY
from desk.domain.crm.told import DealState
from desk.integrations.crm.port import Declined, LoginRefused
from desk.integrations.crm.running import Movers, run_due
from desk.models import CrmCalls, CrmCompany, CrmDeal, CrmFlow
from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Standing
from entitlements.models import ContractLine
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.models import AuditEvent
from tests.desk.domain.crm.deals import line
from tests.desk.flowing import flowing, the
from tests.desk.mapped import switched_on, team
from tests.entitlements.world import AT, account, catalog

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "words", "wait"),
    [
        (Later("Our CRM asks to be left alone", after=7 * MINUTE), "Our CRM asks to be left alone", 7 * MINUTE),
        (LoginRefused("Enter a new token"), "Enter a new token", MINUTE),
        (Declined("No such object"), "No such object", 5 * MINUTE),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero", MINUTE),
    ],
)
def test_what_a_run_meets_is_written_at_its_flow(error, words, wait, memory, clock):
    connection = flowing((Flow.COMPANIES,))
    memory.fails("changed", error)
    run_due(clock=clock)
    row = the(connection, Flow.COMPANIES)
    assert (row.trouble, row.trouble_since, row.next_run_at) == (words, clock(), clock() + wait)
    assert (row.last_ok_at, row.lease_until) == (None, None)


def test_no_secret_stands_in_what_a_run_met(memory, clock):
    connection = flowing((Flow.COMPANIES,))
    memory.fails("changed", ValueError("refused console_sign_4711"))
    run_due(clock=clock)
    assert "console_sign" not in the(connection, Flow.COMPANIES).trouble


def test_the_others_go_on(memory, clock):
    one, other = flowing((Flow.COMPANIES,)), flowing((Flow.COMPANIES,), name="Other")
    memory.company("a")
    clock.passes(60)
    memory.fails("changed", Declined("No such object"))
    assert run_due(clock=clock) == 2
    assert [the(each, Flow.COMPANIES).trouble for each in (one, other)] == ["No such object", ""]
    assert CrmCompany.objects.filter(connection=other, told_at__isnull=False).count() == 1


def test_the_fewer_calls_are_left_the_later_is_the_next_run(memory, clock):
    connection = flowing((Flow.COMPANIES,))
    CrmCalls.objects.create(connection=connection, used=50, limit=100, told_at=clock())
    run_due(clock=clock)
    assert the(connection, Flow.COMPANIES).next_run_at == clock() + MINUTE


def test_what_changes_here_is_written_by_the_next_run(memory, clock):
    connection, acme = flowing((Flow.ENTITLEMENTS,)), account("acme")
    CrmCompany.objects.create(connection=connection, external_id="a", name="Acme", account=acme, told_at=clock())
    run_due(clock=clock)
    assert memory.written["a", COMPANY].fields["account_key"] == "acme"
    memory.written.clear()
    clock.passes(60)
    set_standing(account=acme, standing=Standing.SUSPENDED, reason="Fraud", by=SYSTEM, at=clock())
    run_due(clock=clock)
    assert memory.written["a", COMPANY].fields["phase"] == "Suspended"


def test_a_process_that_ends_begins_nothing_more(memory, clock):
    connection = flowing((Flow.COMPANIES,))
    movers = Movers()
    assert movers.end(seconds=1)
    movers.wake(clock=clock)
    assert movers.end(seconds=5)
    assert the(connection, Flow.COMPANIES).last_run_at is None


# Killed ---------------------------------------------------------------------------------------------------------------
KILLS = int(os.environ.get("DESK_KILLS", "30"))  # how many places of a run; raise it to try each statement


class Killed(BaseException):
    """Nothing catches it, as nothing catches the end of a process."""


class Statements:
    """Counts what goes to the database, and ends the process before the one that was chosen."""

    def __init__(self, last: int | None = None) -> None:
        self.last, self.number = last, 0

    def __call__(self, execute, *args):
        self.number += 1
        if self.number == self.last:
            raise Killed
        return execute(*args)


@pytest.fixture
def world(memory, clock):
    """Two companies, one of them ours; three deals won, one of them of nobody; and one that was amended meanwhile."""
    catalog()
    connection = flowing()
    switched_on(connection, team())
    account("acme")
    memory.page_size = 2
    memory.company("c1", own_key="acme")
    memory.company("c2", name="Nobody")
    for id, company in (("d1", "c1"), ("d2", "c1"), ("d3", "c2")):
        told = {"company": company, "state": DealState.WON, "closed_on": AT.date()}
        memory.deal(id, **told, lines=(line(product="TEAM-SEAT"),))
    clock.passes(60)
    return memory


def lived(memory, clock, *, killed_at: int | None = None) -> tuple[object, int]:
    """A run that dies at a statement, and those that follow; what came of it, and of how many statements it was."""
    at, kept = clock.at, copy.deepcopy((memory.companies, memory.deals, memory.stamps))
    with transaction.atomic():
        statements = Statements(killed_at)
        with database.execute_wrapper(statements), suppress(Killed):
            run_due(clock=clock)
        _goes_on(clock)
        for id in ("d1", "d2"):
            memory.line(id, line(product="TEAM-SEAT", quantity="9"))
        _goes_on(clock)
        came = held(memory)
        transaction.set_rollback(True)
    clock.at, (memory.companies, memory.deals, memory.stamps) = at, kept
    memory.written.clear()
    return came, statements.number


def _goes_on(clock) -> None:
    """Another worker, once the lease of the former one has run out."""
    for _ in range(2):
        clock.passes(LEASE.total_seconds() + 60)
        run_due(clock=clock)


def held(memory) -> object:
    """What was made, and each deed by its verb and whom it was about: twice would count twice."""
    lines = ContractLine.objects.values_list("version__contract__crm_deals__external_id", "version__number", "quantity")
    return (
        Counter(lines),
        Counter(AuditEvent.objects.exclude(verb="crm_finding:open").values_list("verb", "account_key")),
        set(CrmDeal.objects.values_list("external_id", "state", "due_at", "failed")),
        set(CrmFlow.objects.values_list("flow", "trouble", "after")),
        {where: row.digest for where, row in memory.written.items()},
    )


def test_a_worker_that_is_killed_at_any_statement_loses_nothing_and_repeats_nothing(world, clock):
    straight, statements = lived(world, clock)
    assert straight[1]["contract:sign", "acme"] == 4, "two contracts, each amended once"
    step = max(statements // KILLS, 1)
    for number in range(1, statements + 1, step):
        came, _ = lived(world, clock, killed_at=number)
        assert came == straight, f"killed at statement {number} of {statements}"
