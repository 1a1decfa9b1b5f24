"""Who a key belongs to."""

import hashlib
import hmac
from datetime import datetime

from journal.models import ApiKey

MARK = "ed"
_NOBODY = "0" * 64


def digest_of(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


def authenticate(plain: str, *, at: datetime) -> ApiKey | None:
    """The live key that this text is, or None. The comparison takes the same time whether the prefix exists or not."""
    mark, _, rest = plain.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not prefix or not secret or len(plain) > 200 or "\x00" in plain:
        return None
    key = ApiKey.objects.filter(prefix=prefix).first()
    same = hmac.compare_digest(digest_of(plain), key.digest if key else _NOBODY)
    return key if key and same and key.is_live(at=at) else None
