"""Publishing with its impact in sight: counted again when it happens, and stopped where it is another by then.

The figures that somebody read are an argument of every act here. If as few as one account in a hundred more or less is
reached, gains or loses by the time it happens, it is refused with both figures, and the person decides anew.

Up to INLINE accounts are counted in the very transaction that publishes. More are counted by a job first
(`counting`), and its last step publishes.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.actions.publishing import publication_payload, publish, roll_out
from catalog.actions.second_person import PUBLISH
from catalog.domain.rollouts import Publication, parse_publication
from catalog.models import PlanVersion, Rollout
from catalog.queries.publishing import base_moved, blockers
from entitlements.domain.figures import Figures, differs, say_figures
from entitlements.queries.publishing.impact import Impact, impact
from entitlements.queries.publishing.publications import (
    COUNTING,
    KIND,
    key_of,
    pending_request,
    summary_of,
    too_many_to_wait,
    what_it_takes_away,
)
from journal.actions import approvals, jobs
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Approval, Job

TYPED_BEYOND = 10  # if more accounts than these lose something, their number is typed, not clicked away


class Off(Refusal):
    """What was shown is no longer what would happen."""

    code = "impact_differs"


@transaction.atomic
def release(
    *,
    version: PlanVersion,
    publication: Publication,
    seen: Figures,
    reason: str,
    by: Actor,
    at: datetime,
    confirmed: int | None = None,
    approval: Approval | None = None,
) -> Rollout | Job:
    """A version was given to customers, its impact counted again in the same breath; or the job that does so begun."""
    _refuse_unconfirmed(seen, confirmed, approval)
    if too_many_to_wait(version, publication, at=at):
        return start_count(
            version=version, publication=publication, seen=seen, reason=reason, by=by, at=at, approval=approval
        )
    refuse_if_off(seen, _counted(version, publication, at=at))
    return carry_out(version=version, publication=publication, reason=reason, by=by, at=at, approval=approval)


def carry_out(
    *,
    version: PlanVersion,
    publication: Publication,
    reason: str,
    by: Actor,
    at: datetime,
    approval: Approval | None = None,
) -> Rollout:
    """A draft is published; a version that was published before is rolled out."""
    told: dict[str, Any] = {
        "version": version,
        "audience": publication.audience,
        "effective_at": publication.effective_at,
        "cohort_key": publication.cohort_key,
        "reason": reason,
        "approval": approval,
        "by": by,
        "at": at,
    }
    return publish(**told, edits=publication.edits) if version.is_draft else roll_out(**told)


@transaction.atomic
def request_publication(
    *,
    version: PlanVersion,
    publication: Publication,
    counted: Impact,
    reason: str,
    by: Actor,
    at: datetime,
    confirmed: int | None = None,
) -> Approval:
    """A second person was asked to approve a publication that takes something away, with what it does to whom."""
    by.require(PUBLISH)
    held = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version.pk)
    _refuse_to_ask(held, publication, at=at)
    _refuse_unconfirmed(counted.figures, confirmed)
    if not reason.strip():
        raise Invalid("Say why: this takes something away from customers.", field="reason")
    if not too_many_to_wait(held, publication, at=at):
        refuse_if_off(counted.figures, _counted(held, publication, at=at))
    taken = what_it_takes_away(held, publication)
    return approvals.request(
        kind=KIND,
        subject=held,
        summary=summary_of(held, publication, counted, taken),
        payload=_payload(publication) | {"impact": counted.figures.as_json()},
        reason=reason.strip(),
        by=by,
        at=at,
    )


def approve_publication(*, approval: Approval, by: Actor, at: datetime) -> Rollout | Job:
    """What was asked for is published, if it does to customers what it did when it was asked for."""
    version = PlanVersion.objects.select_related("plan").filter(pk=int(approval.subject_key)).first()
    if version is None:
        raise Stale("The draft this was about has been discarded, so there is nothing left to publish.")
    publication = parse_publication(approval.payload)
    if version.edits != publication.edits:
        raise Stale(
            f"{version} was edited after this was asked for, so what was asked for no longer stands. Reject the "
            "request, or let whoever asked withdraw it; then they can ask again."
        )
    return release(
        version=version,
        publication=publication,
        seen=Figures.from_json(approval.payload["impact"]),
        reason=approval.reason,
        by=by,
        at=at,
        approval=approval,
    )


@transaction.atomic
def start_count(
    *,
    version: PlanVersion,
    publication: Publication,
    by: Actor,
    at: datetime,
    seen: Figures | None = None,
    reason: str = "",
    approval: Approval | None = None,
) -> Job:
    """The count of what a publication does was begun; given figures to compare with, it publishes at its end."""
    by.require(PUBLISH)
    return jobs.start(
        kind=COUNTING,
        title=f"{'Count what' if seen is None else 'Check, then publish'} {version}{' does' if seen is None else ''}",
        payload={
            "version": version.pk,
            "key": key_of(version, publication),
            "publication": _payload(publication),
            "seen": None if seen is None else seen.as_json(),
            "reason": reason,
            "approval": None if approval is None else approval.pk,
        },
        by=by,
        at=at,
    )


def refuse_if_off(seen: Figures, now: Figures) -> None:
    if differs(seen, now):
        raise Off(
            f"Its impact has changed since it was counted. Then: {say_figures(seen)}. Now: {say_figures(now)}. "
            "Nothing was published; look at it again, then decide."
        )


def _counted(version: PlanVersion, publication: Publication, *, at: datetime) -> Figures:
    return impact(
        version=version,
        audience=publication.audience,
        effective_at=publication.effective_at,
        cohort_key=publication.cohort_key,
        at=at,
    ).figures


def _payload(publication: Publication) -> dict[str, Any]:
    return publication_payload(
        audience=publication.audience,
        effective_at=publication.effective_at,
        edits=publication.edits,
        cohort_key=publication.cohort_key,
    )


def _refuse_unconfirmed(seen: Figures, confirmed: int | None, approval: Approval | None = None) -> None:
    """Whoever takes something away from many types how many they are; the second person has read it."""
    if approval is None and seen.lose > TYPED_BEYOND and confirmed != seen.lose:
        raise Invalid(f"Type {seen.lose}: so many accounts lose something.", field="confirmed")


def _refuse_to_ask(held: PlanVersion, publication: Publication, *, at: datetime) -> None:
    """What could not be published anyway is not asked for either."""
    asked = pending_request(held)
    if asked is not None:
        raise Refusal(
            f"{asked.requested_by_name} has asked for this already, and it waits for a second person. It has to be "
            "decided or withdrawn before something else can be asked for."
        )
    if held.edits != publication.edits:
        raise Stale()
    if not held.is_draft:
        return
    blocked = blockers(version=held, at=at, audience=publication.audience)
    if blocked:
        raise Refusal(f"{held} can't be published yet. " + " ".join(blocker.sentence for blocker in blocked))
    moved = base_moved(version=held)
    if moved is not None:
        raise Stale(moved.sentence)
