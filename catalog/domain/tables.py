"""A file of rows as people save it from a spreadsheet, read with care: counted while it is read, never guessed.

What makes a whole file unreadable raises TableRefused with a sentence; what is wrong with one row travels with that
row as a problem, so that the others can still be looked at. Caps hold for what was really read, not for what a
file says of itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

MAX_BYTES = 5_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 100_000  # characters
MAX_CELLS = 500_000  # that hold something
MAX_TEXT = 12_000_000  # characters in all
CAPS = "At most 5 MB, 20,000 rows, 200 columns and 100,000 characters a cell."


class TableRefused(ValueError):
    """Nothing of the file was taken; the sentence says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row with the number a spreadsheet shows beside it; as many cells as the header has columns."""

    number: int
    cells: tuple[str, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. `notes` tell the reader what was left out or taken in another way than it looks."""

    form: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in the file, before the header is known; `faults` are problems of its cells."""

    number: int
    cells: Sequence[str]
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class Meter:
    """Counts what comes out of a file and stops it at the caps."""

    rows: int = 0
    cells: int = 0
    characters: int = 0

    def row(self, number: int, cells: Sequence[str]) -> None:
        self.rows += 1
        if self.rows > MAX_ROWS + 1:
            raise TableRefused(
                f"The file has more than {MAX_ROWS:,} filled rows. Import it in parts of at most {MAX_ROWS:,} rows."
            )
        for column, cell in enumerate(cells):
            if cell:
                self.cell(number, column, cell)

    def cell(self, number: int, column: int, cell: str) -> None:
        if len(cell) > MAX_CELL:
            place = cell_name(row=number, column=column)
            raise TableRefused(f"{place} holds {len(cell):,} characters; at most {MAX_CELL:,} are read. Shorten it.")
        self.cells += 1
        self.characters += len(cell)
        if self.cells > MAX_CELLS or self.characters > MAX_TEXT:
            raise TableRefused(
                f"The file holds more than {MAX_CELLS:,} filled cells or {MAX_TEXT:,} characters. Import it in parts."
            )


@dataclass(slots=True)
class _Shape:
    """What the header settles for every row below it."""

    header: tuple[str, ...]
    columns: tuple[int, ...]
    notes: list[str] = field(default_factory=list)


def cell_name(*, row: int, column: int) -> str:
    """Where a spreadsheet shows a cell: row 7, column 2 (counted from 0) is "C7"."""
    return f"{column_name(column)}{row}"


def column_name(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def as_table(rows: Iterable[RawRow], *, form: str, ragged: bool, notes: Sequence[str] = ()) -> Table:
    """The rows below the first filled one, each as wide as it. `ragged`: in this form a narrower row is a mistake."""
    filled = (row for row in rows if row.faults or any(cell.strip() for cell in row.cells))
    first = next(filled, None)
    if first is None:
        raise TableRefused("The file is empty. Its first row must name the columns.")
    shape = _read_header(first)
    lines = tuple(_lines(filled, shape, ragged=ragged))
    return Table(form, shape.header, lines, (*notes, *shape.notes))


def _read_header(row: RawRow) -> _Shape:
    if row.faults:
        raise TableRefused(f"The row of headings can't be read: {row.faults[0]}")
    names = [" ".join(cell.split()) for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise TableRefused(f"The file has {len(names):,} columns; at most {MAX_COLUMNS} are read. Delete the others.")
    seen: dict[str, int] = {}
    for column, name in enumerate(names):
        place = cell_name(row=row.number, column=column)
        if not name:
            raise TableRefused(f"{place}: this column has no heading. Name it, or delete the column.")
        first = seen.setdefault(name.casefold(), column)
        if first != column:
            other = cell_name(row=row.number, column=first)
            raise TableRefused(f"Two columns are called “{name}”, {other} and {place}. Rename or delete one of them.")
    return _Shape(tuple(names), tuple(range(len(names))))


def _lines(rows: Iterable[RawRow], shape: _Shape, *, ragged: bool) -> Iterator[Line]:
    width = len(shape.header)
    for row in rows:
        cells, problems = list(row.cells), list(row.faults)
        beyond = [column for column, cell in enumerate(cells[width:], start=width) if cell.strip()]
        if beyond:
            place = cell_name(row=row.number, column=beyond[0])
            problems.append(f"{place} stands in a column without a heading; a text with a comma needs double quotes.")
        elif ragged and len(cells) != width:
            problems.append(
                f"This row has {len(cells)} cells and the row of headings {width}; "
                "put a text with a comma into double quotes."
            )
        cells = [*cells[:width], *[""] * (width - len(cells))]
        yield Line(row.number, tuple(cells), tuple(problems))
