"""The plans × features matrix of a price page: read whole into typed cells, or refused whole with every mistake."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from catalog.domain.cells import Reading, UnreadableCell, check_characters, read_cell
from catalog.domain.csv_page import Page, PageRefused, PageRow, Source, cell_name, read_page
from catalog.domain.declarations import FeatureDeclaration
from catalog.domain.proposals import propose
from catalog.domain.values import TermState

GROUP, FEATURE, USAGE_BASED, NOTE = "group", "feature", "usage_based", "note"
OWN_COLUMNS = (GROUP, FEATURE, USAGE_BASED, NOTE)
_ADD_ON_NOTE = "sold as an add-on"


class MatrixRefused(PageRefused):
    """The matrix has mistakes; nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One feature and what each plan says of it; `group`, `usage_based` and `note` as the page has them.

    One that is declared and not on the page has nothing said of it; where cells stand already, they stay as they are.
    """

    declaration: FeatureDeclaration
    readings: Mapping[str, Reading]
    group: str
    usage_based: bool = False
    note: str = ""
    on_page: bool = True


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every plan of the page in its order, and every declared feature: those of the page, then the others."""

    plans: tuple[str, ...]
    rows: tuple[MatrixRow, ...]

    def reading(self, *, feature: str, plan: str) -> Reading:
        """What a plan says of the feature with that key."""
        return next(row.readings[plan] for row in self.rows if row.declaration.shape.key == feature)


def read_matrix(source: Source, *, declarations: Sequence[FeatureDeclaration], known_plans: Collection[str]) -> Matrix:
    """The whole page, typed; raises MatrixRefused with every mistake, each with its place in spreadsheet words.

    A declared feature that the page doesn't mention is there with nothing said of it, to be settled by a person.
    """
    page = read_page(source, refused=MatrixRefused)
    columns, errors = _plan_columns(page, known_plans)
    errors = [*page.problems, *errors]
    reader = _RowReader(page, columns, declarations)
    if all(name in reader.places for name in OWN_COLUMNS):
        reader.read_all()
    errors += reader.errors
    if not errors and not reader.rows:
        errors = ["Below the header there is no row: paste the features of the page, one a row."]
    if errors:
        raise MatrixRefused(errors)
    return Matrix(tuple(columns.values()), (*reader.rows, *_not_on_page(reader, declarations, columns.values())))


def _plan_columns(page: Page, known_plans: Collection[str]) -> tuple[dict[int, str], list[str]]:
    """Which column belongs to which plan, by the plan's name in any capitals."""
    by_name = {name.casefold(): name for name in known_plans}
    columns: dict[int, str] = {}
    errors = []
    for column, title in enumerate(page.header):
        folded = title.casefold()
        if folded in by_name:
            columns.setdefault(column, by_name[folded])
        elif title and folded not in OWN_COLUMNS:
            place = cell_name(row=1, column=column)
            errors.append(f"{place}: there is no plan called '{title}'; the plans are {', '.join(known_plans)}.")
    present = {title.casefold() for title in page.header}
    errors += [f"Row 1: the column '{name}' is missing." for name in OWN_COLUMNS if name not in present]
    errors += [f"Row 1: the plan {n} has no column; add one." for f, n in by_name.items() if f not in present]
    return columns, errors


def _not_on_page(
    reader: "_RowReader", declarations: Sequence[FeatureDeclaration], plans: Collection[str]
) -> list[MatrixRow]:
    seen = {row.declaration.shape.key for row in reader.rows}
    unsaid = {plan: Reading(TermState.UNSETTLED) for plan in plans}
    missing = (declared for declared in declarations if declared.shape.key not in seen)
    return [MatrixRow(d, dict(unsaid), group=d.group, note=d.note, on_page=False) for d in missing]


class _RowReader:
    """Reads row by row and notes every mistake; its rows are only to be used if there is none."""

    def __init__(self, page: Page, columns: Mapping[int, str], declarations: Sequence[FeatureDeclaration]) -> None:
        self.page = page
        self.columns = columns
        self.declared = {d.shape.name.casefold(): d for d in declarations}
        self.places = {title.casefold(): column for column, title in enumerate(page.header)}
        self.rows: list[MatrixRow] = []
        self.errors: list[str] = []
        self._first_at: dict[str, int] = {}

    def read_all(self) -> None:
        for row in self.page.rows:
            self._read_row(row)

    def _read_row(self, row: PageRow) -> None:
        own = {name: row.cells[self.places[name]].strip() for name in OWN_COLUMNS}
        sound = [self._check(row, name, text) for name, text in own.items()]
        if not all(sound) or self._is_repeated(row, own[FEATURE]):
            return
        declaration = self.declared.get(own[FEATURE].casefold())
        if declaration is None:
            self._report_undeclared(row, own)
            return
        sold_as_add_on = declaration.sold_as_add_on or _ADD_ON_NOTE in own[NOTE].casefold()
        readings = {
            plan: reading
            for column, plan in self.columns.items()
            if (reading := self._read(row, column, declaration, sold_as_add_on)) is not None
        }
        usage_based = own[USAGE_BASED].casefold() == "yes"
        self.rows.append(MatrixRow(declaration, readings, own[GROUP] or declaration.group, usage_based, own[NOTE]))

    def _read(self, row: PageRow, column: int, declared: FeatureDeclaration, sold_as_add_on: bool) -> Reading | None:
        try:
            return read_cell(row.cells[column], shape=declared.shape, sold_as_add_on=sold_as_add_on)
        except UnreadableCell as mistake:
            self._report(row, column, f"{self.columns[column]}, {declared.shape.name}", str(mistake))
            return None

    def _check(self, row: PageRow, name: str, text: str) -> bool:
        """Whether a cell of the page's own columns can be taken; the mistake is noted if not."""
        wrong = _what_is_wrong(name, text)
        if wrong:
            self._report(row, self.places[name], name, wrong)
        return not wrong

    def _is_repeated(self, row: PageRow, feature: str) -> bool:
        first = self._first_at.setdefault(feature.casefold(), row.number)
        if first == row.number:
            return False
        wrong = f"'{feature}' stands in row {first} already; keep one of the two rows."
        self._report(row, self.places[FEATURE], FEATURE, wrong)
        return True

    def _report_undeclared(self, row: PageRow, own: Mapping[str, str]) -> None:
        proposal = propose(
            name=own[FEATURE],
            group=own[GROUP],
            usage_based=own[USAGE_BASED].casefold() == "yes",
            cells=[row.cells[column] for column in self.columns],
            note=own[NOTE],
        )
        wrong = f"'{own[FEATURE]}' is not declared. If it fits, add this line to the features: {proposal.line}"
        self._report(row, self.places[FEATURE], FEATURE, wrong)

    def _report(self, row: PageRow, column: int, called: str, wrong: str) -> None:
        self.errors.append(f"{cell_name(row=row.number, column=column)} ({called}): {wrong}")


def _what_is_wrong(column: str, text: str) -> str:
    try:
        check_characters(text)
    except UnreadableCell as mistake:
        return str(mistake)
    if text.startswith(("=", "+", "-", "@")):
        return f"'{text}' looks like a formula; write the words themselves."
    if column == FEATURE and not text:
        return "the feature has no name."
    if column == USAGE_BASED and text.casefold() not in {"", "yes", "no"}:
        return f"'{text}' is neither yes nor no."
    return ""
