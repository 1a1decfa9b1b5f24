"""What an act, or time itself, did to a customer, told once."""

from collections.abc import Mapping
from datetime import datetime

from catalog.domain.words import say_value
from entitlements.domain.changes import changes_between
from entitlements.domain.resolution import Resolution
from entitlements.models import Account, EntitlementChange
from entitlements.queries.entitlements import entitlements_of
from entitlements.snapshots import CatalogSnapshot
from journal.models import AuditEvent


def journal_changes(
    *,
    account: Account,
    before: Mapping[str, Resolution],
    at: datetime,
    cause: str,
    event: AuditEvent | None = None,
    catalog: CatalogSnapshot | None = None,
) -> None:
    """Tell what an act changed for the customer at the instant of the act."""
    after = entitlements_of(account=account, at=at, catalog=catalog)
    tell_changes(account=account, before=before, after=after, effective_at=at, recorded_at=at, cause=cause, event=event)


def tell_changes(
    *,
    account: Account,
    before: Mapping[str, Resolution],
    after: Mapping[str, Resolution],
    effective_at: datetime,
    recorded_at: datetime,
    cause: str,
    event: AuditEvent | None = None,
) -> int:
    """Write each change once: a second telling of the same boundary is passed over by its unique key."""
    rows = [
        EntitlementChange(
            account=account,
            feature_key=change.feature,
            feature_name=after[change.feature].shape.name,
            before=say(change.before),
            after=say(change.after),
            effective_at=effective_at,
            recorded_at=recorded_at,
            cause=cause,
            audit_id=event.pk if event else None,
        )
        for change in changes_between(before, after)
    ]
    EntitlementChange.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def say(resolution: Resolution | None) -> str:
    """The value in words, as a timeline shows it."""
    if resolution is None or resolution.value is None:
        return "not included"
    if not resolution.granted:
        return "denied"
    return say_value(resolution.value, shape=resolution.shape, typed_unit=resolution.typed_unit)
