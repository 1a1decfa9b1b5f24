"""Whatever order events come in, and however often, the same facts end in the same clocks."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal.domain.refusal import Refusal
from support.actions.cases.reckoning import reckon
from support.domain.case_events import EventKind
from support.models import Case, CaseEvent
from tests.support.casework import NOW, OPENED, happened, opened, rows, world

pytestmark = pytest.mark.django_db
Told = tuple[int, EventKind, str]

HAPPENED = st.one_of(
    st.sampled_from([
        (EventKind.PUBLIC_REPLY, ""), (EventKind.CUSTOMER_MESSAGE, ""), (EventKind.AUTOMATIC_REPLY, ""),
        (EventKind.INTERNAL_NOTE, ""), (EventKind.STARTED, "workaround"), (EventKind.MET, "workaround"),
        (EventKind.SEVERITY, "low"), (EventKind.SEVERITY, "high"), (EventKind.ASSIGNED, "/ana@desk.example"),
    ]),
    st.sampled_from(["open", "waiting", "on_hold", "resolved", "closed", "cancelled"]).map(
        lambda state: (EventKind.STATE, state)
    ),
)  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Told], list[Told]]:
    """What happened, at different minutes, as one heard of it and as another did: shuffled, and some of it twice."""
    minutes = draw(st.lists(st.integers(1, 600), unique=True, min_size=1, max_size=8))
    told = [(minute, *draw(HAPPENED)) for minute in minutes]
    return told, draw(st.permutations([*told, *draw(st.lists(st.sampled_from(told), max_size=4))]))


def hear(case: Case, told: Sequence[Told]) -> None:
    for minute, kind, to in told:
        try:
            # The name is the event's own: what is told again is known by it.
            happened(case, kind, OPENED + timedelta(minutes=minute), to, name=f"{minute}")
        except Refusal:
            continue  # what would steer a cancelled case is refused, where its end is known already


def standing(told: Sequence[Told]) -> tuple[object, ...]:
    case = opened(Case.objects.first().account)
    hear(case, told)
    row = Case.objects.get(pk=case.pk)
    return rows(case), row.state, row.severity.key, row.assignee, row.ended_at


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(story=stories())
def test_the_order_of_hearing_makes_no_difference(story: tuple[list[Told], list[Told]]) -> None:
    in_order, otherwise = story
    with transaction.atomic():
        if not Case.objects.exists():
            opened(world())
        assert standing(sorted(in_order)) == standing(otherwise)
        transaction.set_rollback(True)


def test_reckoned_again_nothing_is_written() -> None:
    case = opened(world())
    happened(case, EventKind.PUBLIC_REPLY, OPENED + timedelta(hours=3))
    before, versions = rows(case), Case.history.filter(id=case.pk).count()
    reckon(Case.objects.get(pk=case.pk), at=NOW)
    assert (rows(case), Case.history.filter(id=case.pk).count()) == (before, versions)
    assert CaseEvent.objects.filter(case=case).count() == 2
