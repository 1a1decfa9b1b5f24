"""Response targets, as a support promise states them: "4 business hours, Monday - Friday".

A target is an amount of one of four kinds of time. Hours are kept as minutes; days are not, since "1 business day"
keeps the wall clock whatever the length of the day. Around the clock, a day is 24 hours. "By the end of 2 business
days" is the closing of the second business day after the one it started on; 0 is the closing of that day itself.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from support.domain.business_time import Calendar, add_business_days, due, end_of_business_day


class TargetUnit(StrEnum):
    MINUTES = "minutes"
    BUSINESS_MINUTES = "business_minutes"
    BUSINESS_DAYS = "business_days"
    END_OF_DAY = "end_of_day"


class InvalidTarget(ValueError):
    """No promise can be kept like this."""


class UnreadableTarget(ValueError):
    """The text doesn't say a target."""


ALWAYS = Calendar.around_the_clock()
MINUTES_IN = {"minute": 1, "hour": 60, "day": 24 * 60}
LONGEST_DAYS = 366
LONGEST_MINUTES = LONGEST_DAYS * 24 * 60

PROMISE = re.compile(r"(\d{1,6})\s+(business\s+)?(minute|hour|day)s?\s*,\s*(.+)", re.ASCII | re.IGNORECASE)
AROUND_THE_CLOCK = re.compile(r"24\s*[/x×]\s*7(\s*[/x×]\s*365)?", re.IGNORECASE)
WORKING_WEEK = re.compile(r"mon(day)?\s*(-|–|to)\s*fri(day)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """Minutes count around the clock, business minutes and business days by a calendar."""

    amount: int
    unit: TargetUnit
    around_the_clock: bool

    def __post_init__(self) -> None:
        if self.around_the_clock != (self.unit is TargetUnit.MINUTES):
            raise InvalidTarget("A target counts either around the clock or in business time; choose one.")
        in_days = self.unit in {TargetUnit.BUSINESS_DAYS, TargetUnit.END_OF_DAY}
        least = 0 if self.unit is TargetUnit.END_OF_DAY else 1
        if not least <= self.amount <= (LONGEST_DAYS if in_days else LONGEST_MINUTES):
            raise InvalidTarget("A target must be more than nothing and no more than a year.")


def parse_target(text: str) -> Target:
    """Read a cell of a support promise; raises `UnreadableTarget` with words for the person who wrote it."""
    match = PROMISE.fullmatch(text.strip())
    if match is None:
        raise UnreadableTarget(
            f"{text.strip()!r} is not a response target; write it like '1 hour, 24/7 x 365' "
            "or '4 business hours, Monday - Friday'."
        )
    number, business, unit, hours = match.groups()
    try:
        return _target(int(number), unit.lower(), business=bool(business), around=_reads_around_the_clock(hours))
    except ValueError as error:
        raise UnreadableTarget(f"{text.strip()!r}: {error}") from error


def words(target: Target) -> str:
    """ "within 4 business hours", "within 1 hour, around the clock"."""
    if target.unit is TargetUnit.BUSINESS_DAYS:
        return f"within {_count(target.amount, 'business day')}"
    if target.unit is TargetUnit.END_OF_DAY:
        return f"by the end of {_count(target.amount, 'business day') if target.amount else 'the business day'}"
    kind = "" if target.around_the_clock else "business "
    whole, rest = divmod(target.amount, 60)
    amount = _count(target.amount, f"{kind}minute") if rest else _count(whole, f"{kind}hour")
    return f"within {amount}{', around the clock' if target.around_the_clock else ''}"


def due_at(target: Target, *, calendar: Calendar | None, start: datetime) -> datetime:
    """The instant (UTC) by which the target must be met; a target around the clock needs no calendar."""
    if target.unit is TargetUnit.MINUTES:
        return due(ALWAYS, start=start, minutes=target.amount)
    if calendar is None:
        raise InvalidTarget(f"A target {words(target)} needs business hours to count by; choose a calendar for it.")
    if target.unit is TargetUnit.BUSINESS_DAYS:
        return add_business_days(calendar, start=start, days=target.amount)
    if target.unit is TargetUnit.END_OF_DAY:
        return end_of_business_day(calendar, start=start, days=target.amount)
    return due(calendar, start=start, minutes=target.amount)


def _reads_around_the_clock(hours: str) -> bool:
    if AROUND_THE_CLOCK.fullmatch(hours):
        return True
    if WORKING_WEEK.fullmatch(hours):
        return False
    raise ValueError(f"{hours!r} doesn't say when the clock runs; write '24/7 x 365' or 'Monday - Friday'.")


def _target(number: int, unit: str, *, business: bool, around: bool) -> Target:
    if business and around:
        raise ValueError("business time doesn't run 24/7; leave out 'business', or write 'Monday - Friday'.")
    if not business and not around:
        raise ValueError(f"Monday to Friday counts business time; write 'business {unit}s', or '24/7 x 365'.")
    if business and unit == "day":
        return Target(number, TargetUnit.BUSINESS_DAYS, around_the_clock=False)
    counted = TargetUnit.MINUTES if around else TargetUnit.BUSINESS_MINUTES
    return Target(number * MINUTES_IN[unit], counted, around_the_clock=around)


def _count(amount: int, noun: str) -> str:
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"
