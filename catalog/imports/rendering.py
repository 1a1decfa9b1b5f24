"""Tables as files: CSV and XLSX, the same bytes for the same records, and no cell that could start a formula."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from tablib import Dataset

from catalog.domain.formula_guard import guarded
from catalog.domain.tables import CAPS
from catalog.imports.table import Table

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can tell
_MADE = b"2000-01-01T00:00:00Z"
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NEVER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML can't hold
_WIDEST = 60
_NARROWEST = 12
WRONG = "What is wrong"


class Form(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        return {
            "csv": "text/csv; charset=utf-8",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }[self.value]


def exported(table: Table) -> Dataset:
    """All records of the table, under the headings of its columns."""
    dataset: Dataset = table.export(list(table.records()))
    dataset.title = table.title
    return dataset


def render(dataset: Dataset, form: Form, *, notes: Sequence[Sequence[str]] = ()) -> bytes:
    """The bytes of a file; `notes` become a second sheet of a workbook."""
    headings, rows = list(dataset.headers or ()), [[str(cell) for cell in row] for row in dataset]
    safe = [[guarded(cell) for cell in row] for row in (headings, *rows)]
    if form is Form.CSV:
        text: str = Dataset(*safe[1:], headers=safe[0]).export("csv")
        return b"\xef\xbb\xbf" + text.encode()
    return _workbook(str(dataset.title or "Records"), safe, notes)


def template(table: Table, form: Form) -> bytes:
    """The headings without records; a workbook also says what to write in each column."""
    dataset = Dataset(headers=[column.heading for column in table.columns.values()], title=table.title)
    notes = [["Column", "What to write", "Must be filled"]]
    notes += [[column.heading, column.note, "yes" if column.required else ""] for column in table.columns.values()]
    return render(dataset, form, notes=[*notes, ["", "", ""], [table.what, "", ""], [CAPS, "", ""]])


def annotated(title: str, header: Sequence[str], rows: Iterable[tuple[Sequence[str], str]], form: Form) -> bytes:
    """The file as it was brought, with a last column that says what is wrong with each row."""
    dataset = Dataset(headers=[*header, WRONG], title=title)
    for cells, told in rows:
        dataset.append([*cells, told])
    return render(dataset, form)


def _workbook(title: str, rows: Sequence[Sequence[str]], notes: Sequence[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    for name, lines in ((title, rows), *([("Notes", notes)] if notes else [])):
        sheet = book.create_sheet(re.sub(r"[\\*?:/\[\]]", " ", name)[:31])
        sheet.freeze_panes = "A2"
        for number, width in _widths(lines).items():
            sheet.column_dimensions[get_column_letter(number)].width = width
        for place, line in enumerate(lines):
            sheet.append([_cell(sheet, text, heading=place == 0) for text in line])
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def _widths(lines: Sequence[Sequence[str]]) -> Mapping[int, int]:
    columns = zip(*lines[:200], strict=False)
    longest = (max((max(map(len, text.split("\n"))) for text in column), default=0) for column in columns)
    return {number: min(max(most + 2, _NARROWEST), _WIDEST) for number, most in enumerate(longest, start=1)}


def _cell(sheet: object, text: str, *, heading: bool) -> object:
    """Every cell is text: a key such as 007 or 1e5 must come back as it was."""
    if not text:
        return None
    cell = WriteOnlyCell(sheet, value="")
    cell.value = _ESCAPED.sub("_x005F_", _NEVER.sub("\N{REPLACEMENT CHARACTER}", text))
    cell.data_type, cell.number_format = "s", "@"
    cell.font, cell.alignment = Font(bold=heading), Alignment(wrap_text="\n" in text, vertical="top")
    return cell


def _timeless(data: bytes) -> bytes:
    """The same workbook without the moment at which it was written, so that the same records give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, _FIRST_DAY)
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(part, _MOMENT.sub(rb"\g<1>" + _MADE + rb"\g<2>", source.read(name)))
    return out.getvalue()
