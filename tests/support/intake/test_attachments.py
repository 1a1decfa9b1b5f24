"""What attachments say, and in what words it is told that they can't be read."""

import io
import json
import random
import struct
import zipfile
import zlib
from email.message import EmailMessage
from time import monotonic
from typing import Any

import docx
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.domain.intake.tickets import MOST_TEXT
from support.intake import pdf_reading
from support.intake.attachments import DAMAGED, LARGEST, LATE, patience, read_attachment
from support.intake.html_text import text_of_html
from tests.conftest import EXAMPLES

ASKED = "How do I enable SSO?"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def pdf(*pages: str) -> bytes:
    """A PDF file as small as they come: a page for each text, of which "" draws nothing."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    for text in pages:
        drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        objects.append(f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream")
        font = "<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R/Resources{font}>>")
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects[1] = f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>"
    body, places = b"%PDF-1.4\n", []
    for number, said in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj{said}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>"
    return body + f"{trailer}\nstartxref\n{len(body)}\n%%EOF".encode()


def locked_pdf(password: str) -> bytes:
    writer, written = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(ASKED))), io.BytesIO()
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    writer.write(written)
    return written.getvalue()


def word(*paragraphs: str) -> bytes:
    document, written = docx.Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(written)
    return written.getvalue()


def packed(*, by: int = zipfile.ZIP_DEFLATED, **parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", by) as file:
        for name, said in parts.items():
            file.writestr(name.replace("__", "/"), said)
    return written.getvalue()


def body(xml: str) -> bytes:
    return packed(**{"word__document.xml": xml.encode()})


def mail(text: str = ASKED, html: str = "", attached: bytes = b"") -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "Single sign-on", "ann@acme.example"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    if attached:
        message.add_attachment(attached, maintype="image", subtype="png", filename="a.png")
    return message.as_bytes()


SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.mark.parametrize(
    ("name", "content_type", "raw", "text"),
    [
        ("a.txt", "text/plain", ASKED.encode(), ASKED),
        ("a.txt", "", ASKED.encode(), ASKED),
        ("", "text/plain; charset=utf-8", ASKED.encode(), ASKED),
        ("a.txt", "application/octet-stream", ASKED.encode(), ASKED),
        ("a.txt", "text/plain", b"\xef\xbb\xbfHi", "Hi"),
        ("a.txt", "text/plain", "Grüße".encode("utf-16"), "Grüße"),
        ("a.txt", "text/plain", "Grüße".encode("cp1252"), "Grüße"),
        ("a.txt", "text/plain; charset=windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("a.txt", "text/plain; charset=nonsense", "Grüße".encode("cp1252"), "Grüße"),
        ("a.txt", "text/plain", b"one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a.txt", "text/plain", b"BMW asks for SSO", "BMW asks for SSO"),
        ("a.csv", "text/csv", b"a,b\n1,2", "a,b\n1,2"),
        ("a.md", "", b"# SSO\n\nHow?", "# SSO\n\nHow?"),
        ("a.html", "text/html", b"<p>How do I<br>enable&nbsp;<b>SSO</b>&quest;</p><script>x()</script>", "How do I\nenable SSO?\n"),
        ("a.json", "application/json", json.dumps({"a": ["SSO?", 1, {"b": "Log"}]}).encode(), "SSO?\nLog"),
        ("a.json", "application/json", b"{broken", "{broken"),
        ("a.eml", "message/rfc822", mail(), f"Single sign-on\n\n{ASKED}\n"),
        ("a.eml", "message/rfc822", mail(html="<p>Other</p>"), f"Single sign-on\n\n{ASKED}\n"),
        ("a.eml", "message/rfc822", b"Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r\n =?utf-8?q?_an_alle?=\r\n\r\nHi", "Grüße an alle\n\nHi"),
        ("a.eml", "message/rfc822", "Subject: Grüße\n\nHi".encode(), "Grüße\n\nHi"),
        ("a.eml", "message/rfc822", b"Subject: =?x-none?q?Hi?=\n\nHi", "=?x-none?q?Hi?=\n\nHi"),
        ("a.eml", "message/rfc822", b"Content-Type: text/plain; charset=koi8-r\n\nHi", "Hi"),
        ("a.docx", WORD, word("How do I", "enable SSO?"), "How do I\nenable SSO?\n"),
        ("a.docx", "application/zip", word(ASKED), f"{ASKED}\n"),
        ("a.pdf", "application/pdf", pdf(ASKED), ASKED),
        ("a.txt", "text/plain", pdf(ASKED), ASKED),  # what it is, its first bytes tell
        ("a.pdf", "application/pdf", pdf("One", "", "Two"), "One\n\n\n\nTwo"),
        ("a.pdf", "application/pdf", locked_pdf(""), ASKED),  # locked against changes only
    ],
)  # fmt: skip
def test_what_can_be_read_is_read(name: str, content_type: str, raw: bytes, text: str) -> None:
    found = read_attachment(name, content_type, raw)
    assert (found.text, found.unreadable) == (text, "")


@pytest.mark.parametrize(
    ("name", "content_type", "raw", "why"),
    [
        ("a.png", "image/png", b"\x89PNG\r\n\x1a\n\x00", "a picture"),
        ("a.txt", "text/plain", b"\x89PNG\r\n\x1a\n\x00", "a picture"),
        ("a.webp", "image/webp", b"RIFF", "a picture"),
        ("a.svg", "image/svg+xml", b"<svg>", "a picture"),
        ("a.bmp", "image/bmp", b"BM\x00\x00", "a picture"),
        ("a.mp3", "audio/mpeg", b"ID3", "a recording"),
        ("a.mov", "video/quicktime", b"ftyp", "a film"),
        ("a.zip", "application/zip", packed(x=b"y"), "an archive"),
        ("a.gz", "application/gzip", b"\x1f\x8b\x08", "an archive"),
        ("a.xlsx", "", packed(**{"xl__workbook.xml": b"<x/>"}), "send it as CSV"),
        ("a.pptx", "", packed(**{"ppt__presentation.xml": b"<x/>"}), "slides"),
        ("a.docx", WORD, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "without a password"),
        ("a.doc", "application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old"),
        ("a.rtf", "application/rtf", b"{\\rtf1", "rich-text"),
        ("a.exe", "application/octet-stream", b"MZ\x90\x00\x03", "a program"),
        ("a.xyz", "application/x-xyz", b"hm", "a kind of file that isn’t read here"),
        ("a.txt", "text/plain", b"", "it is empty"),
        ("a.txt", "text/plain", b" \n", "it is empty"),
        ("a.txt", "text/plain", b"a" * (LARGEST + 1), "larger than 5 MB"),
        ("a.txt", "text/plain", b"a\x00b", DAMAGED),
        ("a.txt", "text/plain", bytes(range(1, 32)) * 9, DAMAGED),
        ("a.html", "text/html", b"<p></p><script>x</script>", "no text"),
        ("a.eml", "message/rfc822", mail(attached=b"\x89PNG"), "attachments of its own"),
        ("a.eml", "message/rfc822", b"boundary=" * 30, "too much"),
        ("a.eml", "message/rfc822", b"X: a\n" * 3_000 + b"\nHi", "too much"),
        ("a.docx", WORD, word(), "no text"),
        ("a.docx", WORD, packed(x=b"y"), "a kind of file"),
        ("a.docx", WORD, word(ASKED)[:900], DAMAGED),
        ("a.docx", WORD, body("<w:document"), DAMAGED),
        ("a.docx", WORD, packed(by=zipfile.ZIP_BZIP2, **{"word__document.xml": b"<w>a</w>"}), DAMAGED),
        ("a.docx", WORD, body('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), DAMAGED),
        ("a.docx", WORD, b"not packed", DAMAGED),
        ("a.pdf", "application/pdf", pdf(""), "perhaps a scan"),
        ("a.pdf", "application/pdf", locked_pdf("secret"), "protected by a password"),
        ("a.pdf", "application/pdf", b"%PDF-1.4\nnonsense", DAMAGED),
        ("a.pdf", "application/pdf", pdf(ASKED)[:80], DAMAGED),
    ],
)
def test_what_can_t_be_read_says_why(name: str, content_type: str, raw: bytes, why: str) -> None:
    found = read_attachment(name, content_type, raw)
    assert found.text == ""
    assert why in found.unreadable


@pytest.mark.parametrize(
    ("name", "called"),
    [("C:\\Users\\ann\\log.txt", "log.txt"), ("../../etc/passwd", "passwd"), ("", "attachment"), ("a\nb.txt", "a b.txt"), ("x" * 999 + ".txt", "x" * 196 + ".txt")],
)  # fmt: skip
def test_a_name_is_one_line_without_folders(name: str, called: str) -> None:
    assert read_attachment(name, "text/plain", b"Hi").name == called


def test_a_document_that_unpacks_without_end_is_let_be() -> None:
    blank = f"<w:document {SPACE}>" + " " * 40_000_000
    raw = body(blank)
    assert len(raw) < 200_000
    assert "larger than is read" in read_attachment("bomb.docx", WORD, raw).unreadable


@pytest.mark.parametrize(
    "document",
    [
        "<a>" * 9_000_000,  # each within the one before
        f"<w:document {SPACE}>" + "<w:tab/>" * 3_000_000,
        f'<a xmlns="{"x" * 20_000}">' + "<b/>" * 100,  # a name that is made anew for each element
        "<a " + " ".join(f'a{number:x}=""' for number in range(300_000)) + ">",
        "<!--" + "x" * 2_000_000,
    ],
    ids=["depth", "elements", "names", "attributes", "comment"],
)
def test_a_document_that_grows_without_end_is_let_be(document: str) -> None:
    assert "larger than is read" in read_attachment("bomb.docx", WORD, body(document)).unreadable


def test_a_long_paragraph_and_many_short_ones_are_read() -> None:
    long = f"<w:document {SPACE}><w:p><w:r><w:t>{'SSO ' * 4_000}</w:t></w:r></w:p></w:document>"
    many = f"<w:document {SPACE}>" + "<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 9_000 + "</w:document>"
    drawn = (
        f'<w:document {SPACE}>{" " * 3_000_000}<w:p w:d="{"A" * 300_000}"><w:r><w:t>a</w:t></w:r></w:p></w:document>'
    )
    assert read_attachment("a.docx", WORD, body(drawn)).text == "a\n"
    assert len(read_attachment("a.docx", WORD, body(long)).text) == 16_001
    assert len(read_attachment("a.docx", WORD, body(many)).text) == 18_000


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 60_000,
        b"Subject: a\n" + b" a,b;c\n" * 60_000,
        b'Content-Type: text/plain; a="' + b";" * 900_000,
        b"Content-Type: text/plain" + b"; a=b" * 150_000,
        b'content-disposition : attachment; filename="' + b"=?utf-8?q?a?= " * 60_000,
    ],
    ids=["words", "folded", "quotes", "parameters", "name"],
)
def test_a_mail_that_is_one_long_header_is_let_be(head: bytes) -> None:
    assert "too much" in read_attachment("a.eml", "message/rfc822", head + b"\n\nHi").unreadable


def test_a_character_set_that_nobody_knows_is_not_even_looked_up() -> None:
    import encodings

    read_attachment("a.txt", "text/plain; charset=made-up-by-somebody", "Grüße".encode("cp1252"))
    assert not [name for name in encodings._cache if "made" in name]  # type: ignore[attr-defined]


def test_what_comes_after_the_patience_for_one_ticket_is_not_read() -> None:
    found = read_attachment("a.pdf", "application/pdf", pdf(ASKED), until=monotonic() - 1)
    assert (found.name, found.unreadable) == ("a.pdf", LATE)
    assert read_attachment("a.pdf", "application/pdf", pdf(ASKED), until=patience()).text == ASKED


def test_only_so_many_pdf_files_are_read_at_once() -> None:
    for _ in range(pdf_reading.AT_ONCE):
        pdf_reading._turns.acquire()
    try:
        assert "too long" in read_attachment("a.pdf", "", pdf(ASKED), until=monotonic() + 0.05).unreadable
    finally:
        for _ in range(pdf_reading.AT_ONCE):
            pdf_reading._turns.release()
    assert read_attachment("a.pdf", "", pdf(ASKED)).text == ASKED


def test_of_a_long_document_as_much_is_kept_as_is_read() -> None:
    long = body(f"<w:document {SPACE}>" + f"<w:p><w:r><w:t>{'SSO ' * 50}</w:t></w:r></w:p>" * 5_000 + "</w:document>")
    for name, kind, raw in (("a.docx", WORD, long), ("a.txt", "text/plain", b"SSO " * 500_000)):
        found = read_attachment(name, kind, raw)
        assert (len(found.text), found.unreadable) == (MOST_TEXT, "")


def test_deleted_words_of_a_document_aren_t_said() -> None:
    said = f"<w:document {SPACE}><w:p><w:r><w:delText>No </w:delText><w:t>Yes</w:t></w:r></w:p></w:document>"
    assert read_attachment("a.docx", WORD, body(said)).text == "Yes\n"


def test_a_pdf_that_unpacks_without_end_costs_the_desk_nothing() -> None:
    zeros = zlib.compressobj(9)
    stream = zeros.compress(b"(a) Tj " * 30_000_000) + zeros.flush()
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[4 0 R]>>endobj\n"
    head += b"3 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(stream) + stream + b"\nendstream endobj\n"
    head += b"4 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 3 0 R/Resources<<>>>>endobj\ntrailer<</Root 1 0 R>>"
    found = read_attachment("bomb.pdf", "application/pdf", head)
    assert found.unreadable or len(found.text) <= MOST_TEXT


def test_a_pdf_that_takes_too_long_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []

    class Begun(pdf_reading.subprocess.Popen):
        def __init__(self, *told: Any, **named: Any) -> None:
            super().__init__(*told, **named)
            begun.append(self)

    monkeypatch.setattr(pdf_reading.subprocess, "Popen", Begun)
    found = read_attachment("a.pdf", "application/pdf", pdf(ASKED), until=monotonic() + 0.01)
    assert "too long" in found.unreadable
    assert [one.returncode for one in begun] == [-9]  # ended, and waited for


@pytest.mark.parametrize(
    "page",
    ["<" * 200_000, "<!" * 100_000, "<!--" * 50_000, "<a " * 90_000, "&#" * 99_000, "<script>" * 30_000, "</" * 99_000],
)
def test_pages_made_to_take_long_don_t(page: str) -> None:
    assert len(text_of_html(page, most=MOST_TEXT)) <= MOST_TEXT


@settings(max_examples=EXAMPLES * 40)
@given(
    st.text(max_size=20),
    st.sampled_from(["", "text/plain", "text/html", "application/json", "message/rfc822", WORD, "text/x; charset="]),
    st.binary(max_size=300),
)
def test_nothing_that_is_sent_makes_it_fail(name: str, content_type: str, raw: bytes) -> None:
    found = read_attachment(name, content_type, raw)
    assert bool(found.text.strip()) != bool(found.unreadable)
    found.text.encode()


@pytest.mark.parametrize("seed", range(5))
def test_altered_files_never_make_it_fail(seed: int) -> None:
    draw = random.Random(seed)
    for kind, whole in (
        (WORD, word(ASKED)),
        ("application/pdf", pdf(ASKED)),
        ("message/rfc822", mail(html="<p>a</p>")),
    ):
        altered = bytearray(whole)
        for _ in range(12):
            altered[draw.randrange(len(altered))] = draw.randrange(256)
        found = read_attachment("a", kind, bytes(altered))
        assert bool(found.text.strip()) != bool(found.unreadable)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5_000, '"' + "a" * 50_000 + '"'])
def test_json_made_to_be_deep_never_fails(text: str) -> None:
    found = read_attachment("a.json", "application/json", text.encode())
    assert bool(found.text.strip()) != bool(found.unreadable)


def test_a_length_that_lies_in_a_packed_file_never_fails() -> None:
    raw = bytearray(word(ASKED))
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 20 : at + 28] = struct.pack("<II", 2**31, 2**31)
    assert read_attachment("a.docx", WORD, bytes(raw)).name == "a.docx"
