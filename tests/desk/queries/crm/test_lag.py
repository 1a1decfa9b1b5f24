"""A flow is behind by what waits for longest, or by how long nobody could look."""

from datetime import timedelta

import pytest

from desk.domain.crm.flows import Flow
from desk.models import CrmFlow
from desk.queries.crm.lag import lag_of, lags
from journal.actions.connections import pause, resume
from journal.domain.actor import SYSTEM
from tests.desk.flowing import company, deal, flowing, the
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NOW = AT + 30 * MINUTE


def behind(connection, flow) -> timedelta:
    return lag_of(the(connection, flow), at=NOW).behind(at=NOW)


@pytest.fixture
def connection():
    made = flowing()
    CrmFlow.objects.update(last_ok_at=NOW)
    return made


def test_where_nothing_waits_nothing_is_behind(connection):
    assert [one.behind(at=NOW) for one in lags(at=NOW)] == [timedelta(0)] * 3


def test_what_waits_for_longest_counts(connection):
    deal(connection, "a", due_at=NOW - 4 * MINUTE)
    deal(connection, "b", due_at=NOW - 6 * MINUTE)
    company(connection, "c", to_write_at=NOW - 2 * MINUTE)
    assert behind(connection, Flow.DEALS) == 6 * MINUTE
    assert behind(connection, Flow.COMPANIES) == timedelta(0)
    assert behind(connection, Flow.ENTITLEMENTS) == 2 * MINUTE
    assert [one.lag.flow for one in lags(at=NOW) if one.too_far(at=NOW)] == [Flow.DEALS]


def test_so_does_how_long_nobody_could_look(connection):
    CrmFlow.objects.filter(flow=Flow.COMPANIES).update(last_ok_at=NOW - 11 * MINUTE)
    assert behind(connection, Flow.COMPANIES) == 11 * MINUTE


def test_one_that_never_went_well_is_behind_since_it_is_on(connection):
    CrmFlow.objects.update(last_ok_at=None)
    assert behind(connection, Flow.DEALS) == 30 * MINUTE


def test_what_waits_for_its_next_try_is_listed_and_not_late(connection):
    deal(connection, "a", due_at=NOW + MINUTE, failed="Locked")
    deal(connection, "b", due_at=NOW - 9 * MINUTE, failed="Locked")
    company(connection, "c", to_write_at=AT, write_failed="A rule of theirs")
    assert [one.behind(at=NOW) for one in lags(at=NOW)] == [timedelta(0)] * 3


def test_what_rests_on_purpose_is_not_behind(connection):
    CrmFlow.objects.filter(flow=Flow.DEALS).update(state="paused", last_ok_at=AT)
    assert behind(connection, Flow.DEALS) == timedelta(0)
    pause(connection=connection, by=SYSTEM, at=AT)
    assert lags(at=NOW) == []


def test_a_rest_that_is_over_is_not_held_against_it(connection):
    CrmFlow.objects.update(last_ok_at=AT)
    pause(connection=connection, by=SYSTEM, at=AT)
    resume(connection=connection, by=SYSTEM, at=NOW - MINUTE)
    assert behind(connection, Flow.COMPANIES) == MINUTE
    CrmFlow.objects.update(state_at=NOW)
    assert behind(connection, Flow.COMPANIES) == timedelta(0)
