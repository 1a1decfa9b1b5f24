"""The sheet as an engineer reads it."""

from datetime import datetime
from typing import Any

import pytest

from catalog.domain.values import TermState
from catalog.queries.engineer_sheet import HEADINGS, EngineerRow, engineer_sheet
from catalog.queries.engineering import engineering_lines
from catalog.queries.sheet import sheet
from tests.catalog.factories import (
    FeatureFactory,
    PlanTermFactory,
    RolesFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
)

pytestmark = pytest.mark.django_db


def rows(at: datetime) -> tuple[EngineerRow, ...]:
    return engineer_sheet(sheet(at=at), lines=engineering_lines(at=at))


def test_a_feature_is_told_by_its_keys_and_rules(at: datetime) -> None:
    PlanTermFactory(feature=StorageFactory(key="storage"), amount=8 * 10**9)
    (row,) = rows(at)
    told = dict(zip(HEADINGS, row.told, strict=True))
    assert (told["key"], told["kind"], told["unit"]) == ("storage", "metered", "GB = 1,000,000,000 B")
    assert told["aggregation"] == "average"
    assert told["combine"] == "most_generous"
    assert "can't be reached" in told["fallback"]


@pytest.mark.parametrize(
    ("factory", "term", "raw"),
    [
        (FeatureFactory, {}, "true"),
        (FeatureFactory, {"state": TermState.NOT_INCLUDED}, "not_included"),
        (StorageFactory, {"amount": 8 * 10**9}, "8000000000 B"),
        (StorageFactory, {"state": TermState.UNLIMITED}, "unlimited"),
        (SeatsFactory, {"amount": 5}, "5 seat"),
        (TierFactory, {"text": "smart"}, "smart"),
        (RolesFactory, {"choices": ["owner", "billing"]}, "billing, owner"),
    ],
)
def test_a_cell_shows_what_is_stored(at: datetime, factory: type, term: dict[str, Any], raw: str) -> None:
    PlanTermFactory(feature=factory(), **term)
    assert rows(at)[0].raw == (raw,)


def test_nothing_said_is_nothing(at: datetime) -> None:
    PlanTermFactory(feature=SeatsFactory(), amount=1)
    PlanTermFactory(feature=SeatsFactory(), amount=2)
    assert [row.raw for row in rows(at)] == [("1 seat", ""), ("", "2 seat")]


def test_a_special_case_is_a_row_of_its_own(at: datetime) -> None:
    term = PlanTermFactory(feature=SeatsFactory(), amount=10)
    PlanTermFactory(version=term.version, feature=term.feature, phase="trial", amount=3)
    assert [(row.case, row.raw) for row in rows(at)] == [("", ("10 seat",)), ("trial~~", ("3 seat",))]
