"""A person switches flows on, pauses them and lets them go on, and has what failed tried again."""

from datetime import timedelta

import pytest

from desk.actions.crm.flows import pause, resume, retry, run_now, switch_on
from desk.actions.crm.turns import next_turn
from desk.domain.crm.flows import Flow, FlowState
from desk.models import CrmCompany, CrmDeal, CrmFlow
from journal.actions.connections import pause as pause_connection
from journal.actions.receiving import let_rest
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.desk.flowing import company, deal, flowing, the
from tests.desk.mapped import switched_on, team
from tests.entitlements.world import AT, catalog

pytestmark = pytest.mark.django_db
COMPANIES, DEALS, ENTITLEMENTS = Flow
LATER = AT + timedelta(hours=1)


def test_a_flow_is_switched_on_and_runs_at_once(finance):
    connection = flowing(())
    row = switch_on(connection=connection, flow=COMPANIES, by=finance, at=AT)
    assert (row.state, row.state_at, row.next_run_at) == ("active", AT, AT)
    assert next_turn(at=AT) == row
    event = AuditEvent.objects.get(verb="crm_flow:switch_on")
    assert (event.actor_name, event.changes) == ("Finance Person", {"state": ["Not switched on", "On"]})


def test_deals_come_in_once_companies_do_and_a_mapping_is_in_force(finance):
    connection = flowing(())
    with pytest.raises(Refusal, match="Switch on “Companies come in” first"):
        switch_on(connection=connection, flow=DEALS, by=finance, at=AT)
    switch_on(connection=connection, flow=COMPANIES, by=finance, at=AT)
    with pytest.raises(Refusal, match="No mapping is in force"):
        switch_on(connection=connection, flow=DEALS, by=finance, at=AT)
    catalog()
    switched_on(connection, team())
    assert switch_on(connection=connection, flow=DEALS, by=finance, at=AT).state == FlowState.ACTIVE


def test_entitlements_go_out_to_companies_that_came_in(finance):
    connection = flowing(())
    with pytest.raises(Refusal, match="where entitlements are written"):
        switch_on(connection=connection, flow=ENTITLEMENTS, by=finance, at=AT)


def test_what_is_on_isnt_switched_on_again(finance):
    with pytest.raises(Stale, match="was switched on before"):
        switch_on(connection=flowing(), flow=COMPANIES, by=finance, at=AT)


def test_nothing_is_switched_on_at_a_connection_that_rests(finance):
    connection = flowing(())
    pause_connection(connection=connection, by=SYSTEM, at=AT)
    connection.refresh_from_db()
    with pytest.raises(Refusal, match="is paused, so nobody asks it"):
        switch_on(connection=connection, flow=COMPANIES, by=finance, at=AT)


def test_a_flow_is_paused_with_a_reason_and_goes_on_where_it_was(finance):
    connection = flowing()
    CrmFlow.objects.update(after="page 3", trouble="Away", trouble_since=AT)
    row = pause(connection=connection, flow=COMPANIES, reason=" Wrong links ", by=finance, at=LATER)
    assert (row.state, row.state_reason, row.state_at, row.after) == ("paused", "Wrong links", LATER, "page 3")
    row = resume(connection=connection, flow=COMPANIES, by=finance, at=LATER)
    assert (row.state, row.state_reason, row.after, row.trouble, row.next_run_at) == ("active", "", "page 3", "", LATER)
    assert [event.reason for event in AuditEvent.objects.filter(verb__startswith="crm_flow").order_by("seq")] == [
        "Wrong links",
        "",
    ]


def test_nobody_pauses_without_saying_why_nor_what_is_not_on(finance):
    connection = flowing((COMPANIES,))
    with pytest.raises(Invalid, match="Say why"):
        pause(connection=connection, flow=COMPANIES, reason=" ", by=finance, at=AT)
    with pytest.raises(Stale, match="is not on"):
        pause(connection=connection, flow=DEALS, reason="Wrong", by=finance, at=AT)
    with pytest.raises(Stale, match="is not paused"):
        resume(connection=connection, flow=COMPANIES, by=finance, at=AT)


def test_a_run_is_asked_for_now(finance):
    connection = flowing()
    CrmFlow.objects.update(next_run_at=LATER)
    run_now(connection=connection, flow=DEALS, by=finance, at=AT)
    assert next_turn(at=AT) == the(connection, DEALS)


def test_a_run_is_not_asked_for_while_the_crm_wants_to_be_left_alone(finance):
    connection = flowing()
    let_rest(connection, Later("Too many calls", after=timedelta(minutes=5)), at=AT)
    CrmFlow.objects.update(trouble="Too many calls")
    with pytest.raises(Refusal, match="can’t be asked before 09:05 UTC: Too many calls"):
        run_now(connection=connection, flow=DEALS, by=finance, at=AT)


def test_what_failed_is_tried_again_all_of_it_or_one(finance):
    connection = flowing()
    gave_up = deal(connection, "a", tries=8, failed="Locked")
    other = deal(connection, "b", tries=2, failed="Away", due_at=LATER)
    deal(connection, "c", told_at=AT)
    assert retry(connection=connection, flow=DEALS, ids=[gave_up.pk], by=finance, at=AT) == 1
    assert retry(connection=connection, flow=DEALS, by=finance, at=AT) == 2
    rows = {row.pk: (row.due_at, row.tries) for row in CrmDeal.objects.exclude(failed="")}
    assert rows == {gave_up.pk: (AT, 0), other.pk: (AT, 0)}
    assert AuditEvent.objects.filter(verb="crm_flow:retry").count() == 2


def test_what_wasnt_written_is_tried_again(finance):
    connection = flowing()
    company(connection, write_failed="A rule of theirs", write_tries=8, write_after=LATER)
    retry(connection=connection, flow=ENTITLEMENTS, by=finance, at=AT)
    row = CrmCompany.objects.get()
    assert (row.to_write_at, row.write_after, row.write_tries) == (AT, None, 0)


def test_nothing_is_tried_again_where_nothing_failed(finance):
    connection = flowing()
    deal(connection, "a", told_at=AT)
    with pytest.raises(Stale, match="Nothing of it waits"):
        retry(connection=connection, flow=DEALS, by=finance, at=AT)


@pytest.mark.parametrize("do", [switch_on, resume, run_now, retry, lambda **told: pause(reason="No", **told)])
def test_only_those_do_who_may_set_a_crm_up(do, support_agent):
    with pytest.raises(NotAllowed, match="may not set up crm"):
        do(connection=flowing(), flow=COMPANIES, by=support_agent, at=AT)
