"""Overrides: granting, approving, rejecting and revoking what a customer is promised beyond the catalog."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from catalog.domain.values import UNLIMITED, Nature, Value
from catalog.domain.window import end_through
from catalog.domain.words import say_value
from catalog.models import Feature
from entitlements.actions.changes import journal_changes
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession, Verdict, verdict
from entitlements.domain.resolution import Resolution
from entitlements.models import Account, Override, Subscription
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import override_ids
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.policies import policy_rules
from journal.actions import approvals
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Approval

MODES = {
    Nature.GATE: {Mode.REPLACE, Mode.DENY},
    Nature.QUANTITY: set(Mode),
    Nature.RANKED: {Mode.REPLACE, Mode.AT_LEAST, Mode.AT_MOST, Mode.DENY},
    Nature.SET: {Mode.REPLACE, Mode.ADD, Mode.DENY},
    Nature.TEXT: {Mode.REPLACE, Mode.DENY},
}


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
    return Proposal(override, before, _judge(override, value, below=before[feature.key], by=by))


def _check_value(feature: Feature, mode: Mode, value: Value | None) -> None:
    shape = feature.shape
    if mode not in MODES[shape.nature]:
        raise Refusal(f"{feature} can't be changed in this way.", field="mode")
    if mode is Mode.DENY:
        return
    if value is None:
        raise Refusal(f"Say what {feature} becomes.", field="value")
    if not shape.suits(value):
        raise Refusal(f"This is not a value {feature} can have.", field="value")
    if isinstance(value, Decimal) and value < 0:
        raise Refusal(
            "An amount can't be negative. To take something away, deny it or set a highest value.", field="value"
        )


def _check_window(override: Override) -> None:
    if override.ends_at is not None and override.ends_at <= override.starts_at:
        raise Refusal("The last day is over already. Choose today or a later day.", field="through_on")
    if override.subscription is None and override.ends_at is None and override.review_on is None:
        raise Refusal("An override for the whole account needs a last day or a day of review.", field="through_on")
    if override.subscription is not None and override.subscription.account_id != override.account_id:
        raise Refusal("That subscription belongs to another customer.", field="subscription")
    if not override.reason:
        raise Refusal("Give a reason: it is shown wherever this override explains an answer.", field="reason")


def _judge(override: Override, value: Value | None, *, below: Resolution, by: Actor) -> Verdict:
    """Whether the role may concede this alone: how long, and how much compared with what the customer has without."""
    concession = Concession.DENIAL if override.mode == Mode.DENY else Concession.OVERRIDE
    days = None if override.ends_at is None else -(-(override.ends_at - override.starts_at).total_seconds() // 86_400)
    percent = None if concession is Concession.DENIAL else rise_in_percent(Mode(override.mode), value, below.value)
    return verdict(
        policy_rules(),
        roles=by.roles,
        concession=concession,
        days=None if days is None else int(days),
        percent=percent,
        times=1,
    )


def rise_in_percent(mode: Mode, value: Value | None, below: Value | None) -> Decimal:
    """By how much a quantity goes up, in percent of what there is without the override.

    From nothing, or to no limit at all, is beyond any percentage. Gates, choices and sets have no amount to compare:
    for them it is 0, and only the length of the window counts.
    """
    if value is UNLIMITED:
        return Decimal(0) if below is UNLIMITED else Decimal("Infinity")
    if not isinstance(value, Decimal) or below is UNLIMITED or mode is Mode.AT_MOST:
        return Decimal(0)
    base = below if isinstance(below, Decimal) else Decimal(0)
    rise = value if mode is Mode.ADD else value - base
    if rise <= 0:
        return Decimal(0)
    return Decimal("Infinity") if base == 0 else rise * 100 / base


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
    """Revoked an override; it stops speaking this second."""
    by.require("entitlements.revoke_override")
    Account.objects.select_for_update().get(pk=override.account_id)
    override = Override.objects.select_related("account", "feature").get(pk=override.pk)
    if override.state != OverrideState.APPROVED or override.revoked_at is not None:
        raise Refusal("This override isn't in force, so there is nothing to revoke.")
    if override.ends_at is not None and override.ends_at <= at:
        raise Refusal("This override has ended by itself already.")
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
