"""What can be said of a whole group of features, and which of them it reaches.

"Included" reaches the gates: of a choice, a list or an amount it doesn't say which, or how much. "Unlimited" reaches
gates and amounts. Whatever gives nothing ("not included", "Custom", "sold as an add-on") reaches all. An amount can be
said only where everything in the group that has an amount is counted alike, and reaches those. A feature that what is
said can't be about doesn't hear it: it is as if nothing were said.
"""

from collections.abc import Iterable

from catalog.domain.amounts import UnreadableCell
from catalog.domain.cells import Reading, check_characters, is_left_open, read_cell, with_trial_end
from catalog.domain.sayings import INCLUDED as INCLUDED
from catalog.domain.sayings import Saying, saying_of
from catalog.domain.trial_ends import WITH_THE_TRIAL, cut_trial_end, say_trial_end
from catalog.domain.values import UNLIMITED, FeatureShape, Kind, Nature, TermState, Value
from catalog.domain.vocabulary import Vocabulary
from catalog.domain.words import say_cell


def measure_of(shapes: Iterable[FeatureShape]) -> FeatureShape | None:
    """In what an amount is said of these features, the oldest first: as the oldest that has an amount is counted.

    One that joins the group later and is counted otherwise doesn't hear the amount, and takes it from nobody.
    """
    return next((shape for shape in shapes if shape.nature is Nature.QUANTITY), None)


def is_mixed(shapes: Iterable[FeatureShape]) -> bool:
    """Whether not everything that has an amount is counted alike, so that no amount can be said of all of it."""
    counted = [shape for shape in shapes if shape.nature is Nature.QUANTITY]
    return any(not alike(shape, counted[0]) for shape in counted)


def alike(one: FeatureShape, other: FeatureShape) -> bool:
    """Whether two amounts mean the same: of one kind, in one unit."""
    return (one.kind, one.config_type, one.unit, one.scale) == (other.kind, other.config_type, other.unit, other.scale)


def heard(
    *, state: TermState, amount: Value | None, shape: FeatureShape, measure: FeatureShape | None
) -> tuple[TermState, Value | None] | None:
    """What a feature of this shape hears of a group's term; None where the term can't be about it."""
    match state, shape.nature:
        case TermState.VALUE, Nature.GATE:
            return (state, True) if amount is None else None
        case TermState.VALUE, Nature.QUANTITY:
            return (state, amount) if amount is not None and measure is not None and alike(shape, measure) else None
        case TermState.UNLIMITED, Nature.GATE:
            return TermState.VALUE, True
        case TermState.UNLIMITED, Nature.QUANTITY:
            return state, UNLIMITED
        case ((TermState.VALUE | TermState.UNLIMITED), _):
            return None
        case _:
            return state, None


def read_group_cell(text: str, *, name: str, measure: FeatureShape | None, vocabulary: Vocabulary | None) -> Reading:
    """What is said of a whole group; the value `True` stands for "Included"."""
    said, trial_end = (text, WITH_THE_TRIAL) if is_left_open(text) else cut_trial_end(text)
    if saying_of(said) is Saying.YES:
        check_characters(text)
        return with_trial_end(Reading(TermState.VALUE, True, source_text=text), trial_end)
    if measure is not None:
        return read_cell(text, shape=measure, vocabulary=vocabulary)
    saying = saying_of(said)
    if saying is Saying.UNLIMITED:
        check_characters(text)
        return with_trial_end(Reading(TermState.UNLIMITED, UNLIMITED, source_text=text), trial_end)
    if saying is not None or is_left_open(text) or not text.strip():
        return read_cell(text, shape=_plain(name), vocabulary=vocabulary)
    raise UnreadableCell(
        f"'{text}' can't be said of all of {name}, because not everything in it is counted alike; write Included, "
        "Unlimited, no or Custom here, and amounts beside the features themselves."
    )


def say_group_cell(reading: Reading, *, measure: FeatureShape | None, names: Vocabulary | None, exact: bool) -> str:
    if reading.value is True:
        kept = say_trial_end(reading.at_trial_end, reading.kept_days)
        return f"{INCLUDED}, {kept}" if kept else INCLUDED
    return say_cell(reading, shape=measure or _plain(""), names=names, exact=exact)


def _plain(name: str) -> FeatureShape:
    """A group in which nothing is counted is spoken of as a gate is."""
    return FeatureShape(key="", name=name, kind=Kind.GATE)
