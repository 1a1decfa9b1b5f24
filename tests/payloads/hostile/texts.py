"""Hostile and odd text files."""

import gzip

from tests.payloads.hostile import Hostile, read, refused

HEAD = "key,name\n"
ONE = (("key", "name"), ("nl", "Netherlands"))


def text(content: str, encoding: str = "utf-8") -> bytes:
    return content.encode(encoding)


TEXTS: dict[str, Hostile] = {
    "an empty file": refused(lambda: b"", "is empty"),
    "nothing but blanks": refused(lambda: b" \r\n\t\r\n\r\n", "is empty"),
    "nothing but a byte-order mark": refused(lambda: b"\xef\xbb\xbf", "is empty"),
    "nothing but commas": refused(lambda: b",,,,\n,,,,\n", "is empty"),
    "a PDF called csv": refused(lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
    "a PNG called csv": refused(lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
    "a JPEG called csv": refused(lambda: b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
    "a web page called xls": refused(lambda: b"\xef\xbb\xbf <!DOCTYPE html><html><table>", "a web page"),
    "an XML file called csv": refused(lambda: b'<?xml version="1.0"?><rows/>', "an XML file"),
    "a compressed csv": refused(lambda: gzip.compress(b"key,name\n"), "a compressed file"),
    "a program": refused(lambda: b"MZ\x90\0\x03", "a program"),
    "an old Excel workbook": refused(lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old Excel"),
    "a workbook locked by a password": refused(
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "a password"
    ),
    "UTF-16 with its mark": read(lambda: text(HEAD + "nl,Netherlands\n", "utf-16"), *ONE),
    "UTF-16 the other way round, with its mark": read(
        lambda: b"\xfe\xff" + text(HEAD + "nl,Netherlands\n", "utf-16-be"), *ONE
    ),
    "UTF-16 without a mark": refused(lambda: text(HEAD + "nl,Netherlands\n", "utf-16-le"), "UTF-16 without a mark"),
    "UTF-16 cut in half": refused(lambda: text(HEAD + "nl,N\n", "utf-16")[:-1], "is not UTF-16 text"),
    "UTF-32": refused(lambda: text(HEAD, "utf-32"), "UTF-32"),
    "latin-1": refused(lambda: text(HEAD + "pt,São Tomé\n", "latin-1"), "Line 2 is not UTF-8"),
    "a NUL in the middle": refused(lambda: b"key,name\nnl,Nether\0lands\n", "Line 2 holds a NUL"),
    "a NUL in UTF-16": refused(lambda: text("key,na\0me\n", "utf-16"), "NUL character"),
    "a byte-order mark before the header": read(lambda: text(HEAD + "nl,Netherlands\n", "utf-8-sig"), *ONE),
    "CR-only lines": read(lambda: b"key,name\rnl,Netherlands\r", *ONE),
    "CRLF lines": read(lambda: b"key,name\r\nnl,Netherlands\r\n", *ONE),
    "semicolons": read(lambda: b"key;name\nnl;Netherlands\n", *ONE, telling="divided by semicolons"),
    "tabs": read(lambda: b"key\tname\nnl\tNetherlands\n", *ONE, telling="divided by tabs"),
    "a comma inside a semicolon file": read(
        lambda: b"key;name\nnl;Holland, The\n", ("key", "name"), ("nl", "Holland, The"), telling="semicolons"
    ),
    "an open quotation mark": refused(lambda: b'key,name\nnl,"Netherlands\nbe,Belgium\n', "quotation marks don't pair"),
    "a stray quotation mark": refused(lambda: b'key,name\nnl,"Nether"lands\n', "quotation marks don't pair"),
    "the same heading twice": refused(lambda: b"key,name,Key\nnl,N,nl\n", "Two columns are called “Key”, A1 and C1"),
    "a heading that is missing": refused(lambda: b"key,,name\nnl,x,N\n", "B1: this column has no heading"),
    "a row that is too long": read(
        lambda: b"key,name\nnl,Holland, The\n", ("key", "name"), ("nl", "Holland"), telling="without a heading"
    ),
    "a row that is too short": read(lambda: b"key,name\nnl\n", ("key", "name"), ("nl", ""), telling="has 1 cells"),
    "empty rows in between": read(lambda: b"\n\nkey,name\n\n,\nnl,Netherlands\n\n", *ONE),
    "more rows than allowed": refused(
        lambda: text(HEAD) + b"".join(b"k%d,n\n" % n for n in range(20_001)), "more than 20,000 filled rows"
    ),
    "a million empty rows": read(lambda: text(HEAD + "nl,Netherlands\n") + b",\n" * 1_000_000, *ONE),
    "more columns than allowed": refused(
        lambda: (",".join(f"c{n}" for n in range(201)) + "\n").encode(), "201 columns; at most 200"
    ),
    "sixteen thousand columns": refused(
        lambda: (",".join(f"c{n}" for n in range(16_384)) + "\n").encode(), "16,384 columns"
    ),
    "a cell of a megabyte": refused(lambda: text(HEAD + "nl," + "x" * 1_000_000), "more than 100,000 characters"),
    "a cell just too long": refused(lambda: text(HEAD + "nl," + "x" * 100_001), "B2 holds 100,001 characters"),
    "six megabytes": refused(lambda: text(HEAD) + b"nl,Netherlands\n" * 400_000, "larger than 5 MB"),
    "half a million little cells": refused(
        lambda: (",".join(f"c{n}" for n in range(199)) + "\n").encode() + (b"1," * 198 + b"1\n") * 4_000,
        "more than 500,000 filled cells",
    ),
    "a formula": read(
        lambda: b"key,name\nnl,=1+1\n",
        ("key", "name"),
        ("nl", "=1+1"),
    ),
    "a command by DDE": read(
        lambda: b"key,name\nnl,\"=cmd|' /C calc'!A0\"\n",
        ("key", "name"),
        ("nl", "=cmd|' /C calc'!A0"),
    ),
    "a heading that is a formula": read(
        lambda: b"=key,name\nnl,N\n",
        ("=key", "name"),
        ("nl", "N"),
    ),
    "a line break inside a heading": read(lambda: b'"key\n",name\nnl,Netherlands\n', *ONE),
}
