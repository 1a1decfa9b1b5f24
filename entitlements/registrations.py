"""What this app gives to the journal: who decides its requests, and what undoes its acts."""

from datetime import datetime
from typing import Any

from journal import approvals, jobs, reverts
from journal.approvals import ApprovalHandler
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound, Refusal
from journal.reverts import Inverse


def register_handlers() -> None:
    """Called once from AppConfig.ready(), when every model is there."""
    from entitlements.actions import trial_reactivation
    from entitlements.actions.overrides import approve_request, reject_request
    from entitlements.actions.trials import approve_extension
    from entitlements.queries.life.trials import outdated_extension
    from entitlements.queries.story.moments import register_moments

    decides = "entitlements.approve_concession"
    approvals.register("override", ApprovalHandler(decides, approve=approve_request, reject=reject_request))
    extension = ApprovalHandler(decides, approve=approve_extension, outdated=outdated_extension)
    approvals.register("trial_extension", extension)
    again = ApprovalHandler(decides, approve=trial_reactivation.approve_reactivation)
    approvals.register(trial_reactivation.KIND, again)
    register_billing()
    register_holders()
    register_publications()
    register_moments()
    revoke = Inverse("Revoke this override", permission="entitlements.revoke_override", act=revoke_granted)
    for verb in ("override:grant", "override:approve"):
        reverts.register(verb, revoke)
    reopen = Inverse("Reopen this account", permission="entitlements.set_standing", act=reopen_account)
    for verb in ("account:suspend", "account:close"):
        reverts.register(verb, reopen)


def register_billing() -> None:
    """By what means systems that bill are told; until one is connected, what it would be told is logged."""
    from entitlements.actions.billing import BILLING
    from entitlements.integrations.billing import console
    from journal import senders

    senders.register(BILLING, console.send)


def register_holders() -> None:
    """What publishing and retiring ask about customers."""
    from catalog import holders
    from entitlements.queries.clock.market_accounts import accounts_by_market
    from entitlements.queries.publishing.grandfathering import frozen_cohort_name, holders_by_version, running_trials

    holders.register(holders.Holders(holders_by_version, running_trials, frozen_cohort_name, accounts_by_market))


def register_publications() -> None:
    """Who decides publications that take something away, and the long work that counts and tells what they do."""
    from catalog.actions.second_person import APPROVE
    from catalog.queries.requests import outdated
    from entitlements.actions import counting, rollout_changes
    from entitlements.actions.publications import approve_publication
    from entitlements.queries.publishing.publications import COUNTING, KIND

    handler = ApprovalHandler(APPROVE, approve=approve_publication, review=review_of, outdated=outdated)
    approvals.register(KIND, handler)
    jobs.register(COUNTING, counting.HANDLER)
    jobs.register(rollout_changes.KIND, rollout_changes.HANDLER)


def review_of(approval: Any) -> str:
    """The last step of publishing, with what was asked for already chosen."""
    from django.urls import reverse

    from catalog.domain.rollouts import parse_publication
    from entitlements.admin.publishing.forms import as_query

    address = reverse("admin:entitlements_publish_check", args=[approval.subject_key])
    return f"{address}?{as_query(parse_publication(approval.payload))}"


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
