"""Records of entitlements that somebody removed at the CRM are written again within a day, and nothing else is."""

from datetime import timedelta

import pytest

from desk.actions.crm.anew import look_anew
from desk.actions.crm.marking import make_due
from desk.domain.crm.outgoing import COMPANY
from desk.integrations.crm.looking import drain, look_at
from desk.integrations.crm.port import Kind
from desk.integrations.crm.writing import write_due
from desk.models import CrmCompany, CrmFlow
from journal.domain.receiving import Later
from tests.desk.flowing import flowing
from tests.entitlements.world import AT, account, catalog, subscribed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def written(memory):
    """Acme's company with all its records, as they were written; what was asked for so far is forgotten."""
    connection = flowing()
    CrmFlow.objects.update(mark_at=AT)
    acme = account("acme")
    subscribed(acme, catalog().team)
    memory.company("c1", own_key="acme")
    look_at(connection, Kind.COMPANY, ["c1"], at=AT)
    make_due(CrmCompany.objects.all(), at=AT)
    write_due(connection, at=AT)
    assert len(memory.written) > 1
    memory.asked.clear()
    return connection


def night(connection, memory, *, after=DAY):
    """Everything is looked at anew, and what differs is written."""
    memory.clock.at = AT + after
    look_anew(at=AT + after, nightly=True)
    drain(connection, Kind.COMPANY, at=AT + after)
    return write_due(connection, at=AT + after)


def sent(memory):
    return [key for what, keys in memory.asked if what == "write" for key in keys]


def test_what_was_removed_there_is_written_again_and_nothing_else(written, memory):
    here = {name: row.key for name, row in memory.written.items()}
    (gone, key) = next((name, key) for name, key in sorted(here.items()) if name[1] != COMPANY)
    del memory.written[gone]
    assert night(written, memory) == 1
    assert {name: row.key for name, row in memory.written.items()} == here
    assert sent(memory) == [key]


def test_where_all_stands_nothing_is_written(written, memory):
    assert night(written, memory) == 0
    assert sent(memory) == []
    assert [what for what, _ in memory.asked].count("standing") == 1


def test_it_is_asked_about_once_a_day_however_often_the_company_is_looked_at(written, memory):
    night(written, memory)
    for minutes in (1, 2):
        look_at(written, Kind.COMPANY, ["c1"], at=AT + DAY + timedelta(minutes=minutes))
    assert [what for what, _ in memory.asked].count("standing") == 1
    night(written, memory, after=2 * DAY)
    assert [what for what, _ in memory.asked].count("standing") == 2


def test_a_crm_without_a_place_for_them_is_left_alone(written, memory):
    memory.has_records = False
    memory.written = {name: row for name, row in memory.written.items() if name[1] == COMPANY}
    assert night(written, memory) == 0


def test_while_it_cant_be_asked_the_look_itself_goes_through_and_it_is_asked_the_next_time(written, memory):
    memory.written = {name: one for name, one in memory.written.items() if name[1] == COMPANY}
    memory.fails("standing", Later("Too many calls", after=timedelta(minutes=1)))
    with pytest.raises(Later):
        night(written, memory)
    assert CrmCompany.objects.get().due_at is None
    later = memory.clock.at = AT + DAY + timedelta(minutes=5)
    look_at(written, Kind.COMPANY, ["c1"], at=later)
    assert write_due(written, at=later) == 1
