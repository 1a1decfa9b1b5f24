"""Licence files, read without a network: signed by the desk, checked by its public keys (needs `pyjwt[crypto]`).

A file is a compact JSON Web Signature (RFC 7515) by Ed25519 (RFC 8037) in lines of 64 between two marks. Whatever is
wrong with it, `read_licence_file` raises LicenceRefused with one of the codes below, and nothing else.
"""

import base64
import json
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_BYTES = 65_536
BEGIN, END = "-----BEGIN LICENCE FILE-----", "-----END LICENCE FILE-----"
TYPE, ISSUER, ALGORITHM = "licence+jwt", "entitlement-desk", "EdDSA"
LEEWAY = timedelta(minutes=5)  # how far a device's clock may be off by honest means
CODES = {
    "file_malformed": "this is no licence file, or not all of one",
    "file_forged": "the signature isn't the desk's, or the file was changed",
    "file_key_unknown": "it is signed with a key this product doesn't know; a newer version of the product may",
    "file_key_compromised": "the key it is signed with is no longer trusted; fetch a new licence file",
    "file_expired": "it has expired; fetch a new licence file",
    "file_not_yet_valid": "it isn't valid yet by this machine's clock",
    "file_other_device": "it was made for another device",
    "clock_set_back": "this machine's clock was set back since the licence was last used",
}
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
logger = logging.getLogger("entitlement_client")


class LicenceRefused(Exception):
    """The file isn't good here and now. `code` is for programs and never changes; `because` says it to people."""

    def __init__(self, code: str, because: str = "") -> None:
        self.code, self.because = code, because or CODES[code]
        super().__init__(f"The licence file is refused ({code}): {self.because}.")


@dataclass(frozen=True, slots=True)
class Allowance:
    """One feature as the file grants it, until an instant where there is one."""

    value: Any
    unlimited: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LicenceFile:
    """What a good file says. `device` is the fingerprint it is bound to, or empty."""

    file_id: str
    account: str
    licence: Mapping[str, Any]
    device: str
    entitlements: Mapping[str, Allowance]
    issued_at: datetime
    expires_at: datetime
    read_at: datetime

    def allows(self, feature: str, *, quantity: int | None = None, choice: str = "") -> bool:
        """Whether the file grants the feature, or so much of it, at the moment it was read for."""
        had = self.entitlements.get(feature)
        if had is None or (had.until is not None and self.read_at >= had.until) or not (had.unlimited or had.value):
            return False
        if had.unlimited or had.value is True:
            return True
        if choice:
            return choice in had.value if isinstance(had.value, tuple) else choice == had.value
        return quantity is None or (isinstance(had.value, int) and quantity <= had.value)


class LastSeen:
    """A file that remembers the latest instant at which a licence was read, so that a clock set back shows.

    Whoever may delete the file can make it forget; put it where the product's other state lies.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def latest(self) -> datetime | None:
        """None where nothing is remembered; what can't be read is forgotten, with a warning."""
        try:
            return datetime.fromtimestamp(float(self._path.read_text("ascii")), timezone.utc)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, OverflowError) as fault:
            logger.warning("%s can't be read and is taken for empty: %s", self._path, fault)
            return None

    def remember(self, now: datetime) -> None:
        """Whole, or not at all; never earlier than before."""
        latest, half = self.latest(), ""
        if latest is not None and latest >= now:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, half = tempfile.mkstemp(dir=self._path.parent, suffix=".half")
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(repr(now.timestamp()))
            os.replace(half, self._path)
        except OSError as fault:
            logger.warning("%s can't be written: %s", self._path, fault)
            with suppress(OSError):
                os.unlink(half)


def read_licence_file(
    text: str | bytes, *, keys: Mapping[str, Any], now: datetime, fingerprint: str = "", seen: LastSeen | None = None
) -> LicenceFile:
    """What the file says, if it is good for this device now; LicenceRefused otherwise.

    `keys`: the desk's public keys, as its `/api/v1/licences/keys` gives them (a JWK Set), or the public key of each id
    as raw base64url. `now` has a zone. A key in the set with `"compromised": true` is known, and no longer believed.
    """
    if now.tzinfo is None:
        raise ValueError("Say in which zone it is now.")
    token = _token(text)
    claims = _verified(token, keys)
    try:
        found = _read(claims, now)
        not_before = _instant(claims.get("nbf", claims["iat"]))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        raise LicenceRefused("file_malformed", "it is signed, but it lacks what a licence file says") from None
    latest = None if seen is None else seen.latest()
    if latest is not None and now < latest - LEEWAY:
        raise LicenceRefused("clock_set_back")
    if now < not_before - LEEWAY:
        raise LicenceRefused("file_not_yet_valid")
    if now >= found.expires_at:
        raise LicenceRefused("file_expired")
    if found.device and found.device != fingerprint:
        raise LicenceRefused("file_other_device")
    if seen is not None:
        seen.remember(now)
    return found


