"""Bodies checked by the client's own classes: a name that none of them knows is refused, never ignored."""

import inspect
import re
from functools import cache
from importlib import import_module
from typing import Any

from tests.fakes.hubspot.errors import invalid

PLAIN: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (int, float),
    "object": (object,),
}
LOOSE = {  # where the client's class is narrower than what it sends
    ("PublicObjectSearchRequest", "sorts"): "list[object]",
    ("PublicObjectSearchRequest", "after"): "object",
    ("Filter", "value"): "object",
    ("Filter", "highValue"): "object",
    ("Filter", "values"): "list[object]",
}


@cache
def model(name: str) -> Any:
    """The class of `crm.objects:SimplePublicObject`."""
    where, _, kind = name.partition(":")
    return getattr(import_module(f"hubspot.{where}.models"), kind)


@cache
def fields(name: str) -> dict[str, str]:
    """The names that go over the wire, with their types in the client's words."""
    of = model(name)
    return {of.attribute_map[attribute]: kind for attribute, kind in of.openapi_types.items()}


def checked(body: Any, name: str) -> Any:
    """The body as it is, or a refusal that says which name or type is wrong."""
    if not name:
        if body not in (None, {}):
            raise invalid("This address takes no body.")
        return {}
    many, one = name.startswith("[]"), name.removeprefix("[]")
    if not isinstance(body, list if many else dict):
        raise invalid(f"Invalid input JSON: {'a list' if many else 'an object'} is expected.")
    for part in body if many else [body]:
        _typed(part, one.partition(":")[2], one.partition(":")[0], "")
    return body


def _checked(body: dict[str, Any], name: str, at: str) -> None:
    known, where = fields(name), name.partition(":")[0]
    at = at.lstrip(".")
    unknown = sorted(set(body) - set(known))
    if unknown:
        raise invalid(f"Invalid input JSON: unknown field {at}{unknown[0]}")
    for key, value in body.items():
        kind = LOOSE.get((name.partition(":")[2], key), known[key])
        _typed(value, kind, where, f"{at}{key}")
    for attribute, wire in model(name).attribute_map.items():
        if _required(name, attribute) and body.get(wire) is None:
            raise invalid(f"Invalid input JSON: required field {at}{wire} is not set")


def _typed(value: Any, kind: str, where: str, at: str) -> None:
    if value is None:
        return
    if kind.startswith("list["):
        if not isinstance(value, list):
            raise invalid(f"Invalid input JSON: {at} must be a list")
        for one in value:
            _typed(one, kind[5:-1], where, f"{at}.")
    elif kind.startswith("dict["):
        if not isinstance(value, dict):
            raise invalid(f"Invalid input JSON: {at} must be an object")
    elif kind in PLAIN:
        plain = isinstance(value, PLAIN[kind]) and not (kind == "int" and isinstance(value, bool))
        if not plain:
            raise invalid(f"Invalid input JSON: {at} must be of type {kind}")
    elif isinstance(value, dict):
        _checked(value, f"{where}:{kind}", at.rstrip(".") + ".")
    else:
        raise invalid(f"Invalid input JSON: {at} must be an object")


@cache
def _required(name: str, attribute: str) -> bool:
    """The client says it only in its setters: they refuse None."""
    setter = getattr(model(name), attribute).fset
    return bool(re.search(rf"\b{attribute} is None\b", inspect.getsource(setter)))
