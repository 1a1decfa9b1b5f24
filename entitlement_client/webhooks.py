"""Webhooks of the desk, read by whoever receives them: signed by the desk, fresh, and not seen before.

Messages follow the Standard Webhooks specification (https://www.standardwebhooks.com). Whatever is wrong with one,
`read_webhook` raises WebhookRefused with one of the codes below, and nothing else.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Protocol

MOST_BYTES = 65_536  # the desk sends 20 kB at most
TOLERANCE = timedelta(minutes=5)
KEPT = 10_000
CODES = {
    "webhook_unsigned": "it bears no signature, or not all of the three headers",
    "webhook_malformed": "its headers or its body are not as the desk writes them",
    "webhook_forged": "no signature of it is by a secret of this endpoint, or it was changed on the way",
    "webhook_too_old": "it was signed too long ago; it may be an old one, sent again by somebody else",
    "webhook_too_early": "it was signed in the future by this machine's clock",
    "webhook_seen_before": "it was dealt with already; answer 2xx, so that it isn't sent again",
}
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class WebhookRefused(Exception):
    """The message isn't to be acted on. `code` is for programs and never changes; `because` says it to people."""

    def __init__(self, code: str) -> None:
        self.code, self.because = code, CODES[code]
        super().__init__(f"The webhook is refused ({code}): {self.because}.")


@dataclass(frozen=True, slots=True)
class Webhook:
    """What happened. The same `id` comes again where the desk wasn't sure that it arrived."""

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any]


class Seen(Protocol):
    """Which messages were dealt with: a table of your own, or `SeenHere` for one process."""

    def first(self, message_id: str) -> bool:
        """Remember it, and say whether it wasn't known; the two in one step."""


class SeenHere:
    """The last so many messages, in this process alone."""

    def __init__(self, most: int = KEPT) -> None:
        self._most, self._lock = most, Lock()
        self._known: OrderedDict[str, None] = OrderedDict()

    def first(self, message_id: str) -> bool:
        with self._lock:
            if message_id in self._known:
                return False
            self._known[message_id] = None
            if len(self._known) > self._most:
                self._known.popitem(last=False)
            return True


def read_webhook(
    body: bytes, headers: Mapping[str, str], *, secrets: Iterable[str], now: datetime, seen: Seen | None = None
) -> Webhook:
    """The message, if it is the desk's, signed within five minutes of `now` (aware), and new to `seen`.

    `secrets` are those of the endpoint (`whsec_…`): while one is renewed, both the new and the former.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a zone.")
    keys = [_key(secret) for secret in secrets]
    name, sent, signatures = _headers(headers)
    if not isinstance(body, bytes) or len(body) > MOST_BYTES:
        raise WebhookRefused("webhook_malformed")
    signed = f"{name}.{sent}.".encode() + body
    expected = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    if not any(hmac.compare_digest(one, other) for one in expected for other in signatures):
        raise WebhookRefused("webhook_forged")
    age = now.timestamp() - int(sent)
    if abs(age) > TOLERANCE.total_seconds():
        raise WebhookRefused("webhook_too_old" if age > 0 else "webhook_too_early")
    told = _told(body)
    if seen is not None and not seen.first(name):
        raise WebhookRefused("webhook_seen_before")
    return Webhook(name, told["type"], told["timestamp"], told["data"])


def _key(secret: str) -> bytes:
    """The bytes a secret spells. ValueError, at start-up rather than in the middle of the night, where it is none."""
    if not secret.startswith("whsec_"):
        raise ValueError("A webhook's secret begins with whsec_.")
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("After whsec_ a webhook's secret is base64.") from None


def _headers(headers: Mapping[str, str]) -> tuple[str, str, list[bytes]]:
    found = {str(name).lower(): value for name, value in headers.items()}
    told = [found.get(name) for name in NAMES]
    if not all(isinstance(value, str) and value for value in told):
        raise WebhookRefused("webhook_unsigned")
    name, sent, listed = (str(value) for value in told)
    if not _ID.fullmatch(name) or not _SECONDS.fullmatch(sent) or len(listed) > MOST_BYTES:
        raise WebhookRefused("webhook_malformed")
    signatures = [_signature(one) for one in listed.split() if one.startswith("v1,")]
    if not any(signatures):
        raise WebhookRefused("webhook_malformed")
    return name, sent, [one for one in signatures if one]


def _signature(one: str) -> bytes:
    """Empty where it spells nothing; signatures of other versions stand beside ours and are passed over."""
    try:
        return base64.b64decode(one.removeprefix("v1,"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise WebhookRefused("webhook_malformed") from None
    if not isinstance(told, dict):
        raise WebhookRefused("webhook_malformed")
    texts = isinstance(told.get("type"), str) and isinstance(told.get("timestamp"), str)
    if not texts or not isinstance(told.get("data"), dict):
        raise WebhookRefused("webhook_malformed")
    return told
