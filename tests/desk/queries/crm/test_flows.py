"""How flows stand, for the page that shows them; and the figures for whoever watches the desk."""

from datetime import timedelta

import pytest

from desk.domain.crm.flows import Flow
from desk.models import CrmCalls, CrmFlow
from desk.queries.crm.figures import crm_figures
from desk.queries.crm.flows import Progress, calls_shown, failed_of, flows_shown
from journal.actions.connections import pause
from journal.domain.actor import SYSTEM
from tests.desk.flowing import company, deal, flowing, the
from tests.desk.mapped import crm
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(minutes=30)


def test_before_anything_is_switched_on_all_of_them_are_shown():
    shown = flows_shown(crm(), at=AT)
    assert [(one.flow, one.state.words, one.waiting, one.progress) for one in shown] == [
        (flow, "Not switched on", 0, None) for flow in Flow
    ]
    assert not CrmFlow.objects.exists()


def test_what_waits_and_what_failed():
    connection = flowing()
    CrmFlow.objects.update(mark_at=AT, last_ok_at=NOW)
    deal(connection, "waits", due_at=NOW - timedelta(minutes=6))
    deal(connection, "failed", due_at=NOW + timedelta(hours=1), failed="Locked", tries=3)
    deal(connection, "given up", failed="Locked", tries=8)
    company(connection, "w", to_write_at=NOW, write_failed="A rule of theirs", write_tries=1)
    companies, deals, out = flows_shown(connection, at=NOW)
    assert (deals.waiting, deals.failed, deals.given_up, deals.too_far) == (2, 2, 1, True)
    assert (companies.waiting, companies.failed, companies.too_far) == (0, 0, False)
    assert (out.waiting, out.failed, out.given_up) == (1, 1, 0)
    assert {row.external_id for row in failed_of(the(connection, Flow.DEALS))} == {"failed", "given up"}


def test_a_first_reading_shows_how_far_it_has_come():
    connection = flowing()
    CrmFlow.objects.filter(flow=Flow.COMPANIES).update(expected=3)
    company(connection, "a", told_at=AT)
    company(connection, "b")
    companies, deals, out = flows_shown(connection, at=NOW)
    assert companies.progress == Progress(1, 3)
    assert companies.progress.percent == 33
    assert deals.progress == Progress(0, None)
    assert deals.progress.percent is None
    assert out.progress is None


def test_progress_is_never_said_to_be_done_before_it_is():
    assert Progress(900, 800).percent == 99


def test_a_connection_that_rests_is_said_to():
    connection = flowing()
    pause(connection=connection, by=SYSTEM, at=AT)
    connection.refresh_from_db()
    assert {one.rests for one in flows_shown(connection, at=NOW)} == {True}


def test_the_calls_of_its_day_as_it_said_last():
    connection = crm()
    assert calls_shown(connection, at=AT).used_percent is None
    CrmCalls.objects.create(connection=connection, used=30, limit=120, told_at=AT)
    assert calls_shown(connection, at=AT).used_percent == 25
    assert calls_shown(connection, at=AT + timedelta(hours=1)).used_percent is None


def test_the_figures_for_whoever_watches():
    connection = flowing()
    CrmFlow.objects.update(last_ok_at=NOW)
    CrmCalls.objects.create(connection=connection, used=30, limit=120, told_at=AT)
    deal(connection, "a", due_at=NOW - timedelta(minutes=6))
    deal(connection, "b", failed="Locked")
    told = {(one.name, one.labels.get("flow", "")): one.value for one in crm_figures(at=NOW)}
    assert told["desk_crm_lag_seconds", "deals"] == 360
    assert told["desk_crm_lag_seconds", "companies"] == 0
    assert told["desk_crm_failed_records", "deals"] == 1
    assert (told["desk_crm_calls_used", ""], told["desk_crm_calls_limit", ""]) == (30, 120)
    open_ = [one for one in crm_figures(at=NOW) if one.name == "desk_crm_findings_open"]
    assert {(one.labels["kind"], one.value) for one in open_} >= {("whose", 0), ("conflict", 0)}
    assert open_[0].labels["connection"] == connection.key
