"""Which versions a licence covers: those released up to the last day of its maintenance, by calendar days."""

import calendar
from datetime import date


def maintained_until(issued_on: date, *, months: int) -> date:
    """The last day of so many months of maintenance: one day short of the same day, so many months later.

    A day that the month doesn't have becomes its last: from 31 August for six months, through 27 February.
    """
    turn = issued_on.month - 1 + months
    year, month = issued_on.year + turn // 12, turn % 12 + 1
    if year > date.max.year:
        return date.max
    day = min(issued_on.day, calendar.monthrange(year, month)[1])
    return date.fromordinal(date(year, month, day).toordinal() - 1)


def covers(maintenance_until: date | None, released_on: date) -> bool:
    """The last day belongs to it; None covers every version."""
    return maintenance_until is None or released_on <= maintenance_until


def plain_version(text: str) -> str:
    """Versions are compared as texts; spaces around and a leading “v” before a digit don't matter."""
    plain = text.strip()
    return plain[1:] if plain[:1] in "vV" and plain[1:2].isdigit() else plain
