"""The kinds of problem the API answers, read from their document (docs/problems.md): it is the only place they stand.

A kind is written as a heading "### `code` · status" with two lines below it: "**When.** …" and "**Mend.** …". The
nearest "## …" above names its group.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_KIND = re.compile(
    r"^### `(?P<code>[a-z0-9_]+)` · (?P<status>\d{3})\n\*\*When\.\*\* (?P<when>.+)\n\*\*Mend\.\*\* (?P<mend>.+)$", re.M
)
_GROUP = re.compile(r"^## (?P<group>.+)$", re.M)


class Words(NamedTuple):
    """A stretch of a sentence, and whether it is spelled as a program would."""

    text: str
    is_code: bool


class ProblemType(NamedTuple):
    """One kind of problem: what programs call it, when it happens, how to mend it."""

    code: str
    status: int
    group: str
    when: tuple[Words, ...]
    mend: tuple[Words, ...]


def parse_problem_types(document: str) -> Iterator[ProblemType]:
    """All kinds of the document, in its order; ValueError where a heading lacks its two lines or stands twice."""
    groups = [(found.start(), found["group"]) for found in _GROUP.finditer(document)]
    seen: set[str] = set()
    for found in _KIND.finditer(document):
        if found["code"] in seen:
            raise ValueError(f"{found['code']} stands twice.")
        seen.add(found["code"])
        group = max((start, name) for start, name in groups if start < found.start())[1]
        yield ProblemType(found["code"], int(found["status"]), group, _words(found["when"]), _words(found["mend"]))
    if len(seen) != len(re.findall(r"^### ", document, re.M)):
        raise ValueError("A kind of problem lacks its status, its “When.” or its “Mend.”.")


def _words(sentence: str) -> tuple[Words, ...]:
    parts = sentence.split("`")
    return tuple(Words(text, number % 2 == 1) for number, text in enumerate(parts) if text)
