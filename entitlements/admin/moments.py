"""Which moment of an account a page shows: now, as it was at a moment, as we knew it at a moment."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from catalog.queries.instants import say_instant

EARLIEST, LATEST = 1970, 2200  # the years every calculation can bear
PICKER = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class AskedMoment:
    """`at` is the moment asked about; `known_at` is set when only what was known by then may answer."""

    at: datetime
    known_at: datetime | None
    now: bool
    zone: str
    typed: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The same moment for a link to another page of the account; empty for now."""
        if self.now:
            return ""
        asked = {"at": self.at.astimezone(UTC).isoformat()}
        if self.known_at is not None:
            asked["known_at"] = self.known_at.astimezone(UTC).isoformat()
        return f"?{urlencode(asked)}"

    @property
    def banner(self) -> str:
        """What the reader looks at, in one sentence; empty for now."""
        if self.now:
            return ""
        at = say_instant(self.at, zone=self.zone)
        if self.known_at is None:
            return f"What is true at {at}, by everything we know today, also what was put right later."
        if self.known_at == self.at:
            return f"What we believed at {at}: what was put right later is left out."
        return f"What we believed at {say_instant(self.known_at, zone=self.zone)} about {at}."

    def picked(self, name: str) -> str:
        """What the picker of that name shows."""
        if name in self.typed:
            return self.typed[name]
        instant = None if self.now else getattr(self, name)
        return "" if instant is None else instant.astimezone(ZoneInfo(self.zone)).strftime(PICKER)


def asked_moment(asked: QueryDict, *, zone: str, now: datetime) -> AskedMoment:
    """Read `at` and `known_at` from an address; without a zone of their own they are said in the customer's."""
    typed = {name: asked.get(name, "").strip() for name in ("at", "known_at")}
    read = {name: read_moment(text, zone=zone) for name, text in typed.items() if text}
    problems = [f"“{typed[name]}” is no moment; write a day and a time." for name, at in read.items() if at is None]
    at, known_at = read.get("at"), read.get("known_at")
    if known_at is not None and known_at > now:
        problems.append("What we will know later can't be shown; choose a moment that has passed.")
    if problems:
        return AskedMoment(now, None, now=True, zone=zone, typed=typed, problems=tuple(problems))
    if at is None and known_at is None:
        return AskedMoment(now, None, now=True, zone=zone)
    return AskedMoment(at or known_at or now, known_at, now=False, zone=zone)


def read_moment(text: str, *, zone: str) -> datetime | None:
    """What was typed or stands in an address; without a zone of its own it is said in that one. None: no moment."""
    try:
        found = parse_datetime(text.replace(" ", "+") if text.count(":") > 2 else text)
        if found is None or not EARLIEST <= found.year <= LATEST:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
