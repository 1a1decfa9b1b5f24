"""Days and counts in forms: a day is shown as browsers read it, and one sentence says what count may be typed."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError

from journal.admin.fields import DayInput, WholeNumberField


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


def test_a_day_is_shown_as_every_browser_reads_it() -> None:
    shown = DayInput().render("through_on", date(2026, 3, 31))
    assert 'type="date"' in shown
    assert 'value="2026-03-31"' in shown


@pytest.mark.parametrize("typed", ["2026-03-31", "31/03/2026", "31/03/26", "31 Mar 2026", "31 March 2026"])
def test_a_day_is_read_however_people_spell_it(typed: str) -> None:
    assert forms.DateField(widget=DayInput).clean(typed) == date(2026, 3, 31)
