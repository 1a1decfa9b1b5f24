"""The opening hours of a day as people type them: "09:00-12:30, 13:30-17:00", "22:00-06:00", "closed", "24 hours".

`parse_hours` reads every way people write them and `say_hours` writes the one way we do; what was written so is read
back as the same windows. Rules, each held by a test:

- A stretch that closes at or before its opening runs into the next day; "24:00", "00:00" and "midnight" as a closing
  are the end of the day. One of more than 24 hours needs the words "next day".
- Bare hours that only make sense in the afternoon ("9-5") are refused: 09:00 to 05:00 the next morning is hardly meant.
- Stretches may touch; they may not overlap or stand there twice. Whether they run into the hours of the next day is
  for `Calendar` to say, which knows that day.
"""

import re
from itertools import pairwise

from support.domain.calendar import ALL_DAY, DAY_MINUTES, Windows
from support.domain.clock_words import clock_words

CLOSED = "closed"
AROUND_THE_CLOCK = "24 hours"
MOST_WINDOWS = 24
LONGEST = 400

_CLOSED = frozenset({"", "closed", "shut", "none", "never", "no", "off", "-", "–", "—", "x"})
_ALL_DAY = frozenset({"24 hours", "24 h", "24h", "24hours", "24 hrs", "24/7", "all day", "open all day", "always"})
_WORDS = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_APART = re.compile(r"[,;\n&]|\band\b")
_BETWEEN = re.compile(r"[-–—]|\b(?:to|until|till|til)\b")
_NEXT_DAY = re.compile(r"\(?\s*(?:the next day|next day|\+ ?1)\s*\)?$")
_TIME = re.compile(r"(\d{1,2})(?:[:.h]([0-5]\d))? ?h? ?([ap])?\.?(?(3)m\.?)", re.ASCII)
_TOGETHER = re.compile(r"([012]\d)([0-5]\d)", re.ASCII)


class UnreadableHours(ValueError):
    """The text doesn't say when it is open; the message says which part of it, and how to write it."""


def parse_hours(text: str) -> Windows:
    """The windows of one day in minutes from its midnight, in order; none where it is closed."""
    if len(text) > LONGEST:
        raise UnreadableHours("That is too long for the hours of one day.")
    told = " ".join(text.lower().replace("\n", ",").split())
    if told in _CLOSED:
        return ()
    if told in _ALL_DAY:
        return ALL_DAY
    windows = sorted(_window(part.strip()) for part in _APART.split(told) if part.strip())
    _refuse_clashes(windows)
    return tuple(windows)


def say_hours(windows: Windows) -> str:
    """The same windows as we write them; `parse_hours` reads them back."""
    if not windows:
        return CLOSED
    if tuple(windows) == ALL_DAY:
        return AROUND_THE_CLOCK
    return ", ".join(_say_window(opens, closes) for opens, closes in sorted(windows))


def _say_window(opens: int, closes: int) -> str:
    if closes <= DAY_MINUTES:
        return f"{clock_words(opens)}-{clock_words(closes)}"
    words = f"{clock_words(opens)}-{clock_words(closes - DAY_MINUTES)}"
    return words if closes - DAY_MINUTES < opens else f"{words} next day"


def _window(part: str) -> tuple[int, int]:
    told = _NEXT_DAY.sub("", part)
    edges = [edge.strip() for edge in _BETWEEN.split(told)]
    if len(edges) != 2 or not all(edges):
        raise UnreadableHours(f"“{part}” is no opening time; write it like 09:00-17:00, closed or 24 hours.")
    (opens, _), (closes, bare) = (_minutes(edge, part) for edge in edges)
    if opens >= DAY_MINUTES:
        raise UnreadableHours(f"“{part}” opens after the end of its day; an opening lies between 00:00 and 23:59.")
    if told != part:
        return opens, _tomorrow(closes, part)
    if closes > opens:
        return opens, closes
    if closes == opens and closes:
        raise UnreadableHours(f"“{part}” closes when it opens; write 24 hours, or add “next day” for a whole day long.")
    if bare and opens <= DAY_MINUTES // 2 and closes:
        raise UnreadableHours(
            f"“{part}” would run until {clock_words(closes)} the next morning; write it like "
            f"{clock_words(opens)}-{clock_words(closes + DAY_MINUTES // 2)}, or with minutes if it does."
        )
    return opens, closes + DAY_MINUTES


def _minutes(edge: str, part: str) -> tuple[int, bool]:
    """Minutes from midnight (up to 48:00), and whether only an hour was written."""
    edge = _WORDS.get(edge, edge)
    if together := _TOGETHER.fullmatch(edge):
        hour, minute, half = int(together[1]), int(together[2]), None
    elif found := _TIME.fullmatch(edge):
        hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    else:
        raise UnreadableHours(f"“{edge}” in “{part}” is no time of day; write it like 09:00 or 9 am.")
    if half and not 1 <= hour <= 12:
        raise UnreadableHours(f"“{edge}” in “{part}” is no time of day; before am and pm an hour is from 1 to 12.")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    minutes = hour * 60 + minute
    if minutes > 2 * DAY_MINUTES:
        raise UnreadableHours(f"“{edge}” in “{part}” is later than the end of the next day.")
    return minutes, edge.isdigit() and len(edge) <= 2


def _tomorrow(closes: int, part: str) -> int:
    if closes > DAY_MINUTES:
        raise UnreadableHours(f"“{part}” closes later than the end of the next day.")
    return closes + DAY_MINUTES


def _refuse_clashes(windows: list[tuple[int, int]]) -> None:
    if len(windows) > MOST_WINDOWS:
        raise UnreadableHours(f"A day has at most {MOST_WINDOWS} stretches of opening hours.")
    for first, second in pairwise(windows):
        if first == second:
            raise UnreadableHours(f"{_say_window(*first)} is there twice.")
        if second[0] < first[1]:
            raise UnreadableHours(
                f"{_say_window(*first)} and {_say_window(*second)} overlap; make one stretch of them."
            )
