"""Whose turn a flow is: of two workers one has it, and one that was killed gives it up by itself."""

from datetime import timedelta

import pytest

from desk.actions.crm.flows import pause
from desk.actions.crm.turns import LEASE, Ran, TurnLost, end_troubled, end_turn, hold_on, next_turn, take_turn
from desk.domain.crm.flows import Flow
from desk.models import CrmFlow
from journal.actions.connections import pause as pause_connection
from journal.actions.receiving import let_rest
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.models import ConnectionHealth
from tests.desk.flowing import flowing, the
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
COMPANIES, DEALS = Flow.COMPANIES, Flow.DEALS
SOON = AT + timedelta(seconds=20)


def test_each_flow_has_one_worker_at_a_time():
    flowing()
    taken = [next_turn(at=AT) for _ in range(4)]
    assert [row and row.flow for row in taken] == ["companies", "deals", "entitlements", None]


def test_who_waits_longest_comes_first():
    connection = flowing((COMPANIES, DEALS))
    CrmFlow.objects.filter(flow=COMPANIES).update(next_run_at=AT)
    CrmFlow.objects.filter(flow=DEALS).update(next_run_at=AT - timedelta(seconds=1))
    assert next_turn(at=AT) == the(connection, DEALS)


def test_nothing_is_due_before_its_time():
    connection = flowing((COMPANIES,))
    row = next_turn(at=AT)
    assert end_turn(row, Ran(), at=AT, next_run_at=SOON)
    assert next_turn(at=SOON - timedelta(seconds=1)) is None
    assert next_turn(at=SOON) == the(connection, COMPANIES)


def test_a_lease_runs_out_and_its_former_worker_writes_nothing_any_more():
    connection = flowing((COMPANIES,))
    dead = next_turn(at=AT)
    assert next_turn(at=AT + LEASE - timedelta(seconds=1)) is None
    other = next_turn(at=AT + LEASE)
    with pytest.raises(TurnLost):
        hold_on(dead, at=AT + LEASE, after="page 9")
    assert not end_turn(dead, Ran(moved=9), at=AT + LEASE, next_run_at=AT)
    assert not end_troubled(dead, "Away", at=AT + LEASE, next_run_at=AT)
    hold_on(other, at=AT + LEASE, after="page 2")
    row = the(connection, COMPANIES)
    assert (row.after, row.moved_ever, row.trouble) == ("page 2", 0, "")


def test_who_holds_on_keeps_the_turn():
    flowing((COMPANIES,))
    row = next_turn(at=AT)
    hold_on(row, at=AT + LEASE / 2)
    assert next_turn(at=AT + LEASE) is None


def test_a_paused_flow_and_a_paused_connection_lose_their_turn():
    connection = flowing((COMPANIES, DEALS))
    companies, deals = next_turn(at=AT), next_turn(at=AT)
    pause(connection=connection, flow=COMPANIES, reason="Wrong links", by=SYSTEM, at=AT)
    with pytest.raises(TurnLost):
        hold_on(companies, at=AT)
    pause_connection(connection=connection, by=SYSTEM, at=AT)
    with pytest.raises(TurnLost):
        hold_on(deals, at=AT)
    assert next_turn(at=AT + LEASE) is None


def test_a_connection_that_was_asked_to_rest_holds_up_no_other_one():
    resting, other = flowing((COMPANIES,)), flowing((COMPANIES,), name="Other")
    let_rest(resting, Later("Too many calls", after=timedelta(minutes=5)), at=AT)
    assert next_turn(at=SOON).connection == other
    assert next_turn(at=SOON) is None
    assert ConnectionHealth.objects.get(connection=resting).resume_at == AT + timedelta(minutes=5)
    assert next_turn(at=AT + timedelta(minutes=5)).connection == resting


def test_one_may_be_asked_for_by_name_whether_it_is_due_or_not():
    connection = flowing((COMPANIES,))
    CrmFlow.objects.update(next_run_at=SOON)
    assert take_turn(connection=connection, flow=COMPANIES, at=AT) == the(connection, COMPANIES)
    assert take_turn(connection=connection, flow=COMPANIES, at=AT) is None
    assert take_turn(connection=connection, flow=DEALS, at=AT) is None, "it is not switched on"


def test_what_a_run_moved_is_counted_and_an_empty_one_leaves_the_counts():
    connection = flowing((COMPANIES,))
    end_turn(next_turn(at=AT), Ran(3, 2, 1), at=AT, next_run_at=AT)
    end_turn(next_turn(at=AT), Ran(), at=SOON, next_run_at=SOON)
    row = the(connection, COMPANIES)
    assert (row.moved, row.skipped, row.failed, row.moved_ever) == (3, 2, 1, 3)
    assert row.last_ok_at == row.last_run_at == SOON
    end_turn(next_turn(at=SOON), Ran(4), at=SOON, next_run_at=SOON)
    assert the(connection, COMPANIES).moved_ever == 7


def test_trouble_is_kept_since_it_began_and_gone_once_a_run_goes_well():
    connection = flowing((COMPANIES,))
    end_troubled(next_turn(at=AT), "Away", at=AT, next_run_at=AT)
    end_troubled(next_turn(at=AT), "Still away", at=SOON, next_run_at=AT)
    row = the(connection, COMPANIES)
    assert (row.trouble, row.trouble_since, row.last_ok_at) == ("Still away", AT, None)
    end_turn(next_turn(at=AT), Ran(), at=SOON, next_run_at=SOON)
    row = the(connection, COMPANIES)
    assert (row.trouble, row.trouble_since, row.last_ok_at) == ("", None, SOON)


def test_what_was_declined_is_read_from_its_first_page_the_next_time():
    connection = flowing((COMPANIES,))
    row = next_turn(at=AT)
    hold_on(row, at=AT, after="page 7", until_at=AT)
    end_troubled(row, "There is no page 7", at=AT, next_run_at=SOON, anew=True)
    row = the(connection, COMPANIES)
    assert (row.after, row.until_at) == ("", None)
