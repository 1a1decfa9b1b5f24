"""What screens list about licences: where each runs, what is out, and which of many fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from entitlements.models import Account, Licence, LicenceActivation, LicenceFile, LicencePolicy, SigningKey
from entitlements.models.licence import LicenceMonth
from journal.models import AuditEvent

SOON = timedelta(days=30)


class Kept(StrEnum):
    """Where licences stand by what is written about themselves; that one sleeps is worked out when it is asked."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SOON = "soon"
    NOWHERE = "nowhere"


def licences_kept(kept: Kept, *, at: datetime) -> Q:
    expired = Q(expires_at__isnull=False, expires_at__lte=at)
    match kept:
        case Kept.REVOKED:
            return Q(revoked_at__isnull=False)
        case Kept.EXPIRED:
            return expired & Q(revoked_at__isnull=True)
        case Kept.SUSPENDED:
            return Q(suspended_at__isnull=False, revoked_at__isnull=True)
        case Kept.SOON:
            return Q(revoked_at__isnull=True, expires_at__gt=at, expires_at__lte=at + SOON)
        case Kept.NOWHERE:
            return Q(revoked_at__isnull=True) & ~expired & ~Q(Exists(_running(OuterRef("pk"))))
    return Q(revoked_at__isnull=True, suspended_at__isnull=True) & ~expired


def _running(licence: OuterRef) -> QuerySet[LicenceActivation]:
    return LicenceActivation.objects.filter(licence=licence, released_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Place:
    """An activation, when it was last heard of, and the file by which it runs on whatever happens."""

    row: LicenceActivation
    heard_at: datetime | None
    file: LicenceFile | None


def places_of(licence: Licence, *, at: datetime) -> list[Place]:
    """Where it is active, the latest first."""
    files: dict[int | None, LicenceFile] = {}
    for file in files_out(licence, at=at):
        files.setdefault(file.activation_id, file)
    rows = licence.activations.filter(released_at__isnull=True).select_related("heartbeat")
    return [Place(row, _heard(row), files.get(row.pk)) for row in rows.order_by("-activated_at", "-pk")]


def released_from(licence: Licence, *, most: int) -> list[LicenceActivation]:
    return list(licence.activations.filter(released_at__isnull=False).order_by("-released_at", "-pk")[:most])


def _heard(row: LicenceActivation) -> datetime | None:
    return row.heartbeat.at if hasattr(row, "heartbeat") else None


def files_out(licence: Licence, *, at: datetime) -> list[LicenceFile]:
    """The files that still let software run, the last to end first."""
    rows = licence.files.filter(expires_at__gt=at).exclude(signing_key__compromised=True)
    return list(rows.select_related("activation", "signing_key").order_by("-expires_at", "-pk"))


def files_signed(key: SigningKey, *, at: datetime) -> tuple[int, int, datetime | None]:
    """How many files signed with the key still let software run, of how many customers, and until when."""
    rows = key.files.filter(expires_at__gt=at)
    last = rows.order_by("-expires_at").values_list("expires_at", flat=True).first()
    return rows.count(), rows.values("licence__account").distinct().count(), last


def validations_in_month(licence: Licence, *, at: datetime) -> int:
    first = at.date().replace(day=1)
    found = LicenceMonth.objects.filter(licence=licence, starts_on=first).values_list("validations", flat=True).first()
    return found or 0


def months_before(licence: Licence, *, at: datetime, most: int) -> list[LicenceMonth]:
    """How often it was validated in earlier months, the latest first; of those in which a cap counted it."""
    return list(licence.months.filter(starts_on__lt=at.date().replace(day=1)).order_by("-starts_on")[:most])


def story_of(licence: Licence, *, most: int) -> Sequence[AuditEvent]:
    """What was done with it and where it runs, the latest first."""
    return list(AuditEvent.objects.filter(subject_type="licence", subject_key=str(licence.pk)).order_by("-seq")[:most])


def touched_by(policy: LicencePolicy, *, at: datetime) -> tuple[int, int]:
    """How many live licences, of how many customers, a change of the policy is felt by."""
    rows = policy.licences.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at), revoked_at__isnull=True)
    return rows.count(), rows.values("account").distinct().count()


def unsent_keys(account: Account, *, at: datetime) -> Iterator[Licence]:
    """Licences that came with a purchase and whose key nobody at the customer has been given: none was there to get it.

    Once the key was renewed, or is in use, somebody has it.
    """
    told = AuditEvent.objects.filter(account_key=account.key, verb="licence:not_sent").values_list("subject_key", "seq")
    for key, seq in told.order_by("-seq")[:20]:
        rows = Licence.objects.filter(pk=int(key), account=account, revoked_at__isnull=True, activations__isnull=True)
        renewed = AuditEvent.objects.filter(
            subject_type="licence", subject_key=key, verb="licence:renew_key", seq__gt=seq
        )
        row = rows.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at)).first()
        if row is not None and not renewed.exists():
            yield row
