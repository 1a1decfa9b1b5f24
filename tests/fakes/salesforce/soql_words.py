"""SOQL in words: strings, times, numbers, names, signs; each with its place, for the refusals."""

import re
from dataclasses import dataclass

from tests.fakes.salesforce.errors import Refused, Wrong

PATTERN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)(?![\dT])
    | (?P<number>[+-]?\d+(?:\.\d+)?)(?![\w.])
    | (?P<word>[A-Za-z_]\w*(?:\.\w+)*(?::\d+)?)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Word:
    kind: str
    text: str
    place: int

    def says(self, *texts: str) -> bool:
        return self.kind in ("word", "sign") and self.text.upper() in texts


def words(text: str) -> list[Word]:
    found, place = [], 0
    end = len(text.rstrip())
    while place < end:
        match = PATTERN.match(text, place)
        if match is None or not match.lastgroup:
            raise malformed(f"unexpected token: '{text[place:].split()[0]}'", text, place)
        found.append(Word(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        place = match.end()
    return found


def unquoted(text: str, *, like: bool = False) -> str:
    """The value of a quoted string; in a pattern of LIKE `\\%` and `\\_` stay as they are."""

    def one(match: re.Match[str]) -> str:
        letter = match[1]
        if letter in "%_":
            if like:
                return match[0]
            raise Refused(Wrong("MALFORMED_QUERY", f"Invalid string literal '{text}'. Illegal character sequence"))
        if letter not in ESCAPES:
            raise Refused(Wrong("MALFORMED_QUERY", f"Invalid string literal '{text}'. Illegal character sequence"))
        return match[0] if like and letter == "\\" else ESCAPES[letter]

    return re.sub(r"\\(.)", one, text[1:-1], flags=re.DOTALL)


def malformed(message: str, text: str, place: int, code: str = "MALFORMED_QUERY") -> Refused:
    """With the place shown as Salesforce does."""
    before = text[:place]
    row, column = before.count("\n") + 1, place - (before.rfind("\n") + 1) + 1
    near = text[max(0, place - 40) : place + 30].replace("\n", " ")
    pointer = " " * min(place, 40) + "^"
    return Refused(Wrong(code, f"\n{near}\n{pointer}\nERROR at Row:{row}:Column:{column}\n{message}"))
