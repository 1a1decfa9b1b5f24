"""The parts of an Excel workbook: a zip of XML files, opened with suspicion.

What the zip says of its sizes is not believed: bytes are counted as they come out. No part may declare a document
type, so entities and outside references never exist. Nothing is ever written to disk.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from xml.parsers import expat

from catalog.domain.tables import TableRefused

MAX_PARTS = 1_000
MAX_INFLATED = 200_000_000  # a sheet of a million empty styled rows stays below
MAX_SMALL_PART = 5_000_000  # every part but the sheet and its texts
MAX_DEPTH = 64
_PIECE = 1 << 16
_ENCRYPTED = 0x1
_SAVE_AGAIN = "Open it in the spreadsheet and save it again as “Excel workbook (.xlsx)”."
BROKEN = f"The workbook is damaged and can't be read. {_SAVE_AGAIN}"

Attributes: TypeAlias = dict[str, str]


class Done(Exception):
    """Raised by a reader's handler to stop reading a part early."""


@dataclass(slots=True)
class Package:
    """An opened workbook, and how much has come out of it so far."""

    zipped: zipfile.ZipFile
    names: dict[str, str] = field(default_factory=dict)  # as programs write them, by their folded form
    inflated: int = 0

    def has(self, name: str) -> bool:
        return name.casefold() in self.names

    def pieces(self, name: str, *, most: int = MAX_SMALL_PART) -> Iterator[bytes]:
        """The bytes of a part as they inflate, counted; raises TableRefused where it is more than anybody saves."""
        out = 0
        try:
            with self.zipped.open(self.names[name.casefold()]) as stream:
                while piece := stream.read(_PIECE):
                    out += len(piece)
                    self.inflated += len(piece)
                    if out > most or self.inflated > MAX_INFLATED:
                        raise TableRefused(
                            "The workbook inflates to far more than its size on disk, so it was not read further. "
                            "Copy the filled cells into a new workbook and save that."
                        )
                    yield piece
        except TableRefused:
            raise
        except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, ValueError, RuntimeError):
            raise TableRefused(BROKEN) from None


def open_package(data: bytes) -> Package:
    """The parts of a workbook, none of them read yet; raises TableRefused where it is no honest workbook."""
    try:
        zipped = zipfile.ZipFile(io.BytesIO(data))
        listed = zipped.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        raise TableRefused(f"The file is cut off or damaged, so it can't be unpacked. {_SAVE_AGAIN}") from None
    if len(listed) > MAX_PARTS:
        raise TableRefused(f"The workbook has {len(listed):,} parts; spreadsheets have a few dozen. {_SAVE_AGAIN}")
    package = Package(zipped)
    for part in listed:
        _refuse_odd_part(part)
        if part.filename.casefold() in package.names:
            raise TableRefused(f"The workbook holds the part {part.filename[:80]} twice. {_SAVE_AGAIN}")
        package.names[part.filename.casefold()] = part.filename
    _refuse_other_documents(package)
    return package


def _refuse_odd_part(part: zipfile.ZipInfo) -> None:
    if part.flag_bits & _ENCRYPTED:
        raise TableRefused("The file is protected by a password. Save a copy without one, and import that.")
    pieces = part.filename.replace("\\", "/").split("/")
    if ".." in pieces or part.filename.startswith(("/", "\\")) or ":" in pieces[0]:
        raise TableRefused("The file holds names that lead out of it, which no spreadsheet writes. It was not opened.")


def _refuse_other_documents(package: Package) -> None:
    if package.has("xl/vbaProject.bin"):
        raise TableRefused("The workbook holds macros. Save it as “Excel workbook (.xlsx)”, which has none.")
    if package.has("mimetype"):
        raise TableRefused(f"This is an OpenDocument file, not an Excel workbook. {_SAVE_AGAIN}")
    if package.has("word/document.xml") or package.has("ppt/presentation.xml"):
        raise TableRefused("This is a text document or a presentation, not a spreadsheet. Choose another file.")
    if package.has("xl/workbook.bin"):
        raise TableRefused(f"This is a binary Excel workbook (.xlsb), which isn't read. {_SAVE_AGAIN}")
    if not package.has("[Content_Types].xml") or not package.has("xl/workbook.xml"):
        raise TableRefused("This is a zip file without a workbook in it. Choose the spreadsheet itself.")


def read_xml(
    pieces: Iterator[bytes],
    *,
    start: Callable[[str, Attributes], Any],
    end: Callable[[str], Any] | None = None,
    text: Callable[[str], Any] | None = None,
) -> None:
    """Drive the handlers over a part; names come without their namespace's prefix. No document type is let in."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def opened(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise TableRefused(BROKEN)
        start(name.rpartition(":")[2] if ":" in name else name, attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name.rpartition(":")[2] if ":" in name else name)

    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except Done:
        return
    except (expat.ExpatError, UnicodeError, ValueError) as error:
        raise error if isinstance(error, TableRefused) else TableRefused(BROKEN) from None


def _refuse_doctype(*_: object) -> None:
    raise TableRefused("The workbook declares entities, which no spreadsheet writes and which can do harm. Not opened.")