def _token(text: str | bytes) -> str:
    if len(text) > MOST_BYTES:
        raise LicenceRefused("file_malformed", f"a licence file has at most {MOST_BYTES:,} bytes")
    try:
        spoken = text if isinstance(text, str) else bytes(text).decode("ascii")
    except UnicodeDecodeError:
        raise LicenceRefused("file_malformed") from None
    lines = spoken.strip().splitlines()
    if len(lines) < 3 or lines[0].strip() != BEGIN or lines[-1].strip() != END:
        raise LicenceRefused("file_malformed")
    token = "".join(line.strip() for line in lines[1:-1])
    if not _COMPACT.fullmatch(token):
        raise LicenceRefused("file_malformed")
    return token


def _verified(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    header = _json(token.split(".")[0])
    if header.get("typ") != TYPE or "alg" not in header:
        raise LicenceRefused("file_malformed")
    if header["alg"] != ALGORITHM or "crit" in header or "b64" in header:
        raise LicenceRefused("file_forged")
    key = _key(keys, header.get("kid"))
    try:
        jwt.PyJWS(algorithms=[ALGORITHM]).decode(token, key, algorithms=[ALGORITHM])
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise LicenceRefused("file_forged") from None
    claims = _json(token.split(".")[1])
    if claims.get("iss") != ISSUER:
        raise LicenceRefused("file_malformed", "it is signed, but it is no licence file")
    return claims


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise LicenceRefused("file_malformed") from None
    if not isinstance(found, dict):
        raise LicenceRefused("file_malformed")
    return found


def _key(keys: Mapping[str, Any], kid: Any) -> Ed25519PublicKey:
    """ValueError for a key of the product's own that is none."""
    if not isinstance(kid, str):
        raise LicenceRefused("file_key_unknown")
    found: Any = None
    if isinstance(keys.get("keys"), list):
        found = next((key for key in keys["keys"] if key.get("kid") == kid and key.get("crv") == "Ed25519"), None)
    else:
        found = keys.get(kid)
    if found is None:
        raise LicenceRefused("file_key_unknown")
    if isinstance(found, Mapping):
        if found.get("compromised"):
            raise LicenceRefused("file_key_compromised")
        found = found["x"]
    if isinstance(found, Ed25519PublicKey):
        return found
    raw = found if isinstance(found, bytes) else base64.urlsafe_b64decode(found + "=" * (-len(found) % 4))
    return Ed25519PublicKey.from_public_bytes(raw)


def _read(claims: Mapping[str, Any], now: datetime) -> LicenceFile:
    licence, device, account = claims["licence"], claims.get("device", ""), claims["sub"]
    if not isinstance(licence, dict) or not isinstance(device, str) or not isinstance(account, str):
        raise ValueError("These are of another kind.")
    return LicenceFile(
        file_id=str(claims["jti"]),
        account=account,
        licence=licence,
        device=device,
        entitlements={name: _allowance(told) for name, told in claims["entitlements"].items()},
        issued_at=_instant(claims["iat"]),
        expires_at=_instant(claims["exp"]),
        read_at=now,
    )


def _allowance(told: Mapping[str, Any]) -> Allowance:
    value, until = told.get("value"), told.get("until")
    value = tuple(value) if isinstance(value, list) else value
    return Allowance(value, told.get("unlimited") is True, None if until is None else _instant(until))


def _instant(told: Any) -> datetime:
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        raise ValueError("This is no instant.")
    if isinstance(told, str):
        found = datetime.fromisoformat(told.replace("Z", "+00:00"))
        if found.tzinfo is None:
            raise ValueError("An instant has a zone.")
        return found
    return datetime.fromtimestamp(told, timezone.utc)
