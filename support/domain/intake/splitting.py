"""What a ticket asks for, one thing after the other: `requests_of`.

**Read** are the customer's own words (`own_words`), sentence by sentence (`sentences`). A further request begins

- at a sentence that begins something else ("also", "second", "another", a number) and names what it is about,
- at a sentence that asks, where something was asked already, and that doesn't refer to it ("Can you mend *it*?"),
- at a paragraph that asks and doesn't refer, where something was asked already,
- at each item of a list that is announced by asking ("Could you please:"), or as a list of questions, and at each item
  that asks by itself,
- where something was left out between (a quoted line that is answered, a forwarded mail).

Whatever else is said belongs to the request before it. Sentences of courtesy belong to none. What names nothing is no
request, unless it is all there is.

**The subject** without "Re:" is read together with the first request, as its heading; alone where the text says nothing.
Of a reply it is the subject of a conversation, so it is read with the first request only where that is thin.

**An attachment** is a request of its own only where it reads as one: it can be read, its own words are at most
MOST_LETTER characters, and it asks for something by name. Of such only what asks counts. Everything else that is attached
(logs, tables, contracts) is context for staff, and nothing in it decides.

A ticket whose own words are more than MOST_TEXT characters (with all that it quotes MOST_LOOKED_AT), or that asks for
more than MOST_REQUESTS things, is too long: it is held, and what was found up to there is shown. So is one whose text
says nothing, with a file that is too long for a letter: what is asked for stands in that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.domain.intake.own_words import own_spans
from support.domain.intake.sentences import sentences_of
from support.domain.intake.spans import Span, plain, trimmed, words_of
from support.domain.intake.tickets import MOST_REQUESTS, MOST_TEXT, Attachment, Request, Ticket
from support.domain.intake.vocabulary import FORWARD_PREFIXES, NO_SUBJECT, REPLY_PREFIXES
from support.domain.intake.weighing import THIN, Sentence, naming

MOST_LOOKED_AT = 5 * MOST_TEXT  # characters of a text, with all that it quotes
MOST_LETTER = 2_000  # characters of an attachment that may be a letter; a longer one is a document
MOST_PREFIXES = 20  # "Re: Re: Fwd: …"


@dataclass(frozen=True, slots=True)
class Split:
    """`too_long`: more was written, or asked for, than is read."""

    requests: tuple[Request, ...]
    too_long: bool = False


@dataclass(slots=True)
class _Group:
    """Sentences that ask for one thing."""

    start: int
    end: int
    names: int = 0
    asks: bool = False
    refers: bool = True

    def take(self, sentence: Sentence) -> None:
        self.end = sentence.span.end
        self.names += sentence.names
        self.asks = self.asks or sentence.asks
        self.refers = self.refers and sentence.refers


def requests_of(ticket: Ticket) -> tuple[Request, ...]:
    """What is asked for, in order; at most MOST_REQUESTS. Whether that is all, `split` says."""
    return split(ticket).requests


def split(ticket: Ticket) -> Split:
    """Never raises, whatever was written."""
    heading = _Heading.of(ticket.subject)
    text = ticket.text[:MOST_LOOKED_AT]
    spans = own_spans(text, is_forward=heading.is_forward, is_reply=heading.is_reply)
    within = list(_within(spans, MOST_TEXT - len(heading.said)))
    groups = _grouped(text, within)
    requests = [*_of_text(text, groups, heading)]
    for attachment in ticket.attachments:
        requests += _of_attachment(attachment)
    unread = within != spans or text != ticket.text or len(heading.said) > MOST_TEXT
    told_elsewhere = not groups and any(_is_document(attachment) for attachment in ticket.attachments)
    too_long = unread or told_elsewhere or len(requests) > MOST_REQUESTS
    return Split(tuple(requests[:MOST_REQUESTS]), too_long)


@dataclass(frozen=True, slots=True)
class _Heading:
    """A subject without what a mail program writes before it."""

    said: str
    is_reply: bool
    is_forward: bool

    @classmethod
    def of(cls, subject: str) -> "_Heading":
        said, is_reply, is_forward = " ".join(subject.split()) if "\n" in subject else subject.strip(), False, False
        if said not in subject:  # on several lines: only the first can be found again
            said = subject.strip().split("\n")[0].strip()
        for _ in range(MOST_PREFIXES):
            before, colon, rest = said.replace("：", ":").partition(":")
            prefix = plain(before).strip().rstrip("0123456789[]() ")
            if said.startswith("[") and 0 < said.find("]") < 40:
                said = said[said.find("]") + 1 :].strip()
            elif colon and prefix in (*REPLY_PREFIXES, *FORWARD_PREFIXES):
                is_reply, is_forward = is_reply or prefix in REPLY_PREFIXES, is_forward or prefix in FORWARD_PREFIXES
                said = said[len(said) - len(rest) :].strip()
            else:
                break
        return cls("" if plain(said) in NO_SUBJECT else said, is_reply and not is_forward, is_forward)


def _within(spans: Sequence[Span], most: int) -> Iterator[Span]:
    """The first `most` characters of these."""
    for span in spans:
        end = min(span.end, span.start + max(0, most))
        if span.start < end:
            yield Span(span.start, end)
        most -= span.end - span.start


def _grouped(text: str, spans: Sequence[Span]) -> list[_Group]:
    """The groups of every stretch. What names nothing is left out where something else does."""
    groups = [group for span in spans for group in _groups(list(sentences_of(text, span.start, span.end)))]
    telling = [group for group in groups if group.names > 1 or (group.names and not group.refers)]
    return telling or [group for group in groups if group.names][:1]


def _groups(sentences: Sequence[Sentence]) -> Iterator[_Group]:
    splitting, asking = _splitting_lists(sentences), _asking_paragraphs(sentences)
    current: _Group | None = None
    for number, sentence in enumerate(sentences):
        if sentence.courtesy:
            continue
        if current is not None and _begins_another(current, sentence, splitting[number], asking[number]):
            yield current
            current = None
        current = current or _Group(sentence.span.start, sentence.span.end)
        current.take(sentence)
    if current is not None:
        yield current


def _begins_another(current: _Group, sentence: Sentence, in_list: bool, asking_paragraph: bool) -> bool:
    if sentence.item:
        return in_list
    if sentence.refers:
        return False
    if sentence.marked:
        return current.asks or current.names >= THIN
    return current.asks and (sentence.asks or (sentence.opens and asking_paragraph))


def _splitting_lists(sentences: Sequence[Sentence]) -> list[bool]:
    """For each sentence whether it is an item at which a request begins. The first item goes with what announces it."""
    found, at = [False] * len(sentences), 0
    while at < len(sentences):
        if not sentences[at].item:
            at += 1
            continue
        end = at
        while end < len(sentences) and sentences[end].item:
            end += 1
        lead = sentences[at - 1] if at and sentences[at - 1].leads else None
        each = lead is not None and (lead.asks or lead.listing)
        asked = sum(sentences[number].asks for number in range(at, end))
        for number in range(at, end):
            first = number == at
            found[number] = (each and not first) or (sentences[number].asks and asked > first)
        found[at] = found[at] and lead is None
        at = end
    return found


def _asking_paragraphs(sentences: Sequence[Sentence]) -> list[bool]:
    """For each sentence whether it or one after it in its paragraph asks."""
    found, asks = [False] * len(sentences), False
    for number in range(len(sentences) - 1, -1, -1):
        asks = asks or sentences[number].asks
        found[number] = asks
        if sentences[number].opens:
            asks = False
    return found


def _of_text(text: str, groups: Sequence[_Group], heading: _Heading) -> Iterator[Request]:
    said = heading.said[:MOST_TEXT]
    if not groups:
        if naming(words_of(said)):
            yield Request(said, "subject")
        return
    first = groups[0]
    opening = text[first.start : first.end]
    repeated = plain(said) in plain(opening)
    told_by = not heading.is_reply or first.refers or first.names <= THIN
    fits = naming(words_of(said)) > 0 and not repeated and told_by
    yield Request(opening, "text", said if fits else "")
    for group in groups[1:]:
        yield Request(text[group.start : group.end])


def _is_document(attachment: Attachment) -> bool:
    return not attachment.unreadable and len(attachment.text) > MOST_LETTER


def _of_attachment(attachment: Attachment) -> Iterator[Request]:
    """What a letter asks for. A file that can't be read, or is no letter, asks for nothing."""
    text = attachment.text
    bare = trimmed(text, 0, len(text)) if len(text) <= 10 * MOST_LETTER else None
    if bare is None or attachment.unreadable:
        return
    spans = own_spans(text, is_forward=True)
    if sum(span.end - span.start for span in spans) > MOST_LETTER:
        return
    where = attachment.name if attachment.name not in ("", "text", "subject") else f"file {attachment.name}".strip()
    for group in _grouped(text, spans):
        if group.asks and group.names > THIN:
            yield Request(text[group.start : group.end], where)
