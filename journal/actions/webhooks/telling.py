"""Messages promised: one row for each endpoint that wants the event, in the transaction of what it tells of."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import Q

from journal.domain.delivery import WEBHOOK
from journal.domain.webhooks.endpoint import EndpointState
from journal.models import AuditEvent, Outbound, WebhookEndpoint
from journal.webhook_events import event_of

LARGEST = 20_000  # bytes of a body
_LISTENING = (EndpointState.ACTIVE, EndpointState.PAUSED)


def tell(event: str, *, data: Mapping[str, Any], account_key: str, once_key: str, at: datetime) -> int:
    """Promised the event to every endpoint that wants it; to how many. Told again under the same key, to none.

    Costs one query where nobody listens. An endpoint that a person paused gets its messages later; one that the desk
    switched off is not told of what happens meanwhile. `data` is thin: receivers ask for what they may see.
    """
    return _promise(_who_want(event, account_key), event, data=data, account_key=account_key, once_key=once_key, at=at)


def tell_one(
    endpoint: WebhookEndpoint, event: str, *, data: Mapping[str, Any], once_key: str, at: datetime
) -> Outbound:
    """Promised a message to one endpoint, whatever it listens to."""
    _promise([endpoint], event, data=data, account_key=endpoint.account_key, once_key=once_key, at=at)
    return Outbound.objects.get(once_key=_once(endpoint, once_key))


def tell_of_deed(audit_event: AuditEvent, *, subject: models.Model) -> int:
    """Promised what a deed means to other systems, where its verb is registered; neither its reason nor its changes."""
    event = event_of(audit_event.verb)
    if event is None:
        return 0
    about = {"type": audit_event.subject_type, "label": audit_event.subject_label}
    if isinstance(key := getattr(subject, "key", None), str):
        about["key"] = key
    return tell(
        event,
        data={
            "account": audit_event.account_key or None,
            "subject": about,
            "verb": audit_event.verb,
            "at": spell_instant(audit_event.at),
        },
        account_key=audit_event.account_key,
        once_key=f"deed:{audit_event.id}",
        at=audit_event.at,
    )


def spell_instant(at: datetime) -> str:
    """ "2026-03-02T09:00:00Z", in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def body_of(payload: Mapping[str, Any]) -> bytes:
    """The bytes that are signed and sent: the same for one payload each time, whatever the database did to its order."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _who_want(event: str, account_key: str) -> list[WebhookEndpoint]:
    rows = WebhookEndpoint.objects.filter(
        Q(account_key="") | Q(account_key=account_key), state__in=[state.value for state in _LISTENING]
    )
    return [row for row in rows.order_by("pk") if not row.events or event in row.events]


def _promise(
    endpoints: Iterable[WebhookEndpoint],
    event: str,
    *,
    data: Mapping[str, Any],
    account_key: str,
    once_key: str,
    at: datetime,
) -> int:
    endpoints = list(endpoints)
    if not endpoints:
        return 0
    payload = {"type": event, "timestamp": spell_instant(at), "data": dict(data)}
    if (size := len(body_of(payload))) > LARGEST:
        raise ValueError(f"What {event} tells has {size} bytes; webhooks carry {LARGEST} at most. Tell less.")
    rows = [
        Outbound(
            kind=WEBHOOK,
            destination=endpoint.key,
            account_key=account_key,
            payload=payload,
            once_key=_once(endpoint, once_key),
            due_at=at,
            created_at=at,
        )
        for endpoint in endpoints
    ]
    before = Outbound.objects.filter(once_key__in=[row.once_key for row in rows]).count()
    Outbound.objects.bulk_create(rows, ignore_conflicts=True)  # another hand may have told it a moment ago
    return len(rows) - before


def _once(endpoint: WebhookEndpoint, once_key: str) -> str:
    """Fits the column whatever the length of the key: endpoints' own keys are short."""
    return f"{WEBHOOK}:{endpoint.key}:{once_key}"
