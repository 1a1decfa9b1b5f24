"""A file from a spreadsheet, taken whole or refused whole."""

import io

import pytest

from catalog.domain.csv_page import MAX_BYTES, Page, PageRefused, PageRow, cell_name, read_page


class Endless:
    """A file that never ends, and remembers how much of it was read."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int, /) -> bytes:
        self.given += size
        return b"x" * size


def errors_of(data: bytes) -> str:
    with pytest.raises(PageRefused) as refusal:
        read_page(data)
    return "\n".join(refusal.value.errors)


@pytest.mark.parametrize(
    ("row", "column", "name"),
    [(7, 2, "C7"), (1, 0, "A1"), (3, 25, "Z3"), (3, 26, "AA3"), (9, 51, "AZ9"), (9, 52, "BA9")],
)
def test_a_place_is_named_as_a_spreadsheet_names_it(row, column, name):
    assert cell_name(row=row, column=column) == name


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_page_is_read_with_or_without_a_mark_and_with_any_end_of_line(mark, end):
    data = mark + end.join([b"a,b", b'1,"2,3"', b",", b"4,\xc3\xa9", b""])
    assert read_page(data) == Page(("a", "b"), (PageRow(2, ("1", "2,3")), PageRow(4, ("4", "é"))))


def test_rows_are_numbered_as_the_spreadsheet_shows_them_even_after_a_cell_of_two_lines():
    page = read_page(b'a,b\n"one\ntwo",2\n3,4\n')
    assert [row.number for row in page.rows] == [2, 3]


def test_a_file_over_10_mb_is_refused_without_being_read_whole():
    endless = Endless()
    with pytest.raises(PageRefused, match="The file is larger than 10 MB"):
        read_page(endless)
    assert endless.given < MAX_BYTES + 200_000


def test_50_mb_are_refused():
    assert "larger than 10 MB" in errors_of(b"a,b\n" + b"1,2\n" * 12_500_000)


def test_a_stream_is_read_as_bytes_are():
    assert read_page(io.BytesIO(b"a\n1\n")) == read_page(b"a\n1\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"\n,,\n", "The file is empty"),
        (b"a,b\n1,2\ncaf\xe9,3\n", "Line 3 is not UTF-8 text (byte 0xE9)"),
        (b"\xef\xbb\xbfa,b\n\xff,3\n", "Line 2 is not UTF-8 text (byte 0xFF)"),
        ("a,b\n1,2\n".encode("utf-16"), "written in UTF-16"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"a,b\n1,\x002\n", "Line 2 holds a NUL"),
        (b'a,b\n"1,2\n', "the quotation marks don't pair"),
        (b'a,b\n"1"x,2\n', "Line 2: the quotation marks don't pair"),
        (b"a,b\n" + b"x" * 200_000 + b",2\n", "far too long"),
        (b"a\n" * 3_000, "more than 2,000 rows"),
        (b"\n" * 3_000, "more than 2,000 rows"),
        (b",".join([b"a"] * 61), "61 columns; at most 60"),
        (b"a;b;c\n1;2;3\n", "divided by semicolons"),
    ],
)
def test_what_is_no_page_is_refused_with_its_line_and_a_way_out(data, words):
    assert words in errors_of(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1\n", "A2: row 2 has 1 cells, the header 2"),
        (b"a,b\n1,2\n1,2,3\n", "A3: row 3 has 3 cells"),
        (b"a,b,A\n", "C1: 'A' is the name of two columns, here and in A1"),
        (b"a,,c\n", "B1: this column has no name"),
    ],
)
def test_mistakes_in_the_grid_are_collected(data, words):
    assert any(words in problem for problem in read_page(data).problems)


def test_at_most_fifty_mistakes_are_told_and_the_others_counted():
    refusal = PageRefused([f"mistake {n}" for n in range(60)])
    assert len(refusal.errors) == 51
    assert refusal.errors[-1] == "And 10 more mistakes of this kind."
