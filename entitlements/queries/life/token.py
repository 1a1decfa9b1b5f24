"""The token of a form about a subscription: it differs as soon as anything does that the form has shown."""

import hashlib
from datetime import datetime

from entitlements.models import Subscription
from entitlements.queries.life.state import state_of


def life_token(subscription: Subscription, *, at: datetime) -> str:
    """Where the subscription stands at the moment, its dates, its items, its phases and what was decided about it.

    The state is part of it, so that what time alone has changed since makes a form stale too.
    """
    row = Subscription.objects.get(pk=subscription.pk)
    seen = [
        state_of(row, at=at).value,
        (row.ends_at, row.converted_at),
        *row.items.order_by("pk").values_list("pk", "version", "quantity", "interval", "starts_at", "ends_at"),
        *row.phases.order_by("pk").values_list("pk", "phase", "starts_at", "ends_at", "restored_at"),
        *row.changes.order_by("pk").values_list("pk", "effective_at", "cancelled_at"),
    ]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
