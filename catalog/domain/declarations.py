"""What each feature of a price page is: kind, unit, how use adds up, choices. Declared in a CSV file, one row each.

A matrix only says what plans hold; a row of it without a declaration is refused, with a proposal (proposals.py).
Choices are written worst first, "key|label < key|label", and for a list "key|label ; key|label".
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from catalog.domain.amounts import UnreadableCell
from catalog.domain.cells import check_characters
from catalog.domain.csv_page import Page, PageRefused, Source, cell_name, read_page
from catalog.domain.units import default_scale
from catalog.domain.values import (
    Aggregation,
    Better,
    Choice,
    Combine,
    ConfigType,
    FeatureShape,
    InvalidFeature,
    Kind,
    Reset,
)

COLUMNS = (
    "key",
    "name",
    "group",
    "kind",
    "unit",
    "aggregation",
    "config_type",
    "better",
    "choices",
    "reset",
    "combine",
    "sold_as_add_on",
    "note",
)
Word = TypeVar("Word", bound=StrEnum)
_SLUG = re.compile(r"[a-z][a-z0-9_]*")


class DeclarationsRefused(PageRefused):
    """The declarations contradict themselves or can't be read."""


@dataclass(frozen=True, slots=True)
class FeatureDeclaration:
    """One feature as declared: its shape, which is frozen at first use, and its rules, which may change."""

    shape: FeatureShape
    group: str
    note: str = ""
    reset: Reset | None = None
    combine: Combine = Combine.MOST_GENEROUS
    sold_as_add_on: bool = False

    def __post_init__(self) -> None:
        name = self.shape.name
        if not self.group:
            raise InvalidFeature(f"{name}: every feature stands in a group.")
        if not _SLUG.fullmatch(self.shape.key):
            raise InvalidFeature(f"{name}: the key is written in small letters, digits and _, such as database_size.")
        if self.resets != (self.reset is not None):
            raise InvalidFeature(f"{name}: a usage limit or credit, and only that, says when it starts again.")
        known = self.shape.config_type not in {ConfigType.DURATION, ConfigType.SIZE} or self.shape.scale > 1
        if not known and self.shape.unit not in {"second", "B"}:
            raise InvalidFeature(f"{name}: '{self.shape.unit}' is no unit of time or size; use day, hour, MB, GB.")

    @property
    def resets(self) -> bool:
        return self.shape.kind in {Kind.METERED, Kind.CREDIT}


class _Misdeclared(ValueError):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def slug(name: str) -> str:
    """A key made of a name: "Log retention (API & Database)" → "log_retention_api_database"."""
    made = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
    return made if _SLUG.fullmatch(made) else f"feature_{made}".rstrip("_")


def read_declarations(source: Source) -> tuple[FeatureDeclaration, ...]:
    """Every declared feature, in the order of the file; raises DeclarationsRefused with every mistake and its place."""
    page = read_page(source, refused=DeclarationsRefused)
    missing = [name for name in COLUMNS if name not in page.header]
    unknown = [name for name in page.header if name and name not in COLUMNS]
    errors = [*page.problems, *(f"Row 1: the column '{name}' is missing." for name in missing)]
    errors += [f"Row 1: there is no column '{name}' here; the columns are {', '.join(COLUMNS)}." for name in unknown]
    if errors:
        raise DeclarationsRefused(errors)
    return _read_rows(page)


def _read_rows(page: Page) -> tuple[FeatureDeclaration, ...]:
    declared: list[FeatureDeclaration] = []
    errors: list[str] = []
    for row in page.rows:
        cells = dict(zip(page.header, (cell.strip() for cell in row.cells), strict=True))
        try:
            declaration = _read_row(cells)
            _refuse_twice(declaration, declared)
            declared.append(declaration)
        except _Misdeclared as mistake:
            place = cell_name(row=row.number, column=page.header.index(mistake.column))
            errors.append(f"{place} ({mistake.column}): {mistake}")
        except InvalidFeature as mistake:
            errors.append(f"Row {row.number}: {mistake}")
    if errors:
        raise DeclarationsRefused(errors)
    return tuple(declared)


