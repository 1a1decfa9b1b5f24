"""Features as they are declared in a file."""

import csv
import io
from pathlib import Path

import pytest

from catalog.domain.declarations import (
    COLUMNS,
    DeclarationsRefused,
    FeatureDeclaration,
    read_declarations,
    slug,
    write_declaration,
)
from catalog.domain.values import Combine, InvalidFeature, Kind, Reset
from tests.catalog.domain.shapes import MAUS, SSO

SUPABASE = Path(__file__).parents[3] / "catalog" / "data" / "supabase" / "features.csv"
GATE = {"key": "sso", "name": "SSO", "group": "Security", "kind": "gate"}
USAGE = {"key": "u", "name": "U", "group": "G", "kind": "metered", "aggregation": "sum", "reset": "month"}
RANKED = {"key": "c", "name": "C", "group": "G", "kind": "config", "config_type": "ranked", "choices": "a|A < b|B"}


def page(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def errors_of(*rows: dict[str, str]) -> str:
    with pytest.raises(DeclarationsRefused) as refusal:
        read_declarations(page(*rows))
    return "\n".join(refusal.value.errors)


def test_a_gate_needs_no_more_than_key_name_group_and_kind():
    assert read_declarations(page(GATE)) == (FeatureDeclaration(SSO, group="Security"),)


def test_the_unit_gives_the_scale():
    (declared,) = read_declarations(page(USAGE | {"unit": "GB"}))
    assert (declared.shape.unit, declared.shape.scale, declared.reset) == ("GB", 10**9, Reset.MONTH)


def test_choices_are_listed_worst_first():
    (declared,) = read_declarations(page(RANKED | {"choices": "a|A, no time < b|B"}))
    assert [(choice.key, choice.label) for choice in declared.shape.choices] == [("a", "A, no time"), ("b", "B")]


def test_rules_have_sensible_defaults_and_can_be_said():
    said = USAGE | {"combine": "add", "sold_as_add_on": "yes", "note": "sum of traffic"}
    (declared,) = read_declarations(page(said))
    assert (declared.combine, declared.sold_as_add_on, declared.note) == (Combine.ADD, True, "sum of traffic")
    (plain,) = read_declarations(page(USAGE))
    assert (plain.combine, plain.sold_as_add_on) == (Combine.MOST_GENEROUS, False)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([GATE | {"kind": "gait"}], "D2 (kind): 'gait' is not one of: gate, metered"),
        ([GATE | {"kind": ""}], "D2 (kind): The kind of the feature is missing"),
        ([GATE | {"name": ""}], "B2 (name): The name of the feature is missing"),
        ([GATE | {"group": ""}], "C2 (group): The group of the feature is missing"),
        ([GATE | {"key": "S S O"}], "Row 2: SSO: the key is written in small letters"),
        ([GATE | {"aggregation": "sum"}], "Row 2: SSO: a usage limit, and only a usage limit"),
        ([GATE | {"reset": "month"}], "Row 2: SSO: a usage limit or credit, and only that, says when"),
        ([USAGE | {"reset": ""}], "Row 2: U: a usage limit or credit, and only that, says when"),
        ([USAGE | {"reset": "fortnight"}], "J2 (reset): 'fortnight' is not one of: second, minute, hour, day"),
        ([USAGE | {"aggregation": "mean"}], "F2 (aggregation): 'mean' is not one of"),
        ([RANKED | {"choices": ""}], "needs the list"),
        ([RANKED | {"choices": "a < b|B"}], "I2 (choices): 'a' is no choice; write key|Label"),
        ([RANKED | {"choices": "a|A < a|B"}], "the same choice is listed twice"),
        ([RANKED | {"config_type": "size", "choices": "", "unit": "day of work"}], "is no unit of time or size"),
        ([GATE | {"sold_as_add_on": "maybe"}], "L2 (sold_as_add_on): 'maybe' is neither yes nor no"),
        ([GATE | {"note": "=1+1"}], "M2 (note): '=1+1' looks like a formula"),
        ([GATE | {"note": "a\x07b"}], "M2 (note): This cell holds an invisible character"),
        ([GATE, GATE | {"name": "Other"}], "A3 (key): 'sso' is declared twice"),
        ([GATE, GATE | {"key": "other", "name": "sso"}], "B3 (name): 'sso' is declared twice"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_place(rows, words):
    assert words in errors_of(*rows)


def test_all_mistakes_are_told_at_once():
    assert len(errors_of(GATE | {"kind": "a"}, GATE | {"kind": "b"}, GATE | {"kind": "c"}).splitlines()) == 3


def test_columns_must_be_those_of_the_format():
    with pytest.raises(DeclarationsRefused) as refusal:
        read_declarations(b"key,name,colour\nsso,SSO,red\n")
    assert "Row 1: the column 'kind' is missing." in refusal.value.errors
    assert any("no column 'colour'" in error for error in refusal.value.errors)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Database size", "database_size"),
        ("Log retention (API & Database)", "log_retention_api_database"),
        ("2FA", "feature_2fa"),
        ("Über", "ber"),
        ("日本", "feature"),
    ],
)
def test_a_key_is_made_of_a_name(name, key):
    assert slug(name) == key


def test_every_declaration_of_the_page_is_written_as_it_is_read():
    lines = SUPABASE.read_text("utf-8").splitlines()
    assert [write_declaration(declared) for declared in read_declarations(SUPABASE.read_bytes())] == lines[1:]


def test_every_group_and_kind_of_the_page_is_declared():
    declared = read_declarations(SUPABASE.read_bytes())
    assert len(declared) == 60
    assert {d.shape.kind for d in declared} == {Kind.GATE, Kind.METERED, Kind.CAPACITY, Kind.CONFIG}
    assert all(d.reset is Reset.BILLING for d in declared if d.shape.kind is Kind.METERED)


def test_a_declaration_that_contradicts_itself_can_not_be_built():
    with pytest.raises(InvalidFeature, match="stands in a group"):
        FeatureDeclaration(SSO, group="")
    with pytest.raises(InvalidFeature, match="says when it starts again"):
        FeatureDeclaration(MAUS, group="Auth")
