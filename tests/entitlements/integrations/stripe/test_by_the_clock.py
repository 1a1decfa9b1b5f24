"""What time calls: each task does what it says, and stands in the schedule."""

import pytest
from django.conf import settings

from entitlements.tasks import push_catalog, report_overage

pytestmark = pytest.mark.django_db
EVERY = {
    (entry["task"], entry.get("kwargs", {}).get("whole", False)) for entry in settings.CELERY_BEAT_SCHEDULE.values()
}


@pytest.mark.parametrize("task", ["fetch_missed", "report_overage"])
def test_it_is_called_often_and_at_night_in_whole(task):
    assert {(f"entitlements.{task}", False), (f"entitlements.{task}", True)} <= EVERY


def test_the_push_is_called():
    assert ("entitlements.push_catalog", False) in EVERY


def test_without_a_connection_there_is_nothing_to_do():
    assert (report_overage(), report_overage(whole=True), push_catalog()) == (0, 0, 0)
