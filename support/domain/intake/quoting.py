"""What of a mail was written for us, and what of it is quoted.

- **Quoted** are lines with ">" before them (or what mail programs put in its place, whatever unseen characters stand
  around it), and everything beneath a line of the kind "On 3 March, Ann wrote:" in whatever language, beneath
  "-----Original Message-----" or beneath a block of headers (From, Sent, To, Subject), once something was said above it.
- **Forwarded** text is kept, without its headers: it is what is asked. Forwarded is what stands beneath "Forwarded
  message", and the first block of headers of a mail whose subject says so (Fwd:, WG:, TR:) or that says nothing above it.

One pass over the lines; each line is looked at a bounded number of times.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from support.domain.intake.spans import INVISIBLE, Span, lines_of, plain
from support.domain.intake.vocabulary import (
    ABOVE_MARKERS,
    ATTRIBUTION_OPENS,
    ATTRIBUTION_VERBS,
    FORWARD_MARKERS,
    FROM,
    HEADERS,
    REPLY_MARKERS,
)

MARKER_LENGTH = 120  # a line that is longer is nobody's marker
ATTRIBUTION_LINES = 3
HEADER_LINES = 8
QUOTE_REACH = 300  # characters in which a quotation mark is looked for that ends what one begins
_UNSEEN = dict.fromkeys(map(ord, INVISIBLE))
_ENDING = {"|": "|", "»": "«"}
_SENDER = re.compile(r"[<(\[](?:mailto:)?[^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,255}[>)\]]")


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


def unquoted(text: str, *, is_forward: bool, is_reply: bool) -> list[list[Line]]:
    """The lines that aren't quoted, in blocks: between two of them something was left out."""
    lines = _lines(text)
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
