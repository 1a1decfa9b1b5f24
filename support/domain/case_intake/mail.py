"""Mail as gateways post it in JSON: the common spellings of the same few fields, read into one value.

Fields are looked for by their letters alone ("stripped-text", "StrippedText", "stripped_text"), in the payload and then
in its headers, whether those are an object, a list of pairs or a list of {name, value}. Of the body only an excerpt is
kept, of the reply without what it quotes where the gateway tells it apart.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from hashlib import sha256
from typing import Any

from support.domain.case_intake.fields import (
    ADDRESS,
    LONGEST_BODY,
    Unfit,
    excerpt,
    parse_instant,
    readable,
    within_reach,
)

NAMES: Mapping[str, tuple[str, ...]] = {
    "from": ("from", "sender", "fromfull"),
    "to": ("to", "tofull", "recipients"),
    "cc": ("cc", "ccfull"),
    "inbox": ("inbox", "recipient", "originalrecipient", "envelopeto", "deliveredto"),
    "subject": ("subject",),
    "reply": ("strippedtext", "strippedtextreply", "replyplain", "replytext"),
    "text": ("text", "textbody", "bodyplain", "plain", "body"),
    "message_id": ("messageid",),
    "in_reply_to": ("inreplyto",),
    "references": ("references",),
    "date": ("date", "timestamp", "receivedat"),
}
TOLD = ("product", "asset", "cover")  # by the gateway's own rules, never by a header that a sender may write
LONGEST_TOLD = 200
LONGEST_SUBJECT = 300
MOST_REFERENCES = 50
DIGEST = "sha256:"
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>|([^<>\s,]{1,900})")
_AUTOMATIC_PRECEDENCE = {"auto_reply", "bulk", "junk"}
_RETURNED_BY = ("mailer-daemon@", "postmaster@", "mailer-daemon")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message. Addresses are in small letters; `references` are what it answers, the nearest first.

    `at` is when it says that it was written; `inbox` is the address of ours at which it came in. `product`, `asset` and
    `cover` are what the gateway's own rules say it is about.
    """

    message_id: str
    sender: str
    sender_name: str
    to: tuple[str, ...]
    inbox: str
    subject: str
    text: str
    references: tuple[str, ...]
    at: datetime | None
    is_automatic: bool = False
    is_returned: bool = False
    product: str = ""
    asset: str = ""
    cover: str = ""


def parse_mail(told: Any) -> Mail:
    """Raises Unfit with every field at fault."""
    if not isinstance(told, Mapping):
        raise Unfit({"": "A message is an object with fields."})
    post = _Post.of(told)
    errors: dict[str, str] = {}
    sender_name, sender = post.sender()
    returned = _is_returned(post, sender)
    if not returned and not ADDRESS.fullmatch(sender):
        errors["from"] = "This is missing." if not sender else f"{sender[:100]!r} is no e-mail address."
    message_id = mail_name(post.text("message_id"))
    if not message_id:
        errors["message_id"] = "This is missing; without it a repeat would count twice."
    text = post.text("reply") or post.text("text")
    if len(text) > LONGEST_BODY:
        errors["text"] = f"This has {len(text):,} characters; {LONGEST_BODY:,} are the most."
    at = post.date(errors)
    if errors:
        raise Unfit(errors)
    return Mail(
        message_id=message_id,
        sender=sender[:254],
        sender_name=sender_name[:200],
        to=tuple(dict.fromkeys((*post.addresses("to"), *post.addresses("cc")))),
        inbox=next(iter(post.addresses("inbox")), ""),
        subject=" ".join(post.text("subject").split())[:LONGEST_SUBJECT] or "(no subject)",
        text=excerpt(text.strip()),
        references=post.references(),
        at=at,
        is_automatic=_is_automatic(post),
        is_returned=returned,
        **{name: post.told(name) for name in TOLD},
    )


