"""What a person types into a cell, understood whole or refused, and how it is said again."""

from dataclasses import replace
from typing import TypeAlias

from catalog.domain.amounts import example_of, shown
from catalog.domain.cells import Reading, UnreadableCell, is_left_open, read_cell
from catalog.domain.groups import read_group_cell, say_group_cell
from catalog.domain.tails import RESETTING
from catalog.domain.units import Family, unit_of
from catalog.domain.values import Enforcement, FeatureShape, Nature, TermState
from catalog.domain.vocabulary import Vocabulary
from catalog.domain.words import say_cell
from catalog.models import Feature, FeatureGroup
from catalog.queries.term_rows import usual_enforcement
from catalog.queries.vocabulary import Words

Subject: TypeAlias = Feature | FeatureGroup


def understand(text: str, *, subject: Subject, known: Words) -> Reading:
    """What a person wrote into the cell of a feature or a group; only "to be settled" may leave it open.

    Raises UnreadableCell with what isn't understood and what could be written.
    """
    if isinstance(subject, Feature):
        shape: FeatureShape | None = subject.shape
        reading = read_cell(
            text, shape=subject.shape, sold_as_add_on=subject.sold_as_add_on, vocabulary=known.vocabulary
        )
    else:
        shape = None if subject.pk in known.mixed else known.measures[subject.pk]
        reading = read_group_cell(text, name=subject.name, measure=shape, vocabulary=known.vocabulary)
    if reading.state is TermState.UNSETTLED and not is_left_open(text):
        raise UnreadableCell(_not_understood(text.strip(), reading.unread, subject=subject, shape=shape))
    return without_usual(reading)


def without_usual(reading: Reading) -> Reading:
    """The reading as a stored term gives it: how the limit is kept is said only where it is unusual."""
    if reading.enforcement is usual_of(reading):
        return replace(reading, enforcement=None)
    return reading


def usual_of(reading: Reading) -> Enforcement:
    return usual_enforcement(charged=reading.overage, percent=reading.overage_percent)


def spell_out(reading: Reading, *, subject: Subject, known: Words, exact: bool = True, named: bool = False) -> str:
    """A reading as its cell would say it: `exact` as `cell_text` does, else as a person reads it.

    `named`: also exact words call what they name by its name, where that can be read back.
    """
    names = known.vocabulary if named or not exact else Vocabulary(choices=known.vocabulary.choices)
    if isinstance(subject, Feature):
        return say_cell(reading, shape=subject.shape, names=names, exact=exact)
    return say_group_cell(reading, measure=known.measures[subject.pk], names=names, exact=exact)


def _not_understood(said: str, unread: str, *, subject: Subject, shape: FeatureShape | None) -> str:
    if not unread or unread == said or shape is None:
        return (
            f"“{shown(said)}” doesn't say what {subject} gives. Write an amount with its price if there is one, as in "
            "“8 GB included; then $0.125 per GB”, or no, Unlimited or Custom."
        )
    return f"In “{shown(said)}”, “{shown(unread)}” is not understood; {_hint(unread, shape)}."


def _hint(unread: str, shape: FeatureShape) -> str:
    folded = unread.casefold()
    if folded.startswith("kept"):
        return "what is kept after a trial stands last: “, kept 7 days after a trial” or “, kept after a trial if used”"
    if folded.startswith(("a ", "an ", "per ", "each ", "every ", "/")) and shape.kind not in RESETTING:
        return f"{shape.name} is not used up, so it does not come again; leave that out, or write “per unit”"
    if folded.startswith(("then", "plus", "additional", "extra")) or any(sign in unread for sign in "$€£"):
        return "a price for more is written as “then $5 per 1,000”, with a full amount and what it is for"
    if "seat" in folded:
        return "write whose seats multiply it, as in “per seat of seats, pooled” or “for each seat of seats”"
    if shape.nature is Nature.QUANTITY and unit_of(shape).family is Family.COUNT and folded[:1].isalpha():
        noun = unit_of(shape).noun(one=False) or "plain numbers"
        return f"{shape.name} is counted in {noun}; write {example_of(shape)}, and behind it “a month” or “soft limit”"
    return "behind an amount may stand “a month”, “soft limit”, “then $5 per 1,000” or “up to 20 % beyond”"
