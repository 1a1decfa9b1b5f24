"""Parameters as forms carry them, checked against the TypedDicts of the official client: what it has no name for is refused."""

import re
import types
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import import_module
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from stripe import RequestOptions
from typing_extensions import is_typeddict

from tests.fakes.stripe.errors import Refused

OPTIONS = frozenset(RequestOptions.__annotations__)
ABSENT = {"StripeContext": object, "Mapping": Mapping}  # names of the base that the module of a form lacks


def decoded(form: str) -> dict[str, Any]:
    """`items[0][price]=p` as {"items": {"0": {"price": "p"}}}; what is a list, the types say."""
    whole: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        first, *inner = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        place = whole
        for step in [first, *inner][:-1]:
            held = place.setdefault(step, {})
            if not isinstance(held, dict):
                raise Refused(f"Invalid parameter: {name}", "", name)
            place = held
        last = [first, *inner][-1]
        place[last or str(len(place))] = value
    return whole


@cache
def typed(name: str) -> type:
    """`checkout.SessionCreateParams` of `stripe.params`."""
    room, _, short = name.rpartition(".")
    found: type = getattr(import_module(f"stripe.params.{room}" if room else "stripe.params"), short)
    return found


@cache
def fields(form: type) -> dict[str, Any]:
    hints = get_type_hints(form, localns=ABSENT)
    inherited = OPTIONS if hints.keys() >= OPTIONS else frozenset()
    return {name: hint for name, hint in hints.items() if name not in inherited}


def checked(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """The parameters with their types, or Stripe's refusal."""
    form = typed(name)
    unknown = sorted(_unknown(raw, form, ""))
    if unknown:
        many = "s" if len(unknown) > 1 else ""
        raise Refused(f"Received unknown parameter{many}: {', '.join(unknown)}", "parameter_unknown", unknown[0])
    return _form(raw, form, "")


def _unknown(raw: Any, hint: Any, where: str) -> list[str]:
    found: list[str] = []
    for option in _options(hint):
        if is_typeddict(option) and isinstance(raw, dict):
            known = fields(option)
            for name, value in raw.items():
                here = f"{where}[{name}]" if where else name
                found += _unknown(value, known[name], here) if name in known else [here]
        elif get_origin(option) is list and isinstance(raw, dict):
            for place, value in raw.items():
                found += _unknown(value, get_args(option)[0], f"{where}[{place}]")
    return found


@cache
def _options(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(one for part in get_args(hint) for one in _options(part))
    return (hint,)


def _form(raw: dict[str, Any], form: type, where: str) -> dict[str, Any]:
    required: frozenset[str] = getattr(form, "__required_keys__", frozenset()) - OPTIONS
    for name in sorted(required - set(raw)):
        full = f"{where}[{name}]" if where else name
        raise Refused(f"Missing required param: {full}.", "parameter_missing", full)
    known = fields(form)
    return {name: _value(value, known[name], f"{where}[{name}]" if where else name) for name, value in raw.items()}


def _value(raw: Any, hint: Any, where: str) -> Any:
    options = _options(hint)
    if isinstance(raw, dict):
        return _nested(raw, options, where)
    if isinstance(raw, list):  # JSON of /v2
        return _nested({str(place): one for place, one in enumerate(raw)}, options, where)
    words = [word for one in options if get_origin(one) is Literal for word in get_args(one)]
    if raw in words or (isinstance(raw, bool) and bool in options):
        return raw
    if raw == "":
        raise Refused(
            f"You passed an empty string for '{where}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{where}' cannot be unset. You should remove '{where}' from your request or supply a non-empty "
            "value.", "parameter_invalid_empty", where,
        )  # fmt: skip
    named = [word for word in words if word]
    return _plain(str(raw), tuple(one for one in options if not (one is str and named)), named, where)


def _nested(raw: dict[str, Any], options: tuple[Any, ...], where: str) -> Any:
    for option in options:
        if is_typeddict(option):
            return _form(raw, option, where)
        if get_origin(option) is list:
            kind = get_args(option)[0]
            return [_value(raw[place], kind, f"{where}[{place}]") for place in sorted(raw, key=_number)]
        if get_origin(option) is dict:
            return dict(raw)
    raise Refused(f"Invalid parameter: {where} must not be a hash", "parameter_invalid", where)


def _number(place: str) -> tuple[int, str]:
    return (int(place), "") if place.isdigit() else (0, place)


def _plain(raw: str, options: tuple[Any, ...], words: list[str], where: str) -> Any:
    if bool in options and raw in ("true", "false"):
        return raw == "true"
    if int in options and re.fullmatch(r"-?\d+", raw):
        return int(raw)
    if Decimal in options or float in options:
        try:
            return Decimal(raw) if Decimal in options else float(raw)
        except (InvalidOperation, ValueError):
            raise Refused(f"Invalid decimal: {raw}", "", where) from None
    if str in options:
        return raw
    if words:
        last = f"or {words[-1]}" if len(words) > 1 else words[0]
        raise Refused(f"Invalid {where}: must be one of {', '.join(words[:-1])} {last}".replace("  ", " "), "", where)
    if bool in options:
        raise Refused(f"Invalid boolean: {raw}", "", where)
    if int in options:
        raise Refused(f"Invalid integer: {raw}", "parameter_invalid_integer", where)
    raise Refused(f"Invalid {where}", "", where)
