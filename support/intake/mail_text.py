"""The text of a mail in a file: its subject, and what it says.

The standard library reads a header's finer points in a time that grows with the square of its length, and a mail may be
one long header. So it is looked at before anything reads it: a header longer than people write them is too much.
"""

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32

from support.domain.intake.tickets import MOST_TEXT
from support.intake.html_text import text_of_html
from support.intake.plain_text import charset_in, decode
from support.intake.unread import Unread

LARGEST = 1_000_000  # bytes
MOST_PARTS = 20
LONGEST_HEADER = 2_000  # bytes of one that is read: what a part is, and the subject
MOST_HEADERS = 2_000  # lines before the text
TOO_MUCH = "a mail with too much in it"
OWN_FILES = "a mail with attachments of its own; send these by themselves"
_READ = re.compile(rb"^(?:content-[a-z-]+|mime-version|subject)[ \t]*:", re.IGNORECASE | re.MULTILINE)


def text_of_mail(raw: bytes) -> str:
    """Unread where it can't be read whole: a mail with files of its own is one."""
    plain = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    _refuse_too_much(plain)
    mail = message_from_bytes(plain, policy=compat32)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    if len(parts) > MOST_PARTS:
        raise Unread(TOO_MUCH)
    said = [part for part in parts if part.get_content_type() == "text/plain" and not _is_file(part)]
    styled = [part for part in parts if part.get_content_type() == "text/html" and not _is_file(part)]
    if any(part not in said and part not in styled for part in parts):
        raise Unread(OWN_FILES)
    if said:
        text = "\n\n".join(_body(part) for part in said)
    else:
        text = "\n\n".join(text_of_html(_body(part), most=MOST_TEXT) for part in styled)
    subject = _subject(mail)
    return f"{subject}\n\n{text}" if subject and text.strip() else text or subject


def _refuse_too_much(mail: bytes) -> None:
    if len(mail) > LARGEST or mail.lower().count(b"boundary") > MOST_PARTS:
        raise Unread(TOO_MUCH)
    head = mail.partition(b"\n\n")[0]
    if head.count(b"\n") > MOST_HEADERS or any(_is_long(mail, found.start()) for found in _READ.finditer(mail)):
        raise Unread(TOO_MUCH)


def _is_long(mail: bytes, at: int) -> bool:
    """Whether a header goes on for too long: over all lines that begin with a blank."""
    end = mail.find(b"\n", at, at + LONGEST_HEADER)
    while end >= 0 and mail[end + 1 : end + 2] in (b" ", b"\t"):
        end = mail.find(b"\n", end + 1, at + LONGEST_HEADER)
    return end < 0 and len(mail) - at > LONGEST_HEADER


def _subject(mail: Message) -> str:
    """As it was written, on one line; as it stands where its words can't be made out."""
    raw = next((str(value) for name, value in mail.raw_items() if name.lower() == "subject"), "")
    told = " ".join(raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())
    try:
        return str(make_header(decode_header(told)))
    except (LookupError, ValueError):
        return told


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _body(part: Message) -> str:
    raw = part.get_payload(decode=True)
    charset = str(part.get_content_charset("")) if isinstance(raw, bytes) and raw else ""
    return decode(raw, charset_in(f"charset={charset}")) if isinstance(raw, bytes) and raw else ""
