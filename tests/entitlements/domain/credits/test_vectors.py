"""What OpenMeter's public tests state (tests/vectors/credit_burndown.json); where ours departs, the test says so by name."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.domain.window import MOMENT
from entitlements.domain.credits.burning import Checkpoint, Held
from entitlements.domain.credits.grants import Grant, Reset, Use
from entitlements.domain.credits.recurrence import Interval, Recurrence
from entitlements.domain.credits.run import Run, phases, run

FACTS = json.loads((Path(__file__).parents[3] / "vectors" / "credit_burndown.json").read_text())
ENGINE = {case["id"]: case for case in FACTS["engine_cases"]}
LATEST = "E21"  # grants as limits, by the latest value: see its own test
SUMS = [case for case in FACTS["engine_cases"] if case["id"] != LATEST]
BEFORE_ITS_EXPIRY = {"E03"}  # read at the very expiry, theirs tells the balance just before, and ours that it is gone
DURATION = re.compile(r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def interval(text: str) -> Interval:
    found = DURATION.match(text)
    assert found is not None, text
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return Interval(12 * years + months, 7 * weeks + days, 3600 * hours + 60 * minutes + seconds)


def grant(told: dict[str, Any]) -> Grant:
    again = told.get("recurrence")
    voided = told.get("voided_at") or told.get("deleted_at")  # deleting and voiding are one thing here
    return Grant(
        id=told["id"],
        amount=Decimal(told["amount"]),
        priority=told["priority"],
        effective_at=at(told["effective_at"]),
        expires_at=at(told["expires_at"]),
        voided_at=at(voided) if voided else None,
        recurrence=Recurrence(interval(again["interval"]), at(again["anchor"])) if again else None,
        min_rollover=Decimal(told.get("reset_min_rollover", 0)),
        max_rollover=Decimal(told.get("reset_max_rollover", 0)),
    )


def usage(told: list[dict[str, Any]]) -> list[Use]:
    return [Use(at(use["at"]), Decimal(use["value"])) for use in told]


def start_of(case: dict[str, Any]) -> Checkpoint:
    held = {key: Held(Decimal(left)) for key, left in case["start_balances"].items()}
    return Checkpoint(
        at(case["start_at"]), held, Decimal(case["start_overage"]), Decimal(case.get("start_usage_in_period", 0))
    )


def replayed(case: dict[str, Any], *, until: datetime | None = None) -> Run:
    resets = [Reset(at(reset), case["preserve_overage_at_reset"]) for reset in case["resets"]]
    grants = [grant(told) for told in case["grants"]]
    return run(grants, usage(case["usage"]), resets, until or at(case["until"]), start=start_of(case))


def expected_balances(case: dict[str, Any]) -> dict[str, int]:
    return {**case.get("derived_by_us_not_asserted_upstream", {}), **case["expect"]}.get("balances", {})


@pytest.mark.parametrize("case", SUMS, ids=lambda case: case["id"])
def test_what_is_left_is_what_they_say(case: dict[str, Any]) -> None:
    until = at(case["until"]) - (MOMENT if case["id"] in BEFORE_ITS_EXPIRY else timedelta(0))
    found, expect = replayed(case, until=until), case["expect"]
    told = {key: found.balances.get(key, Decimal(0)) for key in expected_balances(case)}
    assert told == {key: Decimal(left) for key, left in expected_balances(case).items()}
    assert found.end.overage == expect.get("overage", found.end.overage)
    assert found.end.used == expect.get("usage_in_period", found.end.used)


@pytest.mark.parametrize("case", SUMS, ids=lambda case: case["id"])
def test_the_history_has_their_segments(case: dict[str, Any]) -> None:
    segments, expect = replayed(case).segments, case["expect"]
    assert len(segments) == expect.get("segment_count", len(segments))
    for segment, used in zip(segments, expect.get("segment_usage", ()), strict=False):
        assert segment.used == used
    for segment, bounds in zip(segments, expect.get("segment_bounds", ()), strict=False):
        assert [segment.window.start, segment.window.end] == [at(bound) for bound in bounds]


@pytest.mark.parametrize(
    "case", [case for case in SUMS if "segment_start_balances" in case["expect"]], ids=lambda c: c["id"]
)
def test_a_convention_theirs_begins_a_segment_before_carried_overage_is_taken(case: dict[str, Any]) -> None:
    """They tell the full grant beside the overage it is about to take; ours has taken it already. The sum is one."""
    expect, before = case["expect"], Decimal(0)
    carried = expect.get("segment_overage_at_start", [])
    for number, (segment, told) in enumerate(
        zip(replayed(case).segments, expect["segment_start_balances"], strict=True)
    ):
        if told is not None:
            left = sum(held.left for key, held in segment.at_start.held.items() if key in told)
            assert left + before - segment.at_start.overage == sum(told.values())
        assert before == (carried[number] if carried else before)
        before = segment.at_end.overage


def test_a_departure_at_its_very_expiry_a_grant_is_gone() -> None:
    """E03 is read at the expiry: theirs says 50, the balance just before; ours says what is true at that instant."""
    assert replayed(ENGINE["E03"]).balances == {}


def test_a_departure_instants_are_exact_not_minutes() -> None:
    """Theirs cut every instant to its minute: this grant would be there at 01:00:00 already."""
    late = Grant("late", Decimal(100), datetime(2024, 1, 1, 1, 0, 30, tzinfo=UTC))
    assert run([late], [], [], datetime(2024, 1, 1, 1, 0, 29, tzinfo=UTC)).balances == {}
    assert run([late], [], [], datetime(2024, 1, 1, 1, 0, 30, tzinfo=UTC)).balances == {"late": 100}


def test_latest_value_is_no_sum_so_each_phase_stands_for_itself() -> None:
    """E21: with LATEST their grants are limits, each segment beginning full again. Our credits are always sums; a
    limit on the latest value is a usage limit. The rule, said with our phases, gives their figures all the same."""
    case, expect = ENGINE[LATEST], ENGINE[LATEST]["expect"]
    grants, uses = [grant(told) for told in case["grants"]], usage(case["usage"])
    cuts = [p for p in phases(grants, uses, [], at(case["until"]), start=at(case["start_at"])) if p.uses]
    for number, phase in enumerate(cuts):
        active = [g for g in grants if g.is_active(phase.window.start)]
        full = Checkpoint(phase.window.start, {g.id: Held(g.amount) for g in active})
        ended = run(active, [Use(phase.window.start, phase.uses[-1].amount)], [], phase.window.end - MOMENT, start=full)
        assert phase.uses[-1].amount == expect["segment_usage"][number]
        assert (full.left, ended.end.left) == (
            expect["segment_start_total"][number],
            expect["segment_end_total"][number],
        )
    assert (len(cuts), ended.end.left) == (expect["segment_count"], expect["total_balance"])


@pytest.mark.parametrize("case", FACTS["entitlement_cases"], ids=lambda case: case["id"])
def test_an_entitlement_with_its_periods_comes_to_the_same(case: dict[str, Any]) -> None:
    since, period = at(case["measure_usage_from"]), case["usage_period"]
    repeats = Recurrence(interval(period["interval"]), at(period["anchor"]))
    resets: list[Reset] = []
    for step in case["steps"]:
        when = at(step["at"])
        if step["op"] == "reset":
            resets.append(Reset(when))
            continue
        periods = [Reset(r, case["preserve_overage_at_auto_reset"]) for r in repeats.between(since, when)]
        grants, uses = [grant(told) for told in case["grants"]], usage(case["usage"])
        found = run(grants, uses, [*resets, *periods], when, start=Checkpoint(since - MOMENT)).end
        told = {"usage_in_period": found.used, "overage": found.overage, "balance": found.left}
        assert {key: told[key] for key in step["expect"]} == step["expect"]


@pytest.mark.parametrize("row", FACTS["date_add_cases"]["rows"], ids=lambda row: f"{row['start']}+{row['duration']}")
def test_months_and_days_are_added_by_the_calendar(row: dict[str, str]) -> None:
    assert interval(row["duration"]).after(at(row["start"])) == at(row["expect"])


@pytest.mark.parametrize("row", FACTS["period_at_cases"], ids=lambda row: row["at"])
def test_an_instant_lies_in_one_period(row: dict[str, Any]) -> None:
    window = Recurrence(interval(row["interval"]), at(row["anchor"])).period_at(at(row["at"]))
    assert [window.start, window.end] == [at(edge) for edge in row["expect"]]
