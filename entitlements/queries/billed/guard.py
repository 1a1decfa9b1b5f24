"""What only whoever bills may change: state, periods, quantity and plan of what is billed by a connected system."""

from entitlements.domain.billed.told import BilledState
from entitlements.models import BilledSubscription, Subscription
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Refusal


class BilledElsewhere(Refusal):
    """A connected system bills it, and the desk follows that: done here, it would be undone by the next look."""

    code = "billed_elsewhere"


def biller_of(subscription: Subscription) -> str:
    """The name of the connection that bills it and is followed; empty where nobody does, or where it has ended there."""
    if not subscription.billing_id:
        return ""
    rows = BilledSubscription.objects.filter(subscription=subscription.pk).exclude(state=BilledState.ENDED)
    row = rows.exclude(connection__state=ConnectionState.OFF).select_related("connection").first()
    return "" if row is None else row.connection.name


def refuse_billed(subscription: Subscription) -> None:
    """Refuse to change here what is followed from there."""
    if name := biller_of(subscription):
        raise BilledElsewhere(
            f"{name} bills subscription {subscription.number}, and the desk follows it: change it there, and it is so here "
            "within seconds. Here a trial can be made longer or a sale, another plan be planned for its renewal or a date, "
            "and more be given beside what is billed."
        )
