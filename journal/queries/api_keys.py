"""Who a key belongs to, and who issued it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from journal.models import ApiKey, AuditEvent
from journal.queries.live_keys import LiveKey, authenticate_cached

__all__ = ["KeyPlace", "LiveKey", "authenticate_cached", "deeds_of", "issuer_of", "key_in", "revocation_of"]

PROGRAM, PERSON = "key:", "staff:"
LONG_UNUSED = timedelta(days=90)


class KeyPlace(StrEnum):
    """Where a key stands, and which live ones nobody seems to need."""

    LIVE = "live"
    UNUSED = "unused"
    EXPIRED = "expired"
    REVOKED = "revoked"


def key_in(place: KeyPlace, *, at: datetime) -> Q:
    """Keys in that place at that moment; a key never used counts from its issue."""
    kept = Q(revoked_at__isnull=True) | Q(revoked_at__gt=at)
    live = kept & (Q(expires_at__isnull=True) | Q(expires_at__gt=at))
    since = at - LONG_UNUSED
    return {
        KeyPlace.LIVE: live,
        KeyPlace.UNUSED: live & (Q(last_used_at__lte=since) | Q(last_used_at__isnull=True, created_at__lte=since)),
        KeyPlace.EXPIRED: kept & Q(expires_at__lte=at),
        KeyPlace.REVOKED: Q(revoked_at__lte=at),
    }[place]


def deeds_of(key: ApiKey, *, most: int) -> Sequence[AuditEvent]:
    """What the key changed, the latest first. What it only read leaves no trace in the audit."""
    return list(AuditEvent.objects.filter(actor_key=f"{PROGRAM}{key.prefix}").order_by("-seq")[:most])


def revocation_of(key: ApiKey) -> AuditEvent | None:
    """Who revoked the key, when and why."""
    told = AuditEvent.objects.filter(subject_type="apikey", subject_key=str(key.pk), verb="api_key:revoke")
    return told.order_by("-seq").first()


def issuer_of(program: str) -> str:
    """The person who issued a program its key, both as actors are named; empty where it is no program, or nobody did."""
    if not program.startswith(PROGRAM):
        return ""
    ids = [str(pk) for pk in ApiKey.objects.filter(prefix=program.removeprefix(PROGRAM)).values_list("pk", flat=True)]
    issued = AuditEvent.objects.filter(subject_type="apikey", subject_key__in=ids, verb="api_key:issue")
    return issued.filter(actor_key__startswith=PERSON).values_list("actor_key", flat=True).first() or ""
