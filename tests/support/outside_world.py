"""A validator outside: an endpoint that is asked, a ticket that waits for it, and answers signed as it would."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from standardwebhooks import Webhook

from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM
from journal.models import Outbound
from support.actions.intake.recording import take_ticket
from support.domain.intake.understood import Reading, Understood
from support.models import IntakeDecision
from support.queries.intake.deciding import Read
from support.webhook_events import TICKET_ASKED
from tests.support.casework import NOW
from tests.support.ticket_world import meant, ticket_world, told

SURE = [{"feature": "exports", "confidence": 0.97, "quote": "It stops"}]
SOON = NOW + timedelta(minutes=5)


def validator(**more: Any) -> str:
    """Its secret."""
    address = {"url": "https://validator.example/asked", "events": [TICKET_ASKED], "by": SYSTEM, "at": NOW}
    return set_up(**{**address, **more})[1]


def waiting(**settings: Any) -> tuple[IntakeDecision, str]:
    """A ticket that waits, and the validator's secret."""
    acme, secret = ticket_world(read_by="outside", **settings), validator()
    return taken(told(acme)), secret


def taken(ticket: Any, *understood: Understood, **more: Any) -> IntakeDecision:
    asked = Read(understood or (unanswered(),), kind="outside", awaited=True, **more)
    opening = {"subject": ticket.ticket.subject, "severity": "high"}
    return take_ticket(ticket, asked, opening=opening, keeps=False, by=SYSTEM, at=NOW).decision


def unanswered(text: str = "It stops.", *, given: str = "") -> Understood:
    return Understood(meant(text).request, Reading(), given=given)


def question() -> dict[str, Any]:
    """What the validator was sent."""
    return Outbound.objects.get(payload__type=TICKET_ASKED).payload["data"]


def answer(
    row: IntakeDecision, secret: str, *requests: Any, token: str = "", at: datetime = SOON, number: str = "",
    **headers: str,
) -> Any:  # fmt: skip
    """Posted as the validator posts it; `at` is when it signs."""
    told = [{"candidates": one} for one in (requests or (SURE,))]
    body = json.dumps({"token": token or question()["token"], "requests": told})
    signature = Webhook(secret).sign("msg_answer", at, body)
    signed = {"webhook-id": "msg_answer", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
    return Client().post(
        f"/api/v1/tickets/{number or row.number}/resume", body, content_type="application/json",
        headers={**signed, **headers},
    )  # fmt: skip
