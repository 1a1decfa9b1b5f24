"""Two technicians and one visit: it is used up once, nothing of what either used is lost, and nobody waits in a ring."""

import pytest

from entitlements.models import Account
from journal.domain.actor import SYSTEM, Actor
from support.actions.work.handling import VisitSettled
from support.actions.work.planning import plan_account, plan_visits
from support.actions.work.visits import Used, complete
from support.domain.cover_terms import WorkKind
from support.models import Visit, WorkItem
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.journal.side_by_side import at_once
from tests.support.worked import EURO, maintained
from tests.support.world import kept

pytestmark = pytest.mark.django_db
RING = Used(WorkKind.PARTS, "Seal ring", amount_micros=80 * EURO, currency="EUR")
FILTER = Used(WorkKind.PARTS, "Filter", amount_micros=20 * EURO, currency="EUR")


@pytest.fixture
def acme(db: None) -> Account:
    return AccountFactory(key="acme", name="Acme", zone="UTC")


@pytest.fixture
def visit(acme: Account) -> Visit:
    plan_visits(maintained(acme), at=AT)
    return Visit.objects.get(number=1)


def test_what_a_second_one_used_is_refused_and_never_dropped(visit: Visit, support_agent: Actor) -> None:
    complete(visit=visit, by=support_agent, at=AT, items=[RING])
    for other in ([FILTER], [RING, FILTER]):
        with pytest.raises(VisitSettled, match="nothing of this was kept"):
            complete(visit=visit, by=support_agent, at=AT, items=other)
    assert complete(visit=visit, by=support_agent, at=AT, items=[RING]).state == "done"
    assert complete(visit=visit, by=support_agent, at=AT).state == "done"
    assert list(WorkItem.objects.values_list("description", flat=True)) == ["Seal ring"]


@pytest.mark.django_db(transaction=True)
def test_done_while_visits_are_planned_nobody_waits_in_a_ring() -> None:
    account = AccountFactory(key="acme", name="Acme", zone="UTC")
    cover = maintained(account)
    plan_visits(cover, at=AT)
    first = Visit.objects.get(number=1)
    cover.visits_a_year = 4  # every visit is cut otherwise
    kept(cover)
    found = at_once(
        lambda: complete(visit=first, by=SYSTEM, at=AT, items=[RING]),
        lambda: plan_account(account, at=AT),
        lambda: complete(visit=first, by=SYSTEM, at=AT, items=[FILTER]),
    )
    assert [type(one) for one in found if isinstance(one, Exception)] == [VisitSettled], found
    assert WorkItem.objects.count() == 1
