"""What other calculators answer (tests/vectors/business_time.json); where ours differs, the convention has a name."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.domain.business_time import Calendar, due, elapsed
from tests.support.domain.desks import SHORT, windows

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "business_time.json").read_text())["cases"]

NO_TIME_PASSES_BACKWARDS = "reversed intervals have no elapsed time"
# case -> (our convention, our figure in minutes); the source counts a reversed interval below zero.
OURS = {
    "bt-070": (NO_TIME_PASSES_BACKWARDS, 0),
    "bt-122": (NO_TIME_PASSES_BACKWARDS, 0),
}
# A source that keeps seconds as a fraction of a minute is exact to less than this.
ROUNDING = timedelta(microseconds=1)


def calendar_of(given: dict[str, Any]) -> Calendar:
    weekly = {
        SHORT.index(day): windows(" ".join("-".join(edges) for edges in hours))
        for day, hours in given["weekly"].items()
    }
    return Calendar(zone=given["tz"], weekly=weekly, holidays=frozenset(map(date.fromisoformat, given["holidays"])))


@pytest.mark.parametrize("case", [each for each in CASES if each["op"] == "add_minutes"], ids=lambda case: case["id"])
def test_deadlines_are_those_of_other_calculators(case: dict[str, Any]) -> None:
    start = datetime.fromisoformat(case["start"])
    answer = due(calendar_of(case["calendar"]), start=start, minutes=case["minutes"])
    assert answer == datetime.fromisoformat(case["expected"])


@pytest.mark.parametrize(
    "case", [each for each in CASES if each["op"] == "elapsed_between"], ids=lambda case: case["id"]
)
def test_open_time_is_that_of_other_calculators(case: dict[str, Any]) -> None:
    start, end = datetime.fromisoformat(case["start"]), datetime.fromisoformat(case["end"])
    _, expected = OURS.get(case["id"], ("", case["expected"]))
    answer = elapsed(calendar_of(case["calendar"]), start=start, end=end)
    assert abs(answer - timedelta(minutes=expected)) <= ROUNDING


def test_every_case_is_counted_and_every_difference_is_a_real_one() -> None:
    assert len(CASES) == 113
    assert {each["op"] for each in CASES} == {"add_minutes", "elapsed_between"}
    by_id = {each["id"]: each for each in CASES}
    assert all(by_id[key]["expected"] != figure for key, (_, figure) in OURS.items())
