"""How a cell is edited in place: by a switch, from a list, by ticking, or by typing; and what each choice is spelled.

Every text offered here is one that `read_cell` reads, so that an editor can never write what typing could not.
"""

from dataclasses import dataclass
from enum import StrEnum

from catalog.domain.choices import NO_CHOICES
from catalog.domain.groups import INCLUDED
from catalog.domain.sayings import NOT_INCLUDED, SET_PER_CUSTOMER, SOLD_AS_ADD_ON, UNLIMITED_WORD
from catalog.domain.units import Family, unit_of
from catalog.domain.values import FeatureShape, Kind, Nature
from catalog.domain.words import say_value

YES = "on"
CLEARED = ""


class Way(StrEnum):
    TOGGLE = "toggle"
    LIST = "list"
    CHECKLIST = "checklist"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a list: what it writes, what it is called, and whether it is one of several that can be ticked."""

    text: str
    label: str
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class CellEditor:
    way: Way
    options: tuple[Option, ...] = ()
    hint: str = ""
    yes: str = ""
    no: str = ""
    none: str = ""  # what is written when nothing is ticked


_APART = (
    Option(NOT_INCLUDED, "Not included"),
    Option(SET_PER_CUSTOMER, "Set per customer"),
    Option(SOLD_AS_ADD_ON, "Sold as an add-on"),
    Option(CLEARED, "Say nothing here"),
)
_INCLUDED = Option(YES, INCLUDED)
OF_A_GROUP = CellEditor(
    Way.LIST,
    (Option(INCLUDED, INCLUDED), Option(UNLIMITED_WORD, UNLIMITED_WORD), *_APART),
    "Reaches the features of the group that it can be about.",
)


def editor_of(shape: FeatureShape) -> CellEditor:
    """The editor for a feature of this shape; the better choices stand first."""
    match shape.nature:
        case Nature.GATE:
            return CellEditor(Way.TOGGLE, (_INCLUDED, *_APART), yes=YES, no=NOT_INCLUDED)
        case Nature.RANKED:
            ranked = (Option(say_value(c.key, shape=shape), c.label) for c in reversed(shape.choices))
            return CellEditor(Way.LIST, (*ranked, *_APART))
        case Nature.SET:
            listed = (Option(say_value(frozenset({c.key}), shape=shape), c.label, True) for c in shape.choices)
            hint = "Space ticks, Enter keeps."
            return CellEditor(Way.CHECKLIST, (*listed, *_APART), hint, none=NO_CHOICES)
        case Nature.TEXT:
            return CellEditor(Way.TEXT, hint="Any words; or: no, Custom.")
        case Nature.QUANTITY:
            return CellEditor(Way.TEXT, hint=_hint(shape))


def _hint(shape: FeatureShape) -> str:
    """What could be typed: an amount in the feature's unit, when it starts again, and the words for the rest."""
    again = " a month" if shape.kind in {Kind.METERED, Kind.CREDIT} else ""
    match unit_of(shape).family:
        case Family.BYTES:
            examples = f"500 MB{again}; 8 GB, then $0.125 per GB"
        case Family.TIME:
            examples = f"7 days{again}; 36 hours"
        case Family.COUNT:
            examples = f"50,000{again}; 2 Million; 100, then $5 per {shape.unit or '1'}"
    return f"{examples}; {UNLIMITED_WORD}; no; Custom"
