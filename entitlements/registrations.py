"""What this app gives to the journal: who decides its requests, and what undoes its acts."""

from datetime import datetime
from typing import Any

from journal import approvals, reverts
from journal.approvals import ApprovalHandler
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound
from journal.reverts import Inverse


def register_handlers() -> None:
    """Called once from AppConfig.ready(), when every model is there."""
    from entitlements.actions.overrides import approve_request, reject_request
    from entitlements.actions.trials import approve_extension

    decides = "entitlements.approve_concession"
    approvals.register("override", ApprovalHandler(decides, approve=approve_request, reject=reject_request))
    approvals.register("trial_extension", ApprovalHandler(decides, approve=approve_extension))
    revoke = Inverse("Revoke this override", permission="entitlements.revoke_override", act=revoke_granted)
    for verb in ("override:grant", "override:approve"):
        reverts.register(verb, revoke)


def revoke_granted(*, event: Any, by: Actor, at: datetime) -> Any:
    """Revoke the override that an audit event put in force."""
    from entitlements.actions.overrides import revoke
    from entitlements.models import Override

    override = Override.objects.filter(pk=int(event.subject_key)).first()
    if override is None:
        raise NotFound("This override is no longer there.")
    return revoke(override=override, reason=f"Reverted what {event.actor_name} did", by=by, at=at)
