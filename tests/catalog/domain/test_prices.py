"""Prices as they stand on price pages."""

import pytest

from catalog.domain.cells import read_cell
from catalog.domain.prices import PriceLine, fragments_of, read_money, read_prices
from catalog.domain.values import TermState
from tests.catalog.domain.shapes import BANDWIDTH, BRANCHES, CALLS, HOURS, IMAGES, MAUS, MEMBERS, MEMORY, SSO, STORAGE

GB = 10**9


@pytest.mark.parametrize(
    ("shape", "text", "micros", "currency", "per"),
    [
        (STORAGE, "then $0.125 per GB", 125_000, "USD", GB),
        (STORAGE, "$0.125/GB", 125_000, "USD", GB),
        (STORAGE, "then $9 per 100 GB", 9_000_000, "USD", 100 * GB),
        (MEMORY, "$1 per GiB", 1_000_000, "USD", 2**30),
        (MAUS, "then $0.00325 per MAU", 3_250, "USD", 1),
        (CALLS, "$10 per 1000", 10_000_000, "USD", 1_000),
        (CALLS, "$2 per 1 Million", 2_000_000, "USD", 10**6),
        (CALLS, "$2.50 per Million", 2_500_000, "USD", 10**6),
        (CALLS, "$2.50 per Million calls", 2_500_000, "USD", 10**6),
        (IMAGES, "$5 per 1000 origin images", 5_000_000, "USD", 1_000),
        (HOURS, "€150 per hour", 150_000_000, "EUR", 3_600),
        (MEMBERS, "additional £7 per member", 7_000_000, "GBP", 1),
        (MEMBERS, "CHF 7 per member", 7_000_000, "CHF", 1),
        (MEMBERS, "$1,250.50 per member", 1_250_500_000, "USD", 1),
        (BRANCHES, "$0.32 per branch, per day", 320_000, "USD", None),
        (MEMBERS, "additional $10/member/month", 10_000_000, "USD", None),
        (MEMBERS, "$10 per month", 10_000_000, "USD", None),
        (MEMBERS, "$10", 10_000_000, "USD", None),
        (STORAGE, "$10 per 1000", 10_000_000, "USD", None),
        (CALLS, "$0.20 per Million processed", 200_000, "USD", None),
        (SSO, "$75 per month for first project", 75_000_000, "USD", None),
    ],
)
def test_a_price_keeps_its_words_and_says_per_how_much_where_that_is_certain(shape, text, micros, currency, per):
    assert read_prices([text], shape=shape) == (PriceLine(micros, currency, per, text),)


@pytest.mark.parametrize(
    "text",
    ["from $10 per GB", "$10-20 per GB", "$0.10 to $0.20 per GB", "$10k", "$ per GB", "$0.0000001 per GB", "per GB"],
)
def test_what_is_not_certainly_a_price_is_none(text):
    assert read_prices([text], shape=STORAGE) is None


def test_several_prices_are_several_lines():
    text = "$60 per drain per month per project add on; and $0.20 per Million processed; and $0.09 per GB bandwidth"
    lines = read_prices(fragments_of(text), shape=SSO)
    assert [(line.amount_micros, line.per_amount) for line in lines] == [
        (60_000_000, None),
        (200_000, None),
        (90_000, None),
    ]
    assert "; ".join(line.note for line in lines) == text


def test_words_after_a_price_stay_in_its_note():
    (line,) = read_prices(fragments_of("$5 per GB; billed yearly"), shape=STORAGE)
    assert (line.note, line.per_amount) == ("$5 per GB; billed yearly", None)


@pytest.mark.parametrize(
    ("shape", "text", "value", "lines"),
    [
        (STORAGE, "8 GB included; then $0.125 per GB", 8 * GB, 1),
        (STORAGE, "8 GB, then $0.125 per GB", 8 * GB, 1),
        (STORAGE, "8 GB then $0.125 per GB", 8 * GB, 1),
        (BANDWIDTH, "250 GB a month, soft limit, then $0.09 per GB", 250 * GB, 1),
        (MEMBERS, "1, additional $10/member/month", 1, 1),
        (MEMBERS, "5; then $10 per member; and $3 per month", 5, 2),
        (BRANCHES, "$0.32 per branch, per day", 0, 1),
        (BRANCHES, "Pay as you go: $0.32 per branch, per day", 0, 1),
    ],
)
def test_use_beyond_the_amount_is_charged(shape, text, value, lines):
    reading = read_cell(text, shape=shape)
    assert (reading.state, reading.value, reading.overage) == (TermState.VALUE, value, True)
    assert len(reading.prices) == lines


@pytest.mark.parametrize(
    ("shape", "text", "declared"),
    [
        (SSO, "$100 per month per 7 days retention", True),
        (SSO, "$60 per drain per month per project add on", False),
        (MEMBERS, "$10 per member per month per project add-on", False),
        (MEMBERS, "$10 per member", True),
        (SSO, "sold as an add-on: $75 per month", False),
    ],
)
def test_a_price_alone_may_be_that_of_an_add_on(shape, text, declared):
    reading = read_cell(text, shape=shape, sold_as_add_on=declared)
    assert (reading.state, reading.overage, len(reading.prices)) == (TermState.ADD_ON, False, 1)


def test_a_price_for_a_gate_that_nobody_calls_an_add_on_is_unsettled_and_kept():
    reading = read_cell("$100 per month", shape=SSO)
    assert (reading.state, reading.prices[0].amount_micros) == (TermState.UNSETTLED, 100_000_000)


@pytest.mark.parametrize(
    ("number", "micros"),
    [
        ("25", 25_000_000),
        ("1,250.5", 1_250_500_000),
        ("0", 0),
        ("2,5", None),
        ("", None),
        ("-1", None),
        ("9" * 40, None),
    ],
)
def test_money_is_read_to_the_millionth(number, micros):
    assert read_money(number) == micros


@pytest.mark.parametrize("bad", [(-1, "USD", None), (1, "usd", None), (1, "USD", 0), (2**63, "USD", None)])
def test_an_impossible_price_can_not_be_built(bad):
    with pytest.raises(ValueError):
        PriceLine(*bad, note="")
