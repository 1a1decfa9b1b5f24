"""Requests to publish that wait: which draft each is about, and whether it was written in since."""

from datetime import datetime
from typing import Any

import pytest

from catalog.actions.drafts import open_draft
from catalog.domain.rollouts import Audience, publication_payload
from catalog.models import PlanVersion
from catalog.queries.requests import outdated, waiting_requests
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.catalog.factories import published_version
from tests.journal.factories import ApprovalFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(at: datetime) -> PlanVersion:
    return open_draft(plan=published_version().plan, by=SYSTEM, at=at)


def asked(draft: PlanVersion, *, edits_ago: int = 0, **more: Any) -> Approval:
    edits = draft.edits - edits_ago
    payload = publication_payload(audience=Audience.NOW, effective_at=None, edits=edits)
    about = {"kind": "publication", "subject_type": "planversion", "subject_key": str(draft.pk)}
    return ApprovalFactory(**about, payload=payload, subject_label=str(draft), **more)


def test_what_waits_is_told_of_its_draft(draft: PlanVersion) -> None:
    request = asked(draft)
    found = waiting_requests(versions=[draft])
    assert (found[draft.pk].request, found[draft.pk].edited_since, outdated(request)) == (request, False, "")


def test_a_draft_that_was_written_in_since_is_told(draft: PlanVersion) -> None:
    request = asked(draft, edits_ago=1)
    assert waiting_requests(versions=[draft])[draft.pk].edited_since
    assert "was edited since this was asked" in outdated(request)


def test_a_draft_that_is_gone_is_told(draft: PlanVersion) -> None:
    request = asked(draft)
    Approval.objects.filter(pk=request.pk).update(subject_key="999999")
    request.refresh_from_db()
    assert "was discarded since this was asked" in outdated(request)


def test_what_is_decided_or_about_something_else_waits_no_more(draft: PlanVersion) -> None:
    decided = {"decided_at": "2026-02-01T00:00Z", "decided_by_key": "k", "decided_by_name": "Eve"}
    asked(draft, state="rejected", **decided)
    ApprovalFactory(kind="market_withdrawal", subject_type="plan", subject_key=str(draft.pk))
    assert waiting_requests(versions=[draft]) == {}
