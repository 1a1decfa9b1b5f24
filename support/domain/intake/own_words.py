"""The customer's own words in a mail: without what it quotes (`quoting`), without greeting, signature, footer and disclaimer.

- A **signature** begins at "--", or at a closing ("Kind regards"); beneath a closing, a paragraph that asks for something,
  a postscript, and after mere thanks a paragraph in whole sentences are words again.
- **Footers** ("Sent from my …") are lines; a **disclaimer** goes from where it begins to the end of its paragraph.

One pass over the lines; each line is looked at a bounded number of times.
"""

from collections.abc import Iterator, Sequence

from support.domain.intake.quoting import MARKER_LENGTH, Line, unquoted
from support.domain.intake.sentences import sentences_of
from support.domain.intake.spans import Span, trimmed, words_of
from support.domain.intake.vocabulary import CLOSINGS, DISCLAIMERS, GREETINGS, MOBILE_FOOTERS, THANKING
from support.domain.intake.weighing import THIN, naming

GREETING_REACH = 40
WHOLE_SENTENCES = 5  # words that name something, after which a paragraph under mere thanks is text again
_CLOSINGS = frozenset(CLOSINGS)
_GREETINGS = tuple(sorted((tuple(words_of(one)) for one in GREETINGS), key=len, reverse=True))


def own_spans(text: str, *, is_forward: bool = False, is_reply: bool = False) -> list[Span]:
    """The stretches of a mail that are the customer's own words, in order. Between two of them something was left out."""
    spans = [
        chunk for block in unquoted(text, is_forward=is_forward, is_reply=is_reply) for chunk in _unsigned(text, block)
    ]
    return [span for span in (trimmed(text, one.start, one.end) for one in spans) if span.start < span.end]


def _unsigned(text: str, block: Sequence[Line]) -> Iterator[Span]:
    """A block without greeting, signature, footers and disclaimers."""
    start, end, kept = -1, -1, False
    for span in _kept(text, block):
        if span is None:
            if start >= 0:
                yield Span(start, end)
            start = -1
            continue
        if not kept and any(one.isalnum() for one in span.of(text)):
            span, kept = _ungreeted(text, span), True
        start, end = span.start if start < 0 else start, span.end
    if start >= 0:
        yield Span(start, end)


def _kept(text: str, block: Sequence[Line]) -> Iterator[Span | None]:
    """The lines that stay; None where something was left out."""
    closing, skipping, said_before = "", False, False
    for number, line in enumerate(block):
        said, after_blank = line.said, number > 0 and not block[number - 1].said
        if said == "--" or (said in ("—", "–") and said_before):
            return
        skipping = skipping and bool(said)
        if closing and said and _goes_on(text, block, number, closing, after_blank):
            closing = ""
        found = said_before and not closing and _closing(said)
        closing = found or closing
        if skipping or closing or _is_footer(said):
            yield None
        elif (cut := _disclaimer(said)) >= 0:
            skipping = True
            yield from _before_disclaimer(text, line, cut)
        else:
            said_before = said_before or naming(words_of(said[:200])) > 0
            yield line.span


def _goes_on(text: str, block: Sequence[Line], at: int, closing: str, after_blank: bool) -> bool:
    """Whether text goes on beneath a closing: a postscript, something asked, or, after thanks, whole sentences."""
    said = block[at].said
    if said.startswith(("ps:", "ps ", "p.s", "p.p.s", "pps")):
        return True
    if not after_blank or _disclaimer(said) >= 0:
        return False
    last = next((number for number in range(at, len(block)) if not block[number].said), len(block)) - 1
    found = list(sentences_of(text, block[at].span.start, block[last].span.end))
    if any(one.asks and one.names > THIN for one in found):
        return True
    whole = block[last].said.endswith((".", "!", "?")) and sum(one.names for one in found) >= WHOLE_SENTENCES
    return whole and closing.startswith(THANKING)


def _closing(said: str) -> str:
    """The closing that a line is, perhaps with a name behind it: "Best regards, Ann Smith"."""
    if len(said) > MARKER_LENGTH or "?" in said:
        return ""
    bare = said.strip(" ,.!;:-–—*_")
    if bare in _CLOSINGS:
        return bare
    before, comma, name = bare.partition(",")
    if comma and before.strip() in _CLOSINGS and len(name.split()) <= 3:
        return before.strip()
    words = bare.split()
    for length in (2, 3):
        head = " ".join(words[:length])
        if head in _CLOSINGS and len(words) <= length + 2 and not head.startswith(THANKING):
            return head
    return ""


def _is_footer(said: str) -> bool:
    return len(said) <= MARKER_LENGTH and "?" not in said and said.startswith(MOBILE_FOOTERS)


def _disclaimer(said: str) -> int:
    """Where in a line a disclaimer begins; -1: nowhere."""
    if not said:
        return -1
    return min((found for found in (said.find(one) for one in DISCLAIMERS) if found >= 0), default=-1)


def _before_disclaimer(text: str, line: Line, cut: int) -> Iterator[Span | None]:
    """What a line says in whole sentences before its disclaimer begins."""
    bare = trimmed(text, line.span.start, line.span.end)
    if bare.end - bare.start == len(line.said):  # else places in small letters don't agree with those of the text
        ended = max(line.said.rfind(mark, 0, cut) for mark in (". ", "? ", "! "))
        if ended > 0:
            yield Span(line.span.start, bare.start + ended + 1)
    yield None


def _ungreeted(text: str, span: Span) -> Span:
    """The first line without "Hi Ann,"; empty where it says nothing else."""
    bare = trimmed(text, span.start, span.end)
    said = bare.of(text)[: GREETING_REACH * 3]
    words = words_of(said)
    greeting = next((one for one in _GREETINGS if tuple(words[: len(one)]) == one), None)
    if greeting is None:
        return span
    if len(words) <= len(greeting) + 4 and bare.end - bare.start <= GREETING_REACH * 2 and said[-1:] in ",;:!–-":
        return Span(bare.end, bare.end)
    if len(words) <= len(greeting) + 1 and "?" not in said:
        return Span(bare.end, bare.end)
    marks = [at for at in (said.find(mark, 0, GREETING_REACH) for mark in ",!.;–") if at >= 0]
    if marks and len(words_of(said[: min(marks)])) <= len(greeting) + 3:
        return trimmed(text, bare.start + min(marks) + 1, span.end)
    return span
