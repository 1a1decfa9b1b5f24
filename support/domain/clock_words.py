"""Wall-clock minutes as people write them: 540 is "09:00", 1440 is "24:00", 1860 is "31:00" (07:00 the next day)."""

import re

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)


class UnreadableClock(ValueError):
    """The text is not a time of day."""


def parse_clock(text: str) -> int:
    """Minutes from midnight. Hours beyond 24 mean the next day, up to 48:00."""
    match = CLOCK.fullmatch(text.strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match else None
    if minutes is None or minutes > 48 * 60:
        raise UnreadableClock(f"{text!r} is not a time of day; write it like 09:00, or 24:00 for the end of the day.")
    return minutes


def clock_words(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours:02}:{rest:02}"
