"""What a signed licence file says (docs/licences.md): claims of a JWS, read by software that can't ask.

A file is a promise that can't be taken back before its end, so it ends with whatever is known to end first: the days
its policy allows, the licence, the subscription. What each entitlement is, it says with its own end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.domain.values import UNLIMITED
from catalog.domain.window import add_days
from entitlements.domain.licences.standing import LicenceFacts
from entitlements.domain.resolution import Resolution

ISSUER = "entitlement-desk"
TYPE = "licence+jwt"
ALGORITHM = "EdDSA"
LARGEST = 64_000  # bytes of a file
BEGIN, END = "-----BEGIN LICENCE FILE-----", "-----END LICENCE FILE-----"
LINE = 64
MOST_DAYS = 36_500  # of a file, whatever its policy says
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class FileTerms:
    """Who and what a file is for. `file_id` is unique; `device` empty where the licence isn't counted by places."""

    file_id: str
    account: str
    name: str
    policy: str
    device: str
    issued_at: datetime
    ends_at: datetime


def ends_at(facts: LicenceFacts, *, days: int, subscription_ends_at: datetime | None, at: datetime) -> datetime:
    """When a file given out now ends, in whole seconds: so many days on, or earlier where the end is known."""
    known = (add_days(at, min(days, MOST_DAYS), facts.zone), facts.expires_at, subscription_ends_at)
    return min(end for end in known if end is not None).replace(microsecond=0)


def claims_of(terms: FileTerms, facts: LicenceFacts, answers: Mapping[str, Resolution]) -> dict[str, Any]:
    """Everything the file says; amounts in each feature's smallest unit, instants in seconds since 1970."""
    return {
        "iss": ISSUER,
        "jti": terms.file_id,
        "sub": terms.account,
        "iat": _seconds(terms.issued_at),
        "nbf": _seconds(terms.issued_at),
        "exp": _seconds(terms.ends_at),
        "licence": {
            "prefix": facts.prefix,
            "name": terms.name,
            "policy": terms.policy,
            "environment": facts.environment,
            "expires_at": _instant(facts.expires_at),
            "maintenance_until": _day(facts.maintenance_until),
        },
        "device": terms.device,
        "entitlements": {key: _entitlement(answer) for key, answer in sorted(answers.items()) if answer.granted},
    }


def _entitlement(answer: Resolution) -> dict[str, Any]:
    until = {"until": _instant(answer.valid_until)}
    if answer.value is UNLIMITED:
        return {"unlimited": True, **until}
    return {"value": _plain(answer.value), **until}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return sorted(value) if isinstance(value, frozenset | set | tuple) else value


def wrapped(token: str) -> str:
    """The token in lines between its marks, as it is mailed and kept in a file."""
    lines = [token[start : start + LINE] for start in range(0, len(token), LINE)]
    return "\n".join([BEGIN, *lines, END, ""])


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
