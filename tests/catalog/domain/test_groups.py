"""What can be said of a whole group, and which features hear it."""

from decimal import Decimal

import pytest

from catalog.domain.cells import UnreadableCell
from catalog.domain.groups import heard, is_mixed, measure_of, read_group_cell, say_group_cell
from catalog.domain.values import UNLIMITED, TermState
from catalog.domain.vocabulary import Vocabulary
from tests.catalog.domain.shapes import BANDWIDTH, BRANCHES, CALLS, CDN, GREETING, HOURS, MEMBERS, ROLES, SSO, STORAGE

VALUE, LIMITLESS, NO = TermState.VALUE, TermState.UNLIMITED, TermState.NOT_INCLUDED
KNOWN = Vocabulary(add_ons={"gold": "Gold support"})


@pytest.mark.parametrize(
    ("shape", "state", "amount", "expected"),
    [
        (SSO, VALUE, None, (VALUE, True)),
        (CALLS, VALUE, None, None),
        (CDN, VALUE, None, None),
        (SSO, LIMITLESS, None, (VALUE, True)),
        (CALLS, LIMITLESS, None, (LIMITLESS, UNLIMITED)),
        (ROLES, LIMITLESS, None, None),
        (GREETING, LIMITLESS, None, None),
        (CALLS, VALUE, Decimal(5), (VALUE, Decimal(5))),
        (SSO, VALUE, Decimal(5), None),
        (HOURS, VALUE, Decimal(5), None),
        (BANDWIDTH, VALUE, Decimal(5), None),
        *[(shape, NO, None, (NO, None)) for shape in (SSO, CALLS, CDN, ROLES, GREETING)],
        *[(shape, TermState.SET_PER_CUSTOMER, None, (TermState.SET_PER_CUSTOMER, None)) for shape in (SSO, CDN)],
        (CDN, TermState.ADD_ON, None, (TermState.ADD_ON, None)),
    ],
)
def test_a_feature_hears_only_what_can_be_about_it(shape, state, amount, expected):
    assert heard(state=state, amount=amount, shape=shape, measure=CALLS) == expected


def test_an_amount_is_said_as_the_oldest_that_is_counted_is():
    assert measure_of([SSO, STORAGE, CALLS]) == STORAGE
    assert measure_of([SSO, CDN]) is None


@pytest.mark.parametrize(
    ("shapes", "mixed"),
    [
        ([SSO, CDN], False),
        ([SSO, CALLS], False),
        ([STORAGE, BANDWIDTH], False),
        ([CALLS, MEMBERS], True),
        ([BRANCHES, MEMBERS], True),
    ],
)
def test_an_amount_can_be_said_only_where_all_are_counted_alike(shapes, mixed):
    assert is_mixed(shapes) is mixed


@pytest.mark.parametrize(
    ("text", "state", "value"),
    [
        ("Included", VALUE, True),
        ("✓", VALUE, True),
        ("yes", VALUE, True),
        ("Unlimited", LIMITLESS, UNLIMITED),
        ("no", NO, None),
        ("Custom", TermState.SET_PER_CUSTOMER, None),
        ("sold as an add-on: gold", TermState.ADD_ON, None),
        ("to be settled: ask", TermState.UNSETTLED, None),
    ],
)
@pytest.mark.parametrize("measure", [None, CALLS])
def test_the_words_for_a_whole_group_are_read_and_said_again(measure, text, state, value):
    reading = read_group_cell(text, name="Security", measure=measure, vocabulary=KNOWN)
    assert (reading.state, reading.value) == (state, value)
    said = say_group_cell(reading, measure=measure, names=KNOWN, exact=True)
    again = read_group_cell(said, name="Security", measure=measure, vocabulary=KNOWN)
    assert (again.state, again.value, again.sold_as) == (state, value, reading.sold_as)


def test_an_amount_is_read_in_the_group_s_measure():
    reading = read_group_cell("100 a month, soft limit", name="Usage", measure=CALLS, vocabulary=KNOWN)
    assert reading.value == Decimal(100)
    assert say_group_cell(reading, measure=CALLS, names=None, exact=True) == "100 a month, soft limit"


def test_an_amount_of_a_mixed_group_is_refused_in_words():
    with pytest.raises(UnreadableCell, match="'100' can't be said of all of Usage, because not everything in it"):
        read_group_cell("100", name="Usage", measure=None, vocabulary=KNOWN)
