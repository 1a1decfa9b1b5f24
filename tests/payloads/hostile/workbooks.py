"""Hostile and odd workbooks: a plain one by another hand's writer, then bent part by part."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

import openpyxl

from tests.payloads.hostile import Hostile, read, refused

SHEET = "xl/worksheets/sheet1.xml"
ONE = (("key", "name"), ("nl", "Netherlands"))


def workbook(fill: Callable[[Any], Any] | None = None) -> bytes:
    """A workbook with one market in it, and what `fill` does to its sheet."""
    book = openpyxl.Workbook()
    book.active.append(["key", "name"])
    book.active.append(["nl", "Netherlands"])
    if fill is not None:
        fill(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def plain() -> bytes:
    return workbook()


def bent(*, drop: str = "", extra: dict[str, bytes] | None = None, **swaps: Callable[[bytes], bytes]) -> bytes:
    """The plain workbook with a part left out, parts added, or the sheet, styles or texts written anew."""
    places = {"sheet": SHEET, "book": "xl/workbook.xml", "styles": "xl/styles.xml"}
    rewritten = {places[name]: swap for name, swap in swaps.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != drop:
                target.writestr(name, rewritten.get(name, lambda same: same)(source.read(name)))
        for name, content in (extra or {}).items():
            target.writestr(name, content)
    return out.getvalue()


def rows(xml: str) -> bytes:
    """A sheet with rows of raw XML below the header and the first market."""
    return bent(sheet=lambda sheet: sheet.replace(b"</sheetData>", xml.encode() + b"</sheetData>"))


def cell(xml: str) -> bytes:
    return rows(f'<row r="3"><c r="A3" t="inlineStr"><is><t>be</t></is></c>{xml}</row>')


def doctype(entity: str) -> bytes:
    def declare(sheet: bytes) -> bytes:
        return f'<?xml version="1.0"?><!DOCTYPE x [{entity}]>'.encode() + sheet.partition(b"?>")[2]

    return bent(sheet=declare)


def bomb(size: int) -> bytes:
    """A sheet that inflates a thousandfold."""
    return bent(sheet=lambda sheet: sheet.replace(b"</sheetData>", b" " * size + b"</sheetData>"))


def lying(data: bytes) -> bytes:
    """The sizes the zip tells of its parts are all 1."""
    start = data.rindex(b"PK\x01\x02", 0, data.index(b"PK\x05\x06"))
    while start >= 0:
        data = data[: start + 24] + struct.pack("<I", 1) + data[start + 28 :]
        start = data.rfind(b"PK\x01\x02", 0, start)
    return data


def locked(data: bytes) -> bytes:
    """Every part marked as encrypted."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = out.find(mark)
        while start >= 0:
            out[start + offset] |= 1
            start = out.find(mark, start + 4)
    return bytes(out)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in parts.items():
            target.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def of_type(value: Any, number_format: str = "") -> bytes:
    def fill(sheet: Any) -> None:
        sheet["B2"].value = value
        if number_format:
            sheet["B2"].number_format = number_format

    return workbook(fill)


def shows(value: str) -> tuple[tuple[str, ...], ...]:
    return (("key", "name"), ("nl", value))


def several_sheets() -> bytes:
    def fill(sheet: Any) -> None:
        sheet.title = "Markets"
        sheet.parent.create_sheet("Other", 0).append(["not", "this"])

    return workbook(fill)


def hidden_first() -> bytes:
    def fill(sheet: Any) -> None:
        hidden = sheet.parent.create_sheet("Secret", 0)
        hidden.append(["not", "this"])
        hidden.sheet_state = "veryHidden"

    return workbook(fill)


def all_hidden() -> bytes:
    return bent(book=lambda book: book.replace(b'state="visible"', b'state="hidden"'))


def phantom(count: int) -> bytes:
    row = '<row r="{0}" s="1" customFormat="1"/>'
    return rows("".join(row.format(number) for number in range(3, 3 + count)))


def gap() -> bytes:
    empty = "".join(f'<row r="{number}"/>' for number in range(3, 5_000))
    return rows(empty + '<row r="6000"><c r="A6000"><v>1</v></c></row>')


