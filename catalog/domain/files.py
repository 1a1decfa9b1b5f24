"""A file somebody uploads: what it is, by its bytes and never by its name, and the table in it."""

from collections.abc import Iterator
from typing import Protocol

from catalog.domain.csv_tables import read_csv
from catalog.domain.tables import MAX_BYTES, Table, TableRefused
from catalog.domain.workbooks import read_workbook

_PIECE = 65_536
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_CHOOSE = "Choose a CSV file or an Excel workbook (.xlsx)."
_KNOWN = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"GIF8": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"{\\rtf": "a text document",
}


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_capped(source: Readable) -> bytes:
    """The bytes of the file, never more than allowed."""
    data = bytearray()
    for piece in _pieces(source):
        data += piece
        if len(data) > MAX_BYTES:
            raise TableRefused(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Import it in parts.")
    return bytes(data)


def _pieces(source: Readable) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece


def read_file(data: bytes, *, preferring: str = "") -> Table:
    """The table in the bytes of a file; `preferring` names the sheet wanted of a workbook with several."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise TableRefused("The file is empty. Its first row must name the columns.")
    if data.startswith(b"PK"):
        return read_workbook(data, preferring=preferring)
    if data.startswith(_COMPOUND):
        raise TableRefused(_say_compound(data))
    for beginning, called in _KNOWN.items():
        if data.startswith(beginning):
            raise TableRefused(f"This is {called}, not a table. {_CHOOSE}")
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise TableRefused(f"This is a web page or an XML file, not a table. {_CHOOSE}")
    return read_csv(data)


def _say_compound(data: bytes) -> str:
    """Locked workbooks and those of Excel before 2007 begin alike."""
    if _LOCKED in data:
        return "The file is protected by a password. Save a copy without one, and import that."
    return "This is a workbook of an old Excel (.xls). Save it as “Excel workbook (.xlsx)”, and import that."
