"""What Salesforce's refusals mean, whatever form they come in: a list of errors, one record's errors, or a page.

Codes are told apart by what has to follow: in again, wait, that record again, or a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from desk.domain.crm.faults import FaultKind

LOCKED = frozenset({"UNABLE_TO_LOCK_ROW", "ROW_LOCK_TIMEOUT"})
AWAY = frozenset({
    "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "SERVICE_UNAVAILABLE",
})  # fmt: skip
QUOTA = frozenset({"REQUEST_LIMIT_EXCEEDED", "TXN_SECURITY_METERING_ERROR"})
LOGIN = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER"})
GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
CONCURRENT_REST = timedelta(seconds=30)
DAILY_REST = timedelta(hours=1)  # the day is the last 24 hours, so that some calls come back each hour
LONGEST = 400

# At logging in: the error, or a part of what is said with it, and what to do.
AWAY_AT_LOGIN = frozenset({
    "server_error", "temporarily_unavailable", "unavailable", "rate_limit_exceeded", "LOGIN_RATE_EXCEEDED",
    "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED",
})  # fmt: skip
ADVICE: Mapping[str, str] = {
    "hasn't approved this consumer": "Give the user the app’s permission set, and choose “Admin approved users are "
    "pre-authorized” in its policies.",
    "audience is invalid": "Compare the My Domain address with the one in Setup, My Domain.",
    "invalid assertion": "The private key doesn’t belong to the certificate that was uploaded to the app.",
    "assertion has expired": "The clock of this machine is wrong.",
    "too far in the future": "The clock of this machine is wrong.",
    "client identifier invalid": "Compare the consumer key with the app’s.",
    "invalid client credentials": "Compare the consumer secret with the app’s.",
    "no client credentials user enabled": "Name a user under “Run As” in the app’s client credentials flow.",
    "not supported on this domain": "Enter the My Domain address of the organisation.",
    "external client app is not found": "Enter the My Domain address of the organisation that the app belongs to.",
    "inactive user": "The user is not active in Salesforce.",
    "invalid_login": "Compare the user name, the password and the security token; the user may be locked out.",
    "authentication failure": "Compare the user name, the password and the security token; the user may be locked out.",
    "unsupported_api_version": "Logging in by user name and password alone isn’t offered any more: choose JWT.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error, as Salesforce words it."""

    code: str
    message: str = ""
    fields: tuple[str, ...] = ()

    @property
    def kind(self) -> FaultKind:
        for codes, kind in (
            (LOCKED, FaultKind.LOCKED), (AWAY, FaultKind.AWAY), (QUOTA, FaultKind.QUOTA), (LOGIN, FaultKind.LOGIN),
            (GONE, FaultKind.GONE),
        ):  # fmt: skip
            if self.code in codes:
                return kind
        return FaultKind.INVALID

    @property
    def words(self) -> str:
        """Its own words, with the fields they are about where those don't stand in them."""
        said = " ".join((self.message or self.code).split())
        unsaid = [one for one in self.fields if one not in said]
        about = f" ({', '.join(unsaid)})" if unsaid else ""
        return f"{said[:LONGEST]}{about} [{self.code}]"


def refusals(content: Any) -> list[Refusal]:
    """Of a whole request under `errorCode`, of one record under `statusCode`; of anything else none."""
    found = content if isinstance(content, list) else []
    return [
        Refusal(
            str(one.get("errorCode") or one.get("statusCode") or "UNKNOWN"),
            str(one.get("message") or ""),
            tuple(str(name) for name in one.get("fields") or ()),
        )
        for one in found
        if isinstance(one, dict)
    ]


def worst(several: Iterable[Refusal]) -> tuple[FaultKind, str]:
    """What several of one record come to: a person is needed where any of them needs one."""
    found = list(several) or [Refusal("UNKNOWN", "It was refused without a word.")]
    order = [FaultKind.INVALID, FaultKind.GONE, FaultKind.QUOTA, FaultKind.LOGIN, FaultKind.AWAY, FaultKind.LOCKED]
    kind = min((one.kind for one in found), key=order.index)
    return kind, "; ".join(dict.fromkeys(one.words for one in found if one.kind is kind))


def of_calls(refusal: Refusal) -> tuple[str, timedelta]:
    """Which limit of calls is meant, and how long to wait: of those at one time it is gone in moments."""
    if "concurrent" in refusal.message.lower():
        return "Salesforce answers too many long requests at the moment", CONCURRENT_REST
    return "The organisation has used up its calls of the last 24 hours", DAILY_REST


def login_words(code: str, message: str) -> str:
    """Why nobody gets in, and what to do."""
    said = f"{code}: {message}".lower()
    advice = next((words for part, words in ADVICE.items() if part in said), "")
    told = " ".join((message or code).split())[:LONGEST].rstrip(".")
    return (
        f"Salesforce refuses the login: {told}. {advice or 'Enter what it needs anew on the page of the connection.'}"
    )
