"""An Excel workbook as a table: one visible sheet, what its cells show, nothing run and nothing followed."""

import posixpath
from dataclasses import dataclass

from catalog.domain.tables import MAX_TEXT, Table, TableRefused, as_table
from catalog.domain.workbook_parts import MAX_INFLATED, Attributes, Package, open_package, read_xml
from catalog.domain.workbook_sheets import Book, SheetReader, unescaped
from catalog.domain.workbook_styles import read_looks

MAX_STRINGS = 500_000


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    part: str


def read_workbook(data: bytes, *, preferring: str = "") -> Table:
    """The table on the first visible sheet, or on the visible sheet of the name preferred."""
    package = open_package(data)
    sheets, since_1904 = _sheets(package)
    sheet = next((one for one in sheets if one.name.casefold() == preferring.casefold()), sheets[0])
    book = Book(_strings(package), read_looks(package), since_1904)
    reader = SheetReader(book)
    rows = reader.rows(package, sheet.part)
    others = ", ".join(f"“{one.name[:40]}”" for one in sheets if one is not sheet)
    notes = [f"Only the sheet “{sheet.name[:40]}” was read, not {others}."] if others else []
    return as_table(rows, form="xlsx", ragged=False, notes=[*notes, *reader.notes()])


def _sheets(package: Package) -> tuple[list[_Sheet], bool]:
    targets: dict[str, str] = {}

    def related(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")

    if package.has("xl/_rels/workbook.xml.rels"):
        read_xml(package.pieces("xl/_rels/workbook.xml.rels"), start=related)
    found: list[_Sheet] = []
    since_1904 = False

    def listed(name: str, attributes: Attributes) -> None:
        nonlocal since_1904
        if name == "workbookPr":
            since_1904 = attributes.get("date1904", "") in {"1", "true"}
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            part = targets.get(next((value for key, value in attributes.items() if key.endswith(":id")), ""), "")
            if "worksheets/" in part and package.has(part):
                found.append(_Sheet(attributes.get("name", ""), part))

    read_xml(package.pieces("xl/workbook.xml"), start=listed)
    if not found:
        raise TableRefused("The workbook has no visible sheet with cells. Show the sheet, save, and import again.")
    return found, since_1904


def _strings(package: Package) -> list[str]:
    """The texts cells point to. Pronunciation hints beside them are left out."""
    strings: list[str] = []
    if not package.has("xl/sharedStrings.xml"):
        return strings
    parts: list[str] = []
    hint, inside, characters = 0, False, 0

    def start(name: str, _: Attributes) -> None:
        nonlocal hint, inside
        hint += name == "rPh"
        inside = name == "t" and not hint

    def end(name: str) -> None:
        nonlocal hint, inside
        inside = False
        hint -= name == "rPh"
        if name == "si":
            strings.append(unescaped("".join(parts)))
            parts.clear()
            if len(strings) > MAX_STRINGS:
                raise TableRefused(f"The workbook holds more than {MAX_STRINGS:,} different texts. Import it in parts.")

    def text(piece: str) -> None:
        nonlocal characters
        if inside:
            characters += len(piece)
            if characters > MAX_TEXT:
                raise TableRefused(f"The workbook holds more than {MAX_TEXT:,} characters of text. Import it in parts.")
            parts.append(piece)

    read_xml(package.pieces("xl/sharedStrings.xml", most=MAX_INFLATED), start=start, end=end, text=text)
    return strings
