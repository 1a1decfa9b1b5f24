"""A validator outside the desk: asked about a ticket by a webhook, which it answers later and once.

It is the endpoint that listens for `ticket.answer_asked` by name: the account’s own before one that is told of all, among
equals the one that was set up first. One that merely listens for everything isn’t sent what customers write.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings as environment

from journal.actions.webhooks.telling import LARGEST, body_of, spell_instant, tell_one
from journal.domain.webhooks.endpoint import EndpointState
from journal.models import WebhookEndpoint
from support.domain.intake.outcomes import Reason
from support.domain.intake.settings import Stage
from support.models import IntakeDecision, IntakeSettings
from support.queries.intake.topics import topics
from support.webhook_events import TICKET_ASKED

NOBODY_TO_ASK = (
    "No validator outside is set up: no active webhook endpoint listens for ticket.answer_asked by its name."
)
TOO_LONG = "It is longer than a validator outside is sent."
BYTES = 32  # of a token
ROOM = 500  # bytes of a message beside what is told


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked, and with which token it may answer."""

    endpoint: WebhookEndpoint
    token: str = field(repr=False)


def prepare_asking(row: IntakeDecision, *, settings: IntakeSettings, at: datetime) -> Asking | None:
    """Let the ticket wait for an answer, before it is kept; None where nobody can be asked: it is held for that reason."""
    endpoint = endpoint_to_ask("" if row.account is None else row.account.key)
    if endpoint is None:
        row.reason, row.words = Reason.NOT_READ, NOBODY_TO_ASK
        return None
    asking = Asking(endpoint, f"{endpoint.key}.{secrets.token_urlsafe(BYTES)}")
    row.resume_until = at + timedelta(minutes=settings.outside_within_minutes)
    if _told(row, asking, number="T-" + "0" * 12) is None:
        row.reason, row.words, row.resume_until = Reason.TOO_LONG, TOO_LONG, None
        return None
    row.stage, row.resume_digest = Stage.WAITING, digest_of_token(asking.token)
    return asking


def tell_asked(row: IntakeDecision, asking: Asking, *, at: datetime) -> None:
    """Promised the validator its question, once the ticket has its number."""
    data = _told(row, asking, number=row.number)
    assert data is not None, "It was measured with a longer number."
    tell_one(asking.endpoint, TICKET_ASKED, data=data, once_key=f"ticket:{row.pk}:asked", at=at)


def endpoint_to_ask(account_key: str) -> WebhookEndpoint | None:
    rows = WebhookEndpoint.objects.filter(account_key__in={"", account_key}, state=EndpointState.ACTIVE)
    listening = [row for row in rows.order_by("created_at", "pk") if TICKET_ASKED in row.events]
    return min(listening, key=lambda row: row.account_key == "", default=None)


def digest_of_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def unread(readings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests that are to be answered: those whose feature no field named."""
    return [one for one in readings if not one["given"]]


def _told(row: IntakeDecision, asking: Asking, *, number: str) -> dict[str, Any] | None:
    """What the validator is told; without the whole text where that is too long, and None where even so it doesn’t fit."""
    assert row.resume_until is not None
    data: dict[str, Any] = {
        "ticket": number,
        "account": None if row.account is None else row.account.key,
        "case": None if row.case is None else row.case.number,
        "source": row.source,
        "external_id": row.external_id or None,
        "channel": str(row.channel),
        "subject": row.subject,
        "text": row.text,
        "requests": [one["text"] for one in unread(row.readings)],
        "features": [topic.key for topic in topics() if topic.key],
        "answer_to": f"{environment.DESK_URL.rstrip('/')}/api/v1/tickets/{number}/resume",
        "answer_by": spell_instant(row.resume_until),
        "token": asking.token,
    }
    for text in (row.text, None):
        data["text"] = text
        if len(body_of(data)) <= LARGEST - ROOM:
            return data
    return None
