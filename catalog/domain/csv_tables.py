"""CSV, as spreadsheets of several countries save it: divided by commas, semicolons or tabs, in UTF-8 or marked UTF-16.

An encoding is believed, never guessed: a wrong guess would write wrong letters into the catalog.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from catalog.domain.tables import MAX_CELL, MAX_COLUMNS, Meter, RawRow, Table, TableRefused, as_table

_HOW_TO_SAVE = "In the spreadsheet choose Save as, then “CSV UTF-8” or “Excel workbook (.xlsx)”."
_DIVIDERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def read_csv(data: bytes) -> Table:
    """The table in the bytes of a CSV file; raises TableRefused if it is no text or no CSV."""
    text = _as_text(data)
    divider = _divider_of(text)
    notes = [] if divider == "," else [f"The columns are divided by {_DIVIDERS[divider]}; they were read as such."]
    return as_table(_rows(text, divider), form="csv", ragged=True, notes=notes)


def _as_text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise TableRefused(f"The file is written in UTF-32. {_HOW_TO_SAVE}")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, "utf-16", "UTF-16")
    zero = data.find(b"\0")
    if zero >= 0:
        if _looks_like_utf_16(data):
            raise TableRefused(f"The file seems to be UTF-16 without a mark that says so. {_HOW_TO_SAVE}")
        line = data.count(b"\n", 0, zero) + 1
        raise TableRefused(f"Line {line} holds a NUL character, so this is not a text file. {_HOW_TO_SAVE}")
    return _decoded(data, "utf-8-sig", "UTF-8")


def _looks_like_utf_16(data: bytes) -> bool:
    sample = data[:2_000]
    return max(sample[::2].count(0), sample[1::2].count(0)) > len(sample) // 4


def _decoded(data: bytes, codec: str, called: str) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        read = len(data) - len(error.object) + error.start  # with a mark, the codec counts from behind it
        line = data.count(b"\n", 0, read) + 1
        raise TableRefused(f"Line {line} is not {called} text. {_HOW_TO_SAVE}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TableRefused(f"Line {line} holds a NUL character, so this is not a text file. {_HOW_TO_SAVE}")
    return text


def _divider_of(text: str) -> str:
    """What divides the headings: the character that stands most often in the first filled line outside quotes."""
    start = re.search(r"[^\r\n]+", text)
    line = _QUOTED.sub("", start.group(0)[: MAX_COLUMNS * 100]) if start else ""
    return max(_DIVIDERS, key=lambda divider: (line.count(divider), divider == ","))


def _rows(text: str, divider: str) -> Iterator[RawRow]:
    meter = Meter()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise TableRefused(_say_broken(reader.line_num, error)) from None
        if cells is None:
            return
        if any(cells):
            meter.row(number, cells)
            yield RawRow(number, [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells])


def _say_broken(line: int, error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"A cell up to line {line} holds more than {MAX_CELL:,} characters, or a quotation mark is missing."
    return f'Up to line {line} the quotation marks don\'t pair; inside a quoted cell write “""” for one of them.'
