"""The plans of a price page."""

import pytest

from catalog.domain.plan_list import PlanRow, PlansRefused, read_plans

HEADER = b"plan,price_per_month_usd,audience\n"


def errors_of(data: bytes) -> str:
    with pytest.raises(PlansRefused) as refusal:
        read_plans(data)
    return "\n".join(refusal.value.errors)


@pytest.mark.parametrize(
    ("price", "micros"),
    [(b"0", 0), (b"25", 25_000_000), (b"$599.50", 599_500_000), (b'"1,200"', 1_200_000_000), (b"contact sales", None)],
)
def test_a_plan_has_a_price_or_is_sold_by_agreement(price, micros):
    (plan,) = read_plans(HEADER + b"Big Team," + price + b",everyone\n")
    assert plan == PlanRow("big_team", "Big Team", micros, audience="everyone")
    assert plan.by_agreement is (micros is None)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (b"Pro,cheap,\n", "B2 (Pro): 'cheap' is not a price per month"),
        (b"Pro,,\n", "B2 (Pro): '' is not a price per month"),
        (b"Pro,-5,\n", "below zero"),
        (b"=Pro,5,\n", "looks like a formula"),
        (b",5,x\n", "B2 (no name): The plan has no name"),
        (b"Pro,5,\nPro,6,\n", "A3: the plan 'Pro' is listed twice"),
        (b"Pro,5\n", "row 2 has 2 cells"),
        (b"", "The file lists no plan"),
    ],
)
def test_a_wrong_list_is_refused_with_its_place(rows, words):
    assert words in errors_of(HEADER + rows)


def test_the_columns_must_be_those_of_the_format():
    wrong = errors_of(b"plan,price\nPro,5\n")
    assert "the column 'audience' is missing" in wrong
    assert "no column 'price'" in wrong


@pytest.mark.parametrize(("key", "name", "price"), [("", "Pro", 5), ("pro", "", 5), ("pro", "Pro", -1)])
def test_an_impossible_plan_can_not_be_built(key, name, price):
    with pytest.raises(ValueError):
        PlanRow(key, name, price)
