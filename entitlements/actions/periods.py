"""The periods a subscription was billed for. A recorded one is never moved: what renewed at its start, did."""

from datetime import datetime
from typing import Any

from django.db import transaction

from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.decided import move_to
from entitlements.actions.locking import lock_account
from entitlements.actions.subscriptions import PERMISSION
from entitlements.domain.timing import Timing
from entitlements.models import BillingPeriod, Subscription, SubscriptionChange
from entitlements.queries.billed.guard import refuse_billed
from entitlements.queries.life.planned import keeps_from, pending, renewal_of
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal


@transaction.atomic
def record_period(
    *, subscription: Subscription, starts_at: datetime, ends_at: datetime, by: Actor, at: datetime
) -> BillingPeriod:
    """A period was recorded that the customer is billed for; with it the subscription began anew or renewed.

    Told twice, it is recorded once. Where it begins at another instant than was projected, publications at renewal
    take effect at this one (entitlements/domain/periods.py), and what that changes is told here. Changes that wait
    for the renewal move with it.
    """
    by.require(PERMISSION)
    account = lock_account(subscription.account_id)
    refuse_billed(subscription)
    if starts_at >= ends_at:
        raise Invalid("A period ends after it starts.", field="ends_at")
    known = subscription.billing_periods.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if known is not None:
        if (known.starts_at, known.ends_at) == (starts_at, ends_at):
            return known
        raise Refusal(
            f"The period from {known.starts_at:%Y-%m-%d %H:%M} to {known.ends_at:%Y-%m-%d %H:%M} UTC is recorded "
            "already, and a recorded period is never moved.",
            field="starts_at",
        )
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    period = BillingPeriod(subscription=subscription, starts_at=starts_at, ends_at=ends_at)
    changes = write_period(period, deed=deed)
    event = record(deed, "period:record", subject=subscription, account_key=account.key, changes=changes)
    journal_changes(account=account, before=before, at=at, cause="The subscription renewed", event=event)
    return period


def write_period(period: BillingPeriod, *, deed: Deed) -> dict[str, Any]:
    """Keep the period and let what waits for the renewal follow it; what the audit tells of it."""
    keep(period, deed=deed)
    waiting = pending(period.subscription, at=deed.at).filter(timing=Timing.AT_RENEWAL)
    moved = dict(_moved(change, deed=deed) for change in waiting)
    told = {words: instants for words, instants in moved.items() if instants[0] != instants[1]}
    return {"period": [None, f"{period.starts_at.isoformat()} to {period.ends_at.isoformat()}"]} | told


def _moved(change: SubscriptionChange, *, deed: Deed) -> tuple[str, list[str]]:
    """Let a change at renewal follow it; told late, what renewed in the past takes effect now.

    Where it can't be moved there, because what it changes has ended by then, it keeps the day that was said.
    """
    was = change.effective_at
    renewal = max(renewal_of(change), deed.at)
    if keeps_from(change, renewal):
        renewal = was
    if renewal != was:
        move_to(change, renewal, timing=Timing.AT_RENEWAL, deed=deed)
    return change.words, [was.isoformat(), renewal.isoformat()]
