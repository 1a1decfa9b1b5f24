"""What befalls a running subscription: grace and payment, pause and resumption, winding down."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.changes import journal_changes
from entitlements.actions.subscriptions import PERMISSION, open_for_change
from entitlements.domain.facts import Phase
from entitlements.models import Subscription, SubscriptionPhase
from entitlements.queries.entitlements import entitlements_of
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

PHASE_VERBS = {
    Phase.GRACE: "grace:begin",
    Phase.PAUSED: "subscription:pause",
    Phase.WINDING_DOWN: "subscription:wind_down",
}
PHASE_WORDS = {Phase.GRACE: "in grace", Phase.PAUSED: "paused", Phase.WINDING_DOWN: "winding down"}


@transaction.atomic
def begin_phase(
    *, subscription: Subscription, phase: Phase, ends_at: datetime | None, by: Actor, at: datetime
) -> SubscriptionPhase:
    """Put a subscription in grace, paused it or began to wind it down, from this moment on.

    Unpaid at the end of grace it gives nothing; at the end of winding down the subscription is over; after a pause,
    or when it is resumed, it goes on.
    """
    by.require(PERMISSION)
    account = open_for_change(subscription, at)
    _refuse_phase(subscription, phase, ends_at, at=at)
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    row = SubscriptionPhase(subscription=subscription, phase=phase, starts_at=at, ends_at=ends_at)
    keep(row, deed=deed)
    if phase is Phase.WINDING_DOWN and ends_at and (subscription.ends_at is None or ends_at < subscription.ends_at):
        subscription.ends_at = ends_at
        keep(subscription, deed=deed)
    event = record(
        deed,
        PHASE_VERBS[phase],
        subject=subscription,
        account_key=account.key,
        changes={"until": [None, ends_at and ends_at.isoformat()]},
    )
    said = phase.replace("_", " ").capitalize()
    journal_changes(account=account, before=before, at=at, cause=f"{said} began", event=event)
    return row


def _refuse_phase(subscription: Subscription, phase: Phase, ends_at: datetime | None, *, at: datetime) -> None:
    if phase not in PHASE_WORDS:
        raise Refusal("Only grace, pause and winding down begin by a decision; a trial starts with its subscription.")
    if ends_at is None and phase is not Phase.PAUSED:
        raise Refusal(
            f"Say until when it is {PHASE_WORDS[phase]}: only a pause may be without an end.", field="ends_at"
        )
    if ends_at is not None and ends_at <= at:
        raise Refusal("This end has passed already.", field="ends_at")
    unsettled = subscription.phases.filter(phase=phase, restored_at__isnull=True)
    if any(phase is Phase.GRACE or row.window.contains(at) for row in unsettled):
        raise Refusal(f"{subscription} is {PHASE_WORDS[phase]} already.")


@transaction.atomic
def restore(*, subscription: Subscription, by: Actor, at: datetime) -> SubscriptionPhase:
    """Payment came: the grace is over, or what it left closed is open again, from this moment on."""
    by.require(PERMISSION)
    account = open_for_change(subscription, at)
    grace = subscription.phases.filter(phase=Phase.GRACE, restored_at__isnull=True).first()
    if grace is None:
        raise Refusal(f"{subscription} is not in grace, so there is nothing to restore.")
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    grace.restored_at = at
    keep(grace, deed=deed)
    event = record(deed, "subscription:restore", subject=subscription, account_key=account.key)
    journal_changes(account=account, before=before, at=at, cause="Payment came", event=event)
    return grace


@transaction.atomic
def resume(*, subscription: Subscription, by: Actor, at: datetime) -> SubscriptionPhase:
    """Resumed a paused subscription, from this moment on."""
    by.require(PERMISSION)
    account = open_for_change(subscription, at)
    pauses = subscription.phases.filter(phase=Phase.PAUSED)
    pause = next((row for row in pauses if row.window.contains(at)), None)
    if pause is None:
        raise Refusal(f"{subscription} is not paused.")
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    pause.ends_at = at
    keep(pause, deed=deed)
    event = record(deed, "subscription:resume", subject=subscription, account_key=account.key)
    journal_changes(account=account, before=before, at=at, cause="The pause was lifted", event=event)
    return pause
