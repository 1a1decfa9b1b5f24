"""Publishing: who gets it and when, what stands in the way, and that nothing changes afterwards."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import BaseMoved, compare_anew, publish, roll_out
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.domain.values import Scaling, TermState
from catalog.models import Plan, PlanTerm, PlanVersion, Rollout
from catalog.queries.versions import on_sale
from entitlements.actions.cohorts import create_cohort
from journal.domain.actor import SYSTEM, Actor
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
from tests.entitlements.factories import AccountFactory

pytestmark = pytest.mark.django_db
SOON = timedelta(days=30)


def a_draft(plan: Plan | None = None, **term: object) -> PlanVersion:
    """A draft that gives one thing more than the plan did, so that nobody loses anything."""
    draft = PlanVersionFactory(**({"plan": plan} if plan else {}))
    known = PlanTerm.objects.filter(version__plan=draft.plan).exclude(version=draft).order_by("feature", "-version")
    for feature in {row.feature_id: row.feature for row in known}.values():
        PlanTermFactory(version=draft, feature=feature)
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
    first = publish_now(a_draft(plan))
    second = publish_now(a_draft(plan))
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


def test_a_renewal_that_has_begun_is_superseded_and_no_obstacle(finance: Actor, at: datetime) -> None:
    begun = published(a_draft(), by=finance, at=at, audience=Audience.AT_RENEWAL)
    assert published(a_draft(begun.version.plan), by=finance, at=at + SOON).moves_from == [begun.version_id]


def test_a_renewal_still_to_come_is_an_obstacle_for_everybody(finance: Actor, at: datetime) -> None:
    first = published(a_draft(), by=finance, at=at)
    plan = first.version.plan
    published(a_draft(plan), by=finance, at=at, audience=Audience.AT_RENEWAL, effective_at=at + SOON)
    draft = a_draft(plan)
    for audience in (Audience.NEW_CUSTOMERS, Audience.NOW, Audience.AT_RENEWAL):
        with pytest.raises(Refusal, match="call that off first"):
            published(draft, by=finance, at=at, audience=audience)


def test_new_customers_and_a_cohort_still_to_come_dont_meet(finance: Actor, at: datetime) -> None:
    plan = published(a_draft(), by=finance, at=at).version.plan
    chosen = {"audience": Audience.COHORT, "effective_at": at + SOON, "cohort_key": a_cohort(at=at)}
    published(a_draft(plan), by=finance, at=at, **chosen)
    draft = a_draft(plan)
    with pytest.raises(Refusal, match="is scheduled"):
        published(draft, by=finance, at=at)
    assert published(draft, by=finance, at=at, audience=Audience.NEW_CUSTOMERS)


def a_cohort(key: str = "beta", *, at: datetime) -> str:
    return create_cohort(key=key, name="Beta", accounts=[AccountFactory()], by=SYSTEM, at=at).key


def test_a_cohort_gets_it_and_what_is_on_sale_stays(finance: Actor, at: datetime) -> None:
    first = published(a_draft(), by=finance, at=at).version
    chosen = published(a_draft(first.plan), by=finance, at=at, audience=Audience.COHORT, cohort_key=a_cohort(at=at))
    assert (chosen.cohort_key, chosen.moves_from) == ("beta", [first.pk])
    assert on_sale(plan=first.plan, at=at) == first
    told = AuditEvent.objects.get(verb="plan:publish", subject_key=str(chosen.version_id)).changes
    assert told["cohort"] == [None, "Beta"]


@pytest.mark.parametrize(
    ("audience", "key", "told"),
    [
        (Audience.COHORT, "", "Say which cohort"),
        (Audience.COHORT, "nobody", "no such cohort"),
        (Audience.NOW, "beta", "only named where a cohort"),
    ],
)
def test_a_cohort_is_named_exactly_where_one_is_meant(
    finance: Actor, at: datetime, audience: Audience, key: str, told: str
) -> None:
    plan = published(a_draft(), by=finance, at=at).version.plan
    a_cohort(at=at)
    with pytest.raises(Invalid, match=told) as refused:
        published(a_draft(plan), by=finance, at=at, audience=audience, cohort_key=key)
    assert refused.value.field == "cohort_key"


def test_the_first_version_of_a_plan_is_not_for_a_cohort(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="Nobody has"):
        published(a_draft(), by=finance, at=at, audience=Audience.COHORT, cohort_key=a_cohort(at=at))


def two_versions(by: Actor, at: datetime) -> tuple[PlanVersion, PlanVersion]:
    """A plan whose second version takes nothing away from the first, nor the first from the second."""
    first = published(a_draft(), by=by, at=at).version
    draft = PlanVersionFactory(plan=first.plan)
    PlanTermFactory(version=draft, feature=first.terms.get().feature)
    return first, published(draft, by=by, at=at).version


def test_a_draft_whose_base_has_moved_is_refused_with_what_moved(finance: Actor, at: datetime) -> None:
    first, second = two_versions(finance, at)
    draft = open_draft(plan=first.plan, by=finance, at=at)
    roll_out(version=first, audience=Audience.NOW, effective_at=None, by=finance, at=at + SOON, reason="Too dear")
    with pytest.raises(BaseMoved, match=rf"customers got {second}; since then they get {first}") as refused:
        published(draft, by=finance, at=at + SOON)
    assert refused.value.changes == ()
    assert Rollout.objects.filter(version=draft).count() == 0


def test_a_draft_compared_anew_is_published(finance: Actor, at: datetime) -> None:
    first, _second = two_versions(finance, at)
    draft = open_draft(plan=first.plan, by=finance, at=at)
    roll_out(version=first, audience=Audience.NOW, effective_at=None, by=finance, at=at + SOON, reason="Too dear")
    draft = compare_anew(version=draft, edits=draft.edits, by=finance, at=at + SOON)
    assert (draft.base, draft.edits) == (first, 1)
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
