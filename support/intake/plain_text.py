"""Bytes as text: by the mark they begin with, as UTF-8, as they are declared, as Windows writes it."""

import codecs
import re
from encodings.aliases import aliases

from support.domain.intake.tickets import MOST_TEXT
from support.intake.unread import Unread

DAMAGED = "it is damaged, or not what it says it is"
# As they are called here, each by whatever names it has. Others aren't even looked up: a look-up is remembered for good.
KNOWN = frozenset(["latin_1", "iso8859_15", "cp1250", "cp1251", "cp1252", "shift_jis", "gb18030"])
_ODD = re.compile("[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f\ufffd]")  # what nobody types
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def charset_in(content_type: str) -> str:
    """The character set that is declared, if it is one of those that are known here."""
    told = content_type.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
    name = told.replace("-", "_")
    called = aliases.get(name, name)
    return called if called in KNOWN else ""


def decode(raw: bytes, charset: str = "") -> str:
    """`charset` counts where the bytes are no UTF-8; Unread where they are no text at all."""
    for mark, coding in _MARKS:
        if raw.startswith(mark):
            return _readable(raw.decode(coding, "replace"))
    try:
        return _readable(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _readable(raw.decode(charset or "cp1252", "replace"))


def _readable(text: str) -> str:
    """Text with its line ends as everywhere. More than a few characters that nobody types: no text at all."""
    said = text[: 20 * MOST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in said or len(_ODD.findall(said)) > len(said) // 50:
        raise Unread(DAMAGED)
    return said
