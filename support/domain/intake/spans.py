"""Text as spans, and its words as they are compared.

A span is where something stands in a text, so that whatever is made of spans occurs in it word for word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

WORD = re.compile(r"[^\W_](?:[^\W_]|['-](?=[^\W_]))*")
_LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_STRAIGHT = str.maketrans("’‘´`", "''''")
INVISIBLE = (
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


def plain(text: str) -> str:
    """In small letters, with straight apostrophes."""
    return text.lower().translate(_STRAIGHT)


def words_of(text: str) -> list[str]:
    return WORD.findall(plain(text))


def lines_of(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines between two places, without their line ends."""
    for found in _LINE_ENDS.finditer(text, start, end):
        yield Span(start, found.start())
        start = found.end()
    if start < end:
        yield Span(start, end)


def trimmed(text: str, start: int, end: int) -> Span:
    """Without blanks, and without marks of quotes at its beginning."""
    while start < end and (text[start].isspace() or text[start] == ">"):
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
