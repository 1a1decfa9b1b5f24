"""The org's own clock, which need not agree with ours, and how times are written."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

ZONES = ("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z")


class Clock:
    """A source that tests fix, what has been added to it, and how far it is wrong."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._added = timedelta()
        self.skew = timedelta()

    def now(self) -> datetime:
        """In whole seconds: Salesforce's stamps have no finer part that says anything."""
        return datetime.fromtimestamp(int(self._source()), UTC) + self._added + self.skew

    def add(self, passed: timedelta) -> None:
        self._added += passed


def stamp(at: datetime) -> str:
    """`2026-01-02T03:04:05.000+0000`"""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def zulu(at: datetime) -> str:
    """How Bulk writes it."""
    return stamp(at).replace("+0000", "Z")


def in_header(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


def moment(text: str) -> datetime | None:
    """A time with its zone; None where it is none."""
    for form in ZONES:
        try:
            return datetime.strptime(text, form).astimezone(UTC)
        except ValueError:
            continue
    return None


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
