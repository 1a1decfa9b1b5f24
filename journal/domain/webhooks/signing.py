"""How a message is signed, by the Standard Webhooks specification 1.0 (https://www.standardwebhooks.com).

What is signed is `id.timestamp.body`, with HMAC-SHA256 under the bytes that a secret spells in base64. The header
lists one signature for each secret in force, so that a receiver that knows any of them goes on while one is renewed.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

MARK = "whsec_"
FEWEST_BYTES, MOST_BYTES, BYTES = 24, 64, 32
VERSION = "v1"


def spelled(secret: bytes) -> str:
    """A secret as it is shown: `whsec_` and base64. ValueError unless it is of 24 to 64 bytes."""
    if not FEWEST_BYTES <= len(secret) <= MOST_BYTES:
        raise ValueError(f"A secret has {FEWEST_BYTES} to {MOST_BYTES} bytes, not {len(secret)}.")
    return MARK + base64.b64encode(secret).decode()


def bytes_of(text: str) -> bytes:
    """The bytes that `whsec_…` spells; ValueError where it spells none, too few or too many."""
    if not text.startswith(MARK):
        raise ValueError(f"A secret begins with {MARK}.")
    try:
        secret = base64.b64decode(text.removeprefix(MARK), validate=True)
    except binascii.Error:
        raise ValueError("After its mark, a secret is base64.") from None
    spelled(secret)
    return secret


def name_of(message_id: UUID) -> str:
    """What a message is called on the wire; it holds no full stop, which would blur what is signed."""
    return f"msg_{message_id.hex}"


def seconds_of(at: datetime) -> int:
    """Whole seconds since 1970, whatever zone the instant is written in."""
    if at.tzinfo is None:
        raise ValueError("An instant needs a zone.")
    return int(at.timestamp() // 1)


def signature(*, name: str, seconds: int, body: bytes, secret: bytes) -> str:
    """ "v1,<base64>" over `id.timestamp.body`."""
    signed = f"{name}.{seconds}.".encode() + body
    return f"{VERSION}," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def headers(*, name: str, at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers of one try, signed with each of the secrets in the order given."""
    seconds = seconds_of(at)
    signed = [signature(name=name, seconds=seconds, body=body, secret=bytes_of(secret)) for secret in secrets]
    if not signed:
        raise ValueError("A message is never sent unsigned.")
    return {"webhook-id": name, "webhook-timestamp": str(seconds), "webhook-signature": " ".join(signed)}
