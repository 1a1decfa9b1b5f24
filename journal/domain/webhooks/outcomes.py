"""What a try came to, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from journal.domain.webhooks.schedule import THROTTLED, rest_asked

THROTTLING = frozenset({429, 502, 503, 504})


class Outcome(StrEnum):
    """`ok` is the only one that ends a message well; `gone` switches its endpoint off."""

    OK = "ok"
    FAILED = "failed"
    REDIRECTED = "redirected"
    THROTTLED = "throttled"
    GONE = "gone"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def is_silence(self) -> bool:
        """Nothing answered, so other messages to the same endpoint would find nothing either."""
        return self in (Outcome.TIMED_OUT, Outcome.UNREACHABLE, Outcome.FORBIDDEN)


_WORDS = {
    Outcome.OK: "Delivered",
    Outcome.FAILED: "Not accepted",
    Outcome.REDIRECTED: "Sent elsewhere, which the desk doesn't follow",
    Outcome.THROTTLED: "Asked to wait",
    Outcome.GONE: "Said that it is gone",
    Outcome.TIMED_OUT: "No answer in time",
    Outcome.UNREACHABLE: "Could not be reached",
    Outcome.FORBIDDEN: "Leads to an address that webhooks may not be sent to",
}


@dataclass(frozen=True, slots=True)
class Try:
    """One try: what came of it, the status if anything answered, the beginning of what was said, and how long it took.

    `rest` is how long the receiver asks to be left alone.
    """

    outcome: Outcome
    took_ms: int
    status: int | None = None
    error: str = ""
    response: str = ""
    rest: timedelta | None = None

    @property
    def is_ok(self) -> bool:
        return self.outcome is Outcome.OK


def outcome_of(status: int) -> Outcome:
    """What a status means: only 2xx is a yes, and a redirect is a no."""
    if 200 <= status < 300:
        return Outcome.OK
    if status == HTTPStatus.GONE:
        return Outcome.GONE
    if status in THROTTLING:
        return Outcome.THROTTLED
    return Outcome.REDIRECTED if 300 <= status < 400 else Outcome.FAILED


def answered(status: int, *, headers: Mapping[str, str], response: str, took_ms: int, at: datetime) -> Try:
    """What an answer comes to. `headers` by their names in lower case."""
    outcome = outcome_of(status)
    rest = None
    if outcome is Outcome.THROTTLED:
        rest = rest_asked(headers.get("retry-after", ""), at=at) or THROTTLED
    error = "" if outcome is Outcome.OK else f"It answered {status}{_phrase(status)}."
    return Try(outcome, took_ms, status=status, error=error, response=response, rest=rest)


def _phrase(status: int) -> str:
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""
