"""Opening hours as people say them: "Monday–Friday 06:00–18:00"."""

from collections.abc import Sequence
from itertools import groupby

from support.domain.calendar import ALL_DAY, DAY_MINUTES
from support.domain.clock_words import WEEKDAYS, clock_words

Week = Sequence[Sequence[Sequence[int]]]


def say_span(opens: int, closes: int) -> str:
    if closes > DAY_MINUTES:
        return f"{clock_words(opens)}–{clock_words(closes - DAY_MINUTES)} the next day"
    return f"{clock_words(opens)}–{clock_words(closes)}"


def say_week(week: Week) -> str:
    """The week of a calendar version, Monday first. Neighbouring days that open alike are said together."""
    by_day = {day: [say_span(*hours) for hours in sorted(map(tuple, hours))] for day, hours in enumerate(week) if hours}
    # Days in a row that open alike keep the same distance between their number and their place.
    alike = groupby(enumerate(by_day), key=lambda pair: (pair[1] - pair[0], by_day[pair[1]]))
    stretches = [[day for _, day in days] for _, days in alike]
    return "; ".join(f"{_days(days)} {' and '.join(by_day[days[0]])}" for days in stretches) or "Never open"


def say_day_hours(hours: Sequence[Sequence[int]]) -> str:
    """The hours of one day: "09:00–12:30 and 13:30–17:00", "24 hours", "closed"."""
    stretches = sorted((opens, closes) for opens, closes in hours)
    if tuple(stretches) == ALL_DAY:
        return "24 hours"
    return " and ".join(say_span(*each) for each in stretches) or "closed"


def _days(days: list[int]) -> str:
    return WEEKDAYS[days[0]] if len(days) == 1 else f"{WEEKDAYS[days[0]]}–{WEEKDAYS[days[-1]]}"
