"""A text cut into its sentences and the items of its lists. All in one pass over the characters."""

import re
from collections.abc import Iterator

from support.domain.intake.spans import Span, lines_of, plain, trimmed, words_of
from support.domain.intake.vocabulary import MARKERS
from support.domain.intake.weighing import LEAD_WORDS, Sentence, asks, length_of, weighed

WRAPPED = 60  # a line shorter than this wasn't wrapped: the next one begins something
_ENDS = re.compile(r"[.!?。！？…]+")
_BULLETS = "-*•‣–—·◦+"
_CLAUSES = (", and also ", " and also ", "; also ", ", also ", "; ")
_AFTER_THANKS = (", and ", ", but ", ", please ", " - ", " – ", ", can ", ", could ", ", now ")
_ABBREVIATED = frozenset(
    ["e.g", "i.e", "eg", "ie", "etc", "vs", "mr", "mrs", "ms", "dr", "no", "nr", "z.b", "bzw", "approx"]
)


def sentences_of(text: str, start: int, end: int) -> Iterator[Sentence]:
    """Sentence by sentence, in order. A list's item is one, however many sentences it has."""
    opens = True
    for piece, item, blank in _pieces(text, start, end):
        opens = opens or blank
        for span in _items(text, piece) if item else _sentences(text, piece):
            whole = trimmed(text, span.start, span.end)
            span = _unbulleted(text, whole)
            if span.start < span.end and any(one.isalnum() for one in span.of(text)):
                yield weighed(span.of(text), span, item=item, opens=opens, numbered=span != whole)
                opens = False


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[Span, bool, bool]]:
    """Stretches of lines that belong together, whether each is an item, and whether an empty line stands before it."""
    begun, last, item, blank = -1, start, False, False
    for line in lines_of(text, start, end):
        said = line.of(text).strip("> \t\r")
        bullet = _bullet(said)
        if not said or bullet or (begun >= 0 and _begins(text, last, line, said, item)):
            if begun >= 0:
                yield Span(begun, last), item, blank
            begun, blank = -1, not said
        if said:
            if begun < 0:
                begun, item = line.start, bullet > 0
            last = line.end
    if begun >= 0:
        yield Span(begun, last), item, blank


def _begins(text: str, last: int, line: Span, said: str, item: bool) -> bool:
    """Whether a line begins something, rather than going on with a wrapped one."""
    if item and text[line.start : line.start + 1] in (" ", "\t"):
        return False
    if length_of(words_of(said[:40]), MARKERS):
        return True
    before = text.rfind("\n", max(0, last - WRAPPED), last)
    return (before >= 0 or last <= WRAPPED) and not said[:1].islower()


def _bullet(said: str) -> int:
    """How many characters of a line are its bullet or its number: "- ", "2) ", "b. ", "Q3: "; 0 where it has none."""
    if said[:1] in _BULLETS and said[1:2] in (" ", "\t") and said[:1]:
        return 2
    digits = 0
    while digits < min(3, len(said)) and said[digits].isdigit():
        digits += 1
    letter = 1 if not digits and said[:1].isalpha() and said[1:2] == ")" else 0
    mark = digits or letter
    if mark and said[mark : mark + 1] in (".", ")", ":") and said[mark + 1 : mark + 2] in (" ", "\t"):
        return mark + 2
    return 0


def _unbulleted(text: str, span: Span) -> Span:
    skipped = _bullet(text[span.start : span.start + 8])
    return trimmed(text, span.start + skipped, span.end) if skipped else span


def _sentences(text: str, piece: Span) -> Iterator[Span]:
    start = piece.start
    for found in _ENDS.finditer(text, piece.start, piece.end):
        end = found.end()
        follows = text[end : end + 1]
        wide = found.group()[-1] in "。！？"
        if end < piece.end and not follows.isspace() and not wide:
            continue
        if found.group() == "." and _abbreviated(text, start, found.start()):
            continue
        yield from _clauses(text, Span(start, end))
        start = end
    if start < piece.end:
        yield from _clauses(text, Span(start, piece.end))


def _items(text: str, piece: Span) -> Iterator[Span]:
    """An item, cut only where a further number follows in it: "1) Is there SSO? 2) What is it?"."""
    start, end = piece.start, piece.start
    for span in _sentences(text, piece):
        head = text[span.start : span.start + 8].lstrip()
        if span.start > piece.start and head[:1].isdigit() and _bullet(head):
            yield Span(start, end)
            start = span.start
        end = span.end
    yield Span(start, piece.end)


def _abbreviated(text: str, start: int, end: int) -> bool:
    """Whether a full stop ends a short form, or the number at the head of an item."""
    before = plain(text[max(start, end - 8) : end]).split()
    number = text[start:end].strip() if end - start <= 8 else ""
    return number.isdigit() or (bool(before) and before[-1].lstrip("(") in _ABBREVIATED)


def _clauses(text: str, span: Span) -> Iterator[Span]:
    """A sentence that goes on to ask for something else: "…, and also can you …"."""
    said, start = plain(span.of(text)), 0
    if len(said) != span.end - span.start:  # a letter that is longer in small: places wouldn't agree
        yield span
        return
    marks = (*_CLAUSES, *_AFTER_THANKS) if said.lstrip().startswith("thank") else _CLAUSES
    cuts = sorted({at + len(mark) - len(mark.lstrip(",; ")) for mark in marks for at in _places(said, mark)})
    for cut in cuts:
        rest = said[cut : cut + 200]
        if cut > start and asks(words_of(rest)[:LEAD_WORDS], rest.split(";")[0]):
            yield Span(span.start + start, span.start + cut)
            start = cut
    yield Span(span.start + start, span.end)


def _places(said: str, mark: str) -> Iterator[int]:
    at = said.find(mark)
    while at >= 0:
        yield at
        at = said.find(mark, at + len(mark))
