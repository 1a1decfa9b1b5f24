"""What a field accepts, in the types that rows hold, and how a value goes over the wire."""

from collections.abc import Callable
from datetime import date, datetime
from math import isfinite
from typing import Any

from tests.fakes.salesforce import clock, ids
from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.schema import NUMBERS, TEXTS, Field, SObject

INT_MAX = 2**31 - 1


def accepted(sobject: SObject, field: Field, raw: Any) -> Any:
    """The value to keep, or the refusal that the API gives."""
    if raw is None or (raw == "" and field.type != "boolean"):
        if field.type == "boolean":
            raise _unread(field, raw)
        return None
    if field.type in TEXTS:
        return _text(sobject, field, raw)
    if field.type in NUMBERS:
        return _number(field, raw)
    return READERS[field.type](field, raw)


def _unread(field: Field, raw: Any) -> Refused:
    kind = {bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}
    found = kind.get(type(raw), "START_OBJECT")
    message = f"Cannot deserialize instance of {field.type} from {found} value {raw} or request may be missing a required field at [line:1, column:1]"
    return Refused(Wrong("JSON_PARSER_ERROR", message))


def _text(sobject: SObject, field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _unread(field, raw)
    if len(raw) > field.length:
        message = f"{field.said}: data value too large: {raw} (max length={field.length})"
        raise Refused(Wrong("STRING_TOO_LONG", message, (field.name,)))
    if field.type == "email" and not ("@" in raw and " " not in raw):
        message = f"{field.said}: invalid email address: {raw}"
        raise Refused(Wrong("INVALID_EMAIL_ADDRESS", message, (field.name,)))
    if field.type == "picklist" and field.values and field.restricted and raw not in field.values:
        raise bad_choice(field, raw)
    return raw


def bad_choice(field: Field, raw: str) -> Refused:
    message = f"{field.said}: bad value for restricted picklist field: {raw}"
    return Refused(Wrong("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,)))


def _number(field: Field, raw: Any) -> float | int:
    try:
        value = float(raw) if not isinstance(raw, bool) else None
    except (TypeError, ValueError):
        value = None
    if value is None or not isfinite(value):
        raise _unread(field, raw)
    if field.type == "int":
        if value != int(value) or abs(value) > INT_MAX:
            raise _unread(field, raw)
        return int(value)
    if abs(value) >= 10 ** (field.precision - field.scale):
        message = f"{field.said}: value outside of valid range on numeric field: {raw}"
        raise Refused(Wrong("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,)))
    return round(value, field.scale) if field.custom or field.type == "currency" else value


def _boolean(field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if str(raw).lower() in ("true", "false"):
        return str(raw).lower() == "true"
    raise _unread(field, raw)


def _date(field: Field, raw: Any) -> date:
    at = clock.moment(raw) if isinstance(raw, str) else None
    found = at.date() if at else clock.day(raw) if isinstance(raw, str) else None
    if found is None:
        raise _unread(field, raw)
    return found


def _datetime(field: Field, raw: Any) -> datetime:
    found = clock.moment(raw) if isinstance(raw, str) else None
    if found is None:
        raise _unread(field, raw)
    return found


def _reference(field: Field, raw: Any) -> str:
    found = ids.whole(raw) if isinstance(raw, str) else None
    if found is None:
        message = f"{field.said}: id value of incorrect type: {raw}"
        raise Refused(Wrong("MALFORMED_ID", message, (field.name,)))
    return found


READERS: dict[str, Callable[[Field, Any], Any]] = {
    "boolean": _boolean, "date": _date, "datetime": _datetime, "reference": _reference, "id": _reference,
}  # fmt: skip


def told(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, datetime):
        return clock.stamp(value)
    return value.isoformat() if isinstance(value, date) else value


def written(value: Any) -> str:
    """As CSV has it."""
    if isinstance(value, datetime):
        return clock.zulu(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(told(value))
