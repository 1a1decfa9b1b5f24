"""Leaving where it is billed: as of an instant with the plan's days of access after it, staying after all, the end.

And the stretches it is billed for.
"""

from datetime import datetime, timedelta

from entitlements.actions.billed.work import Work
from entitlements.actions.decided import call_off, move_to
from entitlements.actions.lifecycle import write_leaving
from entitlements.actions.periods import write_period
from entitlements.domain.billed.steps import Leave, RecordPeriod
from entitlements.domain.lifecycle import State
from entitlements.domain.timing import Proration, Timing
from entitlements.models import BillingPeriod, Subscription
from entitlements.queries.life.change_dates import leaving_as_of, usual_keep_days
from entitlements.queries.life.planned import pending_cancellation
from entitlements.queries.life.state import state_of
from journal.actions.deeds import keep


def leave(step: Leave, work: Work) -> None:
    """Cancelled there as of an instant; one that was to leave at another leaves then."""
    subscription, at = work.held, work.deed.at
    when, known = max(step.at, at, subscription.starts_at), pending_cancellation(subscription, at=at)
    was = subscription.ends_at
    if known is not None:
        move_to(known, when, timing=Timing.ON_DATE, deed=work.deed)
    else:
        days = _keep_days(subscription, when, at=at)
        left = leaving_as_of(subscription, when, timing=Timing.ON_DATE, days=days)
        write_leaving(subscription, left, proration=Proration.NONE, reason="", deed=work.deed, brought=True)
    subscription.refresh_from_db()
    ends = [_said(was), _said(subscription.ends_at)]
    work.tell("subscription:cancel", {"as_of": [None, when.isoformat()], "ends_at": ends})


def _keep_days(subscription: Subscription, when: datetime, *, at: datetime) -> int:
    """The days of the plan that is had last: a schedule may bring another, and who tries it now may pay by then."""
    last = max(at, when - timedelta.resolution)
    if state_of(subscription, at=last) is State.TRIAL_OVER:
        return 0
    return usual_keep_days(subscription, at=last)


def keep_going(work: Work) -> None:
    """The customer stays after all: a cancellation, or any other end, is taken back."""
    subscription = work.held
    was, known = subscription.ends_at, pending_cancellation(subscription, at=work.deed.at)
    if known is not None:
        call_off(known, deed=work.deed)
        subscription.refresh_from_db()
    if subscription.ends_at is not None:
        subscription.ends_at = None
        keep(subscription, deed=work.deed)
    work.tell("subscription:keep", {"ends_at": [_said(was), None]})


def end(work: Work) -> None:
    """It ended there, and so it does here, at once."""
    subscription = work.held
    was, subscription.ends_at = subscription.ends_at, max(work.deed.at, subscription.starts_at)
    keep(subscription, deed=work.deed)
    work.tell("subscription:end", {"ends_at": [_said(was), _said(subscription.ends_at)]})


def record_period(step: RecordPeriod, work: Work) -> None:
    """A stretch it is billed for. Where the billing began anew within one, that one ended there."""
    starts_at, ends_at = step.window.start, step.window.end
    if starts_at is None or ends_at is None:
        return
    periods = work.held.billing_periods
    same = periods.filter(starts_at=starts_at).first()
    if same is not None:
        was, same.ends_at = same.ends_at, ends_at
        keep(same, deed=work.deed)
        work.tell("period:record", {"ends_at": [_said(was), _said(ends_at)]})
        return
    for row in periods.filter(starts_at__lt=starts_at, ends_at__gt=starts_at):
        row.ends_at = starts_at
        keep(row, deed=work.deed)
    period = BillingPeriod(subscription=work.held, starts_at=starts_at, ends_at=ends_at)
    work.tell("period:record", write_period(period, deed=work.deed))


def _said(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
