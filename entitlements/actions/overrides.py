"""Overrides: granting, approving, rejecting and revoking what a customer is promised beyond the catalog."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from catalog.domain.values import UNLIMITED, Value
from catalog.domain.window import end_through
from catalog.domain.words import say_value
from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.actions.changes import journal_changes
from entitlements.domain.arithmetic import MODES
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Verdict
from entitlements.domain.resolution import Resolution
from entitlements.models import Account, Override, Subscription
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import override_ids
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.policies import judge_grant, judge_revocation
from journal.actions import approvals
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import Approval

FIRST_YEAR, LAST_YEAR = 1970, 2200


@dataclass(frozen=True, slots=True)
class Proposal:
    """An override nobody has kept yet, what the customer has before it, and whether the role may grant it alone."""

    override: Override
    before: Mapping[str, Resolution]
    judged: Verdict


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
    seen: Collection[int] | None = None,
) -> Override:
    """Granted an override within policy, or asked for one that is beyond it.

    Without a subscription it holds for the whole account, and then needs an end or a review date. "Through" a day is
    said in the account's zone. It never starts before this moment: what was answered until now stays true. `seen` are
    the overrides of the feature that the form knew of: pressed twice, the second press is refused.
    """
    by.require("entitlements.grant_override")
    Account.objects.select_for_update().get(pk=account.pk)
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
    )
    if proposal.judged.within:
        return _put_in_force(proposal.override, before=proposal.before, by=by, at=at, verb="override:grant")
    return _ask(proposal.override, why=proposal.judged.because, by=by, at=at)


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
) -> Proposal:
    """What granting would write and how it is judged, refused for the same reasons; nothing is written."""
    _check_value(feature, mode, value)
    check_day(through_on, field="through_on")
    check_day(review_on, field="review_on")
    override = Override(
        account=account,
        subscription=subscription,
        feature=feature,
        mode=mode,
        unlimited=value is UNLIMITED,
        starts_at=max(starts_at or at, at),
        through_on=through_on,
        zone=account.zone if through_on else "",
        ends_at=end_through(through_on, account.zone) if through_on else None,
        review_on=review_on,
        typed_unit=typed_unit,
        reason=reason.strip(),
        link=link,
        requested_at=at,
        requested_by=by.name,
        state=OverrideState.REQUESTED,
    )
    override.set_value(value, shape=feature.shape)
    _check_window(override)
    before = entitlements_of(account=account, at=at)
    return Proposal(override, before, judge_grant(override=override, by=by, at=at))


def _check_value(feature: Feature, mode: Mode, value: Value | None) -> None:
    shape = feature.shape
    if mode not in MODES[shape.nature]:
        raise Refusal(f"{feature} can't be changed in this way.", field="mode")
    if mode is Mode.DENY:
        if value is not None:
            raise Refusal("A denial leaves nothing, so it takes no value. Leave the value empty.", field="value")
        return
    if value is None:
        raise Refusal(f"Say what {feature} becomes.", field="value")
    if not shape.suits(value):
        raise Refusal(f"This is not a value {feature} can have.", field="value")
    if isinstance(value, Decimal) and value < 0:
        raise Refusal(
            "An amount can't be negative. To take something away, deny it or set a highest value.", field="value"
        )


def check_day(day: date | None, *, field: str) -> None:
    """Refuse a day that can only be a slip of the pen; at the very ends of the calendar no zone can say it."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refusal(f"The year {day.year} can't be meant. Choose a day from today to {LAST_YEAR}.", field=field)


def _check_window(override: Override) -> None:
    if override.ends_at is not None and override.ends_at <= override.starts_at:
        raise Refusal("The last day is over already. Choose today or a later day.", field="through_on")
    if override.subscription is None and override.ends_at is None and override.review_on is None:
        raise Refusal("An override for the whole account needs a last day or a day of review.", field="through_on")
    if override.subscription is not None and override.subscription.account_id != override.account_id:
        raise Refusal("That subscription belongs to another customer.", field="subscription")
    if not override.reason:
        raise Refusal("Give a reason: it is shown wherever this override explains an answer.", field="reason")


def _put_in_force(
    override: Override, *, before: Mapping[str, Resolution], by: Actor, at: datetime, verb: str
) -> Override:
    deed = begin(by=by, at=at)
    override.state = OverrideState.APPROVED
    override.approved_at, override.approved_by = at, by.name
    keep(override, deed=deed)
    event = record(
        deed,
        verb,
        subject=override,
        account_key=override.account.key,
        reason=override.reason,
        changes={override.feature.name: [None, words_of(override)]},
    )
    journal_changes(account=override.account, before=before, at=at, cause=f"{override}: {override.reason}", event=event)
    return override