def mail_name(message_id: str) -> str:
    """A Message-ID as events are named by it: without its brackets; a digest where it is too long to be kept."""
    found = _MESSAGE_ID.search(message_id)
    if found is None:
        return ""
    plain = found[1] or found[2]
    return plain if len(plain) <= 190 else f"{DIGEST}{sha256(plain.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class _Post:
    """What came, by the letters of its names; headers stand behind the gateway's own fields."""

    values: Mapping[str, Any]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "_Post":
        values = {letters(name): value for name, value in told.items() if isinstance(name, str)}
        given = values.get("headers", values.get("messageheaders"))
        headers = {letters(name): readable(value) for name, value in _pairs(given)}
        envelope = values.get("envelope")
        if isinstance(envelope, Mapping) and isinstance(envelope.get("to"), str | list):
            values.setdefault("envelopeto", envelope["to"])
        return cls(values, headers)

    def text(self, name: str) -> str:
        for spelling in NAMES[name]:
            value = self.values.get(spelling, self.headers.get(spelling))
            if isinstance(value, int | float) and not isinstance(value, bool):
                value = str(value)
            if isinstance(value, str) and value.strip():
                return readable(value)
        return ""

    def told(self, name: str) -> str:
        """What the gateway says the message is about, in a field of its own."""
        value = self.values.get(name)
        return readable(value).strip()[:LONGEST_TOLD] if isinstance(value, str) else ""

    def sender(self) -> tuple[str, str]:
        """Name and address of whoever it says it is from."""
        for spelling in NAMES["from"]:
            for name, address in _spelled(self.values.get(spelling, self.headers.get(spelling))):
                return name, address
        return "", ""

    def addresses(self, name: str) -> list[str]:
        found = (pair for spelling in NAMES[name] for pair in _spelled(self.values.get(spelling)))
        found_in_headers = (pair for spelling in NAMES[name] for pair in _spelled(self.headers.get(spelling)))
        return [address for _, address in (*found, *found_in_headers) if ADDRESS.fullmatch(address)]

    def references(self) -> tuple[str, ...]:
        """The message it answers, then those before it, the latest first.

        A message's name has an @ in it. A help desk numbers its events, which can be guessed: naming one doesn't put
        anybody into the case of somebody else.
        """
        thread = [found[0] for found in _MESSAGE_ID.finditer(self.text("references"))]
        named = [self.text("in_reply_to"), *reversed(thread)]
        names = dict.fromkeys(map(mail_name, named))
        return tuple(name for name in names if "@" in name or name.startswith(DIGEST))[:MOST_REFERENCES]

    def date(self, errors: dict[str, str]) -> datetime | None:
        text = self.text("date").strip()
        if not text:
            return None
        try:
            return parse_date(text)
        except ValueError as error:
            errors["date"] = str(error)
            return None


def parse_date(text: str) -> datetime:
    """As mail writes it, as ISO 8601, or in seconds since 1970; raises ValueError with words."""
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        return within_reach(datetime.fromtimestamp(float(text), tz=UTC), text)
    try:
        written = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return parse_instant(text)
    # "-0000" is UTC by a server that won't say where it stands (RFC 5322).
    return within_reach(written if written.tzinfo else written.replace(tzinfo=UTC), text)


def letters(name: str) -> str:
    """ "Stripped-Text" and "stripped_text" are the same field."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _pairs(given: Any) -> Iterator[tuple[str, str]]:
    match given:
        case Mapping():
            for name, value in given.items():
                yield str(name), " ".join(map(str, value)) if isinstance(value, list) else str(value)
        case list():
            for one in given:
                match one:
                    case {"name": str(name), "value": str(value)} | {"Name": str(name), "Value": str(value)}:
                        yield name, value
                    case [str(name), str(value)]:
                        yield name, value


def _spelled(value: Any) -> Iterator[tuple[str, str]]:
    """Names and addresses, in whichever of the usual ways they are written."""
    match value:
        case str():
            for called, spelt in getaddresses([readable(value)]):
                yield called.strip(), spelt.strip().lower()
        case Mapping():
            named: dict[str, Any] = {letters(str(name)): part for name, part in value.items()}
            at, of = named.get("email", named.get("address")), named.get("name")
            if isinstance(at, str):
                yield (readable(of) if isinstance(of, str) else ""), parseaddr(readable(at))[1].lower()
        case list():
            for one in value:
                yield from _spelled(one)


def _is_automatic(post: _Post) -> bool:
    """RFC 3834: anything but "no". Older programs say it by Precedence or by headers of their own."""
    said = _header(post, "autosubmitted").partition(";")[0].strip().lower()
    precedence = _header(post, "precedence").strip().lower()
    own = any(_header(post, name) for name in ("xautoreply", "xautorespond", "xautoreplyfrom"))
    return said not in ("", "no") or precedence in _AUTOMATIC_PRECEDENCE or own


def _is_returned(post: _Post, sender: str) -> bool:
    """A message about a message that couldn't be delivered (RFC 3464), or from nobody as those are (RFC 5321)."""
    kind = _header(post, "contenttype").lower()
    report = "multipart/report" in kind and "delivery-status" in kind
    path = _header(post, "returnpath").strip() == "<>"
    return report or path or sender.startswith(_RETURNED_BY) or bool(_header(post, "xfailedrecipients"))


def _header(post: _Post, name: str) -> str:
    value = post.values.get(name, "")
    return post.headers.get(name) or (value if isinstance(value, str) else "")
