"""A ticket's words with those marked by which something was understood."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """`number` is the request whose words these are; 0: nobody’s."""

    text: str
    number: int = 0


def pieces(text: str, quotes: Iterable[tuple[int, str, str]]) -> list[Piece]:
    """`quotes` are (number of the request, its text, the words quoted of it). Each is looked for in its request first.

    Of two that overlap the longer is marked; what doesn't occur isn't.
    """
    spans = sorted((_span(text, *quote) for quote in quotes), key=lambda span: (span[0] - span[1], span[0]))
    taken: list[tuple[int, int, int]] = []
    for start, end, number in spans:
        if end > start and all(end <= other or start >= other_end for other, other_end, _ in taken):
            taken.append((start, end, number))
    return list(_cut(text, sorted(taken)))


def _span(text: str, number: int, within: str, quote: str) -> tuple[int, int, int]:
    if not quote.strip():
        return 0, 0, number
    begins = max(text.find(within), 0) if within else 0
    at = text.find(quote, begins)
    at = at if at >= 0 else text.find(quote)
    return (at, at + len(quote), number) if at >= 0 else (0, 0, number)


def _cut(text: str, spans: Sequence[tuple[int, int, int]]) -> Iterable[Piece]:
    done = 0
    for start, end, number in spans:
        if start > done:
            yield Piece(text[done:start])
        yield Piece(text[start:end], number)
        done = end
    if done < len(text):
        yield Piece(text[done:])
