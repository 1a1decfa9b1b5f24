"""Off sale, and called off: what is refused, and that nobody who has something loses it."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import cancel_rollout, publish, retire, roll_out
from catalog.domain.rollouts import Audience
from catalog.models import Plan, PlanVersion, Rollout
from catalog.queries.versions import Stage, newest_published, on_sale, versions_of
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import (
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    publish_now,
    published_version,
)
from tests.entitlements.world import account, subscribed

pytestmark = pytest.mark.django_db
SOON = timedelta(days=30)


def a_draft() -> PlanVersion:
    return PlanTermFactory().version


def scheduled(finance: Actor, at: datetime, *, audience: Audience = Audience.ON_DATE) -> Rollout:
    """A second version of a plan, that takes nothing away, still to come."""
    draft = open_draft(plan=published_version().plan, by=finance, at=at)
    return publish(version=draft, audience=audience, effective_at=at + SOON, edits=0, by=finance, at=at)


def test_a_retired_version_is_told_by_whom_and_why(finance: Actor, at: datetime) -> None:
    retired = retire(version=published_version(), by=finance, at=at, reason="nobody buys it")
    assert (retired.state, retired.retired_at) == ("retired", at)
    assert AuditEvent.objects.get(verb="plan:retire").reason == "nobody buys it"


def test_a_draft_is_discarded_and_not_retired(finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="Discard it"):
        retire(version=a_draft(), by=finance, at=at)


def test_a_version_is_retired_once(finance: Actor, at: datetime) -> None:
    retired = retire(version=published_version(), by=finance, at=at)
    with pytest.raises(Refusal, match="already"):
        retire(version=retired, by=finance, at=at)


def test_what_is_scheduled_is_not_retired(finance: Actor, at: datetime) -> None:
    rollout = scheduled(finance, at)
    with pytest.raises(Refusal, match="scheduled"):
        retire(version=rollout.version, by=finance, at=at)


def tried(*, after_trial: Plan) -> PlanVersion:
    """A published version whose trial falls back to the plan."""
    draft = PlanVersionFactory(plan=PlanFactory(name="Pro"), trial_days=14, after_trial=after_trial)
    PlanTermFactory(version=draft)
    return publish_now(draft)


def test_a_plan_that_trials_fall_back_to_stays_on_sale(finance: Actor, at: datetime) -> None:
    free = published_version()
    tried(after_trial=free.plan)
    with pytest.raises(Refusal, match=r"trials of Pro v1 fall back"):
        retire(version=free, by=finance, at=at)


def test_an_earlier_version_of_such_a_plan_may_be_retired(finance: Actor, at: datetime) -> None:
    free = published_version()
    tried(after_trial=free.plan)
    published_version(plan=free.plan)
    assert retire(version=free, by=finance, at=at).state == "retired"


def test_a_plan_that_only_retired_trials_fell_back_to_may_be_retired(finance: Actor, at: datetime) -> None:
    free = published_version()
    retire(version=tried(after_trial=free.plan), by=finance, at=at)
    assert retire(version=free, by=finance, at=at).state == "retired"


def test_support_may_not_retire(support_agent: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        retire(version=published_version(), by=support_agent, at=at)


def test_what_falls_back_after_a_retired_trial_stays_on_sale_while_one_runs(finance: Actor, at: datetime) -> None:
    free = published_version()
    pro = tried(after_trial=free.plan)
    subscribed(account(), pro.plan, at=at, trial_days=14)
    retire(version=pro, by=finance, at=at)
    with pytest.raises(Refusal, match=r"Trials of Pro v1 are still running"):
        retire(version=free, by=finance, at=at)
    assert retire(version=free, by=finance, at=at + SOON).state == "retired"


def test_a_trial_that_will_lapse_on_another_version_is_no_obstacle(finance: Actor, at: datetime) -> None:
    free = published_version()
    pro = tried(after_trial=free.plan)
    subscribed(account(), pro.plan, at=at, trial_days=14)
    draft = PlanVersionFactory(plan=pro.plan, trial_days=14)
    PlanTermFactory(version=draft)
    publish_now(draft, at=at + timedelta(days=1))
    retire(version=pro, by=finance, at=at + timedelta(days=1))
    assert retire(version=free, by=finance, at=at + timedelta(days=1)).state == "retired"


def test_a_publication_is_called_off_before_its_time(finance: Actor, at: datetime) -> None:
    rollout = scheduled(finance, at)
    plan = rollout.version.plan
    before = on_sale(plan=plan, at=at)
    cancel_rollout(rollout=rollout, by=finance, at=at + timedelta(days=1), reason="Too early")

    assert on_sale(plan=plan, at=at + 2 * SOON) == before == newest_published(plan=plan)
    assert [line.stage for line in versions_of(plan=plan, at=at)] == [Stage.CALLED_OFF, Stage.ON_SALE]
    assert AuditEvent.objects.get(verb="plan:call_off").reason == "Too early"


def test_a_version_called_off_may_be_given_to_customers_after_all(finance: Actor, at: datetime) -> None:
    rollout = scheduled(finance, at)
    cancel_rollout(rollout=rollout, by=finance, at=at, reason="Too early")
    again = roll_out(
        version=rollout.version, audience=Audience.NOW, effective_at=None, by=finance, at=at + SOON, reason="Now"
    )
    assert on_sale(plan=rollout.version.plan, at=at + SOON) == again.version == rollout.version


def test_nothing_is_in_the_way_once_it_is_called_off(finance: Actor, at: datetime) -> None:
    rollout = scheduled(finance, at)
    cancel_rollout(rollout=rollout, by=finance, at=at, reason="Too early")
    draft = open_draft(plan=rollout.version.plan, by=finance, at=at)
    assert publish(version=draft, audience=Audience.NOW, effective_at=None, edits=0, by=finance, at=at)


@pytest.mark.parametrize("audience", [Audience.ON_DATE, Audience.AT_RENEWAL])
def test_what_has_begun_is_not_called_off(finance: Actor, at: datetime, audience: Audience) -> None:
    rollout = scheduled(finance, at, audience=audience)
    with pytest.raises(Refusal, match="roll out the former version"):
        cancel_rollout(rollout=rollout, by=finance, at=at + SOON, reason="Too late")


def test_it_is_called_off_once_and_for_a_reason(finance: Actor, at: datetime) -> None:
    rollout = scheduled(finance, at)
    with pytest.raises(Invalid, match="Say why"):
        cancel_rollout(rollout=rollout, by=finance, at=at, reason="  ")
    cancel_rollout(rollout=rollout, by=finance, at=at, reason="Too early")
    with pytest.raises(Refusal, match="already"):
        cancel_rollout(rollout=rollout, by=finance, at=at, reason="Too early")


def test_sales_may_not_call_off(finance: Actor, sales: Actor, at: datetime) -> None:
    rollout = scheduled(finance, at)
    with pytest.raises(NotAllowed):
        cancel_rollout(rollout=rollout, by=sales, at=at, reason="Too early")


def test_a_called_off_publication_was_believed_until_then(finance: Actor, at: datetime) -> None:
    rollout = scheduled(SYSTEM, at)
    cancel_rollout(rollout=rollout, by=finance, at=at + timedelta(days=1), reason="Too early")
    versions = Rollout.history.filter(id=rollout.pk).order_by("history_id")
    assert [row.cancelled_at for row in versions] == [None, at + timedelta(days=1)]
