"""Visits as they come about: appointments, done with what was used, missed, cancelled; each settled once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from entitlements.models import Account
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Stale
from support.actions.work.handling import OutOfCover, VisitSettled
from support.actions.work.planning import plan_visits
from support.actions.work.visits import Used, cancel, complete, miss, schedule
from support.domain.cover_terms import WorkKind
from support.models import Cover, Visit, WorkItem
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.support.worked import EURO, NEXT_YEAR, maintained
from tests.support.world import kept

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def acme(db: None) -> Account:
    return AccountFactory(key="acme", name="Acme", zone="UTC")


@pytest.fixture
def cover(acme: Account) -> Cover:
    return maintained(acme)


@pytest.fixture
def visit(cover: Cover) -> Visit:
    plan_visits(cover, at=AT)
    return Visit.objects.get(number=1)


def test_an_appointment_is_made_and_moved(visit: Visit, support_agent: Actor) -> None:
    made = schedule(visit=visit, scheduled_for=AT + DAY, technician=" Suki ", by=support_agent, at=AT)
    assert (made.state, made.scheduled_for, made.technician) == ("scheduled", AT + DAY, "Suki")
    moved = schedule(visit=visit, scheduled_for=AT + 2 * DAY, technician="Suki", by=support_agent, at=AT, seen=AT + DAY)
    assert moved.scheduled_for == AT + 2 * DAY
    with pytest.raises(Stale):
        schedule(visit=visit, scheduled_for=AT + 3 * DAY, by=support_agent, at=AT, seen=AT + DAY)


@pytest.mark.parametrize("when", [NEXT_YEAR, datetime(2025, 12, 31, tzinfo=AT.tzinfo)])
def test_no_appointment_outside_of_the_cover(visit: Visit, support_agent: Actor, when: datetime) -> None:
    with pytest.raises(OutOfCover) as refused:
        schedule(visit=visit, scheduled_for=when, by=support_agent, at=AT)
    assert refused.value.field == "scheduled_for"


def test_a_renewal_goes_on_from_the_cover(cover: Cover, visit: Visit, support_agent: Actor) -> None:
    maintained(cover.account, follows=cover, starts_at=NEXT_YEAR, ends_at=NEXT_YEAR + 365 * DAY)
    assert schedule(visit=visit, scheduled_for=NEXT_YEAR + DAY, by=support_agent, at=AT).state == "scheduled"


def test_done_it_is_used_up_with_what_it_took(visit: Visit, support_agent: Actor) -> None:
    used = [
        Used(WorkKind.LABOUR, "Maintenance", quantity=90),
        Used(WorkKind.PARTS, "Filter", amount_micros=20 * EURO, currency="EUR"),
    ]
    for _ in range(2):
        done = complete(visit=visit, by=support_agent, at=AT, note="All well.", items=used)
    assert (done.state, done.settled_by, done.technician, done.note) == (
        "done",
        "Support Person",
        "Support Person",
        "All well.",
    )
    labour, part = WorkItem.objects.order_by("pk")
    assert (labour.customer_percent, labour.why) == (0, f"It belongs to visit 1 that {visit.cover.name} includes.")
    assert (part.customer_percent, part.billing) == (100, "open")


def test_a_missed_visit_is_caught_up(visit: Visit, support_agent: Actor) -> None:
    missed = miss(visit=visit, reason="Nobody opened.", by=support_agent, at=AT)
    assert missed.note == "Nobody opened."
    assert miss(visit=visit, reason="Again.", by=support_agent, at=AT).note == "Nobody opened."
    assert complete(visit=visit, by=support_agent, at=AT).state == "done"


def test_what_is_not_included_any_more_is_work_to_bill(visit: Visit, support_agent: Actor) -> None:
    complete(visit=visit, by=support_agent, at=AT)
    with pytest.raises(VisitSettled, match="as work to bill"):
        schedule(visit=visit, scheduled_for=AT + DAY, by=support_agent, at=AT)
    other = Visit.objects.get(number=2)
    cancel(visit=other, reason="Not wanted.", by=support_agent, at=AT)
    assert cancel(visit=other, reason="Again.", by=support_agent, at=AT).note == "Not wanted."
    with pytest.raises(VisitSettled, match="as work to bill"):
        complete(visit=other, by=support_agent, at=AT)
    with pytest.raises(VisitSettled):
        miss(visit=other, reason="Late.", by=support_agent, at=AT)


def test_a_cover_that_has_ended_includes_nothing(cover: Cover, visit: Visit, support_agent: Actor) -> None:
    cover.ends_at = AT - DAY
    kept(cover)
    with pytest.raises(OutOfCover, match="as work to bill"):
        complete(visit=visit, by=support_agent, at=AT)
    assert complete(visit=visit, by=support_agent, at=AT, done_at=AT - 2 * DAY).settled_at == AT - 2 * DAY


def test_a_part_that_cannot_be_right_leaves_the_visit_as_it_was(visit: Visit, support_agent: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        complete(visit=visit, by=support_agent, at=AT, items=[Used(WorkKind.PARTS, "Filter", amount_micros=5)])
    assert refused.value.field == "currency"
    visit.refresh_from_db()
    assert visit.state == "planned"


@pytest.mark.parametrize("act", [miss, cancel])
def test_a_reason_is_needed(visit: Visit, support_agent: Actor, act: Any) -> None:
    with pytest.raises(Invalid, match="Say why") as refused:
        act(visit=visit, reason="", by=support_agent, at=AT)
    assert refused.value.field == "reason"


def test_done_in_the_future_is_refused(visit: Visit, support_agent: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        complete(visit=visit, by=support_agent, at=AT, done_at=AT + DAY)
    assert refused.value.field == "done_at"


def test_who_may(visit: Visit, finance: Actor) -> None:
    with pytest.raises(NotAllowed):
        schedule(visit=visit, scheduled_for=AT + DAY, by=finance, at=AT)
    with pytest.raises(NotAllowed):
        complete(visit=visit, by=finance, at=AT)
    for act in (miss, cancel):
        with pytest.raises(NotAllowed):
            act(visit=visit, reason="So.", by=finance, at=AT)
