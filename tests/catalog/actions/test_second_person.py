"""Four eyes: what takes something away is published by two people, for what they both saw."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import NeedsSecondPerson, publish, roll_out
from catalog.actions.second_person import ApprovalDoesNotFit
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.models import PlanVersion, Rollout
from catalog.queries.publishing import losses
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed
from journal.models import Approval, AuditEvent
from tests.catalog.factories import StorageFactory, approved_publication, published_version
from tests.conftest import actor

pytestmark = pytest.mark.django_db
SOON = timedelta(days=30)
NOW: dict[str, Any] = {"audience": Audience.NOW, "effective_at": None}


@pytest.fixture
def lowering(finance: Actor, at: datetime) -> PlanVersion:
    """A draft with 5 GB for a plan that gives 8 GB."""
    first = published_version(feature=StorageFactory(name="Storage"), amount=8 * 10**9, typed_unit="GB")
    return lowered(first, "5 GB", by=finance, at=at)


def lowered(version: PlanVersion, reading: str, *, by: Actor, at: datetime) -> PlanVersion:
    draft = open_draft(plan=version.plan, by=by, at=at)
    feature = draft.terms.get().feature
    set_term(version=draft, feature=feature, reading=reading, edits=draft.edits, by=by, at=at)
    draft.refresh_from_db()
    return draft


def published(draft: PlanVersion, *, by: Actor, at: datetime, **options: Any) -> Rollout:
    return publish(version=draft, by=by, at=at, **({"edits": draft.edits} | NOW | options))


def test_what_lowers_waits_for_a_second_person(lowering: PlanVersion, finance: Actor, at: datetime) -> None:
    with pytest.raises(NeedsSecondPerson, match="Storage goes down from 8 GB to 5 GB") as refused:
        published(lowering, by=finance, at=at, reason="Costs")
    assert len(refused.value.losses) == 1
    assert PlanVersion.objects.get(pk=lowering.pk).is_draft


@pytest.mark.parametrize("audience", [Audience.NEW_CUSTOMERS, Audience.AT_RENEWAL])
def test_whoever_gets_it(lowering: PlanVersion, finance: Actor, at: datetime, audience: Audience) -> None:
    with pytest.raises(NeedsSecondPerson):
        published(lowering, by=finance, at=at, audience=audience, reason="Costs")


def test_approved_by_somebody_else_it_is_published(lowering: PlanVersion, finance: Actor, at: datetime) -> None:
    approval = approved_publication(lowering, edits=lowering.edits, **NOW)
    rollout = published(lowering, by=finance, at=at, approval=approval)
    assert rollout.approval == approval
    event = AuditEvent.objects.get(verb="plan:publish", subject_key=str(lowering.pk))
    assert event.changes["approved_by"] == [None, "Fia Finance"]
    assert event.reason == "The new price page"  # the reason it was asked for with


def test_nobody_takes_something_away_without_a_reason(lowering: PlanVersion, finance: Actor, at: datetime) -> None:
    approval = approved_publication(lowering, edits=lowering.edits, request={"reason": ""}, **NOW)
    with pytest.raises(Invalid) as refused:
        published(lowering, by=finance, at=at, approval=approval)
    assert refused.value.field == "reason"


def test_what_raises_needs_one_person(finance: Actor, at: datetime) -> None:
    first = published_version(feature=StorageFactory(), amount=8 * 10**9, typed_unit="GB")
    assert published(lowered(first, "10 GB", by=finance, at=at), by=finance, at=at).approval is None


def test_what_lowers_an_earlier_version_counts_for_those_who_are_moved(
    lowering: PlanVersion, finance: Actor, at: datetime
) -> None:
    """v1 gave 8 GB and v2 5 GB; v3 gives 6 GB: more than is sold, and less than the holders of v1 have."""
    approval = approved_publication(lowering, edits=lowering.edits, **(NOW | {"audience": Audience.NEW_CUSTOMERS}))
    second = published(lowering, by=finance, at=at, audience=Audience.NEW_CUSTOMERS, approval=approval).version
    third = lowered(second, "6 GB", by=finance, at=at)
    with pytest.raises(NeedsSecondPerson, match="from 8 GB to 6 GB"):
        published(third, by=finance, at=at, reason="More")
    assert published(third, by=finance, at=at, audience=Audience.NEW_CUSTOMERS)


def test_what_was_taken_from_everybody_is_not_asked_for_again(
    lowering: PlanVersion, finance: Actor, at: datetime
) -> None:
    """v1 gave 8 GB, and everybody was moved to 5 GB: 6 GB is less than nobody has."""
    approval = approved_publication(lowering, edits=lowering.edits, **NOW)
    second = published(lowering, by=finance, at=at, approval=approval).version
    assert published(lowered(second, "6 GB", by=finance, at=at), by=finance, at=at)


@pytest.mark.parametrize(
    "changed",
    [
        {"audience": Audience.NEW_CUSTOMERS},
        {"effective_at": datetime.fromisoformat("2026-03-30T00:00:00+00:00"), "audience": Audience.ON_DATE},
        {"edits": 99},
        {"cohort_key": "beta", "audience": Audience.COHORT},
    ],
)
def test_an_approval_is_for_what_was_asked(
    lowering: PlanVersion, finance: Actor, at: datetime, changed: dict[str, Any]
) -> None:
    approval = approved_publication(lowering, **({"edits": lowering.edits} | NOW | changed))
    with pytest.raises(ApprovalDoesNotFit, match="not what is asked for now"):
        published(lowering, by=finance, at=at, approval=approval)


@pytest.mark.parametrize("state", [Approval.State.REJECTED, Approval.State.WITHDRAWN])
def test_a_request_that_was_not_approved_is_no_approval(
    lowering: PlanVersion, finance: Actor, at: datetime, state: Approval.State
) -> None:
    approval = approved_publication(lowering, edits=lowering.edits, request={"state": state}, **NOW)
    with pytest.raises(ApprovalDoesNotFit, match="not been approved"):
        published(lowering, by=finance, at=at, approval=approval)


@pytest.mark.parametrize("column", [{"kind": "override"}, {"subject_key": "0"}, {"subject_type": "plan"}])
def test_an_approval_of_something_else_is_none(
    lowering: PlanVersion, finance: Actor, at: datetime, column: dict[str, str]
) -> None:
    approval = approved_publication(lowering, edits=lowering.edits, request=column, **NOW)
    with pytest.raises(ApprovalDoesNotFit, match="That approval is about"):
        published(lowering, by=finance, at=at, approval=approval)


def test_an_approval_serves_once(lowering: PlanVersion, finance: Actor, at: datetime) -> None:
    """Back to 8 GB, and then down to 5 GB again: the second time needs a yes of its own."""
    first = newest = lowering.plan.versions.get(number=1)
    approval = approved_publication(lowering, edits=lowering.edits, **NOW)
    newest = published(lowering, by=finance, at=at, approval=approval).version
    roll_out(version=first, by=finance, at=at + SOON, reason="Back", **NOW)
    with pytest.raises(ApprovalDoesNotFit, match="has served already"):
        roll_out(version=newest, by=finance, at=at + 2 * SOON, reason="Down", approval=approval, **NOW)


def test_the_second_person_may_carry_out_what_they_approve(lowering: PlanVersion, sales: Actor, at: datetime) -> None:
    approval = approved_publication(lowering, edits=lowering.edits, **NOW)
    approver = Actor(sales.kind, "approver", "App Rover", permissions=frozenset({"catalog.approve_publication"}))
    with pytest.raises(NotAllowed):
        published(lowering, by=approver, at=at)
    with pytest.raises(NotAllowed):
        published(lowering, by=sales, at=at, approval=approval)
    assert published(lowering, by=approver, at=at, approval=approval)


def test_finance_may_approve_publications_and_nobody_else() -> None:
    may = {
        role
        for role in ("finance", "sales", "support", "auditor", "administrator")
        if actor(role).may("catalog.approve_publication")
    }
    assert may == {"finance"}


def test_the_same_loss_is_named_once_however_many_versions_it_is_measured_by(
    lowering: PlanVersion, finance: Actor, at: datetime
) -> None:
    first = lowering.plan.versions.get(number=1)
    assert len(losses(version=lowering, moves_from=[first.pk])) == len(losses(version=lowering, moves_from=[])) == 1
