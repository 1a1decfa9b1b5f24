"""Who a key belongs to, and who issued it."""

import hashlib
import hmac
from datetime import datetime

from journal.models import ApiKey, AuditEvent

MARK = "ed"
PROGRAM, PERSON = "key:", "staff:"
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


def issuer_of(program: str) -> str:
    """The person who issued a program its key, both as actors are named; empty where it is no program, or nobody did."""
    if not program.startswith(PROGRAM):
        return ""
    ids = [str(pk) for pk in ApiKey.objects.filter(prefix=program.removeprefix(PROGRAM)).values_list("pk", flat=True)]
    issued = AuditEvent.objects.filter(subject_type="apikey", subject_key__in=ids, verb="api_key:issue")
    return issued.filter(actor_key__startswith=PERSON).values_list("actor_key", flat=True).first() or ""
