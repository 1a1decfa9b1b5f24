"""What each row of a file would do: nothing, something new, a change, or nothing because it is wrong."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.domain.entries import WrongEntry
from catalog.domain.formula_guard import unguarded
from catalog.domain.tables import Line
from catalog.imports.table import NAMED, Column, Entry, Table, Texts
from catalog.models.import_run import Verdict

LONGEST_KEY = 400


@dataclass(slots=True)
class Judged:
    """A row with its verdict; `told` says what is wrong with it."""

    line: Line
    verdict: Verdict
    key: str = ""
    before: Texts | None = None
    after: Texts | None = None
    told: str = ""

    @property
    def entry(self) -> Entry:
        assert self.after is not None  # only a wrong row has none
        return Entry(self.line.number, self.key, self.before, self.after)

    def fail(self, told: str) -> None:
        self.verdict, self.told = Verdict.ERROR, told


def guess_mapping(table: Table, header: Sequence[str]) -> dict[str, int]:
    """Which column of the file is which of ours, by its heading: our own wording, or another name it goes by."""
    places = {_folded(heading): place for place, heading in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for name, column in table.columns.items():
        for called in (column.heading, name, *column.also):
            place = places.get(_folded(called))
            if place is not None and place not in found.values():
                found[name] = place
                break
    return found


def surely_mapped(table: Table, header: Sequence[str], mapping: Mapping[str, int]) -> set[str]:
    """The columns that need no second look: those under a heading that is ours word for word; and, where no heading
    of the file is left over, those it doesn't have."""
    exact = {
        name
        for name, place in mapping.items()
        if _folded(header[place]) in {_folded(table.columns[name].heading), _folded(name)}
    }
    left_over = set(range(len(header))) - set(mapping.values())
    return exact if left_over else exact | (set(table.columns) - set(mapping))


def missing_columns(table: Table, mapping: Mapping[str, int]) -> list[Column]:
    """Columns without which no row could be found again."""
    return [table.columns[name] for name in table.identity if name not in mapping and table.columns[name].required]


def judge(table: Table, lines: Iterable[Line], mapping: Mapping[str, int]) -> list[Judged]:
    """A verdict on every row. Nothing is written; what only an action can tell is found out by rehearsing."""
    read = list(lines)
    standing = table.standing(_keys(table, read, mapping))
    judged = [_read(table, line, mapping, standing) for line in read]
    known = _known(table, judged)
    seen: dict[str, int] = {}
    for row in judged:
        _refuse_unknown(table, row, known)
        _settle(table, row, standing)
        _refuse_twice(row, seen)
    return judged


def _keys(table: Table, lines: Iterable[Line], mapping: Mapping[str, int]) -> set[str]:
    """The keys of the rows as far as they can be read; those that can't are told about later."""
    found = set()
    for line in lines:
        try:
            texts = {name: _read_cell(table.columns[name], line.cells[mapping[name]]) for name in table.identity}
        except (WrongEntry, KeyError):
            continue
        found.add(table.identify(texts))
    return found


def _folded(heading: str) -> str:
    return re.sub(r"[\W_]+", "", heading.casefold())


def _read(table: Table, line: Line, mapping: Mapping[str, int], standing: Mapping[str, Texts]) -> Judged:
    """The cells of a row one by one; what the file doesn't have a column for stays as it stands."""
    texts, wrong = {}, list(line.problems)
    for name, place in mapping.items():
        try:
            texts[name] = _read_cell(table.columns[name], line.cells[place])
        except WrongEntry as mistake:
            wrong.append(f"{table.columns[name].heading}: {mistake}")
    row = Judged(line, Verdict.NEW)
    if wrong:
        row.fail(" ".join(wrong))
    else:
        row.key = table.identify(texts)[:LONGEST_KEY]
        row.before = standing.get(row.key)
        blank = row.before or {name: column.settled("") for name, column in table.columns.items()}
        row.after = {**blank, **texts}
    return row


def _read_cell(column: Column, text: str) -> str:
    plain = unguarded(text.strip())
    if column.required and not plain.strip():
        raise WrongEntry("this cell must be filled.")
    return column.read(plain)


def _known(table: Table, judged: Sequence[Judged]) -> dict[str, set[str]]:
    """The keys rows may name: those that stand in the catalog, and those the same file brings."""
    wanted = {column.names for column in table.columns.values() if column.names}
    known = {noun: set(NAMED[noun]._default_manager.values_list("key", flat=True)) for noun in wanted}
    if table.own in known:
        known[table.own] |= {row.after["key"] for row in judged if row.after}
    return known


def _refuse_unknown(table: Table, row: Judged, known: Mapping[str, set[str]]) -> None:
    for name, column in table.columns.items():
        if column.names and row.after and row.verdict is not Verdict.ERROR:
            named = [part for part in row.after[name].split(", ") if part]
            strange = next((part for part in named if part not in known[column.names]), None)
            if strange is not None:
                row.fail(f"{column.heading}: there is no {column.names} with the key {strange}.")


def _settle(table: Table, row: Judged, standing: Mapping[str, Texts]) -> None:
    if row.verdict is Verdict.ERROR or row.after is None:
        return
    empty = [column.heading for name, column in table.columns.items() if column.required and not row.after[name]]
    if empty:
        row.fail(f"It is new here, so it needs {', '.join(empty)}.")
        return
    try:
        row.after = table.fit(row.after)
    except WrongEntry as mistake:
        row.fail(str(mistake))
        return
    row.key = table.identify(row.after)[:LONGEST_KEY]
    row.before = standing.get(row.key)
    if row.before is not None:
        row.verdict = Verdict.SAME if row.before == row.after else Verdict.CHANGED


def _refuse_twice(row: Judged, seen: dict[str, int]) -> None:
    if row.verdict is Verdict.ERROR:
        return
    first = seen.setdefault(row.key, row.line.number)
    if first != row.line.number:
        row.fail(f"{row.key} stands in row {first} already; keep one of the two.")
