"""What HubSpot's refusals say, read from what came back, whatever it was: its own JSON, or a gateway's page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.domain.crm.faults import FaultKind

LONGEST = 400  # characters of a refusal's words
DAILY = "DAILY"
SHORT_LIMITS = {"SECONDLY": 1, "TEN_SECONDLY_ROLLING": 10}  # seconds until such a limit is over
_KINDS = {
    "OBJECT_NOT_FOUND": FaultKind.GONE,
    "RATE_LIMITS": FaultKind.QUOTA,
    "MISSING_SCOPES": FaultKind.LOGIN,
    "INVALID_AUTHENTICATION": FaultKind.LOGIN,
    "EXPIRED_AUTHENTICATION": FaultKind.LOGIN,
    "OBJECT_LOCKED": FaultKind.LOCKED,
    "INTERNAL_ERROR": FaultKind.AWAY,
    "MIGRATION_IN_PROGRESS": FaultKind.AWAY,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer that says no. `scopes` are those that are missing, where it tells; `wait` the seconds it asks for."""

    status: int
    category: str = ""
    words: str = ""
    policy: str = ""
    scopes: tuple[str, ...] = ()
    wait: int = 0


def read(status: int | None, headers: Mapping[str, str] | None, body: bytes | str | None) -> Refusal:
    """Nothing that comes back makes this fail: what isn't HubSpot's own words is told by its status alone."""
    told = _told(body)
    return Refusal(
        status or 0,
        category=str(told.get("category") or ""),
        words=words_of(told),
        policy=str(told.get("policyName") or ""),
        scopes=_scopes(told),
        wait=_wait(headers or {}),
    )


def words_of(told: Mapping[str, Any]) -> str:
    """Its own words, as a sentence: each of the errors where there are several, without the JSON in its message."""
    message = str(told.get("message") or "")
    several = rows(told) or _listed(message)
    said = " ".join(dict.fromkeys(str(one["message"]) for one in several if one.get("message")))
    return (said or message)[:LONGEST]


def fault_of(told: Mapping[str, Any]) -> FaultKind:
    """What the error of one item of a batch means. What isn't known waits for a person."""
    return _KINDS.get(str(told.get("category") or ""), FaultKind.INVALID)


def says_nobody(told: Mapping[str, Any]) -> bool:
    """Of one record in an answer about associations: that it has none, and not that they couldn't be told."""
    return fault_of(told) is FaultKind.GONE or str(told.get("subCategory") or "").endswith("NO_ASSOCIATIONS_FOUND")


def rows(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The errors of an answer of which a part went well."""
    return _rows(told.get("errors"))


def context(told: Mapping[str, Any], name: str) -> list[str]:
    """What an error says it is about: the ids of records, or the trace by which an item was sent."""
    found = (told.get("context") or {}).get(name) if isinstance(told.get("context"), dict) else None
    return [str(one) for one in found] if isinstance(found, list) else []


def _told(body: bytes | str | None) -> dict[str, Any]:
    try:
        told = json.loads(body or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _listed(message: str) -> list[dict[str, Any]]:
    """An item of a batch has its errors nowhere but in the message, behind a colon."""
    try:
        return _rows(json.loads(message[message.index("[{") :]))
    except ValueError:
        return []


def _rows(told: Any) -> list[dict[str, Any]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _scopes(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Each error may name some, under one of two names."""
    several = [*rows(told), dict(told)]
    named = [
        scope
        for one in several
        for name in ("requiredGranularScopes", "requiredScopes")
        for scope in context(one, name)
    ]
    return tuple(dict.fromkeys(named))


def _wait(headers: Mapping[str, str]) -> int:
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
