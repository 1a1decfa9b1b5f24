"""What a number in a workbook looks like to the person who sees it, and a sheet bent in small ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.files import read_file
from catalog.domain.tables import TableRefused, cell_name, column_name
from catalog.domain.workbook_styles import Look, Unreadable, look_of, say_number
from tests.payloads.hostile.workbooks import bent, plain, rows, several_sheets


@pytest.mark.parametrize(
    ("code", "look"),
    [
        ("", Look.PLAIN),
        ("General", Look.PLAIN),
        ("0.00", Look.PLAIN),
        ("#,##0", Look.PLAIN),
        ('0 "days"', Look.PLAIN),
        ("0 \\d", Look.PLAIN),
        ("[Red]0", Look.PLAIN),
        ("yyyy-mm-dd", Look.DATE),
        ("d. mmmm yyyy", Look.DATE),
        ("[$-407]d. mmmm yyyy;@", Look.DATE),
        ("hh:mm AM/PM", Look.DATE),
        ("[h]:mm:ss", Look.ELAPSED),
        ("[mm]:ss", Look.ELAPSED),
        ("0%", Look.PERCENT),
        ("0.00 %", Look.PERCENT),
        ('"$"#,##0.00', Look.DOLLAR),
        ("[$$-409]#,##0.00", Look.DOLLAR),
        ("#,##0.00 [$€-407]", Look.EURO),
        ("[$£-809]#,##0", Look.POUND),
        ('_-* #,##0.00 "€"_-;-* #,##0.00 "€"_-', Look.EURO),
    ],
)
def test_a_format_shows_what_a_number_is(code: str, look: Look) -> None:
    assert look_of(200, code) is look


@pytest.mark.parametrize(
    ("number", "look"), [(0, Look.PLAIN), (9, Look.PERCENT), (10, Look.PERCENT), (14, Look.DATE), (22, Look.DATE),
                         (45, Look.DATE), (46, Look.ELAPSED), (49, Look.PLAIN)]
)  # fmt: skip
def test_the_formats_every_workbook_has_are_known(number: int, look: Look) -> None:
    assert look_of(number, "") is look


@pytest.mark.parametrize(
    ("raw", "look", "said"),
    [
        ("0", Look.PLAIN, "0"),
        ("-5", Look.PLAIN, "-5"),
        ("1.0", Look.PLAIN, "1"),
        ("1E3", Look.PLAIN, "1000"),
        ("0.1", Look.PLAIN, "0.1"),
        ("0.30000000000000004", Look.PLAIN, "0.30000000000000004"),
        ("1E-7", Look.PLAIN, "0.0000001"),
        ("12345678901234567890", Look.PLAIN, "12345678901234567000"),
        ("0.2", Look.PERCENT, "20 %"),
        ("0.125", Look.PERCENT, "12.5 %"),
        ("25", Look.DOLLAR, "$25"),
        ("2.5", Look.POUND, "£2.5"),
        ("61", Look.DATE, "1900-03-01"),
        ("46113", Look.DATE, "2026-04-01"),
        ("46113.5", Look.DATE, "2026-04-01 12:00"),
        ("46113.000011574", Look.DATE, "2026-04-01 00:00:01"),
        ("2958465", Look.DATE, "9999-12-31"),
    ],
)
def test_a_number_is_said_as_it_is_shown(raw: str, look: Look, said: str) -> None:
    assert say_number(raw, look, since_1904=False) == said


def test_workbooks_of_old_macintoshes_count_from_1904() -> None:
    assert say_number("0", Look.DATE, since_1904=True) == "1904-01-01"
    assert say_number("44651", Look.DATE, since_1904=True) == "2026-04-01"


@pytest.mark.parametrize(
    ("raw", "look"),
    [("", Look.PLAIN), ("x", Look.PLAIN), ("NaN", Look.PLAIN), ("-Infinity", Look.PLAIN), ("1e400", Look.PLAIN),
     ("1e200", Look.PLAIN), ("1e-200", Look.PLAIN), ("60", Look.DATE), ("-1", Look.DATE), ("2958466", Look.DATE),
     ("1", Look.ELAPSED)],
)  # fmt: skip
def test_what_is_no_honest_number_is_not_guessed(raw: str, look: Look) -> None:
    with pytest.raises(Unreadable):
        say_number(raw, look, since_1904=False)


@given(st.integers(-(10**15), 10**15))
def test_every_whole_number_is_said_exactly(number: int) -> None:
    assert say_number(str(number), Look.PLAIN, since_1904=False) == str(number)


@given(st.floats(min_value=-1e15, max_value=1e15, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-15))
def test_every_double_is_said_so_that_it_is_the_same_double(number: float) -> None:
    said = say_number(repr(number), Look.PLAIN, since_1904=False)
    assert float(said) == number
    assert "e" not in said.casefold()


@given(st.integers(0, 20_000))
def test_columns_are_named_as_spreadsheets_name_them(column: int) -> None:
    number = 0
    for letter in column_name(column):
        number = number * 26 + ord(letter) - ord("A") + 1
    assert number - 1 == column


def test_a_cell_is_named_by_column_and_row() -> None:
    assert [cell_name(row=7, column=column) for column in (0, 25, 26, 701, 702)] == ["A7", "Z7", "AA7", "ZZ7", "AAA7"]


def test_the_sheet_that_bears_the_wanted_name_is_read_and_else_the_first() -> None:
    data = several_sheets()
    assert read_file(data, preferring="MARKETS").header == ("key", "name")
    assert read_file(data).header == ("not", "this")


def test_prefixed_names_are_read_like_plain_ones() -> None:
    def prefixed(sheet: bytes) -> bytes:
        opened = sheet.replace(b"xmlns=", b"xmlns:x=").replace(b"</", b"</x:").replace(b"<", b"<x:")
        return opened.replace(b"<x:/x:", b"</x:").replace(b"<x:?", b"<?")

    assert read_file(bent(sheet=prefixed)).lines[0].cells == ("nl", "Netherlands")


def test_cells_without_an_address_follow_each_other() -> None:
    table = read_file(
        rows('<row><c t="inlineStr"><is><t>be</t></is></c><c t="inlineStr"><is><t>Belgium</t></is></c></row>')
    )
    assert table.lines[-1].cells == ("be", "Belgium")


def test_a_row_keeps_the_number_the_spreadsheet_shows() -> None:
    table = read_file(rows('<row r="40"><c r="A40" t="inlineStr"><is><t>be</t></is></c></row>'))
    assert [line.number for line in table.lines] == [2, 40]


def test_a_cell_beyond_the_headings_is_a_problem_of_its_row() -> None:
    table = read_file(rows('<row r="3"><c r="A3"><v>1</v></c><c r="D3"><v>2</v></c></row>'))
    assert table.lines[0].problems == ()
    assert "D3 stands in a column without a heading" in table.lines[1].problems[0]


def test_a_merged_cell_below_the_filled_rows_harms_nobody() -> None:
    merged = bent(
        sheet=lambda s: s.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A9:B9"/></mergeCells>')
    )
    assert len(read_file(merged).lines) == 1


def told(data: bytes) -> str:
    """How the reader takes the bytes: any exception but a refusal would end the test."""
    try:
        return read_file(data).form
    except TableRefused as refused:
        return str(refused)


@given(st.binary(max_size=400))
def test_no_bytes_whatever_do_more_than_be_refused(data: bytes) -> None:
    assert told(data)


@given(st.binary(min_size=1, max_size=8), st.integers(0, 4_000))
def test_a_workbook_with_any_bytes_overwritten_is_read_or_refused(garbage: bytes, place: int) -> None:
    data = bytearray(plain())
    data[place % len(data) : place % len(data) + len(garbage)] = garbage
    assert told(bytes(data))


@given(st.text('<>/="&; crstv019xA:', min_size=1, max_size=12), st.integers(0, 2_000))
def test_a_sheet_with_any_marks_strewn_in_is_read_or_refused(marks: str, place: int) -> None:
    assert told(bent(sheet=lambda sheet: sheet[: place % len(sheet)] + marks.encode() + sheet[place % len(sheet) :]))
