"""Time worked on prepaid hours: what an entry counts, what of it fits, and what goes beyond. Pure; all in minutes.

Each entry by itself is rounded up to the unit that was agreed (three calls of 5 minutes at a unit of 15 count as 45);
the real minutes are kept beside it. Where the allowance blocks at zero, what fits of the rounded minutes is counted and
the rest is beyond: that is billed. Where it may be overdrawn, all of it is counted. An exempt entry counts nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = 24 * 60  # one entry is of one piece of work; a longer one is a typing error
AHEAD = timedelta(minutes=5)  # clocks of other systems go wrong by so much
HOUR = 60
_TYPED = re.compile(
    r"(?P<clock>\d{1,3}):(?P<past>[0-5]\d)"
    r"|(?P<hours>\d{1,3}(?:[.,]\d{1,2})?)\s*h(?:ours?)?(?:\s*(?P<and>\d{1,4})\s*(?:m(?:in(?:utes?)?)?)?)?"
    r"|(?P<minutes>-?\d{1,6})\s*(?:m(?:in(?:utes?)?)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Share:
    """What becomes of one entry: `counted` is taken of the allowance, `beyond` is more than was left."""

    minutes: int
    counted: int
    beyond: int

    @property
    def rounded(self) -> int:
        return self.counted + self.beyond


@dataclass(frozen=True, slots=True)
class Fault:
    """What can't be right about an entry: which input, for programs which kind, and the words."""

    field: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An allowance that time may count on. `left` is what of it fits there, by that channel (None: no limit; below zero:
    overdrawn); `goes_at` is when the next of it goes unused; `unit` is what an entry is rounded up to."""

    key: int
    left: int | None
    goes_at: datetime | None = None
    overdraws: bool = False
    unit: int = 0

    @property
    def has_some(self) -> bool:
        return self.left is None or self.left >= 1

    def holds(self, minutes: int) -> bool:
        """All of an entry, as it counts."""
        return self.left is None or self.left >= rounded(minutes, unit=self.unit)


def rounded(minutes: int, *, unit: int) -> int:
    """Up to whole units; a unit of nothing is to the minute."""
    return minutes if unit < 1 else -(-minutes // unit) * unit


def share(minutes: int, *, unit: int, room: int | None, exempt: bool = False) -> Share:
    """What of an entry counts and what goes beyond; `room` is what is left where it blocks, None where nothing bounds."""
    if exempt:
        return Share(minutes, 0, 0)
    whole = rounded(minutes, unit=unit)
    counted = whole if room is None else min(whole, max(room, 0))
    return Share(minutes, counted, whole - counted)


def choose_allowance(offers: Sequence[Offer], minutes: int) -> int | None:
    """Of several the one whose balance goes first, among those that hold all of it; only then one that may be overdrawn,
    then whatever has something left. So nobody is billed while hours that were paid for lie beside."""
    if not offers:
        return None
    whole = [one for one in offers if one.holds(minutes)]
    overdrawn = [one for one in offers if one.overdraws]
    some = [one for one in offers if one.has_some]
    return min(whole or overdrawn or some or offers, key=_goes_first).key


def _goes_first(one: Offer) -> tuple[bool, float, int]:
    return (one.goes_at is None, 0.0 if one.goes_at is None else one.goes_at.timestamp(), one.key)


def fault_of(minutes: int, *, worked_at: datetime, now: datetime) -> Fault | None:
    """What is wrong with so many minutes from that moment on; None: nothing."""
    if minutes < 1:
        words = "Write how many minutes were worked, at least 1. To take an entry back, withdraw it."
        return Fault("minutes", "no_time_worked", words)
    if minutes > LONGEST:
        words = f"{minutes:,} minutes is more than a day. Make an entry for each piece of work, of 24 hours at most."
        return Fault("minutes", "absurd_time", words)
    if worked_at + timedelta(minutes=minutes) > now + AHEAD:
        words = f"Work of {say_minutes(minutes)} that began then isn’t over yet. Enter it once it is done."
        return Fault("worked_at", "from_the_future", words)
    return None


def say_minutes(minutes: int) -> str:
    """ "45 min", "4 h 10 min", "2 h", "−30 min"; hours are not made into days, for nobody buys days."""
    size = abs(minutes)
    hours, rest = divmod(size, HOUR)
    words = f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"
    return f"−{words}" if minutes < 0 else words


def say_share(found: Share) -> str:
    """ "20 min count as 30 min", "20 min, of which 10 min are beyond what is left", …"""
    real = say_minutes(found.minutes)
    if not found.rounded:
        return f"{real}, not counted"
    if not found.beyond:
        return f"{real}" if found.counted == found.minutes else f"{real} count as {say_minutes(found.counted)}"
    whole = real if found.rounded == found.minutes else f"{real} count as {say_minutes(found.rounded)}"
    if not found.counted:
        return f"{whole}, all of it beyond what is left"
    return f"{whole}: {say_minutes(found.counted)} are left for it, {say_minutes(found.beyond)} are beyond"


def read_minutes(text: str) -> int | None:
    """What somebody typed: "20", "20 min", "1 h 20", "1:20", "1.5 h"; None where it is no length of time.

    Parts of a minute are rounded up, as all time is.
    """
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    if found["clock"]:
        return int(found["clock"]) * HOUR + int(found["past"])
    if found["hours"]:
        whole, _, part = found["hours"].replace(",", ".").partition(".")
        hundredths = int(whole) * 100 + int(part.ljust(2, "0") or 0)
        return -(-hundredths * HOUR // 100) + int(found["and"] or 0)
    return int(found["minutes"])
