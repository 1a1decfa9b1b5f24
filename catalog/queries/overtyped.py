"""What a text typed over a cell leaves unsaid: the text alone decides what a cell says, so that goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.domain.amounts import UnreadableCell
from catalog.domain.cells import Reading
from catalog.domain.values import Enforcement, Nature, TermState
from catalog.models import Feature
from catalog.queries.cells import Subject, understand, usual_of
from catalog.queries.vocabulary import Words, words


@dataclass(frozen=True, slots=True)
class Overtyped:
    """One cell: what it said, and what was typed over it."""

    subject: Subject
    stood: str
    typed: str


def left_out(cells: Sequence[Overtyped]) -> tuple[str, ...]:
    """For each cell the sentence that says which price goes and whether its limit becomes hard; empty where neither."""
    if not any(map(_may_lose, cells)):
        return ("",) * len(cells)
    known = words()
    return tuple(_left_out(cell, known) if _may_lose(cell) else "" for cell in cells)


def _may_lose(cell: Overtyped) -> bool:
    is_quantity = isinstance(cell.subject, Feature) and cell.subject.shape.nature is Nature.QUANTITY
    return is_quantity and bool(cell.stood.strip()) and bool(cell.typed.strip()) and cell.stood != cell.typed


def _left_out(cell: Overtyped, known: Words) -> str:
    try:
        was, now = (understand(text, subject=cell.subject, known=known) for text in (cell.stood, cell.typed))
    except UnreadableCell:
        return ""
    if was.state is not TermState.VALUE or now.state is not TermState.VALUE:
        return ""  # said in full by the word itself: no, Unlimited, Custom
    price = "the price for more is gone" if was.prices and not now.prices else ""
    limit = "the limit is hard now" if _is_hard(now) and not _is_hard(was) else ""
    return " and ".join(part for part in (price, limit) if part)


def _is_hard(reading: Reading) -> bool:
    return (reading.enforcement or usual_of(reading)) is Enforcement.HARD
