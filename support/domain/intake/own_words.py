"""The customer's own words in a mail: without what it quotes, without greeting, signature, footer and disclaimer.

- **Quoted** are lines with ">" before them (or what mail programs put in its place, whatever unseen characters stand
  around it), and everything beneath a line of the kind "On 3 March, Ann wrote:" in whatever language, beneath
  "-----Original Message-----" or beneath a block of headers (From, Sent, To, Subject), once something was said above it.
- **Forwarded** text is kept, without its headers: it is what is asked. Forwarded is what stands beneath "Forwarded
  message", and the first block of headers of a mail whose subject says so (Fwd:, WG:, TR:) or that says nothing above it.
- A **signature** begins at "--", or at a closing ("Kind regards"); beneath a closing, a paragraph that asks for something,
  a postscript, and after mere thanks a paragraph in whole sentences are words again.
- **Footers** ("Sent from my …") are lines; a **disclaimer** goes from where it begins to the end of its paragraph.

One pass over the lines; each line is looked at a bounded number of times.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from support.domain.intake.sentences import (
    INVISIBLE,
    THIN,
    Span,
    lines_of,
    naming,
    plain,
    sentences_of,
    trimmed,
    words_of,
)
from support.domain.intake.vocabulary import (
    ABOVE_MARKERS,
    ATTRIBUTION_OPENS,
    ATTRIBUTION_VERBS,
    CLOSINGS,
    DISCLAIMERS,
    FORWARD_MARKERS,
    FROM,
    GREETINGS,
    HEADERS,
    MOBILE_FOOTERS,
    REPLY_MARKERS,
    THANKING,
)

MARKER_LENGTH = 120  # a line that is longer is nobody's marker
ATTRIBUTION_LINES = 3
HEADER_LINES = 8
GREETING_REACH = 40
QUOTE_REACH = 300  # characters in which a quotation mark is looked for that ends what one begins
WHOLE_SENTENCES = 5  # words that name something, after which a paragraph under mere thanks is text again
_CLOSINGS = frozenset(CLOSINGS)
_UNSEEN = dict.fromkeys(map(ord, INVISIBLE))
_ENDING = {"|": "|", "»": "«"}
_SENDER = re.compile(r"[<(\[](?:mailto:)?[^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,255}[>)\]]")
_GREETINGS = tuple(sorted((tuple(words_of(one)) for one in GREETINGS), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Line:
    span: Span
    said: str  # plain, without blanks and marks of quotes
    depth: int  # how many marks of quotes stand before it


@dataclass(slots=True)
class _Unquoting:
    """Where one is in a mail. `base` is how deep the text that counts is quoted itself, as forwarded mails may be."""

    lines: Sequence[Line]
    is_forward: bool
    is_reply: bool
    blocks: list[list[Line]] = field(default_factory=lambda: [[]])
    has_own: bool = False
    base: int | None = 0


def own_spans(text: str, *, is_forward: bool = False, is_reply: bool = False) -> list[Span]:
    """The stretches of a mail that are the customer's own words, in order. Between two of them something was left out."""
    spans = [chunk for block in _unquoted(_lines(text), is_forward, is_reply) for chunk in _unsigned(text, block)]
    return [span for span in (trimmed(text, one.start, one.end) for one in spans) if span.start < span.end]


def _lines(text: str) -> list[Line]:
    return [_line(text, span) for span in lines_of(text, 0, len(text))]


def _line(text: str, span: Span) -> Line:
    at, depth = span.start, 0
    while at < span.end and (mark := _mark(text, at, span.end)):
        depth += not text[at].isspace() and text[at] not in INVISIBLE
        at += mark
    return Line(span, plain(text[at : span.end]).translate(_UNSEEN).strip(), depth)


def _mark(text: str, at: int, end: int) -> int:
    """How many characters of a mark of quotes, or of blanks, stand here."""
    if text[at] in ">＞" or text[at] in INVISIBLE or text[at].isspace():
        return 1
    if text.startswith("&gt;", at):
        return 4
    alone = (
        text[at] in "|»"
        and text[at + 1 : at + 2] == " "
        and text.find(_ENDING[text[at]], at + 1, min(end, at + QUOTE_REACH)) < 0
    )
    return int(alone)  # neither a table's cell nor a word in quotation marks


