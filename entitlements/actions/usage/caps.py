"""Spend caps under an operation: locked by whoever counts, so that two features don't spend the same money side by side."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from entitlements.models import SpendCap
from entitlements.queries.usage.landing import Sources


def counting(sources: Sources | None, *, at: datetime) -> Sources:
    """The same sources for one attempt to count: caps are locked as they are read, before any counter, and what
    another attempt worked out under its own locks holds no more."""
    return replace(sources or Sources(at), caps=lock_caps, landings={})


def lock_caps(account_id: int) -> Sequence[SpendCap]:
    """The account's caps, locked until the transaction ends."""
    return list(SpendCap.objects.select_for_update().filter(account_id=account_id).order_by("pk"))
