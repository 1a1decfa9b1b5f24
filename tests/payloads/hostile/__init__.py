"""Files nobody should send and somebody will: each built by code, with what must come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Hostile:
    """`refused` is a part of the sentence; else `rows` are what is read, header first, and `told` is a part of what is
    said about them: a problem of a row or a note on the file."""

    build: Callable[[], bytes]
    refused: str = ""
    rows: Rows | None = None
    told: str = ""


def refused(build: Callable[[], bytes], saying: str) -> Hostile:
    return Hostile(build, refused=saying)


def read(build: Callable[[], bytes], *rows: tuple[str, ...], telling: str = "") -> Hostile:
    return Hostile(build, rows=rows, told=telling)


def every() -> Mapping[str, Hostile]:
    from tests.payloads.hostile.texts import TEXTS
    from tests.payloads.hostile.workbooks import WORKBOOKS

    return {**TEXTS, **WORKBOOKS}