def shared(texts: str, *, cells: str = "") -> bytes:
    """Texts kept apart from the cells that point to them, as Excel does."""
    part = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{texts}</sst>'
    row = f'<row r="3"><c r="A3" t="inlineStr"><is><t>be</t></is></c>{cells}</row>'
    return bent(
        extra={"xl/sharedStrings.xml": part.encode()},
        sheet=lambda sheet: sheet.replace(b"</sheetData>", row.encode() + b"</sheetData>"),
    )


def flipped() -> bytes:
    """A few bytes of the sheet are not what was written."""
    data = bytearray(plain())
    middle = data.index(SHEET.encode()) + len(SHEET) + 40
    data[middle : middle + 8] = b"\xff" * 8
    return bytes(data)


def wide(columns: int) -> bytes:
    def fill(sheet: Any) -> None:
        sheet.cell(row=1, column=columns).value = "far"

    return workbook(fill)


LAUGHS = '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {c} "&{p};&{p};">' for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)
READ_FILE = '<!ENTITY x SYSTEM "file:///etc/passwd">'

WORKBOOKS: dict[str, Hostile] = {
    "a plain workbook": read(plain, *ONE),
    "a zip bomb": refused(lambda: bomb(250_000_000), "inflates to far more"),
    "a zip bomb that lies about its size": refused(lambda: lying(bomb(250_000_000)), "can't be read"),
    "a zip in a zip": refused(lambda: zipped(inner_dot_zip=plain()), "without a workbook"),
    "a bomb in a part that is never shown": read(lambda: bent(extra={"xl/media/image1.png": b"\0" * 50_000_000}), *ONE),
    "thousands of parts": refused(lambda: bent(extra={f"xl/x{n}.xml": b"" for n in range(1_001)}), "parts"),
    "a path that leads out": refused(lambda: bent(extra={"../../etc/cron.d/x": b"x"}), "lead out of it"),
    "an absolute path": refused(lambda: bent(extra={"/etc/passwd": b"x"}), "lead out of it"),
    "a path of another system": refused(lambda: bent(extra={"..\\..\\x": b"x"}), "lead out of it"),
    "macros": refused(lambda: bent(extra={"xl/vbaProject.bin": b"x"}), "holds macros"),
    "a link to another workbook": read(
        lambda: bent(extra={"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}), *ONE
    ),
    "an outside entity": refused(lambda: doctype(READ_FILE), "declares entities"),
    "a billion laughs": refused(lambda: doctype(LAUGHS), "declares entities"),
    "broken XML": refused(lambda: bent(sheet=lambda sheet: sheet[:-20]), "is damaged"),
    "XML nested without end": refused(lambda: rows("<a>" * 10_000 + "</a>" * 10_000), "is damaged"),
    "a truncated zip": refused(lambda: plain()[: len(plain()) // 2], "cut off or damaged"),
    "flipped bytes": refused(flipped, "is damaged"),
    "parts locked by a password": refused(lambda: locked(plain()), "a password"),
    "no workbook inside": refused(lambda: bent(drop="xl/workbook.xml"), "without a workbook"),
    "no sheet inside": refused(lambda: bent(drop=SHEET), "no visible sheet"),
    "a text document": refused(
        lambda: zipped(word__document_dot_xml=b"<document/>"), "a text document or a presentation"
    ),
    "an OpenDocument sheet": refused(lambda: zipped(mimetype=b"application/vnd.oasis"), "OpenDocument"),
    "nothing but hidden sheets": refused(all_hidden, "no visible sheet"),
    "a hidden sheet in front": read(hidden_first, *ONE),
    "several sheets": read(several_sheets, *ONE, telling="Only the sheet “Markets” was read, not “Other”"),
    "a million phantom rows": read(lambda: phantom(1_048_573), *ONE, telling="Empty rows at the end"),
    "values far below the others": refused(gap, "more than 1,000 empty rows"),
    "twenty thousand rows and one": refused(
        lambda: rows("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(3, 20_004))),
        "more than 20,000 filled rows",
    ),
    "sixteen thousand columns, in Excel": refused(lambda: wide(16_384), "beyond column 200"),
    "a column beyond the last": refused(lambda: cell('<c r="XFE3"><v>1</v></c>'), "is damaged"),
    "cells out of order": refused(lambda: rows('<row r="3"><c r="B3"/><c r="A3"/></row>'), "is damaged"),
    "rows out of order": refused(lambda: rows('<row r="2"/>'), "is damaged"),
    "texts of thirteen million characters": refused(
        lambda: shared(f"<si><t>{'y' * 12_000_001}</t></si>"), "characters of text"
    ),
    "half a million texts": refused(lambda: shared("<si><t>x</t></si>" * 500_001), "different texts"),
    "texts kept apart": read(
        lambda: shared("<si><r><t>Bel</t></r><r><t>gium</t></r></si>", cells='<c r="B3" t="s"><v>0</v></c>'),
        *ONE,
        ("be", "Belgium"),
    ),
    "a text that isn't there": refused(lambda: cell('<c r="B3" t="s"><v>999</v></c>'), "is damaged"),
    "a megabyte in one cell, in Excel": refused(
        lambda: cell(f'<c r="B3" t="inlineStr"><is><t>{"x" * 1_000_000}</t></is></c>'), "B3 holds 1,000,000 characters"
    ),
    "a merged cell": refused(lambda: workbook(lambda sheet: sheet.merge_cells("A2:A3")), "A2:A3: merged cells"),
    "a formula with its result": read(
        lambda: cell('<c r="B3" t="str"><f>"Bel"&amp;"gium"</f><v>Belgium</v></c>'),
        *ONE,
        ("be", "Belgium"),
        telling="hold a formula",
    ),
    "a formula without a result": read(
        lambda: of_type("=1+1"), *shows(""), telling="B2 holds a formula whose result isn't saved"
    ),
    "an error": read(
        lambda: cell('<c r="B3" t="e"><v>#REF!</v></c>'), *ONE, ("be", ""), telling="B3 shows the error #REF!"
    ),
    "NaN": read(lambda: cell('<c r="B3"><v>NaN</v></c>'), *ONE, ("be", ""), telling="B3 holds no number"),
    "infinity": read(lambda: cell('<c r="B3"><v>1e999</v></c>'), *ONE, ("be", ""), telling="no number"),
    "ten to the fortieth": read(lambda: cell('<c r="B3"><v>1E40</v></c>'), *ONE, ("be", "1" + "0" * 40)),
    "ten to the three hundredth": read(
        lambda: cell('<c r="B3"><v>1E300</v></c>'), *ONE, ("be", ""), telling="far too large"
    ),
    "a number": read(lambda: of_type(12), *shows("12")),
    "a fraction as Excel keeps it": read(lambda: cell('<c r="B3"><v>0.10000000000000001</v></c>'), *ONE, ("be", "0.1")),
    "yes as a truth value": read(lambda: of_type(True), *shows("yes")),
    "a date": read(lambda: of_type(date(2026, 4, 1)), *shows("2026-04-01")),
    "a moment": read(lambda: of_type(datetime.fromisoformat("2026-04-01 09:30")), *shows("2026-04-01 09:30")),
    "a date of the days of 1900": read(
        lambda: of_type(12, "yyyy-mm-dd"), *shows(""), telling="B2 is no date that can be told"
    ),
    "a length of time": read(lambda: of_type(1.5, "[h]:mm"), *shows(""), telling="is a length of time"),
    "a percentage": read(lambda: of_type(0.2, "0%"), *shows("20 %")),
    "an amount of money": read(lambda: of_type(25, '"$"#,##0.00'), *shows("$25")),
    "euros by their locale": read(lambda: of_type(2.5, "[$€-407] #,##0.00"), *shows("€2.5")),
    "a text that looks escaped": read(
        lambda: cell('<c r="B3" t="inlineStr"><is><t>a_x000D_\nb</t></is></c>'), *ONE, ("be", "a\nb")
    ),
    "a text in several runs": read(
        lambda: cell('<c r="B3" t="inlineStr"><is><r><t>Bel</t></r><r><t>gium</t></r><rPh><t>no</t></rPh></is></c>'),
        *ONE,
        ("be", "Belgium"),
    ),
}
