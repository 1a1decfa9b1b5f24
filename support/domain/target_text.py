"""Targets as people type them into a table, and the one way in which they are written back.

- "1 h", "30 min", "90 minutes", "1 h 30 min", "1.5 hours", "2 days": around the clock; a day is 24 hours. Saying
  "24/7" beside it changes nothing.
- "4 business hours", "90 business minutes": open time of a calendar.
- "2 business days": the same wall clock two business days on.
- "end of day", "end of next business day", "end of 2 business days": the closing of that business day.

Whatever is read is written in one canonical way, and reading that gives the same target. "Next business day" is
refused: some mean the same hour, some the end of that day.
"""

import re

from support.domain.targets import MINUTES_IN, PROMISE, Target, TargetUnit, UnreadableTarget, parse_target

NOTHING = {"", "-", "–", "—", "none", "no target"}
HINT = "Write it like '1 h', '4 business hours', '2 business days' or 'end of day'."
UNITS = {
    "m": "minute", "min": "minute", "mins": "minute", "minute": "minute", "minutes": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour", "hour": "hour", "hours": "hour",
    "d": "day", "day": "day", "days": "day",
}  # fmt: skip
AROUND = re.compile(r"[,\s]*(24\s*[/x×]\s*7(\s*[/x×]\s*365)?|around the clock|round the clock)$", re.IGNORECASE)
BUSINESS = r"(?:(?P<business>business|working|office)\s+)"
AMOUNT = r"(?P<amount>\d{1,7}(?:[.,]\d{1,3})?)"
PLAIN = re.compile(rf"{AMOUNT}\s*{BUSINESS}?(?P<unit>[a-z]+)\.?", re.ASCII | re.IGNORECASE)
HOURS_AND_MINUTES = re.compile(
    rf"(?P<hours>\d{{1,4}})\s*{BUSINESS}?(?:h|hrs?|hours?)\s*(?:and\s+)?(?P<minutes>\d{{1,2}})\s*(?:m|mins?|minutes?)?",
    re.ASCII | re.IGNORECASE,
)
END_OF_DAY = re.compile(
    r"(?:by\s+)?(?:the\s+)?end\s+of\s+(?:the\s+)?(?:(?P<which>same|next|\d{1,3})\s+)?(?:(?:business|working)\s+)?days?",
    re.ASCII | re.IGNORECASE,
)
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")


def read_cell(text: str) -> Target | None:
    """A cell of the table: empty, a dash or "none" promises nothing; raises `UnreadableTarget` like `read_target`."""
    return None if text.strip().lower() in NOTHING else read_target(text)


def read_target(text: str) -> Target:
    """One target; raises `UnreadableTarget` with words for the person who typed it. Cells of promise sheets too."""
    said = " ".join(text.split())
    try:
        if PROMISE.fullmatch(said) and not AROUND.search(said):
            return parse_target(said)
        return _read(THOUSANDS.sub("", said))
    except UnreadableTarget:
        raise
    except ValueError as error:
        raise UnreadableTarget(f"{said!r}: {error}") from error


def write_target(target: Target) -> str:
    """The canonical text of a target."""
    match target.unit:
        case TargetUnit.BUSINESS_DAYS:
            return _counted(target.amount, "business day")
        case TargetUnit.END_OF_DAY:
            return _end_of_day(target.amount)
        case TargetUnit.BUSINESS_MINUTES:
            hours, rest = divmod(target.amount, 60)
            return _counted(target.amount, "business minute") if rest else _counted(hours, "business hour")
    days, rest = divmod(target.amount, 24 * 60)
    if days and not rest:
        return _counted(days, "day")
    hours, minutes = divmod(target.amount, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))


def _end_of_day(days: int) -> str:
    if days < 2:
        return "end of next business day" if days else "end of day"
    return f"end of {days} business days"


def _read(said: str) -> Target:
    around = AROUND.search(said)
    plain = said[: around.start()].strip() if around else said
    if END_OF_DAY.fullmatch(plain) or plain.lower() in {"eod", "same day", "same business day"}:
        return _end(plain, around=bool(around))
    if match := HOURS_AND_MINUTES.fullmatch(plain):
        minutes = int(match["hours"]) * 60 + int(match["minutes"])
        return _minutes(minutes, business=bool(match["business"]), around=bool(around))
    match = PLAIN.fullmatch(plain)
    unit = UNITS.get(match["unit"].lower()) if match else None
    if match is None or unit is None:
        raise UnreadableTarget(f"{said!r} is not a target. {_hint(plain)}")
    return _counted_in(unit, match["amount"].replace(",", "."), business=bool(match["business"]), around=bool(around))


def _hint(plain: str) -> str:
    if re.fullmatch(r"(the )?next (business|working) day|nbd", plain, re.IGNORECASE):
        return "Write '1 business day' for the same hour of it, or 'end of next business day'."
    if re.search(r"\bweeks?\b", plain, re.IGNORECASE):
        return "Write it in days: '7 days' around the clock, or '5 business days'."
    return HINT


def _end(plain: str, *, around: bool) -> Target:
    if around:
        raise ValueError("a day that never closes has no end to count to; leave out '24/7', or write hours.")
    match = END_OF_DAY.fullmatch(plain)
    which = (match["which"] or "same").lower() if match else "same"
    days = {"same": 0, "next": 1}.get(which)
    return Target(int(which) if days is None else days, TargetUnit.END_OF_DAY, around_the_clock=False)


def _counted_in(unit: str, amount: str, *, business: bool, around: bool) -> Target:
    if business and unit == "day":
        if around:
            raise ValueError("business time doesn't run 24/7; leave out one of them.")
        if "." in amount:
            raise ValueError("business days are whole; write business hours for a part of one.")
        return Target(int(amount), TargetUnit.BUSINESS_DAYS, around_the_clock=False)
    minutes = float(amount) * MINUTES_IN[unit]
    if abs(minutes - round(minutes)) > 1e-6:
        raise ValueError("a target counts in whole minutes.")
    return _minutes(round(minutes), business=business, around=around)


def _minutes(minutes: int, *, business: bool, around: bool) -> Target:
    if business and around:
        raise ValueError("business time doesn't run 24/7; leave out one of them.")
    unit = TargetUnit.BUSINESS_MINUTES if business else TargetUnit.MINUTES
    return Target(minutes, unit, around_the_clock=not business)


def _counted(amount: int, noun: str) -> str:
    return f"{amount} {noun}{'' if amount == 1 else 's'}"
