"""What the desk would read in cells that are still being typed; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.domain.amounts import UnreadableCell
from catalog.domain.cells import Reading
from catalog.domain.values import Nature, TermState
from catalog.domain.words import say_enforcement
from catalog.models import Feature
from catalog.queries.cells import Subject, spell_out, understand, usual_of
from catalog.queries.vocabulary import Words, words


@dataclass(frozen=True, slots=True)
class Read:
    """What a text would mean in its cell, in words; or the sentence that says why it can't be read."""

    words: str = ""
    sentence: str = ""


def read_texts(places: Sequence[tuple[Subject, str]]) -> tuple[Read, ...]:
    """Each text as it would be read in the cell of that feature or group, in six queries for all of them."""
    known = words()
    return tuple(_read(subject, text, known=known) for subject, text in places)


def _read(subject: Subject, text: str, *, known: Words) -> Read:
    if not text.strip():
        return Read(words="nothing said here")
    try:
        reading = understand(text, subject=subject, known=known)
    except UnreadableCell as unreadable:
        return Read(sentence=str(unreadable))
    return Read(words=_say(subject, reading, known=known))


def _say(subject: Subject, reading: Reading, *, known: Words) -> str:
    """As a person reads it, with what happens at the limit, which is only said where it is unusual."""
    said = spell_out(reading, subject=subject, known=known, exact=False)
    if not isinstance(subject, Feature) or reading.state is not TermState.VALUE:
        return said
    match subject.shape.nature:
        case Nature.GATE:
            return "included"
        case Nature.QUANTITY if reading.enforcement is None:
            return f"{said}; {say_enforcement(usual_of(reading))}"
        case _:
            return said
