"""The same request sent twice acts once: how it is named, and how a repeat is told from something else.

After draft-ietf-httpapi-idempotency-key-header: the header holds a structured-field string ("8e03…", in quotes). Many
clients leave the quotes out, so a bare word is read as the same key.
"""

import hashlib
import json
import re

from journal.domain.refusal import Refusal

LONGEST = 255
_QUOTED = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_BARE = re.compile(r"[\x21\x23-\x7e]+")  # visible ASCII, without the quotes that would make it half a string


class KeyMalformed(Refusal):
    """The header can't be read as a key."""

    code = "idempotency_key_malformed"


class KeyReused(Refusal):
    """The key named another request before; doing this one under it would hide which of the two was done."""

    code = "idempotency_key_reused"


class KeyInUse(Refusal):
    """The first request under this key is still being answered."""

    code = "idempotency_key_in_use"


def parse_key(header: str) -> str:
    """The key a header names, 1 to 255 characters of ASCII; KeyMalformed for anything else."""
    text = header.strip(" \t")
    if quoted := _QUOTED.fullmatch(text):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    elif _BARE.fullmatch(text):
        key = text
    else:
        raise KeyMalformed(
            "Send Idempotency-Key as a string in quotes, such as a random UUID: "
            'Idempotency-Key: "8e03978e-40d5-43e8-bc93-6894a57f9324".'
        )
    if not key.strip() or len(key) > LONGEST:
        raise KeyMalformed(f"An Idempotency-Key has 1 to {LONGEST} characters, not {len(key.strip())}.")
    return key


def request_digest(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same: method, address with its query, and what the body says.

    JSON is compared by its meaning, since a client that tries again may write its keys in another order.
    """
    try:
        said = json.dumps(json.loads(body), sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        said = body
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), said])).hexdigest()
