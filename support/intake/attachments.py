"""What an attachment says: `read_attachment`. It never raises, and takes bounded time and memory.

What a file is, is told by its first bytes where they tell it, else by its content type, else by its name. What can't be
read is `unreadable`, for a reason in plain words: the ticket is then held for a person.

A file over LARGEST is not looked into. Of the text MOST_TEXT characters are kept. PDF files are read in a process of their
own, with a limit on its time and memory (`pdf_program`): what they may make a reader do is without end. A ticket has many
files, so its caller says until when (`patience`): what comes later isn't read.
"""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from time import monotonic

from support.domain.intake.tickets import MOST_TEXT, Attachment
from support.intake.html_text import text_of_html
from support.intake.mail_text import text_of_mail
from support.intake.pdf_reading import SECONDS, text_of_pdf
from support.intake.plain_text import DAMAGED, charset_in, decode
from support.intake.unread import Unread
from support.intake.word_text import text_of_word

LARGEST = 5_000_000  # bytes
PATIENCE = 15.0  # seconds for all files of one ticket; a caller has one, and whoever asked is waiting
LONGEST_NAME = 200
MOST_STRINGS = 2_000  # of a JSON file

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "bitmap"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)
_TYPES: Mapping[str, str] = {
    "text/plain": "text", "text/csv": "text", "text/markdown": "text", "text/x-markdown": "text", "text/html": "html",
    "text/tab-separated-values": "text", "application/xhtml+xml": "html", "application/json": "json",
    "message/rfc822": "mail", "application/pdf": "pdf", "application/x-ndjson": "text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word",
    "application/zip": "archive", "application/gzip": "archive", "application/msword": "ole", "application/rtf": "rtf",
}  # fmt: skip
_NAMES: Mapping[str, str] = {
    "txt": "text", "log": "text", "csv": "text", "tsv": "text", "md": "text", "markdown": "text", "html": "html",
    "htm": "html", "json": "json", "eml": "mail", "pdf": "pdf", "docx": "word", "doc": "ole", "rtf": "rtf", "zip": "archive",
    "gz": "archive", "png": "picture", "jpg": "picture", "jpeg": "picture", "gif": "picture", "webp": "picture",
    "heic": "picture", "svg": "picture", "bmp": "picture", "mp3": "sound", "wav": "sound", "mp4": "film", "mov": "film",
    "xlsx": "sheet", "xls": "sheet", "pptx": "slides", "ppt": "slides",
}  # fmt: skip
_WHY: Mapping[str, str] = {
    "picture": "a picture; nobody can read its text here",
    "sound": "a recording; nobody can listen to it here",
    "film": "a film; nobody can watch it here",
    "archive": "an archive; what is packed in it isn’t opened here",
    "program": "a program; it isn’t opened here",
    "sheet": "a workbook; send it as CSV to have it read here",
    "slides": "slides; send them as PDF to have them read here",
    "ole": "an old or a protected Office file; send it as PDF or DOCX without a password",
    "rtf": "a rich-text file; send it as PDF or DOCX",
}
UNKNOWN = "a kind of file that isn’t read here"
LATE = "the files before it took too long to read"


def patience() -> float:
    """Until when the files of one ticket are read, from now on."""
    return monotonic() + PATIENCE


def read_attachment(name: str, content_type: str, raw: bytes, *, until: float | None = None) -> Attachment:
    """What it says, or why that can't be read. `until` is what `patience` said before the first file of its ticket."""
    called = file_name(name)
    left = SECONDS if until is None else until - monotonic()
    if left <= 0:
        return Attachment(called, unreadable=LATE)
    try:
        text = _text(called, content_type, raw, seconds=min(left, SECONDS))
    except Unread as why:
        return Attachment(called, unreadable=str(why))
    except Exception:
        return Attachment(called, unreadable=DAMAGED)
    return Attachment(called, text=text[:MOST_TEXT])


def file_name(name: str) -> str:
    """Its name on one line, without the folders before it."""
    line = "".join(one if one.isprintable() else " " for one in str(name or "")[-4 * LONGEST_NAME :])
    return " ".join(line.replace("\\", "/").split("/")[-1].split())[-LONGEST_NAME:] or "attachment"


def _text(name: str, content_type: str, raw: bytes, *, seconds: float) -> str:
    if len(raw) > LARGEST:
        raise Unread(f"it is larger than {LARGEST // 1_000_000} MB")
    if not raw.strip():
        raise Unread("it is empty")
    kind, charset = _kind(name, content_type, raw), charset_in(content_type)
    if kind in _WHY:
        raise Unread(_WHY[kind])
    readers: dict[str, Callable[[], str]] = {
        "text": lambda: decode(raw, charset),
        "html": lambda: text_of_html(decode(raw, charset), most=MOST_TEXT),
        "json": lambda: _text_of_json(decode(raw, charset)),
        "mail": lambda: text_of_mail(raw),
        "pdf": lambda: text_of_pdf(raw, most=MOST_TEXT, seconds=seconds),
        "word": lambda: text_of_word(raw, most=MOST_TEXT),
    }
    if kind not in readers:
        raise Unread(UNKNOWN)
    text = readers[kind]()
    if not text.strip():
        raise Unread("there is no text in it, perhaps a scan or a picture")
    return text.encode("utf-8", "replace").decode("utf-8")


def _kind(name: str, content_type: str, raw: bytes) -> str:
    """By its first bytes, which can't be mistaken; else by what it is declared as; else by its name."""
    magic = next((kind for head, kind in _MAGIC if raw.startswith(head)), "")
    declared = content_type.partition(";")[0].strip().lower()
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if magic == "zip":
        return _packed(raw, ending)
    if magic in ("bitmap", "program") and (_TYPES.get(declared) == "text" or _NAMES.get(ending) == "text"):
        magic = ""  # "BM" and "MZ" may begin words too; whether the rest is text, is seen when it is read
    if magic:
        return "picture" if magic == "bitmap" else magic
    for family, kind in (("image/", "picture"), ("audio/", "sound"), ("video/", "film")):
        if declared.startswith(family):
            return kind
    return _TYPES.get(declared) or _NAMES.get(ending) or ("text" if declared.startswith("text/") else "")


def _packed(raw: bytes, ending: str) -> str:
    """Which kind a packed file is. Only its list of contents is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            names = set(packed.namelist())
    except zipfile.BadZipFile:
        raise Unread(DAMAGED) from None
    for inside, kind in (
        ("word/document.xml", "word"),
        ("xl/workbook.xml", "sheet"),
        ("ppt/presentation.xml", "slides"),
    ):
        if inside in names:
            return kind
    return "archive" if ending != "docx" else ""


def _text_of_json(text: str) -> str:
    """Its strings, line by line; as it stands where it is no JSON after all."""
    try:
        told = json.loads(text)
    except ValueError:
        return text
    found: list[str] = []
    waiting = [told]
    while waiting and len(found) < MOST_STRINGS:
        one = waiting.pop()
        if isinstance(one, str) and one.strip():
            found.append(one)
        elif isinstance(one, dict):
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
    return "\n".join(found) or text