def _ask(override: Override, *, why: str, by: Actor, at: datetime) -> Override:
    waiting = Override.objects.filter(
        account=override.account, feature=override.feature, state=OverrideState.REQUESTED
    ).first()
    if waiting is not None:
        raise Refusal(
            f"An override on {override.feature} waits for approval already, asked for by {waiting.requested_by}. "
            "Withdraw that request first, or wait for its decision."
        )
    deed = begin(by=by, at=at)
    keep(override, deed=deed)
    approvals.request(
        kind="override",
        subject=override,
        account_key=override.account.key,
        summary=f"{override.account}: {override.feature} {words_of(override)}. {why}",
        payload={},
        reason=override.reason,
        by=by,
        at=at,
    )
    return override


def words_of(override: Override) -> str:
    """What the override does, as a person would say it: "+ 20 GB through 31 March 2026 (Europe/Amsterdam)"."""
    shape = override.feature.shape
    value = override.value
    said = "" if value is None else say_value(value, shape=shape, typed_unit=override.typed_unit)
    what = {
        Mode.REPLACE: f"becomes {said}",
        Mode.ADD: f"+ {said}",
        Mode.AT_LEAST: f"at least {said}",
        Mode.AT_MOST: f"at most {said}",
        Mode.DENY: "denied",
    }[Mode(override.mode)]
    if override.through_on is None and override.ends_at is not None:  # what a promotional code gave
        return f"{what} until {say_instant(override.ends_at, zone=override.zone or 'UTC')}"
    if override.through_on is None:
        return f"{what}, no end"
    return f"{what} through {override.through_on.day} {override.through_on:%B %Y} ({override.zone})"


def approve_request(*, approval: Approval, by: Actor, at: datetime) -> Override:
    """Approved an override that was beyond the requester's policy; it starts now if it should have started before."""
    override = _requested(approval)
    Account.objects.select_for_update().get(pk=override.account_id)
    override.starts_at = max(override.starts_at, at)
    if override.ends_at is not None and override.ends_at <= override.starts_at:
        raise Refusal("The last day of this override has passed while it waited. Reject it and ask anew.")
    before = entitlements_of(account=override.account, at=at)
    return _put_in_force(override, before=before, by=by, at=at, verb="override:approve")


def reject_request(*, approval: Approval, by: Actor, at: datetime) -> Override:
    """Rejected an override that was asked for."""
    override = _requested(approval)
    deed = begin(by=by, at=at)
    override.state = OverrideState.REJECTED
    keep(override, deed=deed)
    record(deed, "override:reject", subject=override, account_key=override.account.key, reason=approval.note)
    return override


def _requested(approval: Approval) -> Override:
    override = Override.objects.select_related("account", "feature", "subscription").get(pk=int(approval.subject_key))
    if override.state != OverrideState.REQUESTED:
        raise Refusal("This override is no longer waiting for a decision.")
    return override


@transaction.atomic
def revoke(*, override: Override, reason: str, by: Actor, at: datetime) -> Override:
    """Revoked an override; it stops speaking this second.

    Revoking a denial, a cap, or whatever else gives the customer something back is a concession: who may approve
    concessions may do it, or a role whose own policy allows as much for the days that remain, unless it was beyond
    policy and someone approved it (`judge_revocation`).
    """
    by.require("entitlements.revoke_override")
    Account.objects.select_for_update().get(pk=override.account_id)
    override = Override.objects.select_related("account", "feature").get(pk=override.pk)
    if override.state != OverrideState.APPROVED or override.revoked_at is not None:
        raise Refusal("This override isn't in force, so there is nothing to revoke.")
    if override.ends_at is not None and override.ends_at <= at:
        raise Refusal("This override has ended by itself already.")
    judged = judge_revocation(override=override, by=by, at=at)
    if not judged.within:
        raise NotAllowed(
            f"Revoking this gives the customer something back. {judged.because} "
            "Ask someone who may revoke overrides and approve concessions to revoke it."
        )
    before = entitlements_of(account=override.account, at=at)
    deed = begin(by=by, at=at)
    override.revoked_at, override.revoked_by = at, by.name
    keep(override, deed=deed)
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
