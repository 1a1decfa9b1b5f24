"""Publishing: who gets it and when, what stands in the way, and that nothing changes afterwards."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import publish, retire
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.domain.values import Scaling, TermState
from catalog.models import Plan, PlanVersion, Rollout
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import (
    AddOnFactory,
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    publish_now,
    published_version,
)

pytestmark = pytest.mark.django_db
SOON = timedelta(days=30)


def a_draft(plan: Plan | None = None, **term: object) -> PlanVersion:
    draft = PlanVersionFactory(**({"plan": plan} if plan else {}))
    PlanTermFactory(version=draft, **term)
    return draft


def published(draft: PlanVersion, *, by: Actor, at: datetime, **options: object) -> Rollout:
    told = {"audience": Audience.NOW, "effective_at": None, "edits": draft.edits} | options
    return publish(version=draft, by=by, at=at, **told)


def test_a_published_version_is_frozen_and_rolled_out(finance: Actor, at: datetime) -> None:
    rollout = published(a_draft(), by=finance, at=at, reason="the first one")

    version = rollout.version
    assert (version.state, version.published_at, version.published_by) == ("published", at, finance.name)
    assert (rollout.audience, rollout.effective_at, rollout.moves_from) == ("now", at, [])
    assert AuditEvent.objects.get(verb="plan:publish").reason == "the first one"


def test_everybody_moves_from_every_version_ever_published(finance: Actor, at: datetime) -> None:
    plan = PlanFactory()
    first = published_version(plan=plan)
    second = published_version(plan=plan)
    assert published(a_draft(plan), by=finance, at=at).moves_from == [first.pk, second.pk]


def test_new_customers_only_moves_nobody(finance: Actor, at: datetime) -> None:
    plan = published_version().plan
    assert published(a_draft(plan), by=finance, at=at, audience=Audience.NEW_CUSTOMERS).moves_from == []


def test_a_date_is_kept_for_everybody(finance: Actor, at: datetime) -> None:
    rollout = published(a_draft(), by=finance, at=at, audience=Audience.ON_DATE, effective_at=at + SOON)
    assert rollout.effective_at == at + SOON


def test_the_audit_keeps_the_difference_in_words(finance: Actor, at: datetime) -> None:
    version = published_version(feature=StorageFactory(key="storage"), amount=8 * 10**9, typed_unit="GB")
    draft = open_draft(plan=version.plan, by=finance, at=at)
    feature = draft.terms.get().feature
    draft = set_term(version=draft, feature=feature, reading="10 GB", edits=0, by=finance, at=at).version
    published(draft, by=finance, at=at)

    event = AuditEvent.objects.get(verb="plan:publish", subject_key=str(draft.pk))
    assert event.changes["storage"] == ["8 GB", "10 GB"]
    assert event.changes["audience"] == [None, "now"]


@pytest.mark.parametrize(
    ("audience", "delay", "told"),
    [
        (Audience.ON_DATE, None, "which date"),
        (Audience.ON_DATE, -SOON, "has passed"),
        (Audience.NEW_CUSTOMERS, -SOON, "has passed"),
        (Audience.NOW, SOON, "has no date"),
    ],
)
def test_a_moment_that_does_not_fit_is_refused_beside_its_input(
    finance: Actor, at: datetime, audience: Audience, delay: timedelta | None, told: str
) -> None:
    effective_at = None if delay is None else at + delay
    with pytest.raises(Invalid, match=told) as refused:
        published(a_draft(), by=finance, at=at, audience=audience, effective_at=effective_at)
    assert refused.value.field == "effective_at"


@pytest.mark.parametrize(
    ("state", "told"),
    [(TermState.UNSETTLED, "not settled yet: Uptime"), (TermState.ADD_ON, "add-on that sells: Uptime")],
)
def test_an_open_cell_blocks_publishing_by_name(finance: Actor, at: datetime, state: TermState, told: str) -> None:
    draft = a_draft(feature=StorageFactory(name="Uptime"), state=state)
    with pytest.raises(Refusal, match=told):
        published(draft, by=finance, at=at)
    assert PlanVersion.objects.get().is_draft


def test_an_add_on_with_a_seller_is_settled(finance: Actor, at: datetime) -> None:
    assert published(a_draft(state=TermState.ADD_ON, sold_as=AddOnFactory()), by=finance, at=at)


def test_a_plan_that_says_nothing_is_not_published(finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="says nothing"):
        published(PlanVersionFactory(), by=finance, at=at)


def test_features_that_scale_in_a_circle_are_not_published(finance: Actor, at: datetime) -> None:
    seats, storage = SeatsFactory(), StorageFactory(name="Storage")
    draft = a_draft(feature=seats, amount=1, scaling=Scaling.PER_SEAT_OF, seats_of=storage)
    PlanTermFactory(version=draft, feature=storage, amount=1, scaling=Scaling.PER_SEAT_OF, seats_of=seats)
    with pytest.raises(Refusal, match="scale with themselves"):
        published(draft, by=finance, at=at)


def test_a_plan_that_includes_a_draft_waits_for_it(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory(includes=a_draft())
    PlanTermFactory(version=draft)
    with pytest.raises(Refusal, match="publish that one first"):
        published(draft, by=finance, at=at)


def test_nothing_is_published_over_what_is_scheduled(finance: Actor, at: datetime) -> None:
    scheduled = published(a_draft(), by=finance, at=at, audience=Audience.ON_DATE, effective_at=at + SOON)
    draft = a_draft(scheduled.version.plan)
    with pytest.raises(Refusal, match="is scheduled for 1 April 2026 09:00"):
        published(draft, by=finance, at=at)
    assert published(draft, by=finance, at=at + SOON)


def test_the_schedule_of_another_plan_is_no_obstacle(finance: Actor, at: datetime) -> None:
    published(a_draft(), by=finance, at=at, audience=Audience.ON_DATE, effective_at=at + SOON)
    assert published(a_draft(), by=finance, at=at)


def test_what_is_published_is_not_published_again(finance: Actor, at: datetime) -> None:
    version = published(a_draft(), by=finance, at=at).version
    with pytest.raises(Refusal, match="never changes"):
        published(version, by=finance, at=at)


def test_a_draft_that_changed_since_the_review_is_not_published(finance: Actor, at: datetime) -> None:
    with pytest.raises(Stale):
        published(a_draft(), by=finance, at=at, edits=7)


def test_sales_may_not_publish(sales: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        published(a_draft(), by=sales, at=at)


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
    rollout = published(a_draft(), by=finance, at=at, audience=Audience.ON_DATE, effective_at=at + SOON)
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
