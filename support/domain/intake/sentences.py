"""Text as spans: its sentences, its lists, and what of them asks for something. All in one pass over the characters.

A span is where something stands in a text, so that whatever is made of spans occurs in it word for word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from support.domain.intake.vocabulary import (
    ASKING,
    BIDDING,
    COURTESY,
    COURTESY_IF_BARE,
    EMPTY,
    EXPLETIVE,
    LEADING_IN,
    LISTING,
    MARKERS,
    REFERRING,
    TIMES_OF,
)

THIN = 2  # a sentence with fewer words that name something asks about what was said before
BARE = 5  # a sentence of courtesy names fewer things; thanks may name any
LEAD_WORDS = 60  # of a sentence, so many words are looked at
WRAPPED = 60  # a line shorter than this wasn't wrapped: the next one begins something
LONGEST_PHRASE = 4
_WORD = re.compile(r"[^\W_](?:[^\W_]|['-](?=[^\W_]))*")
_LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_ENDS = re.compile(r"[.!?。！？…]+")
_BULLETS = "-*•‣–—·◦+"
_CLAUSES = (", and also ", " and also ", "; also ", ", also ", "; ")
_AFTER_THANKS = (", and ", ", but ", ", please ", " - ", " – ", ", can ", ", could ", ", now ")
_ABBREVIATED = frozenset(
    ["e.g", "i.e", "eg", "ie", "etc", "vs", "mr", "mrs", "ms", "dr", "no", "nr", "z.b", "bzw", "approx"]
)
_STRAIGHT = str.maketrans("’‘´`", "''''")
INVISIBLE = (
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_WIDE = "\u2e80"  # from here on characters are words by themselves


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence or item, and what it is in the way of asking."""

    span: Span
    asks: bool
    refers: bool  # to what was said before, or names nothing
    marked: bool  # begins something else: "also", "second"
    courtesy: bool  # "thanks in advance": asks for nothing
    item: bool = False  # of a list
    leads: bool = False  # ends in a colon
    opens: bool = False  # the first of its paragraph
    listing: bool = False  # announces questions, or problems
    names: int = 0  # how many of its words name something


def plain(text: str) -> str:
    """In small letters, with straight apostrophes."""
    return text.lower().translate(_STRAIGHT)


def words_of(text: str) -> list[str]:
    return _WORD.findall(plain(text))


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


def sentences_of(text: str, start: int, end: int) -> Iterator[Sentence]:
    """Sentence by sentence, in order. A list's item is one, however many sentences it has."""
    opens = True
    for piece, item, blank in _pieces(text, start, end):
        opens = opens or blank
        for span in _items(text, piece) if item else _sentences(text, piece):
            whole = trimmed(text, span.start, span.end)
            span = _unbulleted(text, whole)
            if span.start < span.end and any(one.isalnum() for one in span.of(text)):
                yield _weighed(span.of(text), span, item=item, opens=opens, numbered=span != whole)
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
    if _length_of(words_of(said[:40]), MARKERS):
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
        if cut > start and _asks(words_of(rest)[:LEAD_WORDS], rest.split(";")[0]):
            yield Span(span.start + start, span.start + cut)
            start = cut
    yield Span(span.start + start, span.end)


def _places(said: str, mark: str) -> Iterator[int]:
    at = said.find(mark)
    while at >= 0:
        yield at
        at = said.find(mark, at + len(mark))


def _weighed(said: str, span: Span, *, item: bool, opens: bool, numbered: bool) -> Sentence:
    words = words_of(said[: LEAD_WORDS * 20])[:LEAD_WORDS]
    names, courtesy = names_in(said[: LEAD_WORDS * 20]), _is_courtesy(words, said)
    begins = _leading_in(words)
    marker = _length_of(words[begins:], MARKERS)
    marked = numbered or marker > 0 or "also" in words[:4]
    bids = not item and words[begins + marker :][:1] != [] and words[begins + marker] in BIDDING
    return Sentence(
        span,
        asks=not courtesy and (bids or _asks(words, said)),
        refers=(names < THIN and not item) or _refers(words[begins + marker :]),
        marked=marked,
        courtesy=courtesy,
        item=item,
        leads=said.rstrip().endswith((":", "：")),
        opens=opens,
        listing=any(word in LISTING for word in words),
        names=names,
    )


def asks_alone(said: str) -> bool:
    """Whether it asks for something that it names itself."""
    one = _weighed(said, Span(0, len(said)), item=False, opens=False, numbered=False)
    return one.asks and not one.refers


def _is_courtesy(words: list[str], said: str) -> bool:
    if words[:1] in (["thanks"], ["thank"]) and "?" not in said:
        return True
    if _length_of(words, COURTESY_IF_BARE):
        return names_in(said[: LEAD_WORDS * 20]) < THIN
    return _length_of(words, COURTESY) > 0 and naming(words) < BARE


def _leading_in(words: list[str]) -> int:
    """How many words stand before what a sentence begins with: "And please …"."""
    return next((at for at, word in enumerate(words[:3]) if word not in LEADING_IN), min(3, len(words)))


def _asks(words: list[str], said: str) -> bool:
    if said.rstrip().endswith(("?", "？", "?)", "?!", "!?")):
        return True
    return any(
        tuple(words[at : at + length]) in ASKING for at in range(len(words)) for length in range(1, LONGEST_PHRASE + 1)
    )


def names_in(said: str) -> int:
    """How many things are named, what is written in capitals twice: "SSO", "MAUs"."""
    return naming(words_of(said)[:LEAD_WORDS]) + _short_names(said)


def _short_names(said: str) -> int:
    found = (word for word in _WORD.findall(said) if sum(letter.isupper() for letter in word) > 1)
    return sum(plain(word) not in EMPTY for word in found)


def _refers(words: list[str]) -> bool:
    """Whether it speaks of what was said before: by a pronoun before anything is named.

    "It would be great to have …" and "since this morning" refer to nothing, and "we need HIPAA, can you enable it" to what
    it names itself.
    """
    named = 0
    for at, word in enumerate(words):
        if word in REFERRING and not _is_idle(words, at):
            return True
        named += word not in EMPTY
        if named >= THIN:
            return False
    return False


def _is_idle(words: list[str], at: int) -> bool:
    ahead = words[at + 1 : at + 5]
    if words[at] == "it":
        return any(word in EXPLETIVE for word in ahead)
    return words[at] in ("this", "that") and ahead[:1] != [] and ahead[0].partition("'")[0] in TIMES_OF


def _length_of(words: list[str], phrases: frozenset[tuple[str, ...]]) -> int:
    """How many words the longest phrase has with which these begin; 0: with none."""
    lengths = range(LONGEST_PHRASE, 0, -1)
    return next((length for length in lengths if tuple(words[:length]) in phrases), 0)


def naming(words: Iterable[str]) -> int:
    """How many words name something. Of writing without spaces between words every third character counts."""
    return sum(max(1, len(word) // 3) if word[0] >= _WIDE else 1 for word in words if word not in EMPTY)
