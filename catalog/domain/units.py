"""The units people write, and how many of a feature's smallest units one of them is.

Three families: bytes (KB = 1,000; KiB = 1,024 is a unit of its own), fixed lengths of time, and plain counts, whose
unit is any noun ("branch", "MAU"). A month or a year has no fixed length and is therefore no unit of time here.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from catalog.domain.values import FeatureShape


class Family(StrEnum):
    BYTES = "bytes"
    TIME = "time"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and its size in its family's smallest unit (bytes, seconds, single things)."""

    key: str
    family: Family
    factor: int = 1

    def __post_init__(self) -> None:
        if self.factor < 1:
            raise ValueError(f"A {self.key} can't be smaller than the smallest unit of its family.")

    def noun(self, *, one: bool) -> str:
        """The word after a number: "1 day", "7 days", "8 GB"."""
        return self.key if one or self.family is Family.BYTES else plural(self.key)


DECIMAL_BYTES = tuple(Unit(key, Family.BYTES, 1000**n) for n, key in enumerate(("B", "KB", "MB", "GB", "TB")))
BINARY_BYTES = tuple(Unit(key, Family.BYTES, 1024**n) for n, key in enumerate(("KiB", "MiB", "GiB", "TiB"), start=1))
TIMES = tuple(
    Unit(key, Family.TIME, seconds)
    for key, seconds in (("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400), ("week", 604_800))
)
_SHORT_FORMS = {
    "byte": "B",
    "s": "second",
    "sec": "second",
    "min": "minute",
    "h": "hour",
    "hr": "hour",
    "d": "day",
    "wk": "week",
}
_UNITS = {unit.key.casefold(): unit for unit in (*DECIMAL_BYTES, *BINARY_BYTES, *TIMES)}
_UNITS |= {short: _UNITS[key.casefold()] for short, key in _SHORT_FORMS.items()}


def unit_named(word: str) -> Unit | None:
    """The unit of bytes or time a word stands for, in any case, singular or plural; None for any other word."""
    folded = word.casefold()
    return _UNITS.get(folded) or _UNITS.get(singular(folded))


def unit_of(shape: FeatureShape) -> Unit:
    """The unit a feature is counted in; whatever is neither bytes nor time is a plain count."""
    return unit_named(shape.unit) or Unit(shape.unit, Family.COUNT)


def smallest_in(unit: Unit, *, shape: FeatureShape) -> Fraction:
    """How many of the feature's smallest units one `unit` is; both are of one family."""
    own = unit_of(shape)
    return Fraction(unit.factor * shape.scale, own.factor)


def smallest_unit(shape: FeatureShape) -> str:
    """What the amounts that are stored and answered are counted in: "B", "second", or the feature's own noun."""
    match unit_of(shape).family:
        case Family.BYTES:
            return DECIMAL_BYTES[0].key
        case Family.TIME:
            return TIMES[0].key
        case Family.COUNT:
            return shape.unit


def default_scale(unit: str) -> int:
    """The scale of a feature counted in this unit: down to bytes, seconds, single things."""
    known = unit_named(unit)
    return known.factor if known else 1


def ladder(shape: FeatureShape) -> tuple[Unit, ...]:
    """The units in which an amount of this feature is said when nobody chose one, largest first.

    Weeks are left out unless the feature is counted in them: people say "28 days". Decimal and binary bytes
    are never mixed.
    """
    own = unit_of(shape)
    match own.family:
        case Family.COUNT:
            return (own,)
        case Family.TIME:
            return tuple(unit for unit in reversed(TIMES) if unit.key != "week" or own.key == "week")
        case Family.BYTES:
            rungs = (DECIMAL_BYTES[0], *BINARY_BYTES) if own in BINARY_BYTES else DECIMAL_BYTES
            return tuple(reversed(rungs))


def plural(noun: str) -> str:
    if noun.endswith(("ch", "sh", "x", "s")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in ("a", "e", "i", "o", "u", ""):
        return noun[:-1] + "ies"
    return noun + "s" if noun else noun


def singular(noun: str) -> str:
    if noun.endswith(("ches", "shes", "xes", "sses")):
        return noun[:-2]
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun
