"""The text of a DOCX file: its paragraphs, read as they are unpacked, with a bound on how much that may be.

A few hundred bytes may unpack to elements, depths, names or attributes without end. So each of these has a bound of its
own, and of what is over it nothing is read.
"""

import io
import zipfile
from typing import IO
from xml.parsers import expat

from support.intake.plain_text import DAMAGED
from support.intake.unread import Unread

LARGEST_UNPACKED = 30_000_000  # bytes of the document's own part
PIECE = 65_536
MOST_ELEMENTS = 200_000  # up to the last word that is kept
LONGEST_SPACE = 200  # characters of a namespace, which stands before each name in it
LONGEST_TAG = 1_000_000  # bytes; one tag is held as a whole, and some bear a drawing
_BODY = "word/document.xml"
_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main "
_ENCRYPTED = 1
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # no program writes others, and they unpack without a bound
TOO_MUCH = "unpacked it is larger than is read here"


class _Paragraphs:
    """Collects text as the parser comes by it. A deleted passage of tracked changes is no text (`delText`)."""

    def __init__(self, most: int) -> None:
        self.said: list[str] = []
        self.length = self.elements = 0
        self.most = most
        self.inside = False

    @property
    def full(self) -> bool:
        return self.length >= self.most

    def space(self, _: str | None, uri: str | None) -> None:
        if len(uri or "") > LONGEST_SPACE:
            raise Unread(TOO_MUCH)

    def begin(self, name: str, _: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise Unread(TOO_MUCH)
        match name.removeprefix(_SPACE).removeprefix(_STRICT):
            case "t":
                self.inside = True
            case "tab":
                self.said.append("\t")
            case "br" | "cr":
                self.said.append("\n")

    def end(self, name: str) -> None:
        match name.removeprefix(_SPACE).removeprefix(_STRICT):
            case "t":
                self.inside = False
            case "p":
                self.said.append("\n")

    def text(self, text: str) -> None:
        if self.inside and not self.full:
            self.said.append(text)
            self.length += len(text)


def _refused(*_: object) -> None:
    raise Unread(DAMAGED)


def text_of_word(raw: bytes, *, most: int) -> str:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        inside = packed.getinfo(_BODY)
        if inside.flag_bits & _ENCRYPTED:
            raise Unread("it is protected by a password")
        if inside.compress_type not in _PACKED:
            raise Unread(DAMAGED)
        found = _Paragraphs(most)
        with packed.open(inside) as part:
            _parse(part, found)
    return "".join(found.said)[:most]


def _parse(part: IO[bytes], found: _Paragraphs) -> None:
    parser = _parser(found)
    read = 0
    while (piece := part.read(PIECE)) and not found.full:
        read += len(piece)
        if read > LARGEST_UNPACKED:
            raise Unread(TOO_MUCH)
        parser.Parse(piece, False)
        if read - parser.CurrentByteIndex > LONGEST_TAG:
            raise Unread(TOO_MUCH)
    if not found.full:
        parser.Parse(b"", True)


def _parser(found: _Paragraphs) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True  # else each end of a line is told by itself
    parser.StartElementHandler, parser.EndElementHandler = found.begin, found.end
    parser.StartNamespaceDeclHandler = found.space
    parser.CharacterDataHandler = found.text
    parser.StartDoctypeDeclHandler = _refused  # a document declares none; entities could grow without bound
    return parser
