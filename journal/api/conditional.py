"""Answers that didn't change since they were last given: strong ETags and If-None-Match (RFC 9110, 13.1.2)."""

import hashlib
import re
from typing import Any

# What an operation that answers 304 says of itself in the OpenAPI document.
_TAG = {"schema": {"type": "string"}, "example": '"5d41402abc4b2a76b9719d911017c592"'}
CONDITIONAL: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "The ETag of the last answer.",
            **_TAG,
        }
    ],
    "responses": {
        200: {"headers": {"ETag": {"description": "Names this answer, but for its `at`.", **_TAG}}},
        304: {"description": "Nothing changed.", "headers": {"ETag": {"description": "As it was.", **_TAG}}},
    },
}
_TAGS = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\uffff]*")')


def etag_of(text: bytes) -> str:
    return f'"{hashlib.blake2b(text, digest_size=16).hexdigest()}"'


def is_unchanged(if_none_match: str, etag: str) -> bool:
    """Whether the asker has just this. Compared weakly, as the header is, so that a proxy's W/ does no harm."""
    asked = if_none_match.strip()
    return asked == "*" or etag in _TAGS.findall(asked) or asked == etag.strip('"')
