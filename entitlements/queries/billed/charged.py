"""Who is charged for what they can't have: a closed account whose subscription goes on where it is billed."""

from collections.abc import Collection
from datetime import datetime

from entitlements.domain.billed.told import Billed, BilledState
from entitlements.domain.facts import Standing
from entitlements.queries.holdings import standings

CHARGED = (BilledState.TRIAL, BilledState.ACTIVE, BilledState.PAST_DUE)


def is_charged(billed: Billed) -> bool:
    """Whether it costs something from now on; what is to end by itself is on its way out."""
    return billed.state in CHARGED and billed.ends_at is None


def closed(account_ids: Collection[int], *, at: datetime) -> set[int]:
    """Which of these accounts are closed."""
    found = standings(account_ids=account_ids, at=at)
    return {pk for pk in account_ids if found.get(pk) is Standing.CLOSED}
