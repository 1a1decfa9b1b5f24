"""Whoever tells late tells what a watchful eye would have told: the same alerts, of the same instants, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlements.models import Account
from journal.domain.actor import SYSTEM
from support.actions.cases.alerting import tell_alerts
from support.actions.cases.noting import note
from support.domain.case_events import CaseState, EventKind
from support.models import CaseAlert, CaseEvent, Severity
from tests.support.alarms import ESCALATES, WARNS, case_of, in_force, promise, severities
from tests.support.casework import holder, hour

pytestmark = pytest.mark.django_db
END = hour(14)
STEPS = [WARNS, {"amount": 80, "unit": "percent", "tells": ["team"], "raise_to": "high"}, ESCALATES]
HAPPENINGS = [
    (EventKind.PUBLIC_REPLY, ""),
    (EventKind.CUSTOMER_MESSAGE, ""),
    (EventKind.SEVERITY, "low"),
    (EventKind.SEVERITY, "high"),
    (EventKind.STATE, CaseState.WAITING),
    (EventKind.STATE, CaseState.OPEN),
    (EventKind.STATE, CaseState.RESOLVED),
]
Story = list[tuple[int, tuple[EventKind, str]]]


class Undone(Exception):
    """Takes everything back."""


def lived(story: Story, watches: list[datetime]) -> tuple[list[Any], list[Any]]:
    """A case of low severity, told of as it happens, and looked at at these instants; what was told, and what raised."""
    account = Account.objects.filter(key="acme").first() or holder()
    found: tuple[list[Any], list[Any]] = ([], [])
    try:
        with transaction.atomic():
            case = case_of(account, severity="low")
            turns = [(hour(minutes / 60), happening) for minutes, happening in story]
            for at, happening in sorted([*turns, *((watch, None) for watch in watches)], key=lambda turn: turn[0]):
                if happening is None:
                    tell_alerts(at=at)
                else:
                    note(case=case, kind=happening[0], to=happening[1], by=SYSTEM, at=at)
            found = (
                list(CaseAlert.objects.order_by("at", "kind", "step", "pk").values_list("at", "kind", "step")),
                list(CaseEvent.objects.filter(kind="severity").order_by("at", "pk").values_list("at", "to")),
            )
            raise Undone
    except Undone:
        return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    story=st.lists(st.tuples(st.integers(1, 700), st.sampled_from(HAPPENINGS)), max_size=5, unique_by=lambda x: x[0]),
    late=st.integers(1, 830),
)
def test_the_one_who_comes_late_finds_what_the_watchful_told(story: Story, late: int) -> None:
    if not Severity.objects.exists():
        severities()
        targets = {"first_response": (30, 120, 240), "resolution": (120, 240, 480)}
        in_force(promise(targets, steps=STEPS, pauses_while=["waiting"]))
    watches = [hour(number) + timedelta(seconds=1) for number in range(0, 14, 2)]
    watchful = lived(story, [*watches, END])
    assert lived(story, [END]) == watchful
    assert lived(story, [hour(late / 60), END]) == watchful
