"""What a customer pays of a stated price: by table, and what holds of every price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.cover_terms import Aspect, Billing, WorkKind
from support.domain.work import (
    LARGEST_PRICE,
    LONGEST_MINUTES,
    MICROS,
    MOST_PIECES,
    aspect_of,
    billing_of,
    customer_share,
    price_fault,
    quantity_fault,
    say_quantity,
    say_share,
    smallest_unit,
)

CENT = MICROS // 100


@pytest.mark.parametrize(
    ("price", "percent", "currency", "pays"),
    [
        (100_00 * CENT, 0, "EUR", 0),
        (100_00 * CENT, 100, "EUR", 100_00 * CENT),
        (100_00 * CENT, 40, "EUR", 40_00 * CENT),
        (1 * CENT, 50, "EUR", 1 * CENT),  # half a cent is rounded up
        (1 * CENT, 49, "EUR", 0),
        (33 * CENT, 50, "USD", 17 * CENT),
        (1 * MICROS, 50, "JPY", 1 * MICROS),  # no half yen
        (3 * MICROS, 33, "JPY", 1 * MICROS),
        (1_000, 50, "KWD", 1_000),  # a fils
        (0, 70, "EUR", 0),
    ],
)
def test_the_share_is_rounded_half_up_to_what_can_be_paid(price: int, percent: int, currency: str, pays: int) -> None:
    assert customer_share(price, percent=percent, currency=currency) == pays


@given(st.integers(0, 10**9), st.integers(0, 100), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_the_share_can_be_paid_and_is_never_more_than_the_price(units: int, percent: int, currency: str) -> None:
    unit = smallest_unit(currency)
    share = customer_share(units * unit, percent=percent, currency=currency)
    assert share % unit == 0
    assert 0 <= share <= units * unit
    assert abs(share * 100 - units * unit * percent) <= 50 * unit


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_a_greater_percent_is_never_less(units: int, percent: int) -> None:
    less, more = (customer_share(units * CENT, percent=one, currency="EUR") for one in (percent, percent + 1))
    assert less <= more


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_is_a_percent(percent: int) -> None:
    with pytest.raises(ValueError, match="0 to 100 percent"):
        customer_share(100, percent=percent, currency="EUR")


@pytest.mark.parametrize(
    ("price", "currency", "field", "words"),
    [
        (5 * MICROS, "", "currency", "in which currency"),
        (5 * MICROS, "EURO", "currency", "no currency"),
        (None, "EUR", "amount_micros", "Say the price"),
        (-1, "EUR", "amount_micros", "0 or more"),
        (LARGEST_PRICE + MICROS, "EUR", "amount_micros", "thousand million"),
        (CENT // 2, "EUR", "amount_micros", "no sums as fine"),
        (MICROS // 2, "JPY", "amount_micros", "no sums as fine"),
    ],
)
def test_a_price_that_cannot_be_paid_is_said_beside_its_input(
    price: int | None, currency: str, field: str, words: str
) -> None:
    fault = price_fault(price, currency)
    assert fault is not None
    assert fault[0] == field
    assert words in fault[1]


def test_a_price_in_a_currency_and_no_price_at_all_are_fine() -> None:
    assert price_fault(None, "") is None
    assert price_fault(0, "EUR") is None
    assert price_fault(1_000, "KWD") is None


@pytest.mark.parametrize(
    ("kind", "quantity", "fits"),
    [
        (WorkKind.PARTS, 1, True),
        (WorkKind.PARTS, 0, False),
        (WorkKind.PARTS, MOST_PIECES + 1, False),
        (WorkKind.LABOUR, -30, False),
        (WorkKind.LABOUR, LONGEST_MINUTES, True),
        (WorkKind.TRAVEL, LONGEST_MINUTES + 1, False),
    ],
)
def test_a_quantity_is_at_least_one(kind: WorkKind, quantity: int, *, fits: bool) -> None:
    assert (quantity_fault(kind, quantity) == "") is fits


def test_words() -> None:
    assert say_quantity(WorkKind.PARTS, 1) == "1 piece"
    assert say_quantity(WorkKind.PARTS, 1_200) == "1,200 pieces"
    assert [say_quantity(WorkKind.LABOUR, each) for each in (30, 60, 95)] == ["30 min", "1 h", "1 h 35 min"]
    assert [say_share(each) for each in (0, 40, 100)] == ["Covered", "The customer pays 40 %", "The customer pays"]
    assert [billing_of(each) for each in (0, 1)] == [Billing.COVERED, Billing.OPEN]
    assert [aspect_of(kind) for kind in WorkKind] == [Aspect.LABOUR, Aspect.PARTS, Aspect.TRAVEL]
