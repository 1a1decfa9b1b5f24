"""What was kept after a trial and goes at last is told once, and whoever keeps something is no holder of the plan."""

import pytest

from catalog.models import Plan, PlanVersion
from entitlements.actions.sweep import sweep
from entitlements.models import EntitlementChange, Subscription, SweepMark
from entitlements.queries.publishing.grandfathering import holders
from journal.models import Notice, Staff
from tests.entitlements.trying import END, WEEK_AFTER, trying
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(db: None) -> Subscription:
    SweepMark.objects.create(swept_to=AT)
    return trying(owner=Staff.objects.create(username="ana", email="ana@desk.example"))


def told(feature: str) -> list[tuple[object, str, str]]:
    rows = EntitlementChange.objects.filter(feature_key=feature, recorded_at__gt=AT).order_by("effective_at")
    return list(rows.values_list("effective_at", "before", "after"))


@pytest.mark.usefixtures("trial")
def test_each_feature_is_told_when_it_goes() -> None:
    sweep(at=WEEK_AFTER + DAY)
    assert told("storage") == [(WEEK_AFTER, "50 GB", "1 GB")]
    assert told("seats") == [(END, "10", "2")]
    assert told("sso") == [(END, "on", "not included")]


@pytest.mark.usefixtures("trial")
def test_a_sweep_that_was_dead_meanwhile_tells_the_same() -> None:
    for at in (END + DAY, WEEK_AFTER - DAY, WEEK_AFTER + 2 * DAY, WEEK_AFTER + 2 * DAY):
        sweep(at=at)
    assert told("storage") == [(WEEK_AFTER, "50 GB", "1 GB")]


@pytest.mark.usefixtures("trial")
def test_the_owner_is_told_what_went_and_what_stayed() -> None:
    sweep(at=END + DAY)
    notice = Notice.objects.get(subject="Acme: The trial ended")
    assert "Free v1 follows. Storage is kept for 7 days, until 13 Mar 2026 10:00 (Amsterdam)." in notice.body
    assert "Single sign-on and Tier are no longer included." in notice.body


def test_whoever_keeps_something_of_a_plan_does_not_hold_it(trial: Subscription) -> None:
    pro = PlanVersion.objects.get(plan=Plan.objects.get(key="pro"))
    assert [held.account_id for held in holders(version=pro, at=END - DAY)] == [trial.account_id]
    assert list(holders(version=pro, at=END + DAY)) == []
