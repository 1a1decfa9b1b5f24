"""A mark changes with whatever a page about cases would show."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from journal.actions.deeds import begin, keep_changed
from journal.domain.actor import SYSTEM
from support.models import Case
from support.queries.cases.pulse import SLOT, mark_of, mark_of_all
from tests.conftest import AT
from tests.support.factories import CaseAlertFactory, CaseEventFactory, CaseFactory, CasePromiseFactory, ClockFactory

pytestmark = pytest.mark.django_db


def reassigned(case: Case) -> None:
    case.assignee = "ana@desk.example"
    keep_changed([case], fields=["assignee"], deed=begin(by=SYSTEM, at=AT))


CHANGES: dict[str, Callable[[Case], object]] = {
    "an event": lambda case: CaseEventFactory(case=case),
    "a promise": lambda case: CasePromiseFactory(case=case),
    "an alert": lambda case: CaseAlertFactory(clock=case.clocks.get()),
    "a column": reassigned,
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_changes_with_all_that_happens_to_a_case(change: str) -> None:
    case, other = ClockFactory().case, CaseFactory()
    own, others, every = mark_of(case, at=AT), mark_of(other, at=AT), mark_of_all(at=AT)
    CHANGES[change](case)
    assert mark_of(case, at=AT) != own
    assert mark_of(other, at=AT) == others
    assert mark_of_all(at=AT) != every


def test_it_changes_with_time_by_itself() -> None:
    case = CaseFactory()
    assert mark_of(case, at=AT) == mark_of(case, at=AT + timedelta(seconds=1))
    assert mark_of(case, at=AT) != mark_of(case, at=AT + timedelta(seconds=SLOT))
    assert mark_of_all(at=AT) != mark_of_all(at=AT + timedelta(seconds=SLOT))


def test_it_is_cheap(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    case = CaseFactory()
    with django_assert_num_queries(4):
        mark_of_all(at=AT)
    with django_assert_num_queries(4):
        mark_of(case, at=AT)
