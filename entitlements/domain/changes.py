"""What differs between two sets of answers, as a timeline or a diff tells it.

A change is what a customer can notice: another value, and of an amount also when it comes again, what happens at its
limit, how far use may go beyond it, how much of it may fall to what, whether each seat has it by itself. A gate has no
limit to keep, and nothing comes again of what is unlimited, so none of that is a change there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.domain.values import Enforcement, Nature
from catalog.domain.words import is_used_up, say_beyond, say_enforcement, say_part, say_reset, say_value
from entitlements.domain.resolution import Resolution
from entitlements.domain.saying import say_part_name


@dataclass(frozen=True, slots=True)
class Change:
    """A feature that a customer has otherwise than before; None where it wasn't known at all."""

    feature: str
    before: Resolution | None
    after: Resolution | None


def changes_between(before: Mapping[str, Resolution], after: Mapping[str, Resolution]) -> tuple[Change, ...]:
    """The features that the customer has otherwise, by their keys' order."""
    return tuple(
        Change(key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if _had(before.get(key)) != _had(after.get(key))
    )


def say(resolution: Resolution | None) -> str:
    """The value in words, as a timeline shows it."""
    if resolution is None or resolution.value is None:
        return "not included"
    if not resolution.granted:
        return "denied"
    if resolution.shape.nature in {Nature.RANKED, Nature.TEXT}:
        return resolution.shape.label(str(resolution.value))  # as every screen says it, without a cell's quotes
    return say_value(resolution.value, shape=resolution.shape, typed_unit=resolution.typed_unit)


def say_change(before: Resolution | None, after: Resolution | None) -> tuple[str, str]:
    """ "100 GB, hard limit" and "100 GB, soft limit": the values, and of their conditions only what differs."""
    was, becomes = _conditions(before), _conditions(after)
    if not (was and becomes):
        return say(before), say(after)
    differing = [name for name in was if name in becomes and was[name] != becomes[name]]
    return _with(say(before), was, differing), _with(say(after), becomes, differing)


def _had(resolution: Resolution | None) -> tuple[object, ...]:
    if resolution is None:
        return (None, False)
    return (resolution.value, resolution.granted, *_conditions(resolution).items())


def _conditions(resolution: Resolution | None) -> dict[str, str]:
    """By its name what holds of an amount beside how much it is, in words, as they follow the value."""
    if resolution is None or not resolution.granted or not isinstance(resolution.value, Decimal):
        return _parts(resolution)
    reset, percent, seats = resolution.reset, resolution.overage_percent, resolution.each_of
    return {
        "reset": f" {say_reset(reset)}" if reset is not None and is_used_up(resolution.shape) else "",
        "each_of": f" for each seat of {seats.name}" if seats is not None else "",
        "enforcement": f", {_say_limit(resolution.enforcement)}",
        "overage": f", {say_beyond(percent)}" if percent is not None else "",
        **_parts(resolution),
    }


def _say_limit(enforcement: Enforcement) -> str:
    """As an answer says it: what is only counted is charged beyond the amount."""
    return "more is charged" if enforcement is Enforcement.TRACK else say_enforcement(enforcement)


def _parts(resolution: Resolution | None) -> dict[str, str]:
    if resolution is None or not resolution.granted:
        return {}
    shape = resolution.shape
    parts = [
        f"{say_part_name(key)}: {say_part(amount if amount else None, shape=shape)}"
        for key, amount in sorted(resolution.sub_limits.items())
    ]
    return {"parts": f"; of which {', '.join(parts)}" if parts else ""}


def _with(words: str, conditions: Mapping[str, str], names: list[str]) -> str:
    return words + "".join(conditions[name] for name in names)
