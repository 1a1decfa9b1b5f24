"""What a connected system that bills a subscription must be told: promised in the same transaction, delivered later."""

from datetime import datetime

from catalog.queries.instants import say_instant
from entitlements.models import Subscription, SubscriptionChange
from journal.actions.outbound import promise
from journal.models import AuditEvent, Outbound

BILLING = "billing"


def promise_trial_end(
    subscription: Subscription, *, trial_end: datetime, event: AuditEvent, at: datetime
) -> Outbound | None:
    """Promise that whoever bills the subscription is told when its trial ends now; None where nobody else bills it.

    One promise for each act: tried again, it goes out under the same message id.
    """
    if not subscription.billed_by:
        return None
    account = subscription.account
    return promise(
        kind=BILLING,
        destination=subscription.billed_by,
        account_key=account.key,
        payload={
            "subject": f"The trial of {subscription} ends {say_instant(trial_end, zone=account.zone)}",
            "do": "set_trial_end",
            "subscription": subscription.billing_id,
            "trial_end": trial_end.isoformat(),
            "account": account.key,
            "number": subscription.number,
            "because": event.verb,
        },
        once_key=f"{BILLING}:{event.pk}",
        at=at,
    )


def promise_change(change: SubscriptionChange, *, at: datetime) -> Outbound | None:
    """Promise that whoever bills the subscription is told when a change takes effect, and by which rule it is settled."""
    subscription = change.subscription
    if not subscription.billed_by or not subscription.billing_id:
        return None
    account = subscription.account
    return promise(
        kind=BILLING,
        destination=subscription.billed_by,
        account_key=account.key,
        payload={
            "subject": f"{change.words}, as of {say_instant(change.effective_at, zone=account.zone)}",
            "do": "note_change",
            "subscription": subscription.billing_id,
            "change": f"{change.sort} {change.pk}",
            "timing": str(change.timing),
            "proration": str(change.proration),
            "effective_at": change.effective_at.isoformat(),
            "account": account.key,
            "number": subscription.number,
        },
        once_key=f"{BILLING}:change:{change.pk}",
        at=at,
    )
