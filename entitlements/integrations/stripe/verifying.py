"""Proving that a message is Stripe's, and reading of it no more than what it is about.

A signature covers the time, a dot and the bytes as they came, under the whole secret as text. While a secret is rolled
there are several `v1`; `v0` proves nothing, since everybody knows its key. Stripe's own client takes a message from the
future, so the time is held against both bounds here.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from journal.domain.receiving import Forged, Message, Reason, Received

HEADER = "stripe-signature"
TOLERANCE = 300  # seconds, into the past and into the future
SNAPSHOT, THIN = "event", "v2.core.event"
THIN_TYPES = "v1."  # what thin events put before a snapshot's type


def verify(message: Message, *, secrets: Sequence[str], at: datetime) -> list[Received]:
    """What a message brings: one event. Forged where it isn't Stripe's, is of another time, or can't be read."""
    stamp, marks = _signed(message.headers.get(HEADER, ""))
    expected = [_mark(message.body, secret, stamp) for secret in secrets]
    if not any(hmac.compare_digest(mark.encode(), one.encode()) for mark in marks for one in expected):
        raise Forged(Reason.SIGNATURE)
    if abs(at.timestamp() - int(stamp)) > TOLERANCE:
        raise Forged(Reason.TIME)
    try:
        return [received_of(json.loads(message.body))]
    except (AttributeError, KeyError, OSError, OverflowError, TypeError, ValueError):
        raise Forged(Reason.UNREADABLE) from None


def received_of(event: Mapping[str, Any]) -> Received:
    """An event as it is stored. KeyError, TypeError or ValueError where it has not the form of one."""
    match event["object"]:
        case "event":
            about, happened = subject_of(event["data"]["object"]), datetime.fromtimestamp(event["created"], UTC)
        case "v2.core.event":
            about, happened = _related(event.get("related_object")), datetime.fromisoformat(event["created"])
        case _:
            raise ValueError("This is no event.")
    account = event.get("account") or event.get("context") or ""
    return Received(
        external_id=_text(event["id"]),
        type=_text(event["type"]),
        subject=about,
        occurred_at=happened,
        live=bool(event["livemode"]),
        of_account=_text(account),
    )


def subject_of(thing: Mapping[str, Any]) -> str:
    """The subscription that an object is about, else its customer; empty where it is about neither."""
    if thing["object"] in ("subscription", "customer"):
        return _text(thing["id"])
    return subscription_of(thing) or id_of(thing.get("customer"))


def subscription_of(thing: Mapping[str, Any]) -> str:
    """Of an invoice, a checkout or a schedule; empty where it has none."""
    parent = (thing.get("parent") or {}).get("subscription_details") or {}
    named = (thing.get("subscription"), parent.get("subscription"), thing.get("released_subscription"))
    return next((id_of(one) for one in named if one), "")


def id_of(named: Any) -> str:
    """An id, or that of the object which stands in its place where it was expanded."""
    if named is None:
        return ""
    return _text(named["id"] if isinstance(named, Mapping) else named)


def _signed(header: str) -> tuple[str, list[str]]:
    """The time as it was written, and every `v1`."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    marks = [value for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) <= 12):
        raise Forged(Reason.SIGNATURE)
    return stamps[0], marks


def _mark(body: bytes, secret: str, stamp: str) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def _related(thing: Mapping[str, Any] | None) -> str:
    """Thin events name an object and nothing of it: only a subscription or a customer is a subject by its own id."""
    return _text(thing["id"]) if thing and thing["type"] in ("subscription", "customer") else ""


def _text(said: Any) -> str:
    if not isinstance(said, str):
        raise TypeError("An id or a type is text.")
    return said
