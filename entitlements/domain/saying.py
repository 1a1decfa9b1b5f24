"""An answer in the words of a screen or a ticket: the value for reading, not for typing again, or what stands in its
place. The same words on every edge.
"""

from decimal import Decimal

from catalog.domain.values import Amount, Enforcement, Nature, TermState, Value
from catalog.domain.words import is_used_up, say_reset, say_value
from entitlements.domain.resolution import Op, Resolution

INSTEAD = {
    TermState.NOT_INCLUDED: "not included",
    TermState.SET_PER_CUSTOMER: "set per customer",
    TermState.ADD_ON: "sold as an add-on",
    TermState.UNSETTLED: "not settled yet",
}


def in_words(resolution: Resolution) -> str:
    """The value, or what stands in its place: "50,000 a month", "pay as you go", "denied", "set per customer".

    With it, that it is for each seat, and how much of it may fall to what.
    """
    if denied(resolution):
        return "denied"
    if not resolution.granted or resolution.value is None:
        return INSTEAD.get(resolution.state, "not included")
    words = _said(resolution, resolution.value)
    if resolution.each_of is not None:
        words += f" for each seat of {resolution.each_of.name}"
    parts = (f"{say_part_name(key)}: {_part(part, resolution)}" for key, part in resolution.sub_limits.items())
    return f"{words}; of which {', '.join(parts)}" if resolution.sub_limits else words


def _part(part: Amount, resolution: Resolution) -> str:
    return "none" if part == 0 else say_value(part, shape=resolution.shape)


def say_part_name(key: str) -> str:
    """ "model.large" → "large (model)"."""
    dimension, _, choice = key.replace("_", " ").partition(".")
    return f"{choice} ({dimension})"


def denied(resolution: Resolution) -> bool:
    return any(candidate.kept and candidate.op is Op.DENY for candidate in resolution.because)


def _said(resolution: Resolution, value: Value) -> str:
    """A choice by its label; an amount with when it comes again, and whether more is charged."""
    shape = resolution.shape
    match shape.nature:
        case Nature.RANKED | Nature.TEXT:
            return shape.label(str(value))
        case Nature.SET if isinstance(value, frozenset):
            return ", ".join(choice.label for choice in shape.choices if choice.key in value) or "none of them"
        case Nature.QUANTITY if isinstance(value, Decimal):
            return _said_amount(resolution, value)
    return say_value(value, shape=shape, typed_unit=resolution.typed_unit)


def _said_amount(resolution: Resolution, value: Decimal) -> str:
    shape = resolution.shape
    charged = resolution.enforcement is Enforcement.TRACK
    if value == 0 and charged:
        return "pay as you go"
    words = say_value(value, shape=shape, typed_unit=resolution.typed_unit)
    if resolution.reset is not None and is_used_up(shape):
        words = f"{words} {say_reset(resolution.reset)}"
    return f"{words}, more is charged" if charged else words
