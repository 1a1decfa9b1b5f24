"""Which trials lapse: those that nobody converts, and that have no card on file.

With a card the customer has agreed to pay already, so at its end the trial becomes a sale by itself. Whoever asks
whether a trial lapses asks here, in rows or in SQL, so that all of them agree.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from entitlements.domain.facts import Phase


def lapse_of(subscription: Any, *, phases: Iterable[Any]) -> datetime | None:
    """When the subscription's trial lapses, of rows as they stand or as they were known; None: it never does."""
    if subscription.converted_at is not None:
        return None
    return next((row.ends_at for row in phases if row.phase == Phase.TRIAL and not row.with_card), None)


def lapsing(*, phase: str, subscription: str) -> Q:
    """The same in SQL, by the paths that lead to the phase and to its subscription."""
    return Q(
        **{
            f"{subscription}converted_at__isnull": True,
            f"{phase}phase": Phase.TRIAL,
            f"{phase}with_card": False,
        }
    )
