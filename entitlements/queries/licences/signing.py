"""The public halves of signing keys: which are published, and what is known of a file that was given out."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from entitlements.models.licence import Licence, LicenceFile, SigningKey


def published_keys(at: datetime) -> QuerySet[SigningKey]:
    """The key in use, retired ones for as long as a file signed with them lasts, and compromised ones for good: whoever
    has such a key can write a file with any end."""
    lasting = LicenceFile.objects.filter(signing_key=OuterRef("pk"), expires_at__gt=at)
    return SigningKey.objects.filter(Q(retired_at=None) | Q(compromised=True) | Q(Exists(lasting))).order_by(
        "-created_at", "-pk"
    )


def key_set(at: datetime) -> dict[str, Any]:
    """As a JSON Web Key Set (RFC 7517, RFC 8037).

    Of a compromised key nothing is published but that it is, so that its files are refused by that name; as it lacks
    its public half, readers that don't know the word pass it over (RFC 7517, 5).
    """
    return {"keys": [_as_jwk(key) for key in published_keys(at)]}


def _as_jwk(key: SigningKey) -> dict[str, Any]:
    named = {"kty": "OKP", "crv": "Ed25519", "kid": key.kid}
    return {**named, "compromised": True} if key.compromised else {
        **named, "x": key.public, "alg": "EdDSA", "use": "sig",
    }  # fmt: skip


def file_of(licence_id: int, file_id: str) -> LicenceFile | None:
    """The file with this id, if it was given out for this licence."""
    rows = LicenceFile.objects.select_related("signing_key")
    return rows.filter(licence_id=licence_id, file_id=file_id.replace("\x00", "")).first()


def last_files(licence: Licence, *, most: int = 50) -> list[LicenceFile]:
    """Those given out last."""
    return list(LicenceFile.objects.filter(licence=licence).select_related("signing_key", "activation")[:most])
