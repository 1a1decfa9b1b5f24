"""Four eyes on what a publication takes away: who has to say yes, and whether this yes is for this publication."""

from collections.abc import Sequence

from catalog.domain.rollouts import Publication, parse_publication
from catalog.domain.version_diff import Change
from catalog.models import PlanVersion, Rollout
from journal.domain import refusal
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal
from journal.models import Approval

PUBLISH = "catalog.publish_plan"
APPROVE = "catalog.approve_publication"
KIND = "publication"
TOLD = 3  # of what is lost, so many are named in the refusal; the review shows all


class NeedsSecondPerson(refusal.NeedsSecondPerson):
    """A publication lowers or removes something, so someone else has to approve it first; `losses` are what."""

    def __init__(self, losses: Sequence[Change]) -> None:
        named = "; ".join(change.sentence for change in losses[:TOLD])
        more = f"; and {len(losses) - TOLD} more" if len(losses) > TOLD else ""
        super().__init__(f"This takes something away, so a second person has to approve it. {named}{more}.")
        self.losses = tuple(losses)


class ApprovalDoesNotFit(Refusal):
    """The approval is not one for this publication, as it stands now."""

    code = "approval_does_not_fit"


def require_right(*, by: Actor, approval: Approval | None) -> None:
    """Whoever may publish may; and the second person may carry out what they approve."""
    if approval is None or not by.may(APPROVE):
        by.require(PUBLISH)


def fitting_approval(
    *, version: PlanVersion, asked: Publication, losses: Sequence[Change], approval: Approval | None
) -> Approval | None:
    """The approval that lets this publication take something away; one that takes nothing away needs none."""
    if approval is None:
        if losses:
            raise NeedsSecondPerson(losses)
        return None
    held = Approval.objects.select_for_update().get(pk=approval.pk)
    _refuse_another(held, version)
    if held.state != Approval.State.APPROVED or held.decided_by_key == held.requested_by_key:
        raise ApprovalDoesNotFit(f"The request about {version} has not been approved by a second person.")
    if parse_publication(held.payload) != asked:
        raise ApprovalDoesNotFit(
            f"What was approved for {version} is not what is asked for now: the draft, the audience or the date has "
            "changed since. Ask for approval again."
        )
    if Rollout.objects.filter(approval=held).exists():
        raise ApprovalDoesNotFit(f"This approval about {version} has served already; ask for another.")
    return held


def _refuse_another(approval: Approval, version: PlanVersion) -> None:
    about = (approval.kind, approval.subject_type, approval.subject_key)
    if about != (KIND, version._meta.model_name, str(version.pk)):
        raise ApprovalDoesNotFit(f"That approval is about {approval.subject_label}, not about publishing {version}.")


def said_reason(reason: str, *, losses: Sequence[Change], approval: Approval | None) -> str:
    """Why, in the words of whoever asked; nobody takes something away without saying why."""
    said = reason.strip() or (approval.reason if approval is not None else "").strip()
    if losses and not said:
        raise Invalid("Say why: this takes something away from customers.", field="reason")
    return said
