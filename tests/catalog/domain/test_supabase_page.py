"""The real price page, cell by cell, against what a person makes of it (expected_supabase.csv)."""

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from catalog.domain.declarations import read_declarations
from catalog.domain.matrix import Matrix, read_matrix
from catalog.domain.plan_list import PlanRow, read_plans
from catalog.domain.values import Kind, TermState
from catalog.domain.words import say_reading

DATA = Path(__file__).parents[3] / "catalog" / "data" / "supabase"
EXPECTED = list(csv.DictReader((Path(__file__).parent / "expected_supabase.csv").read_text("utf-8").splitlines()))
PLANS = ["Free", "Pro", "Team", "Enterprise"]
SHORT = {
    "no": (TermState.NOT_INCLUDED, "not included"),
    "custom": (TermState.SET_PER_CUSTOMER, "set per customer"),
    "Unlimited": (TermState.UNLIMITED, "Unlimited"),
    "add-on": (TermState.ADD_ON, "sold as an add-on"),
}


@cache
def matrix() -> Matrix:
    declarations = read_declarations((DATA / "features.csv").read_bytes())
    return read_matrix((DATA / "plan_matrix.csv").read_bytes(), declarations=declarations, known_plans=PLANS)


def told(cell: str) -> tuple[TermState, str]:
    if cell in SHORT:
        return SHORT[cell]
    head, _, rest = cell.partition(": ")
    match head:
        case "add-on":
            return TermState.ADD_ON, f"sold as an add-on: {rest}"
        case "unsettled":
            return TermState.UNSETTLED, f"to be settled: {rest}"
        case _:
            return TermState.VALUE, cell


@pytest.mark.parametrize(
    ("feature", "plan", "cell"), [(row["feature"], plan, row[plan]) for row in EXPECTED for plan in PLANS]
)
def test_each_cell_of_the_page_is_read_as_a_person_reads_it(feature, plan, cell):
    row = next(row for row in matrix().rows if row.declaration.shape.name == feature)
    reading = row.readings[plan]
    state, words = told(cell)
    assert reading.state is state
    assert say_reading(reading, shape=row.declaration.shape, reset=row.declaration.reset) == words


def test_the_page_has_59_features_and_the_desk_one_more():
    keys = [row.declaration.shape.key for row in matrix().rows]
    assert len(EXPECTED) == 59
    assert len(keys) == len(set(keys)) == 60
    assert keys[-1] == "support_tier"
    assert matrix().plans == tuple(PLANS)


def test_so_many_cells_say_each_thing():
    told_on_page = Counter(r.state for row in matrix().rows[:59] for r in row.readings.values())
    assert told_on_page == {
        TermState.VALUE: 145,
        TermState.NOT_INCLUDED: 49,
        TermState.SET_PER_CUSTOMER: 18,
        TermState.ADD_ON: 11,
        TermState.UNLIMITED: 9,
        TermState.UNSETTLED: 4,
    }


def test_nothing_of_the_page_is_dropped():
    with (DATA / "plan_matrix.csv").open(encoding="utf-8") as page:
        cells = {(line["feature"], plan): line[plan] for line in csv.DictReader(page) for plan in PLANS}
    kept = {(r.declaration.shape.name, p): r.readings[p].source_text for r in matrix().rows[:59] for p in PLANS}
    assert kept == cells


def test_every_price_of_the_page_is_carried():
    written = sum(r.source_text.count("$") for row in matrix().rows for r in row.readings.values())
    lines = [line for row in matrix().rows for r in row.readings.values() for line in r.prices]
    assert len(lines) == written == 38
    assert {line.currency for line in lines} == {"USD"}


@pytest.mark.parametrize(
    ("feature", "micros", "per"),
    [
        ("database_size", 125_000, 10**9),
        ("bandwidth", 90_000, 10**9),
        ("maus", 3_250, 1),
        ("single_sign_on_saml_2_0", 15_000, 1),
        ("storage", 21_000, 10**9),
        ("image_transformations", 5_000_000, 1_000),
        ("invocations", 2_000_000, 10**6),
        ("concurrent_peak_connections", 10_000_000, 1_000),
        ("messages_per_month", 2_500_000, 10**6),
        ("branching", 320_000, None),
    ],
)
def test_use_beyond_the_plan_costs_what_the_page_says(feature, micros, per):
    reading = matrix().reading(feature=feature, plan="Pro")
    assert reading.overage
    assert [(line.amount_micros, line.per_amount) for line in reading.prices] == [(micros, per)]


def test_what_the_page_does_not_mention_is_there_to_be_settled():
    tier = matrix().rows[-1]
    assert {(r.state, r.source_text) for r in tier.readings.values()} == {(TermState.UNSETTLED, "")}
    assert [choice.key for choice in tier.declaration.shape.choices] == [
        "community",
        "email",
        "standard",
        "priority",
        "priority_plus",
    ]


def test_every_usage_based_row_is_counted_somehow():
    counted = {Kind.METERED, Kind.CAPACITY}
    others = [
        r.declaration.shape.name for r in matrix().rows if r.usage_based and r.declaration.shape.kind not in counted
    ]
    assert others == ["Log Drain"]


def test_the_plans_of_the_page():
    plans = read_plans((DATA / "plans.csv").read_bytes())
    assert [(plan.key, plan.name, plan.price_micros) for plan in plans] == [
        ("free", "Free", 0),
        ("pro", "Pro", 25_000_000),
        ("team", "Team", 599_000_000),
        ("enterprise", "Enterprise", None),
    ]
    assert isinstance(plans[3], PlanRow)
    assert plans[3].by_agreement
    assert plans[2].audience == "collaboration, compliance"
