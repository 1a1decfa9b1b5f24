"""Who goes to look at a subscription that is billed elsewhere, or at a customer's features, takes a ticket first.

Of two who looked, the one who asked later saw what is newer, whichever of them comes back first.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from entitlements.models import BilledSubscription, FeaturesTold
from journal.models import Connection


@transaction.atomic
def take_ticket(*, connection: Connection, billing_id: str, customer: str, at: datetime) -> int:
    """Took the next number for looking at a subscription; committed before anybody looks.

    What a system told last keeps no versions (each message is kept as it arrived, and what came of it is in the audit),
    so the row may be written past them: two who take the first ticket make one row.
    """
    rows = BilledSubscription.objects.filter(connection=connection, billing_id=billing_id)
    if not rows.update(asked=F("asked") + 1):
        new = BilledSubscription(connection=connection, billing_id=billing_id, customer=customer)
        BilledSubscription.objects.bulk_create([new], ignore_conflicts=True)
        rows.update(asked=F("asked") + 1)
    return rows.values_list("asked", flat=True).get()


@transaction.atomic
def take_features_ticket(*, connection: Connection, customer: str) -> int:
    """Took the next number for looking at the features of a customer; committed before anybody looks."""
    new = FeaturesTold(connection=connection, customer=customer)
    FeaturesTold.objects.bulk_create([new], ignore_conflicts=True)
    rows = FeaturesTold.objects.filter(connection=connection, customer=customer)
    rows.update(asked=F("asked") + 1)
    return rows.values_list("asked", flat=True).get()


def claim(row: BilledSubscription | FeaturesTold, ticket: int) -> bool:
    """Whether this look may be followed: no later one was. The row is held by then."""
    if row.applied >= ticket:
        return False
    row.applied = ticket
    return True
