"""Calendars and instants as a support manager would write them, for the tables in these tests."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from support.domain.calendar import Calendar, Windows

SHORT = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def desk(text: str, *, zone: str = "UTC", holidays: str = "", overrides: dict[str, str] | None = None) -> Calendar:
    """ "mon-fri 09:00-12:00 13:00-17:00; sat 10:00-15:00" """
    weekly: dict[int, Windows] = {}
    for line in text.split(";"):
        days, *hours = line.split()
        first, _, last = days.partition("-")
        for weekday in range(SHORT.index(first), SHORT.index(last or first) + 1):
            weekly[weekday] = windows(" ".join(hours))
    return Calendar(
        zone=zone,
        weekly=weekly,
        holidays=frozenset(date.fromisoformat(day) for day in holidays.split()),
        overrides={date.fromisoformat(day): windows(hours) for day, hours in (overrides or {}).items()},
    )


def windows(text: str) -> Windows:
    edges = (each.split("-") for each in text.split())
    return tuple((minutes(opens), minutes(closes)) for opens, closes in edges)


def minutes(clock: str) -> int:
    """Of "31:00", 1860: seven in the morning of the next day."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def local(text: str, zone: str = "UTC", *, fold: int = 0) -> datetime:
    """The instant of a wall clock; `fold=1` is the second time it is read when clocks go back."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def wall(at: datetime, zone: str = "UTC") -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def table(text: str) -> list[list[str]]:
    """The rows below the head of an ASCII table."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return rows[1:]
