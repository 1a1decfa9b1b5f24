"""What befalls a running subscription: payments that fail and come, pauses, leaving and staying after all.

Which of it is permitted where is one table (domain/lifecycle.py), asked first in every action. Each subscription stands
for itself: one that isn't paid leaves another of the same account as it is.
"""

from datetime import datetime

from django.db import transaction

from catalog.domain.window import add_days
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.decided import call_off, note_change
from entitlements.actions.subscriptions import open_for_change, require_seller
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import Move
from entitlements.domain.timing import ChangeSort, Proration, Timing
from entitlements.models import Subscription, SubscriptionChange, SubscriptionPhase
from entitlements.queries.life.change_dates import Leaving, leaving
from entitlements.queries.life.held_plans import grace_days_of
from entitlements.queries.life.planned import pending_cancellation
from entitlements.queries.life.state import NotPermitted, require_move
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal

__all__ = [
    "AlreadyCancelled",
    "AlreadyInGrace",
    "NotPermitted",
    "cancel",
    "fail_payment",
    "keep_going",
    "pause",
    "require_move",
    "restore",
    "resume",
    "write_leaving",
]

PAYMENT = "entitlements.record_payment"
PAYMENT_SCOPE = "payments:write"
LONGEST_GRACE = 365


class AlreadyInGrace(NotPermitted):
    """The payment that failed before has not come yet; a second failure changes nothing."""

    code = "already_in_grace"


class AlreadyCancelled(Refusal):
    """It was cancelled before; its end is known."""

    code = "already_cancelled"


