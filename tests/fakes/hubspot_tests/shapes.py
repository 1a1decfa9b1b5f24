"""Whether an answer has the client's shape: no name that its classes do not know, nothing missing that they need."""

import inspect
import re
from importlib import import_module
from typing import Any

PLAIN: dict[str, tuple[type, ...]] = {
    "str": (str, int),
    "int": (int,),
    "bool": (bool,),
    "datetime": (str,),
    "object": (object,),
}
BESIDES = {"status", "errorType", "policyName", "requestId"}  # what refusals bear besides the client's `Error`
SPARED = {"StandardError": {"links", "errors"}}  # called required, left out by HubSpot, and not missed by the client


def wrong(answer: Any, name: str, at: str = "") -> list[str]:
    """What is not as the class `crm.objects:SimplePublicObject` has it."""
    where, _, kind = name.partition(":")
    of = getattr(import_module(f"hubspot.{where}.models"), kind)
    known = {of.attribute_map[attribute]: typed for attribute, typed in of.openapi_types.items()}
    found = [f"{at}{key} is unknown to {kind}" for key in answer if key not in known]
    for attribute, wire in of.attribute_map.items():
        source = inspect.getsource(getattr(of, attribute).fset)
        if (
            re.search(rf"\b{attribute} is None\b", source)
            and answer.get(wire) is None
            and wire not in SPARED.get(kind, ())
        ):
            found.append(f"{at}{wire} is missing for {kind}")
    for key, value in answer.items():
        if key in known and value is not None:
            found += _typed(value, known[key], where, f"{at}{key}.")
    return found


def _typed(value: Any, kind: str, where: str, at: str) -> list[str]:
    if kind.startswith("list["):
        if not isinstance(value, list):
            return [f"{at} is no list"]
        return [one for part in value for one in _typed(part, kind[5:-1], where, at)]
    if kind.startswith("dict["):
        inner = kind.partition(", ")[2][:-1]
        parts = [part for part in value.values() if part is not None]
        return [one for part in parts for one in _typed(part, inner, where, at)]
    if kind in PLAIN:
        return [] if isinstance(value, PLAIN[kind]) else [f"{at} is {value!r}, not {kind}"]
    return wrong(value, f"{where}:{kind}", at)


def refusal(answer: Any) -> list[str]:
    plain = {key: value for key, value in answer.items() if key not in BESIDES}
    return wrong(plain, "crm.objects:Error") + ([] if answer["status"] == "error" else ["status is not error"])
