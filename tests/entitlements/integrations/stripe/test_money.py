from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.integrations.stripe.money import in_micros, in_their_units

MICROS = 1_000_000


@pytest.mark.parametrize(
    ("currency", "micros", "theirs"),
    [
        ("EUR", 12_500_000, "1250"),
        ("USD", 1, "0.0001"),
        ("JPY", 1_200 * MICROS, "1200"),
        ("KWD", 5 * MICROS, "5000"),
        ("ISK", 500 * MICROS, "50000"),  # has no hundredths, and is counted in them all the same
        ("EUR", 0, "0"),
    ],
)
def test_sums_are_in_the_unit_that_stripe_counts_in(currency, micros, theirs):
    assert in_their_units(micros, currency) == Decimal(theirs)


@given(st.integers(0, 10**15), st.sampled_from(["EUR", "JPY", "KWD", "UGX"]))
def test_there_and_back_it_is_the_same(micros, currency):
    assert in_micros(in_their_units(micros, currency), currency) == micros
