"""Counts in forms: one sentence says what may be typed."""

import pytest
from django.core.exceptions import ValidationError

from journal.admin.fields import WholeNumberField


@pytest.mark.parametrize("typed", ["0", "10000", "seven", "1.5"])
def test_whatever_is_wrong_the_bounds_are_said(typed: str) -> None:
    with pytest.raises(ValidationError, match="Write a whole number from 1 to 3,650") as refused:
        WholeNumberField(min_value=1, max_value=3650).clean(typed)
    assert len(refused.value.messages) == 1


def test_one_bound_alone_is_said_alone() -> None:
    with pytest.raises(ValidationError, match="of at least 1"):
        WholeNumberField(min_value=1).clean("0")
    with pytest.raises(ValidationError, match="of at most 100"):
        WholeNumberField(max_value=100).clean("101")


def test_a_number_within_its_bounds_is_taken() -> None:
    assert WholeNumberField(min_value=1, max_value=365).clean("7") == 7
