"""Files as they leave the desk: no formula, no moment, nothing lost; read back by our reader and by another's."""

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tablib import Dataset

from catalog.domain.entries import prose
from catalog.domain.files import read_file
from catalog.domain.formula_guard import guarded, unguarded
from catalog.imports.rendering import WRONG, Form, annotated, render, template
from catalog.imports.tables import TABLES, table_of
from tests.conftest import AT

WRITABLE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf"), include_characters="\n\t=+-@'"), max_size=40)


@given(st.text())
def test_a_guarded_text_never_starts_a_formula(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.text())
def test_a_guard_is_taken_off_as_it_was_put_on(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+31 20", "-5", "@SUM(A1)", "\t=1", " =1", "'=1", "＝1", "=cmd|' /C calc'!A0"]
)
def test_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "8 GB", "'tis", "a=b", "5-4", "e@mail", "yes"])
def test_plain_words_are_left_as_they_are(text: str) -> None:
    assert (guarded(text), unguarded(text)) == (text, text)


@given(cells=st.lists(st.lists(WRITABLE, min_size=3, max_size=3), max_size=4), form=st.sampled_from(list(Form)))
def test_every_cell_comes_back(cells: list[list[str]], form: Form) -> None:
    rows = [["x", *row] for row in cells]  # a row without anything in it is no row
    table = read_file(render(Dataset(*rows, headers=["key", "a", "b", "c"], title="T"), form))
    back = [[unguarded(cell) for cell in line.cells] for line in table.lines]
    assert [[prose(cell) for cell in row] for row in back] == [[prose(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("form", list(Form))
def test_the_same_records_give_the_same_bytes(form: Form) -> None:
    data = Dataset(["nl", "Netherlands"], headers=["key", "name"], title="Markets")
    assert render(data, form) == render(data, form)


def test_another_reader_finds_texts_in_a_workbook_and_no_formulas() -> None:
    data = render(Dataset(["007", "=1+1", "_x0041_"], headers=["a", "b", "c"], title="T"), Form.XLSX)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in sheet[2]] == ["007", "'=1+1", "_x005F_x0041_"]
    assert {cell.data_type for cell in sheet[2]} == {"s"}
    assert sheet.freeze_panes == "A2"


@pytest.mark.django_db
@pytest.mark.parametrize("slug", list(TABLES))
def test_a_template_names_every_column_and_says_what_to_write(slug: str) -> None:
    table = table_of(slug, at=AT)
    book = openpyxl.load_workbook(io.BytesIO(template(table, Form.XLSX)))
    headings = [column.heading for column in table.columns.values()]
    assert [cell.value for cell in book.worksheets[0][1]] == headings
    assert [row[0].value for row in book["Notes"].iter_rows(min_row=2, max_row=len(headings) + 1)] == headings
    assert template(table, Form.CSV).decode("utf-8-sig").startswith(headings[0])


def test_notes_stand_beside_the_rows_they_are_about() -> None:
    rows = [(["nl", "=N"], ""), (["NL", "N"], "Key: “NL” is no key.")]
    table = read_file(annotated("T", ["key", "name"], rows, Form.CSV))
    assert table.header[-1] == WRONG
    assert [line.cells for line in table.lines] == [("nl", "'=N", ""), ("NL", "N", "Key: “NL” is no key.")]
