"""The case a term is written for: said, read back, and heard where it should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.amounts import UnreadableCell
from catalog.domain.cases import GENERAL, INTERVALS, PHASES, Case, cases_between, parse_case, say_case

MARKETS = {"europe": "Europe", "emea": "Europe, Middle East and Africa", "us": "United States", "paid": "paid yearly"}
CASES = st.builds(
    Case, st.sampled_from(["", *PHASES]), st.sampled_from(["", *MARKETS]), st.sampled_from(["", *INTERVALS])
)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (Case("trial", "europe", "year"), "During a trial, in Europe, paid yearly"),
        (Case("grace"), "During grace"),
        (Case("winding_down"), "While winding down"),
        (Case("paused", "us"), "While paused, in United States"),
        (Case(interval="month"), "Paid monthly"),
        (GENERAL, ""),
    ],
)
def test_a_case_is_said_in_words(case, words):
    assert say_case(case, MARKETS.get(case.market, "")) == words


@given(case=CASES)
def test_the_words_of_every_case_read_back(case):
    assert parse_case(say_case(case, MARKETS.get(case.market, "")), MARKETS) == case
    assert parse_case(say_case(case), MARKETS) == case  # a market said by its key


@pytest.mark.parametrize("text", [" in europe ", "IN EUROPE", "in  Europe"])
def test_capitals_and_spaces_do_not_matter(text):
    assert parse_case(text, MARKETS) == Case(market="europe")


@pytest.mark.parametrize(
    "text",
    ["in Asia", "trial", "during a trial, during grace", "in Europe, later", "paid weekly", "during a trial in EU"],
)
def test_what_is_no_case_is_refused_with_an_example(text):
    with pytest.raises(UnreadableCell, match="is no case; write for example “during a trial, in Europe, paid yearly”"):
        parse_case(text, MARKETS)


def test_a_name_that_two_markets_bear_must_be_written_by_key():
    with pytest.raises(UnreadableCell, match="write the key of one: a, b"):
        parse_case("in Europe", {"a": "Europe", "b": "Europe"})
    assert parse_case("in b", {"a": "Europe", "b": "Europe"}) == Case(market="b")


@pytest.mark.parametrize("bad", [{"phase": "active"}, {"interval": "week"}])
def test_a_case_that_nothing_can_be_in_can_not_be_built(bad):
    with pytest.raises(ValueError):
        Case(**bad)


@pytest.mark.parametrize(
    ("term", "customer", "heard"),
    [
        (GENERAL, Case("trial", "us", "year"), True),
        (Case("trial"), Case("trial", "us"), True),
        (Case("trial", "us"), Case("trial"), False),
        (Case("trial"), Case("grace"), False),
        (GENERAL, Case("paused"), False),
        (Case("paused"), Case("paused", "us"), True),
    ],
)
def test_a_term_is_heard_where_its_case_holds_and_in_a_pause_only_if_written_for_it(term, customer, heard):
    assert term.covers(customer) is heard


@given(case=CASES, other=CASES)
def test_a_case_covers_another_only_if_it_says_no_more(case, other):
    if case.covers(other) and other.covers(case):
        assert case == other


@given(written=st.lists(CASES, max_size=4))
def test_the_cases_to_look_at_begin_with_the_general_one_and_hold_every_one_that_is_written(written):
    found = cases_between(written)
    assert found[0] == GENERAL
    assert set(written) <= set(found)
    assert len(set(found)) == len(found)
