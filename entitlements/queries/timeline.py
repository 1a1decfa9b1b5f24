"""One account's story, newest first: what was done, what it changed for the customer, who was told."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from entitlements.models import Account, EntitlementChange
from journal.models import AuditEvent, Notice

NEWEST = 50
MOST_CHANGES = 600  # one act can change every feature of the account


class Sort(StrEnum):
    ACT = "act"  # somebody did something
    TIME = "time"  # something began or ended by itself
    NOTICE = "notice"  # somebody was told


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the story. `changes` are the values that changed for the customer; `noted` is what the act wrote."""

    at: datetime
    sort: Sort
    words: str
    who: str = ""
    reason: str = ""
    event_id: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    noted: tuple[tuple[str, Any, Any], ...] = ()


def timeline(*, account: Account, newest: int = NEWEST) -> tuple[Moment, ...]:
    """The newest moments of the account, in four reads."""
    events = list(AuditEvent.objects.filter(account_key=account.key).order_by("-seq")[:newest])
    notices = Notice.objects.filter(account_key=account.key).order_by("-created_at", "-pk")[:newest]
    changes = EntitlementChange.objects.filter(account=account).order_by("-effective_at", "-pk")
    caused = _by_event(changes.filter(audit_id__in=[event.pk for event in events])[:MOST_CHANGES])
    moments = [
        *(_act(event, caused.get(event.pk, ())) for event in events),
        *(_told(notice) for notice in notices),
        *_by_itself(changes.filter(audit_id__isnull=True)[:MOST_CHANGES]),
    ]
    return tuple(sorted(moments, key=lambda moment: moment.at, reverse=True)[:newest])


def _by_event(rows: Iterable[EntitlementChange]) -> dict[UUID, list[EntitlementChange]]:
    found: dict[UUID, list[EntitlementChange]] = defaultdict(list)
    for row in rows:
        if row.audit_id is not None:
            found[row.audit_id].append(row)
    return found


def _act(event: AuditEvent, changes: Iterable[EntitlementChange]) -> Moment:
    return Moment(
        event.at,
        Sort.ACT,
        f"{event.verb_in_words()}: {event.subject_label}",
        who=event.actor_name,
        reason=event.reason,
        event_id=str(event.pk),
        changes=_said(changes),
        noted=tuple((name, before, after) for name, (before, after) in event.changes.items()),
    )


def _told(notice: Notice) -> Moment:
    return Moment(notice.created_at, Sort.NOTICE, f"Told {notice.recipient}: {notice.subject}")


def _by_itself(rows: Iterable[EntitlementChange]) -> list[Moment]:
    """What time itself changed: one moment for each boundary, however many features it touched."""
    boundaries: dict[tuple[datetime, str], list[EntitlementChange]] = defaultdict(list)
    for row in rows:
        boundaries[row.effective_at, row.cause].append(row)
    return [Moment(at, Sort.TIME, cause, changes=_said(own)) for (at, cause), own in boundaries.items()]


def _said(changes: Iterable[EntitlementChange]) -> tuple[tuple[str, str, str], ...]:
    return tuple((row.feature_name, row.before, row.after) for row in sorted(changes, key=lambda row: row.feature_name))
