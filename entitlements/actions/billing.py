"""What a connected system that bills a subscription must be told: promised in the same transaction, delivered later."""

from datetime import datetime

from catalog.queries.instants import say_instant
from entitlements.models import Subscription
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
