"""Overrides: granting and revoking what a customer is promised beyond, or short of, the catalog.

What is beyond policy waits for someone else (`override_decisions`); edits and renewals stand in `override_changes`.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from catalog.domain.values import Value
from catalog.models import Feature
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.locking import lock_account
from entitlements.actions.override_decisions import carry_out, put_in_force, stop
from entitlements.actions.override_drafts import Proposal, check_day, drafted
from entitlements.domain.facts import Mode
from entitlements.models import Account, Override, ReasonCode, Subscription
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import override_ids, token_of, words_of
from entitlements.queries.contracts.guard import refuse_contract_override
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.policies import judge_grant, judge_revocation
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal, Stale

__all__ = [
    "Proposal",
    "check_day",
    "drafted",
    "grant",
    "propose",
    "put_in_force",
    "require_writer",
    "revoke",
    "stop",
    "words_of",
]
SCOPE = "overrides:write"


@transaction.atomic
def grant(
    *,
    account: Account,
    feature: Feature,
    mode: Mode,
    reason: str,
    by: Actor,
    at: datetime,
    value: Value | None = None,
    subscription: Subscription | None = None,
    starts_at: datetime | None = None,
    through_on: date | None = None,
    review_on: date | None = None,
    typed_unit: str = "",
    link: str = "",
    reason_code: ReasonCode | None = None,
    seen: Collection[int] | None = None,
) -> Override:
    """Granted an override within policy, or asked for one that is beyond it.

    Without a subscription it holds for the whole account, and then needs an end or a review date. "Through" a day is
    said in the account's zone. It never starts before this moment: what was answered until now stays true. `seen` are
    the overrides of the feature that the form knew of: pressed twice, the second press is refused.
    """
    require_writer(by)
    lock_account(account.pk)
    if seen is not None and set(seen) != set(override_ids(account_id=account.pk, feature_id=feature.pk)):
        raise Stale(f"The overrides of {feature} have changed since you opened this form. Look again before granting.")
    proposal = propose(
        account=account,
        feature=feature,
        mode=mode,
        reason=reason,
        by=by,
        at=at,
        value=value,
        subscription=subscription,
        starts_at=starts_at,
        through_on=through_on,
        review_on=review_on,
        typed_unit=typed_unit,
        link=link,
        reason_code=reason_code,
    )
    return carry_out(proposal, verb="override:grant", by=by, at=at)


def propose(
    *,
    account: Account,
    feature: Feature,
    mode: Mode,
    reason: str,
    by: Actor,
    at: datetime,
    value: Value | None = None,
    subscription: Subscription | None = None,
    starts_at: datetime | None = None,
    through_on: date | None = None,
    review_on: date | None = None,
    typed_unit: str = "",
    link: str = "",
    reason_code: ReasonCode | None = None,
) -> Proposal:
    """What granting would write and how it is judged, refused for the same reasons; nothing is written."""
    override = drafted(
        account=account,
        feature=feature,
        mode=mode,
        reason=reason,
        by=by,
        at=at,
        value=value,
        subscription=subscription,
        starts_at=starts_at,
        through_on=through_on,
        review_on=review_on,
        typed_unit=typed_unit,
        link=link,
        reason_code=reason_code,
    )
    before = entitlements_of(account=account, at=at)
    return Proposal(override, before, judge_grant(override=override, by=by, at=at))


def require_writer(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require("entitlements.grant_override")


@transaction.atomic
def revoke(*, override: Override, reason: str, by: Actor, at: datetime, seen: str | None = None) -> Override:
    """Revoked an override; it stops speaking this second.

    Revoking a denial, a cap, or whatever else gives the customer something back is a concession: who may approve
    concessions may do it, or a role whose own policy allows as much for the days that remain, unless it was beyond
    policy and someone approved it (`judge_revocation`). `seen` is the token of the row the person had before them.
    """
    if not by.may(SCOPE):
        by.require("entitlements.revoke_override")
    lock_account(override.account_id)
    override = Override.objects.select_related("account", "feature").get(pk=override.pk)
    _check_revocable(override, at=at)
    if seen is not None and seen != token_of(override):
        raise Stale(f"{override} has changed since you opened this page. Look again before revoking it.")
    judged = judge_revocation(override=override, by=by, at=at)
    if not judged.within:
        raise NotAllowed(
            f"Revoking this gives the customer something back. {judged.because} "
            "Ask someone who may revoke overrides and approve concessions to revoke it."
        )
    before = answers_before(account=override.account, at=at)
    deed = begin(by=by, at=at)
    stop(override, deed=deed)
    event = record(
        deed,
        "override:revoke",
        subject=override,
        account_key=override.account.key,
        reason=reason,
        changes={override.feature.name: [words_of(override), None]},
    )
    journal_changes(account=override.account, before=before, at=at, cause=f"{override} was revoked", event=event)
    return override


def _check_revocable(override: Override, *, at: datetime) -> None:
    refuse_contract_override(override)
    if override.revoked_at is not None:
        raise Stale(f"This override isn't in force: {override.revoked_by} has revoked or changed it already.")
    if override.state != OverrideState.APPROVED:
        raise Refusal("This override isn't in force, so there is nothing to revoke.")
    if override.ends_at is not None and override.ends_at <= at:
        raise Refusal("This override has ended by itself already.")
