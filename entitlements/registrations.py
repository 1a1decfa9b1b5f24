"""What this app gives to the journal: who decides its requests, and what undoes its acts."""

from datetime import datetime
from typing import Any

from journal import approvals, reverts
from journal.approvals import ApprovalHandler
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound, Refusal
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
    reopen = Inverse("Reopen this account", permission="entitlements.set_standing", act=reopen_account)
    for verb in ("account:suspend", "account:close"):
        reverts.register(verb, reopen)


def revoke_granted(*, event: Any, by: Actor, at: datetime) -> Any:
    """Revoke the override that an audit event put in force."""
    from entitlements.actions.overrides import revoke
    from entitlements.models import Override

    override = Override.objects.filter(pk=int(event.subject_key)).first()
    if override is None:
        raise NotFound("This override is no longer there.")
    return revoke(override=override, reason=f"Reverted what {event.actor_name} did", by=by, at=at)


def reopen_account(*, event: Any, by: Actor, at: datetime) -> Any:
    """Reopen the account that an audit event suspended or closed."""
    from entitlements.actions.accounts import set_standing
    from entitlements.domain.facts import Standing
    from entitlements.models import Account
    from entitlements.queries.holdings import standings

    account = Account.objects.filter(key=event.account_key).first()
    if account is None:
        raise NotFound("This account is no longer there.")
    if standings(account_ids=[account.pk], at=at)[account.pk] is Standing.OPEN:
        raise Refusal(f"{account} is open already.")
    reason = f"Reverted what {event.actor_name} did"
    return set_standing(account=account, standing=Standing.OPEN, reason=reason, by=by, at=at)
