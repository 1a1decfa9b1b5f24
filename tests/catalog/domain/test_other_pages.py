"""Two price pages we did not design for, cell by cell, against what a person makes of them (tests/catalog/pages)."""

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from catalog.domain.cells import read_cell
from catalog.domain.declarations import read_declarations
from catalog.domain.matrix import Matrix, read_matrix
from catalog.domain.plan_list import read_plans
from catalog.domain.values import Scaling, TermState
from catalog.domain.vocabulary import Vocabulary
from catalog.domain.words import say_reading

PAGES = Path(__file__).parents[1] / "pages"
NAMES = ("github", "slack")
SETTLED = {
    "File storage": "10 GB per seat of Members, pooled",
    "Canvases": "1",
    "Single-channel guests": "5 per seat of Members, pooled",
}


@cache
def matrix(page: str) -> Matrix:
    declared = read_declarations((PAGES / page / "features.csv").read_bytes())
    plans = [plan.name for plan in read_plans((PAGES / page / "plans.csv").read_bytes())]
    return read_matrix((PAGES / page / "plan_matrix.csv").read_bytes(), declarations=declared, known_plans=plans)


def expected() -> list[tuple[str, str, str, str]]:
    found = []
    for page in NAMES:
        rows = csv.DictReader((PAGES / page / "expected.csv").read_text("utf-8").splitlines())
        found += [(page, row["feature"], plan, row[plan]) for row in rows for plan in row if plan != "feature"]
    return found


@pytest.mark.parametrize(("page", "feature", "plan", "words"), expected())
def test_each_cell_is_read_as_a_person_reads_it(page, feature, plan, words):
    row = next(row for row in matrix(page).rows if row.declaration.shape.name == feature)
    assert say_reading(row.readings[plan], shape=row.declaration.shape, reset=row.declaration.reset) == words


@pytest.mark.parametrize("page", NAMES)
def test_no_cell_of_the_page_is_lost(page):
    with (PAGES / page / "plan_matrix.csv").open(encoding="utf-8") as file:
        cells = {(line["feature"], plan): line[plan] for line in csv.DictReader(file) for plan in matrix(page).plans}
    kept = {
        (row.declaration.shape.name, p): row.readings[p].source_text
        for row in matrix(page).rows
        for p in cells_of(page)
    }
    assert kept == cells


def cells_of(page: str) -> tuple[str, ...]:
    return matrix(page).plans


def test_only_what_the_page_leaves_open_is_asked_of_a_person():
    """Per member: in one pool, or for each by itself? A page doesn't say; the desk doesn't guess."""
    asked = Counter(
        (page, row.declaration.shape.name)
        for page in NAMES
        for row in matrix(page).rows
        for reading in row.readings.values()
        if reading.state is TermState.UNSETTLED
    )
    assert asked == {("slack", "File storage"): 3, ("slack", "Canvases"): 1, ("slack", "Single-channel guests"): 3}


@pytest.mark.parametrize(("feature", "typed"), SETTLED.items())
def test_what_is_asked_can_be_said(feature, typed):
    known = Vocabulary(
        counted={"members": "Members", "file_storage": "File storage", "guests": "Single-channel guests"}
    )
    shape = next(row.declaration.shape for row in matrix("slack").rows if row.declaration.shape.name == feature)
    reading = read_cell(typed, shape=shape, vocabulary=known)
    assert reading.state is TermState.VALUE
    assert (reading.scaling is Scaling.PER_SEAT_OF) == ("seat" in typed)
