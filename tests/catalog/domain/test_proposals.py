"""What a row that nobody declared probably is."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.cells import UnreadableCell, read_cell
from catalog.domain.declarations import COLUMNS, read_declarations
from catalog.domain.proposals import propose
from catalog.domain.values import Aggregation, Kind

PAGE = Path(__file__).parents[3] / "catalog" / "data" / "supabase" / "plan_matrix.csv"
PLANS = ["Free", "Pro", "Team", "Enterprise"]
ROWS = list(csv.DictReader(PAGE.read_text("utf-8").splitlines()))


@pytest.mark.parametrize(
    ("cells", "usage_based", "note", "kind", "unit"),
    [
        (["no", "yes", "Coming soon", "Custom"], False, "", Kind.GATE, ""),
        (["no", "$100 per month"], False, "sold as an add-on", Kind.GATE, ""),
        (["10 included", "Unlimited"], False, "", Kind.CAPACITY, ""),
        (["3 seats", "5 seats; then $3 per seat"], False, "", Kind.CAPACITY, "seat"),
        (["50,000 included; then $0.003 per MAU"], True, "distinct users", Kind.METERED, "MAU"),
        (["$0.32 per branch, per day"], True, "", Kind.METERED, "branch"),
        (["500 MB", "8 GB; then $0.125 per GB"], True, "average size", Kind.METERED, "GB"),
        (["1 hour", "28 days"], False, "", Kind.CONFIG, "day"),
        (["50 MB", "Custom"], False, "", Kind.CONFIG, "MB"),
        (["Basic", "Smart"], False, "", Kind.CONFIG, ""),
        (["Owner, Developer", "Owner"], False, "", Kind.CONFIG, ""),
    ],
)
def test_kind_and_unit_are_guessed_from_the_cells(cells, usage_based, note, kind, unit):
    declared = propose(name="New thing", group="G", usage_based=usage_based, cells=cells, note=note).declaration
    assert (declared.shape.kind, declared.shape.unit) == (kind, unit)


def test_the_note_tells_how_use_adds_up():
    cells = ["5 GB included"]
    for note, how in [
        ("distinct users", Aggregation.DISTINCT),
        ("peak in the period", Aggregation.PEAK),
        ("", Aggregation.SUM),
    ]:
        assert (
            propose(name="X", group="G", usage_based=True, cells=cells, note=note).declaration.shape.aggregation is how
        )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["feature"])
def test_a_proposal_is_a_line_that_declares_a_feature_which_can_be_read(row):
    cells = [row[plan] for plan in PLANS]
    usage_based = row["usage_based"] == "yes"
    proposal = propose(name=row["feature"], group=row["group"], usage_based=usage_based, cells=cells, note=row["note"])
    (declared,) = read_declarations("\n".join([",".join(COLUMNS), proposal.line]).encode())
    assert declared == proposal.declaration
    for cell in cells:
        read_cell(cell, shape=declared.shape, sold_as_add_on=declared.sold_as_add_on)


def test_a_proposal_is_only_a_guess():
    declared = propose(name="X", group="G", usage_based=False, cells=["yes", "no"]).declaration
    with pytest.raises(UnreadableCell):
        read_cell("5 GB", shape=declared.shape)


@given(
    cells=st.lists(st.text(max_size=20) | st.sampled_from([",", "5 GB", "7 days", "$1 per", "per Million"]), max_size=4)
)
def test_any_cells_whatsoever_give_a_proposal(cells):
    for usage_based in (True, False):
        assert propose(name="X", group="", usage_based=usage_based, cells=cells).line.startswith("x,X,General,")
