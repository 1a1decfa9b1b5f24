"""What an act, or time itself, did to a customer, told once."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from entitlements.actions.webhooks import tell_changes
from entitlements.domain.changes import changes_between, say, say_change
from entitlements.domain.resolution import Resolution
from entitlements.models import Account, EntitlementChange
from entitlements.queries.entitlements import entitlements_of
from entitlements.snapshots import CatalogSnapshot
from journal.models import AuditEvent

Answers = Mapping[str, Resolution]


def journal_changes(
    *,
    account: Account,
    before: Answers,
    at: datetime,
    cause: str,
    event: AuditEvent,
    catalog: CatalogSnapshot | None = None,
    after: Answers | None = None,
) -> None:
    """Tell what an act changed for the customer at the instant of the act; `after` where another account answers now.

    What it changed for the account's children is told by the next sweep, which walks the acts on parents too.
    """
    after = entitlements_of(account=account, at=at, catalog=catalog) if after is None else after
    rows = [
        EntitlementChange(
            account=account,
            feature_key=change.feature,
            feature_name=after[change.feature].shape.name,
            before=was,
            after=becomes,
            effective_at=at,
            recorded_at=at,
            cause=cause,
            audit_id=event.pk,
        )
        for change in changes_between(before, after)
        for was, becomes in (say_change(change.before, change.after),)
    ]
    EntitlementChange.objects.bulk_create(rows, ignore_conflicts=True)
    tell_changes(rows, before, after, at=at, act=event)


def tell_what_time_changed(
    *,
    account: Account,
    before: Answers,
    after: Answers,
    effective_at: datetime,
    recorded_at: datetime,
    cause: str,
) -> tuple[str, ...]:
    """Write each change once: a second telling of the same boundary is passed over by its unique key.

    An act of the very same instant has told its own part, from where time had led to. Only the way there is left.
    The names of the features that changed are given back, told now or before.
    """
    led_to = _told_by_acts(account, effective_at)
    said = {change.feature: say_change(change.before, change.after) for change in changes_between(before, after)}
    said |= {feature: (say(before.get(feature)), words) for feature, words in led_to.items()}
    rows = [
        EntitlementChange(
            account=account,
            feature_key=feature,
            feature_name=after[feature].shape.name,
            before=was,
            after=becomes,
            effective_at=effective_at,
            recorded_at=recorded_at,
            cause=cause,
        )
        for feature, (was, becomes) in said.items()
        if feature in after and not (feature in led_to and _leads_nowhere(was, becomes))
    ]
    fresh = _not_told(rows, account, effective_at)
    EntitlementChange.objects.bulk_create(fresh, ignore_conflicts=True)
    tell_changes(fresh, before, after, at=recorded_at)
    return tuple(row.feature_name for row in rows)


def _not_told(rows: list[EntitlementChange], account: Account, instant: datetime) -> list[EntitlementChange]:
    """Boundaries are walked again for what was committed late: those features that no walk has told yet."""
    if not rows:
        return rows
    told = EntitlementChange.objects.filter(account=account, effective_at=instant, audit_id__isnull=True)
    known = set(told.values_list("feature_key", flat=True))
    return [row for row in rows if row.feature_key not in known]


def _told_by_acts(account: Account, instant: datetime) -> dict[str, str]:
    """What each feature was before the first act of that instant."""
    rows: Iterable[tuple[str, str]] = (
        EntitlementChange.objects.filter(account=account, effective_at=instant, audit_id__isnull=False)
        .order_by("-pk")
        .values_list("feature_key", "before")
    )
    return dict(rows)


def _leads_nowhere(was: str, led_to: str) -> bool:
    """Whether an act began from where things stood; it may have said more of the same value, such as its limit."""
    return led_to == was or led_to.startswith((f"{was} ", f"{was},", f"{was};"))