def _refuse_twice(declaration: FeatureDeclaration, others: Sequence[FeatureDeclaration]) -> None:
    if any(declaration.shape.key == other.shape.key for other in others):
        raise _Misdeclared("key", f"'{declaration.shape.key}' is declared twice; keep one of the rows.")
    if any(declaration.shape.name.casefold() == other.shape.name.casefold() for other in others):
        raise _Misdeclared("name", f"'{declaration.shape.name}' is declared twice; keep one of the rows.")


def _read_row(cells: Mapping[str, str]) -> FeatureDeclaration:
    for column, text in cells.items():
        _check(column, text)
    shape = FeatureShape(
        key=cells["key"],
        name=_filled(cells, "name"),
        kind=_word(cells, "kind", Kind, required=True),
        unit=cells["unit"],
        scale=default_scale(cells["unit"]),
        aggregation=_word(cells, "aggregation", Aggregation) if cells["aggregation"] else None,
        config_type=_word(cells, "config_type", ConfigType) if cells["config_type"] else None,
        better=_word(cells, "better", Better) if cells["better"] else Better.MORE,
        choices=_read_choices(cells["choices"]),
    )
    return FeatureDeclaration(
        shape,
        group=_filled(cells, "group"),
        note=cells["note"],
        reset=_word(cells, "reset", Reset) if cells["reset"] else None,
        combine=_word(cells, "combine", Combine) if cells["combine"] else Combine.MOST_GENEROUS,
        sold_as_add_on=_read_yes_no(cells, "sold_as_add_on"),
    )


def _check(column: str, text: str) -> None:
    try:
        check_characters(text)
    except UnreadableCell as mistake:
        raise _Misdeclared(column, str(mistake)) from None
    if text.startswith(("=", "+", "-", "@")):
        raise _Misdeclared(column, f"'{text}' looks like a formula; write the words themselves.")


def _filled(cells: Mapping[str, str], column: str) -> str:
    if not cells[column]:
        raise _Misdeclared(column, f"The {column} of the feature is missing.")
    return cells[column]


def _word(cells: Mapping[str, str], column: str, words: type[Word], *, required: bool = False) -> Word:
    said = _filled(cells, column) if required else cells[column]
    try:
        return words(said)
    except ValueError:
        raise _Misdeclared(column, f"'{said}' is not one of: {', '.join(words)}.") from None


def _read_yes_no(cells: Mapping[str, str], column: str) -> bool:
    if cells[column] not in {"", "yes", "no"}:
        raise _Misdeclared(column, f"'{cells[column]}' is neither yes nor no.")
    return cells[column] == "yes"


def _read_choices(text: str) -> tuple[Choice, ...]:
    parts = [part.strip() for part in re.split(r"\s+[<;]\s+", text)] if text else []
    choices = []
    for part in parts:
        key, bar, label = (piece.strip() for piece in part.partition("|"))
        if not (key and bar and label):
            raise _Misdeclared("choices", f"'{part}' is no choice; write key|Label, such as smart_cdn|Smart CDN.")
        choices.append(Choice(key, label))
    return tuple(choices)


def write_declaration(declaration: FeatureDeclaration) -> str:
    """The row of the declarations file that declares this feature, without an end of line."""
    shape = declaration.shape
    joint = " < " if shape.config_type is ConfigType.RANKED else " ; "
    cells = [
        shape.key,
        shape.name,
        declaration.group,
        shape.kind,
        shape.unit,
        shape.aggregation or "",
        shape.config_type or "",
        "" if shape.better is Better.MORE else shape.better,
        joint.join(f"{choice.key}|{choice.label}" for choice in shape.choices),
        declaration.reset or "",
        "" if declaration.combine is Combine.MOST_GENEROUS else declaration.combine,
        "yes" if declaration.sold_as_add_on else "",
        declaration.note,
    ]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()
