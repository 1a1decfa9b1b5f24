"""Giving a version that was published before to more customers, or to all of them again."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.publishing import publish, retire, roll_out
from catalog.domain.rollouts import Audience, version_at
from catalog.models import PlanVersion, Rollout
from catalog.queries.versions import newest_published, on_sale, rollouts_of
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import PlanTermFactory, PlanVersionFactory, StorageFactory, published_version

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def versions(finance: Actor, at: datetime) -> tuple[PlanVersion, PlanVersion]:
    """Two versions that say the same; the second was published for new customers only."""
    first = published_version(feature=StorageFactory(), amount=8 * 10**9)
    draft = PlanVersionFactory(plan=first.plan)
    PlanTermFactory(version=draft, feature=first.terms.get().feature, amount=8 * 10**9)
    publish(version=draft, audience=Audience.NEW_CUSTOMERS, effective_at=None, edits=0, by=finance, at=at - DAY)
    draft.refresh_from_db()
    return first, draft


def rolled_out(version: PlanVersion, *, by: Actor, at: datetime, **options: object) -> Rollout:
    told = {"audience": Audience.NOW, "effective_at": None, "reason": "They asked for it"} | options
    return roll_out(version=version, by=by, at=at, **told)


def version_of(pinned: PlanVersion, at: datetime) -> int:
    facts = [rollout.fact for rollout in rollouts_of(plans=[pinned.plan])]
    return int(version_at(pinned=str(pinned.pk), rollouts=facts, at=at)[0])


def test_the_others_get_it_later(versions: tuple[PlanVersion, PlanVersion], finance: Actor, at: datetime) -> None:
    first, second = versions
    assert version_of(first, at) == first.pk
    rollout = rolled_out(second, by=finance, at=at)
    assert rollout.moves_from == [first.pk, second.pk]
    assert version_of(first, at) == second.pk
    assert AuditEvent.objects.get(verb="plan:roll_out").reason == "They asked for it"


def test_going_back_reaches_whoever_pinned_the_former_version_too(
    versions: tuple[PlanVersion, PlanVersion], finance: Actor, at: datetime
) -> None:
    first, second = versions
    rolled_out(second, by=finance, at=at)
    rolled_out(first, by=finance, at=at + DAY)
    assert [version_of(pinned, at + DAY) for pinned in versions] == [first.pk, first.pk]
    assert [version_of(pinned, at) for pinned in versions] == [second.pk, second.pk]
    assert on_sale(plan=first.plan, at=at + DAY) == first == newest_published(plan=first.plan)


def test_back_for_new_customers_only_moves_nobody(
    versions: tuple[PlanVersion, PlanVersion], finance: Actor, at: datetime
) -> None:
    first, second = versions
    rollout = rolled_out(first, by=finance, at=at, audience=Audience.NEW_CUSTOMERS)
    assert rollout.moves_from == []
    assert on_sale(plan=first.plan, at=at) == first
    assert version_of(second, at) == second.pk


def test_everybody_isnt_moved_to_what_everybody_has(
    versions: tuple[PlanVersion, PlanVersion], finance: Actor, at: datetime
) -> None:
    rolled_out(versions[1], by=finance, at=at)
    with pytest.raises(Refusal, match=r"has .* already"):
        rolled_out(versions[1], by=finance, at=at + DAY)


def test_nobody_is_moved_over_what_is_still_to_come(
    versions: tuple[PlanVersion, PlanVersion], finance: Actor, at: datetime
) -> None:
    first, second = versions
    rolled_out(second, by=finance, at=at, audience=Audience.ON_DATE, effective_at=at + DAY)
    with pytest.raises(Refusal, match="call that off first"):
        rolled_out(first, by=finance, at=at)


def test_a_draft_is_published_and_a_retired_version_is_over(
    versions: tuple[PlanVersion, PlanVersion], finance: Actor, at: datetime
) -> None:
    draft = PlanVersionFactory(plan=versions[0].plan)
    with pytest.raises(Refusal, match="publish it instead"):
        rolled_out(draft, by=finance, at=at)
    retire(version=versions[0], by=finance, at=at)
    with pytest.raises(Refusal, match="is retired"):
        rolled_out(versions[0], by=finance, at=at)


def test_customers_are_moved_for_a_reason_and_from_a_moment_to_come(
    versions: tuple[PlanVersion, PlanVersion], finance: Actor, at: datetime
) -> None:
    with pytest.raises(Invalid) as without_reason:
        rolled_out(versions[1], by=finance, at=at, reason=" ")
    assert without_reason.value.field == "reason"
    with pytest.raises(Invalid) as too_late:
        rolled_out(versions[1], by=finance, at=at, audience=Audience.ON_DATE, effective_at=at - DAY)
    assert too_late.value.field == "effective_at"


def test_sales_may_not_move_anybody(versions: tuple[PlanVersion, PlanVersion], sales: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        rolled_out(versions[1], by=sales, at=at)
