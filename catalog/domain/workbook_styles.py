"""What a cell of a workbook looks like: a date, a percentage or money is a bare number with a format beside it.

People import what they see, so a number is read the way its format shows it.
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum

from catalog.domain.workbook_parts import Attributes, Package, read_xml

_FIRST_OWN = 164  # formats below this number are built in
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}
_BUILT_IN_PERCENT = {9, 10}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_LOCALE = re.compile(r"\[(?:\$([^\]-]*)(?:-[^\]]*)?|[^\]]*)\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]+)(?:-[^\]]*)?\]")  # [$€-407]
_PLACE = re.compile(r"\[\$-[^\]]*\]")  # [$-407]: a country, no money
_SIGNS = "$€£¥"
_LAST_DAY = 2_958_465  # 31 December 9999
_LONGEST = 60  # digits


class Look(Enum):
    PLAIN = "plain"
    DATE = "date"
    ELAPSED = "elapsed"
    PERCENT = "percent"
    DOLLAR = "$"
    EURO = "€"
    POUND = "£"
    YEN = "¥"


class Unreadable(ValueError):
    """A number that can't be what its cell shows."""


def read_looks(package: Package) -> tuple[Look, ...]:
    """The look of each style of the workbook, by its number."""
    if not package.has("xl/styles.xml"):
        return ()
    own: dict[int, str] = {}
    formats: list[int] = []
    inside: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        inside.append(name)
        if name == "numFmt":
            own[_whole(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")[:255]
        elif name == "xf" and "cellXfs" in inside:
            formats.append(_whole(attributes.get("numFmtId", "")))

    read_xml(package.pieces("xl/styles.xml"), start=start, end=lambda _: inside.pop())
    looks = {number: look_of(number, own.get(number, "")) for number in set(formats)}
    return tuple(looks[number] for number in formats)


def look_of(number: int, code: str) -> Look:
    if number < _FIRST_OWN and not code:
        if number in _BUILT_IN_DATES:
            return Look.ELAPSED if number == 46 else Look.DATE
        return Look.PERCENT if number in _BUILT_IN_PERCENT else Look.PLAIN
    return _look_of_code(code.split(";")[0])


def _look_of_code(code: str) -> Look:
    named = "".join(_CURRENCY.findall(code))
    money = next((sign for sign in _SIGNS if sign in (named or _CURRENCY.sub("", _PLACE.sub("", code)))), "")
    if money:
        return Look(money)
    if _ELAPSED.search(code):
        return Look.ELAPSED
    bare = _LITERAL.sub("", _LOCALE.sub("", code)).casefold()
    if "%" in bare:
        return Look.PERCENT
    return Look.DATE if re.search(r"[dyhs]|m", bare) and "general" not in bare else Look.PLAIN


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def say_number(raw: str, look: Look, *, since_1904: bool) -> str:
    """ "0.2" that looks like a percentage → "20 %"; 46113 that looks like a date → "2026-04-01"."""
    number = _exact(raw)
    match look:
        case Look.DATE:
            return _say_moment(number, since_1904=since_1904)
        case Look.ELAPSED:
            raise Unreadable("is a length of time in the spreadsheet; write it as text, for example 36 hours")
        case Look.PERCENT:
            return f"{_plain(number * 100)} %"
        case Look.PLAIN:
            return _plain(number)
        case _:
            return f"{look.value}{_plain(number)}"


def _exact(raw: str) -> Decimal:
    """The number a person sees: the shortest that is the same double, as spreadsheets show it."""
    try:
        exact = Decimal(raw)
        double = float(raw)
    except (InvalidOperation, ValueError):
        raise Unreadable("holds no number") from None
    if not exact.is_finite() or double in (float("inf"), float("-inf")):
        raise Unreadable("holds no number that can be counted")
    shown = Decimal(repr(double))
    if shown.adjusted() > _LONGEST or shown.adjusted() < -_LONGEST:
        raise Unreadable("holds a number that is far too large or too small")
    return shown


def _plain(number: Decimal) -> str:
    if number == number.to_integral_value():
        return f"{number.quantize(Decimal(1)):f}" if number.adjusted() < 27 else f"{int(number)}"
    return f"{number.normalize():f}"


def _say_moment(number: Decimal, *, since_1904: bool) -> str:
    """Serial days; Excel's calendar of 1900 has a 29 February that never was, so days before March 1900 are refused."""
    if number < (0 if since_1904 else 61) or number > _LAST_DAY:
        raise Unreadable("is no date that can be told; write it as text, for example 2026-04-01")
    first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 — a day on a sheet
    moment = first + timedelta(seconds=round(float(number) * 86_400))
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return (
        moment.strftime("%Y-%m-%d") if midnight else moment.isoformat(" ", "minutes" if not moment.second else "auto")
    )
