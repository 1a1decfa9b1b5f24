"""Conditions of SOQL on rows: types must fit, text is compared without its case, ids in both their lengths."""

import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.fakes.salesforce import ids
from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.schema import NUMBERS, TEXTS, Field
from tests.fakes.salesforce.soql import Comparison, Literal

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
KINDS = {"boolean": "boolean", "date": "date", "datetime": "datetime"}
Test = Callable[[Any], bool]


def compared(one: Field, asked: Comparison, values: tuple[Literal, ...], now: datetime) -> Test:
    """A function that says of a field's value whether the comparison holds."""
    if not one.filterable:
        message = f"field '{one.name}' can not be filtered in a query call"
        raise Refused(Wrong("INVALID_FIELD", message))
    for value in values:
        _fits(one, value)
    match asked.sign:
        case "LIKE":
            return _like(one, values[0])
        case "IN":
            tests = [_equal(one, value, now) for value in values]
            return lambda found: any(test(found) for test in tests)
        case "NOT IN":
            tests = [_equal(one, value, now) for value in values]
            return lambda found: not any(test(found) for test in tests)
        case "=":
            return _equal(one, values[0], now)
        case "!=":
            equal = _equal(one, values[0], now)
            return lambda found: not equal(found)
    return _ordered(one, asked.sign, values[0], now)


def _fits(one: Field, value: Literal) -> None:
    if value.kind == "null":
        return
    if one.type in NUMBERS:
        right, how = value.kind == "number", "should not be enclosed in quotes"
    elif one.type in TEXTS or one.type in ("id", "reference"):
        right, how = value.kind == "string", "should be enclosed in quotes"
    else:
        right = value.kind == KINDS[one.type] or (value.kind == "days" and one.type != "boolean")
        how = "should not be enclosed in quotes"
    if not right:
        kind = "ID" if one.type == "id" else one.type
        message = f"value of filter criterion for field '{one.name}' must be of type {kind} and {how}"
        raise Refused(Wrong("INVALID_FIELD", message))


def _key(one: Field, value: Literal) -> Any:
    """What a literal is compared by."""
    if one.type in ("id", "reference") and value.value is not None:
        if value.value == "":
            return None
        found = ids.whole(value.value)
        if found is None:
            message = f"invalid ID field: {value.value}"
            raise Refused(Wrong("INVALID_QUERY_FILTER_OPERATOR", message))
        return found
    if one.type in TEXTS and isinstance(value.value, str):
        return folded(one, value.value) if value.value else None  # an empty text is none
    return value.value


def folded(one: Field, value: Any) -> Any:
    return value.casefold() if isinstance(value, str) and one.type in TEXTS and not one.cased else value


def _span(one: Field, value: Literal, now: datetime) -> tuple[Any, Any]:
    """The beginning of the first day and of the first after, in the field's type."""
    first, after = (now.date() + timedelta(days=count) for count in value.value)
    return (_midnight(first), _midnight(after)) if one.type == "datetime" else (first, after)


def _midnight(at: date) -> datetime:
    return datetime.combine(at, time(), UTC)


def _equal(one: Field, value: Literal, now: datetime) -> Test:
    if value.kind == "days":
        first, after = _span(one, value, now)
        return lambda found: found is not None and first <= found < after
    key = _key(one, value)
    return lambda found: folded(one, found) == key


def _ordered(one: Field, sign: str, value: Literal, now: datetime) -> Test:
    if one.type == "boolean" or value.kind == "null":
        message = f"invalid operator on {one.type if value.kind != 'null' else 'null'} field"
        raise Refused(Wrong("INVALID_QUERY_FILTER_OPERATOR", message))
    key = _key(one, value)
    if value.kind == "days":  # before, or after, all of it
        first, after = _span(one, value, now)
        key = first if sign in ("<", ">=") else after
        sign = {"<": "<", ">=": ">=", ">": ">=", "<=": "<"}[sign]
    holds = SIGNS[sign]
    return lambda found: found is not None and holds(folded(one, found), key)


def _like(one: Field, value: Literal) -> Test:
    if one.type not in TEXTS or value.kind != "string":
        raise Refused(Wrong("INVALID_QUERY_FILTER_OPERATOR", "invalid operator"))
    pattern = re.compile(_pattern(value.value), re.IGNORECASE | re.DOTALL)
    return lambda found: found is not None and pattern.fullmatch(found) is not None


def _pattern(text: str) -> str:
    said = ""
    for part in re.findall(r"\\.|.", text, re.DOTALL):
        said += {"%": ".*", "_": "."}.get(part) or re.escape(part.removeprefix("\\") or "\\")
    return said
