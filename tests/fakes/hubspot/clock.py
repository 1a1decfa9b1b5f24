"""The portal's own clock, in whole milliseconds of UTC, and the forms in which HubSpot says and reads a time."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import format_datetime

SECOND = 1000
DAY = 24 * 3600 * SECOND


class Clock:
    """A source that tests fix, what has been added to it, and how far the portal's clock is off."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._added = 0
        self.skew = 0  # milliseconds that the portal is ahead of everybody else

    def now(self) -> int:
        return round(self._source() * SECOND) + self._added + self.skew

    def add(self, milliseconds: int) -> None:
        self._added += milliseconds


def iso(at: int) -> str:
    """As HubSpot writes it: no fraction where the second is whole."""
    whole, rest = divmod(at, SECOND)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


def in_header(at: int) -> str:
    return format_datetime(datetime.fromtimestamp(at // SECOND, UTC), usegmt=True)


def in_words(at: int) -> str:
    when = datetime.fromtimestamp(at / SECOND, UTC)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def instant(text: str) -> int | None:
    """Milliseconds from what callers write: a number of milliseconds, or ISO 8601 (without a zone: UTC)."""
    if text.lstrip("-").isdigit():
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * SECOND)


def day(text: str) -> str | None:
    """The day as HubSpot writes it, from `2026-03-02` or milliseconds that are a midnight of UTC."""
    if text.lstrip("-").isdigit():
        at = int(text)
        return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%d") if at % DAY == 0 else None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def midnight(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND
