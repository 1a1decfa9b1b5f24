"""The tasks that time calls for the runtime."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from entitlements.models import DecisionTrace, Reservation
from entitlements.tasks import clear_runtime, expire_holds
from tests.entitlements.usage_factories import DecisionTraceFactory, ReservationFactory

pytestmark = pytest.mark.django_db


def test_what_is_over_is_cleared_away() -> None:
    DecisionTraceFactory(at=timezone.now() - timedelta(days=91))
    kept = DecisionTraceFactory(at=timezone.now() - timedelta(days=89))
    assert clear_runtime() == 1
    assert DecisionTrace.objects.get() == kept


def test_holds_that_have_run_out_are_dropped() -> None:
    ReservationFactory()
    ReservationFactory(at=timezone.now())
    assert expire_holds() == 1
    assert sorted(Reservation.objects.values_list("state", flat=True)) == ["expired", "held"]


@pytest.mark.parametrize("task", ["entitlements.clear_runtime", "entitlements.expire_holds"])
def test_they_are_called_by_the_clock(task: str) -> None:
    assert task in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
