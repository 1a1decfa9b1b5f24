"""What others' documentation says a balance comes to (tests/vectors/sla_timelines.json, balance_cases)."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.actions.allowances.exempting import exempt_case
from support.domain.cover_terms import CountedOn
from tests.conftest import actor
from tests.support import time_world
from tests.support.counting_world import AT, HOUR, a_case, comes_to, left, supported

pytestmark = pytest.mark.django_db
FILE = Path(__file__).resolve().parents[3] / "vectors" / "sla_timelines.json"
VECTORS = json.loads(FILE.read_text())["balance_cases"]
RULES = {"creation": CountedOn.OPENING, "resolution": CountedOn.RESOLVING}
OF_CASES = [one for one in VECTORS if one["entitlement"]["allocation"] == "cases"]
OF_HOURS = [one for one in VECTORS if one["entitlement"]["allocation"] == "hours"]


@pytest.mark.parametrize("vector", OF_CASES, ids=lambda one: one["id"])
def test_incidents(vector: dict[str, Any]) -> None:
    said = vector["entitlement"]
    acme, pack = supported(said["total"], counted_on=RULES[said["decrease_on"]])
    case = a_case(acme)
    if said.get("do_not_decrement"):
        exempt_case(case=case, reason="Our fault", by=actor("support"), at=AT)
    if "case_resolved" in vector["events"]:
        comes_to(case, "resolved")
    assert left(acme, pack) == vector["expected_remaining"]


@pytest.mark.parametrize("vector", OF_HOURS, ids=lambda one: one["id"])
def test_hours(vector: dict[str, Any]) -> None:
    """Time counts with each entry, so what is left at the resolution is the same."""
    acme, hours = time_world.customer(), time_world.hours()
    time_world.sold(acme, hours, vector["entitlement"]["total"] * 60)
    case = time_world.a_case(acme)
    time_world.entered(case, 30)
    assert time_world.minutes_left(acme, hours) == vector["expected_remaining"] * 60


def test_all_of_them_are_here() -> None:
    assert [one["id"] for one in VECTORS] == ["bal-01", "bal-02", "bal-03", "bal-04", "bal-05"]
    assert HOUR
