"""A CSV file as people save it from a spreadsheet: read whole or refused whole, with the place of every mistake.

The size is capped while the bytes come in, so that a file that is far too large is never held in memory.
"""

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

MAX_BYTES = 10_000_000
MAX_ROWS = 2_000
MAX_COLUMNS = 60
MOST_ERRORS = 50
_PIECE = 65_536
_HOW_TO_SAVE = "In the spreadsheet choose Save as, then 'CSV UTF-8'."


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


Source: TypeAlias = bytes | Readable


class PageRefused(ValueError):
    """Nothing of the file was taken; `errors` says what is wrong, where, and how to mend it."""

    def __init__(self, errors: Sequence[str]) -> None:
        more = len(errors) - MOST_ERRORS
        self.errors = (*errors[:MOST_ERRORS], *([f"And {more} more mistakes of this kind."] if more > 0 else []))
        super().__init__("\n".join(self.errors))


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row, with the number a spreadsheet shows beside it; as many cells as the header has columns."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The header and the rows that are as wide as it; `problems` tells of the others."""

    header: tuple[str, ...]
    rows: tuple[PageRow, ...]
    problems: tuple[str, ...] = ()


def cell_name(*, row: int, column: int) -> str:
    """Where a spreadsheet shows a cell: row 7, column 2 (counted from 0) is "C7"."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def read_page(source: Source, *, refused: type[PageRefused] = PageRefused) -> Page:
    """The rows of a CSV file; raises `refused` if it is too large, isn't UTF-8 text or isn't CSV."""
    try:
        return _as_page(_read_records(_as_text(_read_capped(source))))
    except PageRefused as refusal:
        raise refused(refusal.errors) from None


def _read_capped(source: Source) -> bytes:
    stream: Readable = io.BytesIO(source) if isinstance(source, bytes) else source
    data = bytearray()
    while piece := stream.read(_PIECE):
        data += piece
        if len(data) > MAX_BYTES:
            raise PageRefused(["The file is larger than 10 MB; a plan sheet is far smaller. Choose another file."])
    return bytes(data)


def _as_text(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise PageRefused([f"This is an Excel workbook, not a CSV file. {_HOW_TO_SAVE}"])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise PageRefused([f"The file is written in UTF-16, not in UTF-8. {_HOW_TO_SAVE}"])
    zero = data.find(b"\0")
    if zero >= 0:
        raise PageRefused(
            [f"Line {_line(data, zero)} holds a NUL character, so this is not a text file. {_HOW_TO_SAVE}"]
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With a byte-order mark, the codec counts from behind it.
        start = error.start + (len(data) - len(error.object))
        raise PageRefused(
            [f"Line {_line(data, start)} is not UTF-8 text (byte 0x{data[start]:02X}). {_HOW_TO_SAVE}"]
        ) from None


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _read_records(text: str) -> list[PageRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[PageRow] = []
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MAX_ROWS:
                raise PageRefused([f"The file has more than {MAX_ROWS:,} rows; leave out what is no feature."])
            if any(cell.strip() for cell in cells):
                records.append(PageRow(number, tuple(cells)))
    except csv.Error as error:
        raise PageRefused(
            [f"Line {reader.line_num}: the quotation marks don't pair, or a cell is far too long ({error})."]
        ) from None
    return records


def _as_page(records: Sequence[PageRow]) -> Page:
    if not records:
        raise PageRefused(["The file is empty. Its first row must name the columns."])
    header = tuple(name.strip() for name in records[0].cells)
    if len(header) == 1 and header[0].count(";") > 1:
        raise PageRefused(["The columns are divided by semicolons; save the file with commas between them."])
    if len(header) > MAX_COLUMNS:
        raise PageRefused([f"The file has {len(header):,} columns; at most {MAX_COLUMNS} are read."])
    rows = [row for row in records[1:] if len(row.cells) == len(header)]
    ragged = [row for row in records[1:] if len(row.cells) != len(header)]
    return Page(header, tuple(rows), (*_header_problems(header), *(_say_ragged(row, header) for row in ragged)))


def _header_problems(header: Sequence[str]) -> list[str]:
    problems, seen = [], dict[str, int]()
    for column, name in enumerate(header):
        place = cell_name(row=1, column=column)
        if not name:
            problems.append(f"{place}: this column has no name; name it, or delete the column.")
        elif name.casefold() in seen:
            first = cell_name(row=1, column=seen[name.casefold()])
            problems.append(f"{place}: '{name}' is the name of two columns, here and in {first}; keep one of them.")
        seen.setdefault(name.casefold(), column)
    return problems


def _say_ragged(row: PageRow, header: Sequence[str]) -> str:
    place = cell_name(row=row.number, column=0)
    return (
        f"{place}: row {row.number} has {len(row.cells)} cells, the header {len(header)}; "
        "put a text with a comma into double quotes."
    )
