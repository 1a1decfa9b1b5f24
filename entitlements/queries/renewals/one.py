"""One task about an end: what ends as things stand now, what the customer has by it, and what a form was opened with."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from entitlements.domain.renewing import Join, join
from entitlements.ending_sources import End, source_of
from entitlements.models import Renewal
from entitlements.queries.contracts.wording import say_day
from entitlements.queries.renewals.ends import ends_of_things


def end_of(row: Renewal, *, at: datetime) -> End | None:
    """When the thing ends now; None where it doesn't any more."""
    thing = (row.kind, row.subject_key)
    return ends_of_things([thing], at=at).get(thing)


def gives(row: Renewal, *, at: datetime) -> Sequence[str]:
    """What the customer has by it, in words."""
    source = source_of(row.kind)
    return source.has(row.subject_key, at) if source is not None else ()


def token_of(row: Renewal) -> str:
    """What a form was opened with: it changes with everything that is said of the task."""
    told = (row.state, row.ends_at, row.owner_id, row.decided_at, row.successor_key, row.account_id)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def join_of(row: Renewal) -> Join | None:
    """How what goes on meets what ends; None where nothing is named."""
    if row.successor_starts_at is None:
        return None
    return join(row.ends_at, row.successor_starts_at, zone=row.account.zone)


def say_join(found: Join) -> str:
    """ "A gap of 12 days: from 1 April 2026 through 12 April 2026 nothing holds." """
    if found.is_seamless:
        return "No gap: what goes on begins at the very moment."
    days = f"{found.days} day{'' if found.days == 1 else 's'}"
    stretch = f"from {say_day(found.first)} through {say_day(found.last)}"
    if found.sort == "gap":
        return f"A gap of {days}: {stretch} nothing holds."
    return f"An overlap of {days}: {stretch} both hold."
