"""One sheet of a workbook, row by row: what each cell shows, and what keeps it from being read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from catalog.domain.tables import MAX_COLUMNS, MAX_ROWS, Meter, RawRow, TableRefused, cell_name
from catalog.domain.workbook_parts import BROKEN, MAX_INFLATED, Attributes, Done, Package, read_xml
from catalog.domain.workbook_styles import Look, Unreadable, say_number

PHANTOM = 1_000  # so many empty rows one after another, and only a search for a value goes on
_LAST_COLUMN = 16_384
_MERGED_SHOWN = 3
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t|is)[\s>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell ref=\"([A-Z0-9:]{2,20})\"")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_EMPTY = ""


@dataclass(frozen=True, slots=True)
class Book:
    """What cells need to know of the workbook around them."""

    strings: Sequence[str]
    looks: Sequence[Look]
    since_1904: bool


def unescaped(text: str) -> str:
    """Workbooks write some characters as _x000D_; a carriage return before a line feed says nothing more."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(slots=True)
class SheetReader:
    """Reads the rows of one sheet. Its state is that of the row and the cell the parser is in."""

    book: Book
    meter: Meter = field(default_factory=Meter)
    formulas: int = 0
    phantom: int = 0
    filled: list[RawRow] = field(default_factory=list)
    number: int = 0
    cells: dict[int, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    column: int = -1
    kind: str = ""
    look: Look = Look.PLAIN
    formula: bool = False
    taking: bool = False
    hint: bool = False
    said: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    def rows(self, package: Package, part: str) -> list[RawRow]:
        pieces = package.pieces(part, most=MAX_INFLATED)
        read_xml(self._until_phantom(pieces), start=self._start, end=self._end, text=self._text)
        self._refuse_merged()
        return self.filled

    def notes(self) -> list[str]:
        told = []
        if self.formulas:
            told.append(f"{self.formulas:,} cells hold a formula; the result last shown was read.")
        if self.phantom > PHANTOM:
            told.append("Empty rows at the end of the sheet were left out.")
        return told

    def _until_phantom(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The sheet up to a long run of empty rows. Behind it only a value would matter, and that is searched for."""
        for piece in pieces:
            yield piece
            if self.phantom > PHANTOM:
                self._search_rest(pieces)
                raise Done

    def _search_rest(self, pieces: Iterator[bytes]) -> None:
        behind = b""
        for piece in pieces:
            if _VALUE.search(behind + piece):
                self._refuse_gap()
            self.merged += [ref.decode("ascii", "replace") for ref in _MERGED.findall(behind + piece)]
            behind = piece[-64:]

    def _last_filled(self) -> int:
        return self.filled[-1].number if self.filled else 0

    def _start(self, name: str, attributes: Attributes) -> None:
        match name:
            case "c":
                self._start_cell(attributes)
            case "v" | "t":
                self.taking = not self.hint
            case "f":
                self.formula = True
            case "row":
                self._start_row(attributes)
            case "rPh":
                self.hint = True
            case "mergeCell":
                self.merged.append(attributes.get("ref", "")[:20])

    def _start_row(self, attributes: Attributes) -> None:
        given = attributes.get("r", "")
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else self.number + 1
        if number <= self.number:
            raise TableRefused(BROKEN)
        self.number, self.cells, self.faults, self.column = number, {}, [], -1

    def _start_cell(self, attributes: Attributes) -> None:
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        column = _column_number(found.group(1)) if found else self.column + 1
        if column <= self.column or column >= _LAST_COLUMN:
            raise TableRefused(BROKEN)
        self.column, self.kind = column, attributes.get("t", "n")
        style = attributes.get("s", "0")
        place = int(style) if style.isascii() and style.isdigit() and len(style) < 7 else 0
        self.look = self.book.looks[place] if place < len(self.book.looks) else Look.PLAIN
        self.formula, self.said = False, []

    def _text(self, piece: str) -> None:
        if self.taking:
            self.said.append(piece)

    def _end(self, name: str) -> None:
        match name:
            case "v" | "t":
                self.taking = False
            case "c":
                self._end_cell()
            case "row":
                self._end_row()
            case "rPh":
                self.hint = False

    def _end_cell(self) -> None:
        raw = "".join(self.said)
        if self.formula:
            self.formulas += 1
            if not raw and self.kind != "str":
                self._fault("holds a formula whose result isn't saved; write the result itself")
        if raw:
            self._take(raw)

    def _take(self, raw: str) -> None:
        text = self._read(raw)
        if not text:
            return
        if self.column >= MAX_COLUMNS and text.strip():
            raise TableRefused(
                f"{self._place()} stands beyond column {MAX_COLUMNS}; at most {MAX_COLUMNS} are read. Delete the others."
            )
        self.meter.cell(self.number, self.column, text)
        self.cells[self.column] = text

    def _read(self, raw: str) -> str:
        match self.kind:
            case "s":
                return self._shared(raw)
            case "str" | "inlineStr":
                return unescaped(raw)
            case "b":
                return "yes" if raw == "1" else "no"
            case "e":
                return self._fault(f"shows the error {raw[:20]}; mend it in the spreadsheet")
            case "d":
                return raw.removesuffix("T00:00:00")
            case _:
                try:
                    return say_number(raw, self.look, since_1904=self.book.since_1904)
                except Unreadable as unreadable:
                    return self._fault(str(unreadable))

    def _shared(self, raw: str) -> str:
        place = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else -1
        if not 0 <= place < len(self.book.strings):
            raise TableRefused(BROKEN)
        return self.book.strings[place]

    def _fault(self, what: str) -> str:
        self.faults.append(f"{self._place()} {what}.")
        return _EMPTY

    def _place(self) -> str:
        return cell_name(row=self.number, column=self.column)

    def _end_row(self) -> None:
        if not self.faults and not any(cell.strip() for cell in self.cells.values()):
            self.phantom += 1
            return
        if self.phantom > PHANTOM:
            self._refuse_gap()
        self.phantom = 0
        self.meter.rows += 1
        if self.meter.rows > MAX_ROWS + 1:
            raise TableRefused(
                f"The sheet has more than {MAX_ROWS:,} filled rows. Import it in parts of at most {MAX_ROWS:,} rows."
            )
        width = max(self.cells, default=-1) + 1
        cells = [self.cells.get(column, "") for column in range(width)]
        self.filled.append(RawRow(self.number, cells, tuple(self.faults)))

    def _refuse_gap(self) -> None:
        raise TableRefused(
            f"Below row {self._last_filled()} come more than {PHANTOM:,} empty rows and then filled ones. "
            "Delete the empty rows, save, and import again."
        )

    def _refuse_merged(self) -> None:
        """A merged cell has a value in its first corner only, and nobody can tell what the others mean."""
        last = self._last_filled()
        touching = [ref for ref in self.merged if _first_row(ref) <= last]
        if touching:
            told = ", ".join(touching[:_MERGED_SHOWN]) + (" and others" if len(touching) > _MERGED_SHOWN else "")
            raise TableRefused(f"{told}: merged cells can't be read row by row. Unmerge them and fill each cell.")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _first_row(reference: str) -> int:
    found = _REFERENCE.match(reference)
    return int(found.group(2)) if found else 0
