"""Whatever people type into a CRM is read as they meant it, or is a fault in words; it is never guessed, nor an accident."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.crm.deciding import Made, decide
from desk.domain.crm.mapping import Reading, Rule, Target
from desk.domain.crm.wanted import MOST_LINES, PlanPromise, Wanted, wanted
from tests.desk.domain.crm.deals import SHAPES, deal, line, longer, mapping, storage, team

COUNTED = team(quantity=Reading(line_field="N"))
ODD = [
    "2,5",
    "1,20",
    "1.200,5",
    "1_000",
    "٣",
    "５",
    "1e999999999",
    "1e-999999999",
    "9" * 4000,
    "+",
    "sNaN",
    "5\x00",
    "- 1",
]


def becomes(told, *rules, **terms):
    return wanted(told, mapping(*rules, **terms), shapes=SHAPES)


@pytest.mark.parametrize("text", ODD)
def test_a_number_that_two_countries_read_differently_or_nobody_is_a_fault(text):
    for rule, sold in ((COUNTED, line(N=text)), (storage(Reading(line_field="N")), line(product="DISK", N=text))):
        found = becomes(deal(sold), rule)
        assert (len(found.faults), found.promises) == (1, ())
        assert len(found.faults[0].words) < 500


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,200", 1200), ("1,200.00", 1200), ("5.", 5), (" 7 ", 7), ("1e3", 1000), ("1,000,000", 10**6)],
)
def test_a_number_as_a_program_writes_it_is_read(text, number):
    assert becomes(deal(line(N=text)), COUNTED).promises[0].what == PlanPromise("team", number, "year")


@pytest.mark.parametrize("code", [" TEAM ", "TEAM\u00a0", "\tteam"])
def test_a_code_with_spaces_around_it_is_the_same_product(code):
    assert len(becomes(deal(line(product=code)), team()).promises) == 1


@pytest.mark.parametrize(
    ("fields", "terms"),
    [
        ({"First": "9999-12-31"}, {"months": Reading("12")}),
        ({"First": "2026-03-01", "Last": "9999-12-31"}, {"through": Reading(deal_field="Last")}),
        ({"First": "0001-01-01", "Last": "9999-12-31"}, {"through": Reading(deal_field="Last")}),
    ],
)
def test_a_day_at_the_end_of_the_calendar_is_a_fault(fields, terms):
    found = becomes(deal(line(), fields=fields), team(), starts=Reading(deal_field="First"), **terms)
    assert "can’t be meant" in found.faults[0].words


def test_a_deal_that_was_closed_at_the_end_of_the_calendar_is_a_fault():
    assert becomes(deal(line(), closed_on=date(9999, 12, 31)), team(), months=Reading("12")).faults


def test_a_deal_of_more_lines_than_anybody_sells_is_a_fault_and_reads_none():
    found = becomes(deal(*(line(f"l{number}") for number in range(MOST_LINES + 1))), team())
    assert (found.promises, found.faults[0].words) == (
        (),
        "It has 501 lines, and 500 are read at most. Make several deals of it.",
    )


@pytest.mark.parametrize("quantity", ["1E+999999", "1E-999999", "NaN", "-Infinity"])
def test_what_no_rule_speaks_of_is_told_in_a_sentence_however_much_it_is(quantity):
    told = deal(line(product="MUG", quantity=quantity))
    decided = decide(told, becomes(told), Made(), account="acme", today=date(2026, 3, 1))
    assert len(decided.told[0].words) < 200


TEXT = st.text(max_size=40) | st.sampled_from([*ODD, "2026-02-30", "9999-12-31", "0001-01-01", "2026-03-31T25:00"])
AMOUNTS = st.decimals(allow_nan=True, allow_infinity=True) | st.integers(-5, 10).map(Decimal)


@given(text=st.lists(TEXT, min_size=6, max_size=6), quantity=AMOUNTS, closed=st.none() | st.dates())
def test_nothing_that_stands_in_a_field_is_an_accident(text, quantity, closed):
    names = ("N", "First", "Last", "Days", "Product", "Months")
    fields = dict(zip(names, text, strict=True))
    rules = (
        team(quantity=Reading(line_field="N"), starts=Reading(line_field="First"), through=Reading(deal_field="Last")),
        storage(Reading(line_field="N")),
        longer(days=Reading(deal_field="Days")),
        Rule("free", Target.PLAN, products=(fields["Product"],), plan="free"),
    )
    lines = (line(**fields), line("l2", product="DISK", **fields), line("l3", product=fields["Product"]))
    told = deal(*lines, line("l4", quantity=str(quantity)), fields=fields, closed_on=closed)
    for terms in ({"months": Reading(deal_field="Months")}, {"through": Reading(deal_field="Last")}):
        found = becomes(told, *rules, starts=Reading(deal_field="First"), **terms)
        assert isinstance(found, Wanted)
        decide(told, found, Made(), account="acme", today=date(2026, 3, 1))