def _unquoted(lines: Sequence[Line], is_forward: bool, is_reply: bool) -> list[list[Line]]:
    state, at = _Unquoting(lines, is_forward, is_reply), 0
    while at < len(lines):
        line = lines[at]
        if line.depth > (line.depth if state.base is None else state.base):
            _take(state, line)  # a marker that is quoted itself marks nothing
            at += 1
        elif _is_marker(line.said, FORWARD_MARKERS):
            at = _into_forwarded(state, at + 1)
        elif _is_marker(line.said, ABOVE_MARKERS):
            if state.has_own:
                break
            at += 1
        elif replied := _attribution(lines, at):
            if _ends_here(state, at + replied):
                break
            state.blocks.append([])
            at += replied
        elif _is_marker(line.said, REPLY_MARKERS) or _is_header_block(lines, at):
            if not state.is_forward and (state.has_own or state.is_reply):
                break
            state.is_forward = False  # only the first is what was forwarded; those beneath it are its own quotes
            at = _into_forwarded(state, at + _is_marker(line.said, REPLY_MARKERS))
        else:
            _take(state, line)
            at += 1
    return [block for block in state.blocks if block]


def _take(state: _Unquoting, line: Line) -> None:
    if state.base is None and line.said:
        state.base = line.depth
    if line.depth > (state.base or 0):
        if state.blocks[-1]:
            state.blocks.append([])
        return
    state.blocks[-1].append(line)
    state.has_own = state.has_own or any(one.isalnum() for one in line.said)


def _into_forwarded(state: _Unquoting, at: int) -> int:
    """Past the headers of a forwarded mail."""
    state.blocks.append([])
    state.base, state.has_own = None, False
    state.is_reply = False
    last = min(len(state.lines), at + 2 * HEADER_LINES)
    while at < last and (not state.lines[at].said or _is_header(state.lines[at].said)):
        at += 1
    return at


def _ends_here(state: _Unquoting, at: int) -> bool:
    """Whether all that follows "Ann wrote:" is quoted: nothing marks it line by line, and something was said above."""
    beneath = next((line for line in state.lines[at : at + HEADER_LINES] if line.said), None)
    marked = beneath is not None and beneath.depth > (state.base or 0)
    return not marked and (state.has_own or state.is_reply)


def _is_marker(said: str, markers: Iterable[str]) -> bool:
    """ "---------- Forwarded message ---------", "Begin forwarded message:"; never a sentence that speaks of one."""
    if len(said) > MARKER_LENGTH or not said or (said[0] not in "-_*=#" and said[-1] not in ":："):
        return False
    bare = said.strip("-_*=# :：")
    return any(bare.startswith(marker) for marker in markers)


def _attribution(lines: Sequence[Line], at: int) -> int:
    """How many lines from here say "On 3 March 2026 at 10:11, Ann <ann@acme.example> wrote:"; mostly none, or one.

    In whatever language, where the sender's address stands there as mail programs write it.
    """
    opens, said = lines[at].said.startswith(ATTRIBUTION_OPENS), ""
    for number, line in enumerate(lines[at : at + ATTRIBUTION_LINES], start=1):
        said = f"{said} {line.said[:300]}"
        if not line.said or (number > 1 and line.depth != lines[at].depth):
            return 0
        if line.said.endswith((":", "：")):
            beneath = next((one for one in lines[at + number : at + number + 3] if one.said), None)
            quoted = beneath is not None and beneath.depth > lines[at].depth
            verb = opens and any(verb in said for verb in ATTRIBUTION_VERBS)
            if verb and (quoted or _has_sender(said)):
                return number
            return number if _SENDER.search(said) and (number == 1 or opens) else 0
    return 0


def _has_sender(said: str) -> bool:
    """An address, or a time of day."""
    return "@" in said or any(
        said[at - 1].isdigit() and said[at + 1].isdigit() for at in range(1, len(said) - 1) if said[at] in ":."
    )


def _is_header(said: str) -> bool:
    name, colon, _ = said[:MARKER_LENGTH].replace("：", ":").partition(":")
    return bool(colon) and name.strip("* ") in HEADERS


def _is_header_block(lines: Sequence[Line], at: int) -> bool:
    """From, and two more headers right beneath it; one is enough where From has an address."""
    name, colon, _ = lines[at].said[:MARKER_LENGTH].replace("：", ":").partition(":")
    if not colon or name.strip("* ") not in FROM:
        return False
    least = 1 if _SENDER.search(lines[at].said) else 2
    return sum(_is_header(line.said) for line in lines[at + 1 : at + HEADER_LINES]) >= least


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
