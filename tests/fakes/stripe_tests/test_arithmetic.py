"""Periods, amounts and shares, without any server."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.stripe.clock import after, boundary, in_words, iso
from tests.fakes.stripe.ids import Ids
from tests.fakes.stripe.pricing import amount, share


def _at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("start", "interval", "count", "end"),
    [
        ("2026-01-31", "month", 1, "2026-02-28"), ("2024-01-31", "month", 1, "2024-02-29"), ("2026-01-31", "month", 2, "2026-03-31"),
        ("2026-12-15", "month", 1, "2027-01-15"), ("2024-02-29", "year", 1, "2025-02-28"), ("2026-03-02", "week", 2, "2026-03-16"),
        ("2026-03-02", "day", 30, "2026-04-01"), ("2026-03-31T23:59:59", "month", 1, "2026-04-30T23:59:59"),
        ("2026-03-31", "month", -1, "2026-02-28"),
    ],
)  # fmt: skip
def test_an_interval_later(start: str, interval: str, count: int, end: str) -> None:
    assert after(_at(start), interval, count) == _at(end)


@pytest.mark.parametrize(
    ("anchor", "past", "end"),
    [
        ("2026-01-31", "2026-01-31", "2026-02-28"), ("2026-01-31", "2026-02-28", "2026-03-31"), ("2026-01-31", "2026-03-31", "2026-04-30"),
        ("2026-01-31", "2027-12-31", "2028-01-31"), ("2026-01-31", "2028-01-31", "2028-02-29"), ("2026-06-15", "2026-03-01", "2026-03-15"),
        ("2026-06-15", "2026-06-14", "2026-06-15"), ("2000-01-31", "2026-02-28", "2026-03-31"),
    ],
)  # fmt: skip
def test_boundaries_are_counted_from_the_anchor(anchor: str, past: str, end: str) -> None:
    assert boundary(_at(anchor), {"interval": "month", "interval_count": 1}, _at(past)) == _at(end)


def test_a_boundary_is_the_first_one_for_every_day_of_years() -> None:
    anchor, recurring = _at("2023-12-31"), {"interval": "month", "interval_count": 3}
    walked = [after(anchor, "month", 3 * step) for step in range(20)]
    for day in range(1500):
        past = anchor + day * 86400
        assert boundary(anchor, recurring, past) == next(end for end in walked if end > past)


def _price(**more: Any) -> dict[str, Any]:
    return {"billing_scheme": "per_unit", "unit_amount_decimal": "100", "transform_quantity": None} | more


TIERS = [{"up_to": 10, "unit_amount": 100, "flat_amount": None}, {"up_to": None, "unit_amount": 50, "flat_amount": 500}]


@pytest.mark.parametrize(
    ("price", "quantity", "cost"),
    [
        (_price(), 3, 300), (_price(), 0, 0), (_price(unit_amount_decimal="0.5"), 3, 2), (_price(unit_amount_decimal="0.4"), 1, 0),
        (_price(transform_quantity={"divide_by": 10, "round": "up"}), 11, 200),
        (_price(transform_quantity={"divide_by": 10, "round": "down"}), 19, 100),
        (_price(billing_scheme="tiered", tiers_mode="graduated", _tiers=TIERS), 10, 1000),
        (_price(billing_scheme="tiered", tiers_mode="graduated", _tiers=TIERS), 12, 1600),
        (_price(billing_scheme="tiered", tiers_mode="volume", _tiers=TIERS), 10, 1000),
        (_price(billing_scheme="tiered", tiers_mode="volume", _tiers=TIERS), 12, 1100),
    ],
)  # fmt: skip
def test_what_a_quantity_costs(price: dict[str, Any], quantity: int, cost: int) -> None:
    assert amount(price, quantity) == cost


@pytest.mark.parametrize(
    ("whole", "at", "part"),
    [(1000, 0, 1000), (1000, 50, 500), (1000, 100, 0), (-1000, 50, -500), (1, 50, 1), (3, 75, 1), (1000, -10, 1000)],
)
def test_the_share_of_what_is_left(whole: int, at: int, part: int) -> None:
    assert share(whole, 0, 100, at) == part


def test_credit_and_charge_of_one_amount_are_alike() -> None:
    assert all(share(whole, 0, 31, at) == -share(-whole, 0, 31, at) for whole in (1, 7, 999) for at in range(31))


def test_ids_are_the_same_for_a_seed_and_others_for_another() -> None:
    one, same, other = Ids(1), Ids(1), Ids(2)
    one("evt_")  # what is drawn for one kind moves no other
    assert [one("cus_") for _ in range(3)] == [same("cus_") for _ in range(3)]
    assert other("cus_") != Ids(1)("cus_")


def test_times_are_said_in_two_ways() -> None:
    assert (iso(_at("2026-03-02")), in_words(_at("2026-03-02"))) == ("2026-03-02T00:00:00.000Z", "2 Mar 2026")
