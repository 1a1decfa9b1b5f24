"""The desk's own sources of an account's story: what was done, what time changed by itself, who was told."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from entitlements.models import EntitlementChange, Override
from entitlements.timeline_sources import Asked, Moment, Source, register
from journal.models import Approval, AuditEvent, Notice

ACT, TIME, NOTICE = "act", "time", "notice"


def register_moments() -> None:
    register(Source(ACT, "What somebody did", acts))
    register(Source(TIME, "What began or ended by itself", by_itself))
    register(Source(NOTICE, "Who was told", notices))


def acts(asked: Asked) -> list[Moment]:
    """What somebody did, with what it changed for the customer; two reads, four where a feature is named."""
    rows = AuditEvent.objects.filter(asked.fitting(ACT, at="at", count="seq"), account_key__in=asked.keys)
    if asked.who:
        rows = rows.filter(actor_key=asked.who)
    if asked.feature:
        rows = rows.filter(_about(asked))
    events = list(rows.order_by("-at", "-seq")[: asked.newest])
    caused = _by_event(_changes(asked).filter(audit_id__in=[event.pk for event in events]))
    return [_act(event, caused.get(event.pk, ()), of=asked.of(event.account_key)) for event in events]


def _about(asked: Asked) -> Q:
    """The acts that changed the feature for the customer, and those on its overrides, also on one never approved."""
    changed = _changes(asked).filter(audit_id__isnull=False).values("audit_id")
    rows = Override.objects.filter(account=asked.account, feature__key=asked.feature)
    overrides = [str(pk) for pk in rows.values_list("pk", flat=True)]
    requests = Approval.objects.filter(account_key__in=asked.keys, kind="override", subject_key__in=overrides)
    return (
        Q(pk__in=changed)
        | Q(subject_type="override", subject_key__in=overrides)
        | Q(subject_type="approval", subject_key__in=[str(pk) for pk in requests.values_list("pk", flat=True)])
    )


def by_itself(asked: Asked) -> list[Moment]:
    """What time itself changed: one moment for each boundary, however many features it touched; two reads."""
    if asked.who:
        return []
    rows = _changes(asked).filter(audit_id__isnull=True)
    boundaries = rows.order_by().values("effective_at", "cause", "account__key").annotate(first=Min("pk"))
    fitting = boundaries.filter(asked.fitting(TIME, at="effective_at", count="first"))
    chosen = list(fitting.order_by("-effective_at", "-first")[: asked.newest])
    parts: dict[tuple[object, ...], list[EntitlementChange]] = defaultdict(list)
    for row in rows.filter(effective_at__in={found["effective_at"] for found in chosen}).select_related("account"):
        parts[row.effective_at, row.cause, row.account.key].append(row)
    return [
        Moment(at, TIME, found["first"], cause, changes=_said(parts[at, cause, key]), of=asked.of(key))
        for found in chosen
        if (at := found["effective_at"]) and (cause := found["cause"]) is not None and (key := found["account__key"])
    ]


def notices(asked: Asked) -> list[Moment]:
    """Who was told, and what about; one read. No notice names a feature or who caused it."""
    if asked.who or asked.feature:
        return []
    fitting = asked.fitting(NOTICE, at="created_at", count="pk")
    rows = Notice.objects.filter(fitting, account_key__in=asked.keys).order_by("-created_at", "-pk")[: asked.newest]
    return [
        Moment(row.created_at, NOTICE, row.pk, f"Told {row.recipient}: {row.subject}", of=asked.of(row.account_key))
        for row in rows
    ]


def _changes(asked: Asked) -> QuerySet[EntitlementChange]:
    rows = EntitlementChange.objects.filter(account__in=asked.ids)
    return rows.filter(feature_key=asked.feature) if asked.feature else rows


def _act(event: AuditEvent, changes: Iterable[EntitlementChange], *, of: str) -> Moment:
    return Moment(
        event.at,
        ACT,
        event.seq,
        f"{event.verb_in_words()}: {event.subject_label}",
        who=event.actor_name,
        reason=event.reason,
        event_id=str(event.pk),
        changes=_said(changes),
        noted=tuple((name, before, after) for name, (before, after) in event.changes.items()),
        of=of,
    )


def _by_event(rows: Iterable[EntitlementChange]) -> dict[UUID, list[EntitlementChange]]:
    found: dict[UUID, list[EntitlementChange]] = defaultdict(list)
    for row in rows:
        if row.audit_id is not None:
            found[row.audit_id].append(row)
    return found


def _said(changes: Iterable[EntitlementChange]) -> tuple[tuple[str, str, str], ...]:
    return tuple((row.feature_name, row.before, row.after) for row in sorted(changes, key=lambda row: row.feature_name))
