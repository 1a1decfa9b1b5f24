"""Reading what another system wrote, field by field: every fault is kept beside its field, so that all are told at once.

Text is cut to what is kept of it; only what no honest sender writes (far too long, the wrong type) is a fault.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

EARLIEST, LATEST = 1970, 2200
EXCERPT = 1_000  # characters of a message that are kept: the help desk has the rest
LONGEST_BODY = 200_000
ADDRESS = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]{1,250}\.[^@\s<>\"',;.]{2,63}")

Choice = TypeVar("Choice", bound=StrEnum)


class Unfit(ValueError):
    """What was told can't be used; `errors` are sentences by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {words}" for name, words in errors.items()))
        self.errors = dict(errors)


@dataclass(slots=True)
class Fields:
    """One object as it was told; faults pile up in `errors` until `done`."""

    told: Mapping[str, Any]
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, *, longest: int, needed: bool = False) -> str:
        """Trimmed; null characters are dropped. Numbers are taken for what they spell, since ids often are numbers."""
        value = self.told.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is not None and not isinstance(value, str):
            return self._fault(name, "Write this as text.")
        value = readable(value or "").strip()
        if needed and not value:
            return self._fault(name, "This is missing.")
        if len(value) > longest:
            return self._fault(name, f"This has {len(value):,} characters; {longest:,} are the most.")
        return value

    def excerpt(self, name: str) -> str:
        return excerpt(self.text(name, longest=LONGEST_BODY))

    def address(self, name: str) -> str:
        """An e-mail address in small letters."""
        value = self.text(name, longest=254).lower()
        if value and not ADDRESS.fullmatch(value):
            return self._fault(name, f"{value!r} is no e-mail address.")
        return value

    def choice(self, name: str, kinds: type[Choice], *, default: Choice | None = None) -> Choice | None:
        """One of the words of a kind; without a default it is needed."""
        value = self.text(name, longest=80, needed=default is None)
        if not value:
            return default
        try:
            return kinds(value.lower())
        except ValueError:
            self._fault(name, f"{value!r} is none of {', '.join(kinds)}.")
            return default

    def instant(self, name: str, *, needed: bool = False) -> datetime | None:
        """A moment with its zone, in UTC."""
        value = self.text(name, longest=60, needed=needed)
        if not value:
            return None
        try:
            return parse_instant(value)
        except ValueError as error:
            self._fault(name, str(error))
            return None

    def done(self) -> None:
        if self.errors:
            raise Unfit(self.errors)

    def _fault(self, name: str, words: str) -> str:
        self.errors.setdefault(name, words)
        return ""


def parse_instant(text: str) -> datetime:
    """ISO 8601 with a zone, "2026-03-02T09:00:00Z"; raises ValueError with words for whoever sent it."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no moment; write it like 2026-03-02T09:00:00Z.") from None
    return within_reach(instant, text)


def within_reach(instant: datetime, text: str) -> datetime:
    """The same moment in UTC, refused without a zone or beyond the years that calculations can bear."""
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no zone; write it like 2026-03-02T09:00:00Z or 2026-03-02T10:00:00+01:00.")
    if not EARLIEST <= instant.year <= LATEST:
        raise ValueError(f"{text!r} lies outside the years {EARLIEST} to {LATEST}.")
    return instant.astimezone(UTC)


def excerpt(text: str) -> str:
    """The beginning of a message, for people to recognise it by."""
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1].rstrip() + "…"


def readable(text: str) -> str:
    """Without what no database keeps: null characters and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()
