"""Opening hours as people say them: "Monday–Friday 06:00–18:00"."""

from collections.abc import Iterable
from itertools import groupby

from support.domain.calendar import DAY_MINUTES
from support.domain.clock_words import WEEKDAYS, clock_words
from support.models import CalendarWindow


def say_span(opens: int, closes: int) -> str:
    if closes > DAY_MINUTES:
        return f"{clock_words(opens)}–{clock_words(closes - DAY_MINUTES)} the next day"
    return f"{clock_words(opens)}–{clock_words(closes)}"


def say_week(windows: Iterable[CalendarWindow]) -> str:
    """Neighbouring days that open alike are said together."""
    by_day: dict[int, list[str]] = {}
    for row in sorted(windows, key=lambda row: (row.weekday, row.opens)):
        by_day.setdefault(row.weekday, []).append(say_span(row.opens, row.closes))
    # Days in a row that open alike keep the same distance between their number and their place.
    alike = groupby(enumerate(by_day), key=lambda pair: (pair[1] - pair[0], by_day[pair[1]]))
    stretches = [[day for _, day in days] for _, days in alike]
    return "; ".join(f"{_days(days)} {' and '.join(by_day[days[0]])}" for days in stretches) or "Never open"


def _days(days: list[int]) -> str:
    return WEEKDAYS[days[0]] if len(days) == 1 else f"{WEEKDAYS[days[0]]}–{WEEKDAYS[days[-1]]}"
