"""Two people at the same moment: exactly one of two that exclude each other, and never half of either."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import cancel_rollout, publish, retire, roll_out
from catalog.domain.rollouts import Audience
from catalog.models import PlanVersion, Rollout
from catalog.queries.versions import on_sale
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import AuditEvent
from tests.catalog.factories import PlanTermFactory, PlanVersionFactory, publish_now, published_version
from tests.conftest import actor
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)
SOON = timedelta(days=30)


def a_draft(at: datetime) -> PlanVersion:
    return open_draft(plan=published_version().plan, by=SYSTEM, at=at)


def outcome(found: list[object]) -> tuple[int, int]:
    """How many were done, and how many refused; anything else is a mistake."""
    refused = [one for one in found if isinstance(one, Refusal)]
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, Refusal)], found
    return len(found) - len(refused), len(refused)


def published(draft: PlanVersion, at: datetime, **whom: object) -> Rollout:
    told = {"audience": Audience.NOW, "effective_at": None, "edits": 0} | whom
    return publish(version=draft, by=actor("finance"), at=at, **told)


def test_a_draft_published_by_two_is_published_once(at: datetime) -> None:
    draft = a_draft(at)
    found = at_once(lambda: published(draft, at), lambda: published(draft, at, audience=Audience.NEW_CUSTOMERS))
    assert outcome(found) == (1, 1)
    assert Rollout.objects.filter(version=draft).count() == 1
    assert AuditEvent.objects.filter(verb="plan:publish", subject_key=str(draft.pk)).count() == 1


def test_two_that_meet_are_never_both_scheduled(at: datetime) -> None:
    first = published_version()
    draft = PlanVersionFactory(plan=first.plan)
    PlanTermFactory(version=draft, feature=first.terms.get().feature)
    second = publish_now(draft, audience=Audience.NEW_CUSTOMERS)
    newest = open_draft(plan=first.plan, by=SYSTEM, at=at)
    later = {"audience": Audience.ON_DATE, "effective_at": at + SOON}
    back = {**later, "reason": "Back", "by": actor("finance"), "at": at}
    found = at_once(lambda: published(newest, at, **later), lambda: roll_out(version=second, **back))
    assert outcome(found) == (1, 1)
    assert Rollout.objects.filter(effective_at=at + SOON).count() == 1


def test_called_off_by_two_it_is_called_off_once(at: datetime) -> None:
    rollout = published(a_draft(at), at, audience=Audience.ON_DATE, effective_at=at + SOON)
    told = {"rollout": rollout, "by": actor("finance"), "at": at, "reason": "Too early"}
    assert outcome(at_once(lambda: cancel_rollout(**told), lambda: cancel_rollout(**told))) == (1, 1)
    assert AuditEvent.objects.filter(verb="plan:call_off").count() == 1


def test_publishing_and_calling_off_at_once_leave_one_answer(at: datetime) -> None:
    """Whoever is first: the draft is published only if what it would meet was called off by then."""
    rollout = published(a_draft(at), at, audience=Audience.ON_DATE, effective_at=at + SOON)
    draft = open_draft(plan=rollout.version.plan, by=SYSTEM, at=at)
    by = actor("finance")
    found = at_once(
        lambda: cancel_rollout(rollout=rollout, by=by, at=at, reason="Too early"), lambda: published(draft, at)
    )
    assert not isinstance(found[0], Exception)
    sold = on_sale(plan=draft.plan, at=at + 2 * SOON)
    assert sold is not None
    assert sold.number == (1 if isinstance(found[1], Refusal) else draft.number)


def test_retired_and_rolled_out_at_once_it_is_off_sale(at: datetime) -> None:
    first = published_version()
    draft = PlanVersionFactory(plan=first.plan)
    PlanTermFactory(version=draft, feature=first.terms.get().feature)
    publish_now(draft)
    by = actor("finance")
    whom = {"audience": Audience.NOW, "effective_at": None, "reason": "Back"}
    found = at_once(lambda: retire(version=first, by=by, at=at), lambda: roll_out(version=first, by=by, at=at, **whom))
    assert not isinstance(found[0], Exception)
    assert isinstance(found[1], Refusal) == (on_sale(plan=first.plan, at=at) is not None)
