"""A support promise as a sheet: severities down, tiers across, a response target in each cell.

Pure: bytes in, values out. Every fault of the file is collected and named by its cell, as a spreadsheet names it;
nothing partial is returned.
"""

import csv
import io
import re
from dataclasses import dataclass

from journal.domain.refusal import Refusal
from support.domain.targets import Target, UnreadableTarget, parse_target

LARGEST = 1_000_000
MOST_ROWS = 50
MOST_FAULTS = 50
FIXED = ("severity", "meaning")


class SheetRefused(Refusal):
    """The file can't be read as a support promise."""

    code = "sheet_refused"

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults), field="targets")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class SheetSeverity:
    key: str
    name: str
    meaning: str
    position: int


@dataclass(frozen=True, slots=True)
class SheetTarget:
    severity: str
    target: Target
    source_text: str


@dataclass(frozen=True, slots=True)
class SheetTier:
    key: str
    name: str
    targets: tuple[SheetTarget, ...]


@dataclass(frozen=True, slots=True)
class PromiseSheet:
    severities: tuple[SheetSeverity, ...]
    tiers: tuple[SheetTier, ...]


def read_promise_sheet(content: bytes) -> PromiseSheet:
    rows = _rows(content)
    header, body = rows[0], rows[1:]
    tiers = _tiers(header)
    faults: list[str] = []
    severities = [_severity(row, number, faults) for number, row in enumerate(body, start=2)]
    _find_twins([(each.key, f"A{row}") for row, each in enumerate(severities, start=2)], "severity", faults)
    columns = [_column(name, place, body, severities, faults) for place, name in enumerate(tiers, start=2)]
    if faults:
        raise SheetRefused(faults[:MOST_FAULTS])
    return PromiseSheet(severities=tuple(severities), tiers=tuple(columns))


def _rows(content: bytes) -> list[list[str]]:
    text = _text(content)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SheetRefused([f"The file is not a table of comma-separated values: {error}."]) from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 2:
        raise SheetRefused(["The file holds no severity; below the header, write one severity a row."])
    if len(rows) > MOST_ROWS:
        raise SheetRefused([f"The file has {len(rows) - 1} severities; at most {MOST_ROWS - 1} can be told apart."])
    width = len(rows[0])
    ragged = [
        f"Row {number} has {len(row)} cells, the header has {width}; put cells with a comma in quotation marks."
        for number, row in enumerate(rows, start=1)
        if len(row) != width
    ]
    if ragged:
        raise SheetRefused(ragged)
    return [[cell.strip() for cell in row] for row in rows]


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise SheetRefused(["The file is larger than 1 MB; a support promise is a small table."])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SheetRefused([f"Line {line} is not UTF-8 text; save the sheet as CSV with UTF-8."]) from error
    if "\x00" in text:
        raise SheetRefused(["The file holds characters no sheet has; save it again as CSV with UTF-8."])
    return text


def _tiers(header: list[str]) -> list[str]:
    if tuple(name.lower() for name in header[:2]) != FIXED:
        raise SheetRefused(["A1 and B1 must read severity and meaning; the tiers follow from C1 on."])
    faults: list[str] = []
    names = header[2:]
    if not names:
        faults.append("C1: name at least one support tier.")
    for place, name in enumerate(names, start=2):
        if not slug(name):
            faults.append(f"{address(place, 1)}: {name!r} is not the name of a tier; begin it with a letter.")
    _find_twins([(slug(name), address(place, 1)) for place, name in enumerate(names, start=2)], "tier", faults)
    if faults:
        raise SheetRefused(faults)
    return names


def _severity(row: list[str], number: int, faults: list[str]) -> SheetSeverity:
    """ "2. High" is the severity High in second place; without a number, its row tells its place."""
    numbered = re.fullmatch(r"(?:(\d{1,3})\s*[.)]\s*)?(.*)", row[0])
    place, name = (numbered.group(1), numbered.group(2)) if numbered else (None, "")
    key = slug(name)
    if not key or len(name) > 60:
        faults.append(f"A{number}: {row[0][:80]!r} is not a severity; write for example 1. Urgent.")
    if row[1][:1] in set("=+@"):
        faults.append(f"B{number}: the meaning looks like a formula; write words.")
    return SheetSeverity(key=key, name=name, meaning=row[1], position=int(place) if place else number - 1)


def _column(
    name: str, place: int, body: list[list[str]], severities: list[SheetSeverity], faults: list[str]
) -> SheetTier:
    targets = []
    for number, (row, severity) in enumerate(zip(body, severities, strict=True), start=2):
        try:
            targets.append(SheetTarget(severity.key, parse_target(row[place]), row[place]))
        except UnreadableTarget as error:
            faults.append(f"{address(place, number)} ({name}, {severity.name or row[0]}): {error}")
    return SheetTier(key=slug(name), name=name, targets=tuple(targets))


def _find_twins(keys: list[tuple[str, str]], what: str, faults: list[str]) -> None:
    seen: dict[str, str] = {}
    for key, cell in keys:
        if key and key in seen:
            faults.append(f"{cell} is the same {what} as {seen[key]}; keep one of them.")
        seen.setdefault(key, cell)


def slug(name: str) -> str:
    """The key of a name: "Priority Plus" is priority_plus. Empty where the name can't make one."""
    key = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return key if re.fullmatch(r"[a-z][a-z0-9_]{0,63}", key) else ""


def address(column: int, row: int) -> str:
    """The cell as a spreadsheet names it; columns count from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
