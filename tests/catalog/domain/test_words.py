"""Values in words, and the way back: what is shown can be typed again and means the same."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.amounts import BIGINT_MAX
from catalog.domain.cells import Reading, UnreadableCell, check_characters, read_cell
from catalog.domain.prices import PriceLine
from catalog.domain.values import (
    UNLIMITED,
    Choice,
    ConfigType,
    Enforcement,
    FeatureShape,
    Kind,
    Nature,
    Reset,
    TermState,
)
from catalog.domain.words import say_money, say_prices, say_reading, say_term, say_value
from tests.catalog.domain.shapes import (
    BRANCHES,
    CALLS,
    CDN,
    EUROS,
    EVERY,
    GREETING,
    IMAGES,
    MAUS,
    MEMBERS,
    MEMORY,
    RETENTION,
    ROLES,
    SSO,
    STORAGE,
)

GB = 10**9
QUANTITIES = [shape for shape in EVERY if shape.nature is Nature.QUANTITY]
UNITS = ["", "B", "KB", "MB", "GB", "TB", "KiB", "GiB", "second", "minute", "hour", "day", "week", "Million", "Billion"]


@pytest.mark.parametrize(
    ("shape", "value", "unit", "words"),
    [
        (STORAGE, 500 * 10**6, "", "500 MB"),
        (STORAGE, 25_600_000_000, "", "25.6 GB"),
        (STORAGE, 2_000 * GB, "", "2 TB"),
        (STORAGE, 2_000 * GB, "GB", "2,000 GB"),
        (STORAGE, 2**30, "GiB", "1 GiB"),
        (STORAGE, 2**30, "", "1,073,741.824 KB"),
        (STORAGE, 2**30 + 1, "GB", "1,073,741.825 KB"),
        (STORAGE, 1_000_000_001, "", "1,000,000.001 KB"),
        (STORAGE, 0, "", "0 GB"),
        (MEMORY, 2**31, "", "2 GiB"),
        (MAUS, 50_000, "", "50,000"),
        (MAUS, 2_000_000, "", "2,000,000"),
        (MAUS, 2_000_000, "Million", "2 Million"),
        (MAUS, 2_000_001, "Million", "2,000,001"),
        (MAUS, 7, "Million", "7"),
        (RETENTION, 7 * 86_400, "", "7 days"),
        (RETENTION, 7 * 86_400, "week", "1 week"),
        (RETENTION, 3_600, "", "1 hour"),
        (RETENTION, 5_400, "", "90 minutes"),
        (RETENTION, 129_600, "day", "36 hours"),
        (RETENTION, 61, "", "61 seconds"),
        (EUROS, 1_050, "", "10.5"),
    ],
)
def test_an_amount_is_said_in_its_typed_unit_or_the_largest_that_is_short_and_exact(shape, value, unit, words):
    assert say_value(Decimal(value), shape=shape, typed_unit=unit) == words


@pytest.mark.parametrize(
    ("shape", "value", "words"),
    [
        (STORAGE, UNLIMITED, "Unlimited"),
        (SSO, True, "on"),
        (SSO, False, "off"),
        (CDN, "smart_cdn", "Smart CDN"),
        (ROLES, frozenset({"more_owners", "owner"}), "Owner, Additional owner(s)"),
        (ROLES, frozenset({"custom"}), '"custom"'),
        (ROLES, frozenset({"read_write"}), '"Read, write"'),
        (ROLES, frozenset(), "nothing from the list"),
        (GREETING, "Hello", "Hello"),
        (GREETING, "no", '"no"'),
        (GREETING, "=1", '"=1"'),
        (GREETING, "", '""'),
    ],
)
def test_other_values_are_said_in_words_that_can_be_typed_again(shape, value, words):
    assert say_value(value, shape=shape) == words


@pytest.mark.parametrize(
    ("micros", "currency", "words"),
    [
        (125_000, "USD", "$0.125"),
        (2_500_000, "USD", "$2.50"),
        (10_000_000, "USD", "$10"),
        (3_250, "USD", "$0.00325"),
        (1_250_000_000, "EUR", "€1,250"),
        (5_000_000, "CHF", "CHF 5"),
        (0, "USD", "$0"),
    ],
)
def test_money_is_said_in_the_currency_s_own_way(micros, currency, words):
    assert say_money(micros, currency) == words


@pytest.mark.parametrize(
    ("shape", "state", "rest", "words"),
    [
        (SSO, TermState.NOT_INCLUDED, {}, "not included"),
        (SSO, TermState.SET_PER_CUSTOMER, {}, "set per customer"),
        (SSO, TermState.ADD_ON, {}, "sold as an add-on"),
        (SSO, TermState.UNSETTLED, {}, "to be settled"),
        (SSO, TermState.UNSETTLED, {"source_text": "Coming soon"}, "to be settled: Coming soon"),
        (MAUS, TermState.VALUE, {"value": Decimal(50), "reset": Reset.MONTH}, "50 a month"),
        (MAUS, TermState.VALUE, {"value": Decimal(50), "reset": Reset.BILLING}, "50 a billing period"),
        (MAUS, TermState.VALUE, {"value": Decimal(50), "reset": Reset.NEVER}, "50 in all"),
        (STORAGE, TermState.VALUE, {"value": Decimal(GB), "reset": Reset.MONTH}, "1 GB"),
        (MEMBERS, TermState.VALUE, {"value": Decimal(5), "enforcement": Enforcement.SOFT}, "5, soft limit"),
        (MAUS, TermState.UNLIMITED, {"value": UNLIMITED, "reset": Reset.MONTH}, "Unlimited"),
    ],
)
def test_a_term_is_said_as_a_cell_of_the_sheet(shape, state, rest, words):
    assert say_term(shape=shape, state=state, **rest) == words


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (STORAGE, "8 GB, then $0.125 per GB"),
        (BRANCHES, "pay as you go: $0.32 per branch, per day"),
        (MEMBERS, "1, additional $10/member/month"),
        (IMAGES, "100 a billing period, then $5 per 1,000 origin images"),
        (CALLS, "2 Million a month, then $2 per Million calls"),
        (SSO, "sold as an add-on: $75 per month for first project; then $10 per month per additional projects"),
        (SSO, "sold as an add-on: $60 per drain; and $0.20 per Million processed; and $0.09 per GB"),
        (CALLS, "50,000 a day, hard limit, then $1 per 1,000 calls"),
        (SSO, "set per customer"),
        (SSO, "not included"),
        (STORAGE, "Unlimited"),
    ],
)
def test_the_words_of_a_cell_read_back_to_the_same_words(shape, text):
    assert say_reading(read_cell(text, shape=shape), shape=shape) == text


def test_a_reading_without_a_period_is_said_with_the_feature_s_own():
    reading = read_cell("50,000; then $0.00325 per MAU", shape=MAUS)
    assert say_reading(reading, shape=MAUS, reset=Reset.MONTH) == "50,000 a month, then $0.00325 per MAU"


def test_prices_without_words_of_their_own_are_said_as_money():
    assert say_prices([PriceLine(5_000_000, "USD", None, "")], shape=SSO) == "$5"


def test_a_value_without_a_value_can_not_be_said():
    with pytest.raises(ValueError, match="has a value"):
        say_term(shape=SSO, state=TermState.VALUE)


def amounts() -> st.SearchStrategy[int]:
    round_ones = st.builds(lambda n, k: n * 10**k, st.integers(0, 9_999), st.integers(0, 14))
    lengths = st.builds(lambda n, k: n * k, st.integers(0, 10_000), st.sampled_from([60, 3_600, 86_400, 604_800]))
    binary = st.builds(lambda n, k: n * 2**k, st.integers(0, 4_096), st.integers(0, 40))
    return st.one_of(st.integers(0, BIGINT_MAX), round_ones, lengths, binary)


@given(shape=st.sampled_from(QUANTITIES), value=amounts(), unit=st.sampled_from(UNITS))
def test_every_amount_reads_back_whatever_unit_it_was_typed_in(shape, value, unit):
    words = say_value(Decimal(value), shape=shape, typed_unit=unit)
    reading = read_cell(words, shape=shape)
    assert (reading.state, reading.value) == (TermState.VALUE, Decimal(value))


@given(shape=st.sampled_from(QUANTITIES), value=amounts(), unit=st.sampled_from(UNITS))
def test_an_amount_is_said_the_same_once_it_has_been_read_back(shape, value, unit):
    words = say_value(Decimal(value), shape=shape, typed_unit=unit)
    typed = read_cell(words, shape=shape).typed_unit
    assert say_value(Decimal(value), shape=shape, typed_unit=typed) == words


def typeable(text: str) -> bool:
    try:
        check_characters(text + "".join('"' for c in text if c == '"'))
    except ValueError:
        return False
    return not any(c in text for c in "\u00a0\ufe0f")


SPOKEN = ["no", "yes", "Custom", "Unlimited", "-", "=1", "$5 per GB", "add-on", 'a "b" c', "8 GB", "pay as you go: $1"]
TEXTS = st.one_of(st.text(max_size=60), st.sampled_from(SPOKEN)).filter(typeable)


@given(text=TEXTS)
def test_every_text_a_person_could_type_reads_back(text):
    assert read_cell(say_value(text, shape=GREETING), shape=GREETING).value == text


LABELS = st.one_of(
    st.text(alphabet='abAB ,;()"-=+@$:1', min_size=1, max_size=8), st.sampled_from([*SPOKEN, "nothing from the list"])
)
KEYS = st.text(alphabet="abAB_1", min_size=1, max_size=4)


@st.composite
def listed(draw: st.DrawFn, config_type: ConfigType) -> FeatureShape:
    keys = draw(st.lists(KEYS, min_size=1, max_size=5, unique=True))
    choices = tuple(Choice(key, draw(LABELS)) for key in keys)
    return FeatureShape(key="x", name="X", kind=Kind.CONFIG, config_type=config_type, choices=choices)


@given(data=st.data(), shape=listed(ConfigType.RANKED))
def test_every_ranked_choice_reads_back_however_odd_its_label(data, shape):
    key = data.draw(st.sampled_from([choice.key for choice in shape.choices]))
    assert read_cell(say_value(key, shape=shape), shape=shape).value == key


@given(data=st.data(), shape=listed(ConfigType.SET))
def test_every_list_of_choices_reads_back_however_odd_its_labels(data, shape):
    keys = data.draw(st.frozensets(st.sampled_from([choice.key for choice in shape.choices])))
    assert read_cell(say_value(keys, shape=shape), shape=shape).value == keys


@given(shape=st.sampled_from(QUANTITIES))
def test_unlimited_reads_back(shape):
    assert read_cell(say_value(UNLIMITED, shape=shape), shape=shape).value is UNLIMITED


def test_a_gate_reads_back_and_off_is_not_included():
    assert read_cell(say_value(True, shape=SSO), shape=SSO).value is True
    assert read_cell(say_value(False, shape=SSO), shape=SSO).state is TermState.NOT_INCLUDED


@given(
    shape=st.sampled_from([STORAGE, MAUS, CALLS, IMAGES, MEMBERS]),
    value=amounts(),
    micros=st.integers(0, 10**12),
    per=st.integers(1, 10**12),
    enforcement=st.sampled_from([None, *Enforcement]),
)
def test_a_priced_term_reads_back(shape, value, micros, per, enforcement):
    prices = (PriceLine(micros, "USD", per, ""),)
    term = Reading(TermState.VALUE, Decimal(value), prices=prices, enforcement=enforcement if value else None)
    back = read_cell(say_reading(term, shape=shape), shape=shape)
    assert back.overage
    assert replace(back.prices[0], note="") == prices[0]
    assert (back.value, back.enforcement) == (term.value, term.enforcement)


FRAGMENTS = [
    "5",
    "1.5",
    "GB",
    "days",
    "$",
    "0.125",
    " ",
    "; ",
    ", ",
    "then ",
    "per ",
    "included",
    "a month",
    "hard limit",
]
FRAGMENTS += [
    "Owner",
    "custom",
    "yes",
    "add-on",
    "Million",
    "k",
    "-",
    '"',
    "Unlimited",
    "/",
    "branch",
    "pay as you go:",
]
TYPED = st.lists(st.sampled_from(FRAGMENTS), max_size=9).map("".join) | st.text(max_size=30)


@given(text=TYPED, shape=st.sampled_from(EVERY))
def test_whatever_is_typed_is_refused_or_kept_and_its_words_mean_the_same(text, shape):
    try:
        reading = read_cell(text, shape=shape)
    except UnreadableCell:
        return
    assert reading.source_text == text
    back = read_cell(say_reading(reading, shape=shape), shape=shape)
    assert (back.state, back.value) == (reading.state, reading.value)
