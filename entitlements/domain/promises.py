"""What a person or a program says somebody is to have, read as a value of the feature."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn

from catalog.domain.amounts import UnreadableCell, example_of
from catalog.domain.cells import read_cell
from catalog.domain.sayings import Saying, saying_of
from catalog.domain.values import FeatureShape, Nature, Value

Typed = str | Sequence[str] | None
Told = str | int | bool | Sequence[str] | None


def read_promise(typed: Typed, *, shape: FeatureShape) -> tuple[Value, str]:
    """What was typed as a value of the feature, and the unit it was typed in; UnreadableCell says what would be read."""
    match shape.nature:
        case Nature.GATE:
            return True, ""
        case Nature.RANKED | Nature.TEXT:
            return (str(typed), "") if typed else _unread("Say which one it becomes.")
        case Nature.SET:
            return (frozenset(typed), "") if typed else _unread("Choose at least one, or deny it.")
    return _read_amount(typed if isinstance(typed, str) else "", shape=shape)


def _read_amount(typed: str, *, shape: FeatureShape) -> tuple[Value, str]:
    if not typed:
        return _unread(f"Say how much, for example {example_of(shape)}.")
    if typed[0].isdigit() or saying_of(typed) is Saying.UNLIMITED:
        reading = read_cell(typed, shape=shape)
        if reading.value is not None and not reading.prices:
            return reading.value, reading.typed_unit
    return _unread(
        f"“{typed}” is no amount. Write one such as {example_of(shape)}, or Unlimited; to take it away, deny it."
    )


def parse_promise(told: Told, *, shape: FeatureShape) -> tuple[Value, str]:
    """The same from a program: a number is of the feature's smallest unit, a list names choices, true is a gate's."""
    match told, shape.nature:
        case None | True, Nature.GATE:
            return True, ""
        case bool(), _:
            return _unread("Only a feature gate is true; to take something away, deny it.")
        case int(), Nature.QUANTITY:
            return Decimal(told), ""
        case str(), Nature.QUANTITY | Nature.RANKED | Nature.TEXT:
            return read_promise(told, shape=shape)
        case [*_], Nature.SET:
            return read_promise(told, shape=shape)
        case None, _:
            return _unread(f"Say what {shape.name} becomes.")
    return _unread(f"This is not a value {shape.name} can have.")


def _unread(message: str) -> NoReturn:
    raise UnreadableCell(message)
