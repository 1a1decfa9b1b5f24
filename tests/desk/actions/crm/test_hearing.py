"""What was heard stands beside how far was read, both or neither, and is heard once."""

from datetime import timedelta

import pytest

from desk.actions.crm.hearing import hear, make_due
from desk.actions.crm.turns import TurnLost, next_turn
from desk.domain.crm.flows import Flow
from desk.integrations.crm.port import Hint
from desk.models import CrmCompany, CrmFlow
from tests.desk.flowing import company, flowing, the
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
NEXT = AT + timedelta(minutes=1)
LATER = AT + timedelta(hours=1)


@pytest.fixture
def row():
    flowing((Flow.COMPANIES,))
    return next_turn(at=AT)


def due() -> dict[str, object]:
    return dict(CrmCompany.objects.values_list("external_id", "due_at"))


def test_those_of_whom_something_is_heard_are_due(row):
    company(row.connection, "b", told_at=AT)
    assert hear(row, model=CrmCompany, hints=[Hint("a", AT), Hint("b", AT)], settled=LATER, at=NEXT, after="2") == 2
    assert due() == {"a": NEXT, "b": NEXT}
    assert the(row.connection, Flow.COMPANIES).after == "2"


def test_the_same_again_is_no_news_and_a_later_stamp_is(row):
    hear(row, model=CrmCompany, hints=[Hint("a", AT), Hint("b", AT)], settled=LATER, at=NEXT)
    CrmCompany.objects.update(due_at=None)
    assert hear(row, model=CrmCompany, hints=[Hint("a", AT), Hint("b", NEXT)], settled=LATER, at=NEXT) == 1
    assert due() == {"a": None, "b": NEXT}


def test_what_was_young_is_news_once_more(row):
    for settled in (AT, LATER):
        CrmCompany.objects.update(due_at=None)
        assert hear(row, model=CrmCompany, hints=[Hint("a", AT)], settled=settled, at=NEXT) == 1
        assert due() == {"a": NEXT}
    assert hear(row, model=CrmCompany, hints=[Hint("a", AT)], settled=LATER, at=NEXT) == 0


def test_news_of_what_failed_is_tried_anew(row):
    company(row.connection, "a", tries=8, failed="It was locked", due_at=None)
    hear(row, model=CrmCompany, hints=[Hint("a", AT)], settled=LATER, at=NEXT)
    found = CrmCompany.objects.get()
    assert (found.due_at, found.tries, found.failed) == (NEXT, 0, "It was locked")


def test_one_whose_turn_it_is_no_more_leaves_nothing(row):
    CrmFlow.objects.update(lease_token=None)
    with pytest.raises(TurnLost):
        hear(row, model=CrmCompany, hints=[Hint("a", AT)], settled=LATER, at=NEXT, after="2")
    assert not CrmCompany.objects.exists()


def test_the_flow_of_another_connection_hears_for_itself(row):
    other = flowing((Flow.COMPANIES,), name="Other")
    company(other, "a")
    hear(row, model=CrmCompany, hints=[Hint("a", AT)], settled=LATER, at=NEXT)
    assert CrmCompany.objects.get(connection=other).due_at is None


def test_what_nothing_was_heard_of_may_be_made_due(row):
    company(row.connection, "a", tries=3, failed="Away")
    company(row.connection, "b")
    assert make_due(model=CrmCompany, connection=row.connection, ids=["a", "z"], at=NEXT) == 1
    assert due() == {"a": NEXT, "b": None}