@transaction.atomic
def fail_payment(
    *, subscription: Subscription, by: Actor, at: datetime, grace_days: int | None = None, reason: str = ""
) -> SubscriptionPhase:
    """A payment failed: the subscription is in grace from this moment on, and unpaid at its end it gives nothing.

    The grace is so many calendar days in the customer's zone: as said, else as the plan's version says, else 14.
    None at all closes it at once.
    """
    _require_payment(by)
    account = open_for_change(subscription, at, befalls=True)
    unsettled = subscription.phases.filter(phase=Phase.GRACE, restored_at=None).first()
    if unsettled is not None:
        raise AlreadyInGrace(f"{subscription} waits for a payment already, since {unsettled.starts_at:%d %B %Y}.")
    require_move(subscription, Move.FAIL_PAYMENT, at=at)
    days = grace_days_of(subscription, at=at) if grace_days is None else grace_days
    if not 0 <= days <= LONGEST_GRACE:
        raise Invalid(f"A grace lasts from 0 to {LONGEST_GRACE} days.", field="grace_days")
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    end = add_days(at, days, account.zone)
    grace = keep(SubscriptionPhase(subscription=subscription, phase=Phase.GRACE, starts_at=at, ends_at=end), deed=deed)
    event = record(
        deed,
        "grace:begin",
        subject=subscription,
        account_key=account.key,
        reason=reason,
        changes={"until": [None, end.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause="A payment failed", event=event)
    return grace


@transaction.atomic
def restore(*, subscription: Subscription, by: Actor, at: datetime) -> SubscriptionPhase:
    """Payment came: the grace is over, or what it left closed is open again, from this moment on."""
    _require_payment(by)
    account = open_for_change(subscription, at, befalls=True)
    require_move(subscription, Move.RESTORE, at=at)
    grace = subscription.phases.filter(phase=Phase.GRACE, restored_at__isnull=True).first()
    if grace is None:
        raise NotPermitted(f"{subscription} is not in grace, so there is nothing to restore.")
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    grace.restored_at = at
    keep(grace, deed=deed)
    event = record(deed, "subscription:restore", subject=subscription, account_key=account.key)
    journal_changes(account=account, before=before, at=at, cause="Payment came", event=event)
    return grace


@transaction.atomic
def pause(
    *, subscription: Subscription, by: Actor, at: datetime, until: datetime | None = None, reason: str = ""
) -> SubscriptionPhase:
    """Paused a subscription from this moment on, until an instant to come or until it is resumed.

    Meanwhile it gives only what its plan says for a pause.
    """
    require_seller(by)
    account = open_for_change(subscription, at, befalls=True)
    require_move(subscription, Move.PAUSE, at=at)
    if until is not None and until <= at:
        raise Invalid("This end has passed already. A pause ends later, or stays open.", field="until")
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    row = SubscriptionPhase(subscription=subscription, phase=Phase.PAUSED, starts_at=at, ends_at=until)
    keep(row, deed=deed)
    event = record(
        deed,
        "subscription:pause",
        subject=subscription,
        account_key=account.key,
        reason=reason,
        changes={"until": [None, until and until.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause="A pause began", event=event)
    return row


@transaction.atomic
def resume(*, subscription: Subscription, by: Actor, at: datetime) -> SubscriptionPhase:
    """Resumed a paused subscription, from this moment on."""
    require_seller(by)
    account = open_for_change(subscription, at, befalls=True)
    require_move(subscription, Move.RESUME, at=at)
    pauses = subscription.phases.filter(phase=Phase.PAUSED)
    paused = next(row for row in pauses if row.window.contains(at))
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    paused.ends_at = at
    keep(paused, deed=deed)
    event = record(deed, "subscription:resume", subject=subscription, account_key=account.key)
    journal_changes(account=account, before=before, at=at, cause="The pause was lifted", event=event)
    return paused


@transaction.atomic
def cancel(
    *,
    subscription: Subscription,
    timing: Timing,
    by: Actor,
    at: datetime,
    reason: str,
    on: datetime | None = None,
    keep_days: int | None = None,
    proration: Proration = Proration.NONE,
) -> SubscriptionChange:
    """The customer leaves: now, at the renewal (of a trial, at its end) or on a date, with some days of access after.

    The days are calendar days in the customer's zone: as said, else as the plan's version says, else none; none
    either for a trial, or before it begins. Until it ends, the cancellation can be taken back.
    """
    require_seller(by)
    account = open_for_change(subscription, at)
    known = pending_cancellation(subscription, at=at)
    if known is not None:
        raise AlreadyCancelled(f"{subscription} is cancelled already, as of {known.effective_at:%d %B %Y}.")
    require_move(subscription, Move.CANCEL, at=at)
    left = leaving(subscription, timing=timing, at=at, on=on, keep_days=keep_days)
    before, was = answers_before(account=account, at=at), subscription.ends_at
    deed = begin(by=by, at=at)
    change = write_leaving(subscription, left, proration=proration, reason=reason, deed=deed)
    event = record(
        deed,
        "subscription:cancel",
        subject=subscription,
        account_key=account.key,
        reason=reason,
        changes={
            "timing": [None, timing.value],
            "as_of": [None, left.effective_at.isoformat()],
            "ends_at": [was and was.isoformat(), left.ends_at.isoformat()],
            "proration": [None, proration.value],
        },
    )
    journal_changes(account=account, before=before, at=at, cause="The subscription was cancelled", event=event)
    return change


def write_leaving(
    subscription: Subscription, left: Leaving, *, proration: Proration, reason: str, deed: Deed, brought: bool = False
) -> SubscriptionChange:
    """The rows of a cancellation: what was decided, the days of access after it, and the end."""
    change = note_change(
        subscription,
        ChangeSort.CANCEL,
        timing=left.timing,
        effective_at=left.effective_at,
        words=left.words,
        ended=[(subscription.pk, subscription.ends_at)],
        proration=proration,
        reason=reason,
        deed=deed,
        brought=brought,
    )
    if left.ends_at > left.effective_at:
        window = {"starts_at": left.effective_at, "ends_at": left.ends_at}
        keep(SubscriptionPhase(subscription=subscription, phase=Phase.WINDING_DOWN, **window), deed=deed)
    subscription.ends_at = left.ends_at
    keep(subscription, deed=deed)
    return change


@transaction.atomic
def keep_going(*, subscription: Subscription, by: Actor, at: datetime, reason: str = "") -> Subscription:
    """The customer stays after all: a cancellation was taken back before the subscription ended."""
    require_seller(by)
    account = open_for_change(subscription, at)
    require_move(subscription, Move.KEEP, at=at)
    change = pending_cancellation(subscription, at=at)
    if change is None:
        raise NotPermitted(f"{subscription} is not cancelled, so there is nothing to take back.")
    _refuse_past_end(change, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    ended = subscription.ends_at
    call_off(change, deed=deed)
    subscription.refresh_from_db()
    event = record(
        deed,
        "subscription:keep",
        subject=subscription,
        account_key=account.key,
        reason=reason,
        changes={"ends_at": [i and i.isoformat() for i in (ended, subscription.ends_at)]},
    )
    journal_changes(account=account, before=before, at=at, cause="The cancellation was taken back", event=event)
    return subscription


def _refuse_past_end(change: SubscriptionChange, *, at: datetime) -> None:
    """What would have ended by itself by now can't go on: its end lies in the past, which stays true."""
    former = next((end for _, end in change.ended), None)
    if former and datetime.fromisoformat(former) <= at:
        raise Refusal(f"{change.subscription} would have ended by itself by now. Start a new one instead.")


def _require_payment(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(PAYMENT_SCOPE):
        by.require(PAYMENT)
