"""How the values of one feature combine, by its nature (DESIGN.md §4, steps 5 and 6).

UNLIMITED is more than any number: UNLIMITED + n = UNLIMITED, min(UNLIMITED, n) = n, and nothing times 0 is a
candidate. Absent (None) is not zero: it takes no part, so n added to absent is n, and a cap on absent leaves it
absent.

Two orders must not be confused. *Better* is the customer's: for a feature where less is better, the smaller amount
is the more generous, and UNLIMITED the least. *At least* and *at most* are plain arithmetic whatever is better: they
bound the amount itself, or the place in the list of choices.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias, cast

from catalog.domain.values import UNLIMITED, Amount, Better, FeatureShape, Nature, Value
from entitlements.domain.facts import Mode
from entitlements.domain.resolution import Op

Measure: TypeAlias = tuple[int, Decimal]

_ZERO = Decimal(0)

MODES: Mapping[Nature, frozenset[Mode]] = {
    Nature.GATE: frozenset({Mode.REPLACE, Mode.DENY}),
    Nature.QUANTITY: frozenset(Mode),
    Nature.RANKED: frozenset({Mode.REPLACE, Mode.AT_LEAST, Mode.AT_MOST, Mode.DENY}),
    Nature.SET: frozenset({Mode.REPLACE, Mode.ADD, Mode.DENY}),
    Nature.TEXT: frozenset({Mode.REPLACE, Mode.DENY}),
}


def size(value: Value, *, shape: FeatureShape) -> Measure:
    """Where a value stands among the feature's values, the larger the higher; texts are all alike."""
    if value is UNLIMITED:
        return (1, _ZERO)
    if isinstance(value, Decimal):
        return (0, value)
    match shape.nature:
        case Nature.RANKED:
            return (0, Decimal(shape.rank(cast(str, value))))
        case Nature.GATE:
            return (0, Decimal(value is True))
        case Nature.SET:
            return (0, Decimal(len(cast(frozenset[str], value))))
        case _:
            return (0, _ZERO)


def goodness(value: Value, *, shape: FeatureShape) -> Measure:
    """How generous a value is: the higher, the more a customer would want it.

    Only amounts can be better when smaller; of choices the later in the list is always the better.
    """
    above, amount = size(value, shape=shape)
    if shape.better is Better.LESS and shape.nature is Nature.QUANTITY:
        return (-above, -amount)
    return (above, amount)


def plus(below: Value | None, value: Value) -> Value:
    """Amounts sum, sets unite; added to nothing, a value is itself."""
    if below is None:
        return value
    if isinstance(value, frozenset) and isinstance(below, frozenset):
        return below | value
    if below is UNLIMITED or value is UNLIMITED:
        return UNLIMITED
    return cast(Decimal, below) + cast(Decimal, value)


def times(value: Amount, factor: Amount, *, per: int = 1) -> Amount | None:
    """An amount for each of so many; none at all is no candidate, not zero.

    `factor` is in smallest units of which `per` make the one that counts; a part of one that is left over gives
    its part, rounded down.
    """
    if factor is UNLIMITED:
        return value if value == _ZERO else UNLIMITED
    if factor <= 0:
        return None
    if value is UNLIMITED:
        return UNLIMITED
    # Whole numbers are exact at any length; a Decimal product would be rounded at 28 digits.
    return Decimal(int(value) * int(factor) // per)


def denied(nature: Nature) -> Value | None:
    """What a denial leaves: off, 0, or none."""
    match nature:
        case Nature.GATE:
            return False
        case Nature.QUANTITY:
            return _ZERO
        case Nature.SET:
            return frozenset()
        case Nature.RANKED | Nature.TEXT:
            return None


def _gives(_below: Value | None, value: Value, _shape: FeatureShape) -> Value | None:
    return value


def _add(below: Value | None, value: Value, _shape: FeatureShape) -> Value | None:
    return plus(below, value)


def _narrow(below: Value | None, value: Value, _shape: FeatureShape) -> Value | None:
    return cast(frozenset[str], below) & cast(frozenset[str], value)


def _at_least(below: Value | None, value: Value, shape: FeatureShape) -> Value | None:
    if below is None:
        return value
    return max(below, value, key=lambda v: size(v, shape=shape))


def _at_most(below: Value | None, value: Value, shape: FeatureShape) -> Value | None:
    if below is None:
        return None
    return min(below, value, key=lambda v: size(v, shape=shape))


_ARITHMETIC: Mapping[Op, Callable[[Value | None, Value, FeatureShape], Value | None]] = {
    Op.GIVES: _gives,
    Op.REPLACE: _gives,
    Op.ADD: _add,
    Op.NARROW: _narrow,
    Op.AT_LEAST: _at_least,
    Op.AT_MOST: _at_most,
}


def applied(op: Op, *, below: Value | None, value: Value | None, shape: FeatureShape) -> Value | None:
    """What becomes of the value below when a kept candidate is applied to it."""
    if op is Op.NOTHING:
        return None
    if op is Op.DENY:
        return denied(shape.nature)
    if value is None:
        return below
    return _ARITHMETIC[op](below, value, shape)
