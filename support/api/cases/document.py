"""What may be posted to the intake, in the OpenAPI document. It is read leniently, so no schema of Ninja's stands for it."""

from collections.abc import Mapping
from typing import Any

from support.domain.case_events import CaseState, Channel, EventKind, Opener
from support.domain.case_intake.ticket_events import MOST_EVENTS


def _text(longest: int, description: str = "", **more: Any) -> dict[str, Any]:
    told = {"type": "string", "maxLength": longest, **more}
    return {**told, "description": description} if description else told


_MOMENT = {"type": "string", "format": "date-time", "description": "When it happened, with a zone."}
_FIELDS: Mapping[str, Any] = {
    "source": _text(40, "Which help desk; may stand beside `events` instead.", examples=["our_help_desk"]),
    "id": _text(200, "The event's own id: told again under it, nothing is noted twice.", examples=["e-1"]),
    "ticket": _text(200, "The ticket's number.", examples=["4711"]),
    "event": {"type": "string", "enum": [kind.value for kind in EventKind]},
    "at": _MOMENT,
    "actor": _text(200, "Who did it.", examples=["Ana"]),
    "text": _text(200_000, "What was written; its beginning is kept."),
    "state": {"type": "string", "enum": [state.value for state in CaseState], "description": "Of `state`."},
    "severity": _text(64, "Of `severity` and `opened`: the severity's key."),
    "team": _text(64, "Of `assigned` and `opened`: the team's key."),
    "assignee": _text(254, "Of `assigned` and `opened`: an e-mail address."),
    "milestone": _text(64, "Of `started` and `met`: the milestone's key."),
    "subject": _text(2_000, "Of `opened`, and needed there."),
    "channel": {"type": "string", "enum": [channel.value for channel in Channel], "description": "Of `opened`."},
    "opener": {"type": "string", "enum": [opener.value for opener in Opener], "description": "Of `opened`."},
    "requester": _text(254, "Of `opened`: who asks, by e-mail address."),
    "account": _text(200, "Of `opened`: our key or any system's id; else found by the requester."),
    "url": _text(500, "Of `opened`: the ticket's address."),
    "product": _text(64, "Of `opened`: the key of the product it is about."),
    "asset": _text(200, "Of `opened`: the serial number of the device it is about, or product:serial."),
    "cover": _text(40, "Of `opened`: the cover that was chosen for it.", examples=["cover:12"]),
}
_EVENT = {
    "type": "object",
    "title": "TicketEvent",
    "properties": dict(_FIELDS),
    "required": ["id", "ticket", "event", "at"],
}
_EVENTS = {
    "type": "object",
    "title": "TicketEvents",
    "properties": {
        "source": _FIELDS["source"],
        "events": {"type": "array", "minItems": 1, "maxItems": MOST_EVENTS, "items": _EVENT},
    },
    "required": ["events"],
}
_OPENED = {
    "id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T09:00:00Z", "subject": "The export stops",
    "severity": "high", "requester": "jo@acme.example",
}  # fmt: skip
_REPLIED = {"id": "e-2", "ticket": "4711", "event": "public_reply", "at": "2026-03-02T09:20:00Z", "actor": "Ana"}
EVENTS_ASKED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [_EVENTS, _EVENT]},
                "examples": {
                    "several": {"value": {"source": "our_help_desk", "events": [_OPENED, _REPLIED]}},
                    "one": {"value": {"source": "our_help_desk", **_REPLIED}},
                },
            }
        },
    }
}
_ADDRESSES = {
    "anyOf": [{"type": "string"}, {"type": "object"}, {"type": "array"}],
    "description": "As mail writes it, or objects with `name` and `email`.",
}
_MAIL = {
    "type": "object",
    "title": "Mail",
    "description": "Spelled as the gateway does: capitals, hyphens and underscores make no difference.",
    "properties": {
        "from": _ADDRESSES,
        "to": _ADDRESSES,
        "cc": _ADDRESSES,
        "recipient": _text(320, "The address at which it came in."),
        "subject": {"type": "string"},
        "text": _text(200_000),
        "stripped_text": _text(200_000, "The reply without what it quotes."),
        "message_id": _text(1_000, "Needed: a repeat is known by it."),
        "in_reply_to": {"type": "string"},
        "references": {"type": "string"},
        "product": _text(64, "What your own rules say it is about: a product's key. No header is read for it."),
        "asset": _text(200, "The serial number of the device, or product:serial, by your own rules."),
        "cover": _text(40, "The cover that was chosen for it, by your own rules."),
        "date": {"type": "string", "description": "As mail writes it, or ISO 8601 with a zone."},
        "headers": {"anyOf": [{"type": "object"}, {"type": "array"}], "description": "Auto-Submitted, Precedence, …"},
    },
}
MAIL_ASKED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _MAIL,
                "example": {
                    "from": "Jo <jo@acme.example>",
                    "to": "support@desk.example",
                    "subject": "The export stops",
                    "text": "It stops at row 17.",
                    "message_id": "<1@acme.example>",
                    "date": "Mon, 2 Mar 2026 10:00:00 +0100",
                    "headers": {"Auto-Submitted": "no"},
                },
            }
        },
    }
}
