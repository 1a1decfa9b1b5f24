"""Requests to publish that wait for a second person, and whether the draft was written in since it was asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.domain.rollouts import parse_publication
from catalog.models import PlanVersion
from journal.models import Approval

PUBLICATION = "publication"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request about one version that waits, and whether what it asks for is no longer what the draft says."""

    request: Approval
    edited_since: bool


def waiting_requests(*, versions: Collection[PlanVersion]) -> Mapping[int, Waiting]:
    """What waits for a second person about each of these versions, by the version's id; in one query."""
    by_key = {str(version.pk): version for version in versions}
    waiting = Approval.objects.filter(
        kind=PUBLICATION,
        subject_type=PlanVersion._meta.model_name or "",
        subject_key__in=by_key,
        state=Approval.State.PENDING,
    )
    return {
        by_key[request.subject_key].pk: Waiting(request, _edited(by_key[request.subject_key], request))
        for request in waiting
    }


def outdated(approval: Any) -> str:
    """Why a request about a draft can't be approved any more, for whoever decides it; empty while it can."""
    version = PlanVersion.objects.select_related("plan").filter(pk=approval.subject_key).first()
    if version is None:
        return f"{approval.subject_label} was discarded since this was asked."
    if _edited(version, approval):
        return f"{version} was edited since this was asked, so it can't be approved any more. Reject it, and ask anew."
    return ""


def _edited(version: PlanVersion, request: Approval) -> bool:
    return version.is_draft and parse_publication(request.payload).edits != version.edits
