"""What may stand beside an amount: rates, seats, overage, parts; and that the words of every cell read back."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.cells import Reading, UnreadableCell, is_left_open, read_cell
from catalog.domain.prices import PriceLine
from catalog.domain.values import (
    UNLIMITED,
    Aggregation,
    AtTrialEnd,
    Enforcement,
    FeatureShape,
    Kind,
    Nature,
    Reset,
    Scaling,
    TermState,
)
from catalog.domain.vocabulary import Vocabulary
from catalog.domain.words import say_cell
from tests.catalog.domain.shapes import BANDWIDTH, CALLS, CDN, EVERY, GREETING, HOURS, MEMBERS, ROLES, SSO, STORAGE

GB = 10**9
REQUESTS = FeatureShape("requests", "Requests", Kind.METERED, unit="request", aggregation=Aggregation.SUM)
CHOICES = {"model.large": "Large model", "model.small": "Small model", "context.long": "Long, or longer"}
KNOWN = Vocabulary(
    counted={"seats": "Seats", "members": "Team members", "storage": "Storage"},
    add_ons={"ipv4": "IPv4 address", "backups": "Backups, daily", "extra": "Backups"},
    choices={shape.key: CHOICES for shape in (CALLS, BANDWIDTH, REQUESTS, HOURS)},
)


def read(text, shape=CALLS):
    return read_cell(text, shape=shape, vocabulary=KNOWN)


@pytest.mark.parametrize(
    ("shape", "text", "expected"),
    [
        (REQUESTS, "100 requests a minute", {"value": Decimal(100), "reset": Reset.MINUTE}),
        (REQUESTS, "5 per second", {"value": Decimal(5), "reset": Reset.SECOND}),
        (REQUESTS, "Unlimited a month", {"value": UNLIMITED, "reset": Reset.MONTH}),
        (MEMBERS, "5 per unit", {"value": Decimal(5), "scaling": Scaling.PER_UNIT}),
        (BANDWIDTH, "10 GB per seat of seats, pooled", {"scaling": Scaling.PER_SEAT_OF, "seats_of": "seats"}),
        (BANDWIDTH, "10 GB per seat of Team members", {"scaling": Scaling.PER_SEAT_OF, "seats_of": "members"}),
        (BANDWIDTH, "10 GB for each seat of Seats", {"scaling": Scaling.EACH_SEAT_OF, "seats_of": "seats"}),
        (BANDWIDTH, "10 GB a month per unit", {"reset": Reset.MONTH, "scaling": Scaling.PER_UNIT}),
        (CALLS, "100, up to 20 % beyond", {"overage_percent": 20, "enforcement": None}),
        (CALLS, "100, tracked only, up to 1,000% over the limit", {"overage_percent": 1000}),
        (STORAGE, "8 GB included; then $0.125 per GB, up to 20 % beyond", {"overage_percent": 20, "overage": True}),
        (STORAGE, "8 GB; then $0.125 per GB; soft limit", {"enforcement": Enforcement.SOFT, "overage": True}),
        (SSO, "sold as add-on: ipv4", {"sold_as": "ipv4"}),
        (SSO, "sold as an add-on: IPv4 address; $4 per month", {"sold_as": "ipv4"}),
    ],
)
def test_what_stands_beside_an_amount_is_read(shape, text, expected):
    reading = read(text, shape)
    assert reading.state is not TermState.UNSETTLED
    assert {name: getattr(reading, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1,000 a month; of which Large model: 100, Small model: Unlimited", (("large", 100), ("small", UNLIMITED))),
        ("1,000, of which at most large model: 1,000", (("large", 1000),)),
        ("1,000 of which Small model: no; Large model: 5", (("large", 5), ("small", None))),
        ("Unlimited; of which model.large: 2 Million", (("large", 2_000_000),)),
    ],
)
def test_of_an_amount_so_much_may_fall_to_each_choice(text, parts):
    expected = [(f"model.{key}", Decimal(n) if isinstance(n, int) else n) for key, n in parts]
    assert list(read(text).sub_limits) == expected


@pytest.mark.parametrize(
    ("shape", "text", "words"),
    [
        (CALLS, "100; of which Huge model: 5", "'Huge model' is nothing by which use of API calls is told apart"),
        (CALLS, "100; of which Large model", "'Large model' is nothing by which"),
        (CALLS, "100; of which Large model: 5, Large model: 6", "Large model is named twice"),
        (CALLS, "100; of which Large model: 5 a month", "'a month' can't stand behind a part"),
        (CALLS, "100; of which Large model: many", "'many' is not an amount"),
        (MEMBERS, "100; of which Large model: 5", "Team members is not told apart by anything"),
        (BANDWIDTH, "10 GB per seat of chairs", "'chairs' is no other feature with an amount; write one of: Seats"),
        (MEMBERS, "10 per seat of members", "'members' is no other feature"),
        (CALLS, "100, hard limit, up to 20 % beyond", "A hard limit allows nothing beyond it"),
        (CALLS, "100, up to 99,000,000 % beyond", "more than anybody means"),
        (SSO, "sold as an add-on: ipv6", "no add-on called 'ipv6'; the add-ons are ipv4, backups, extra"),
    ],
)
def test_what_is_named_wrongly_is_quoted(shape, text, words):
    with pytest.raises(UnreadableCell) as refused:
        read(text, shape)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("shape", "text", "unread"),
    [
        (CALLS, "10 apples", "apples"),
        (CALLS, "1e9", "e9"),
        (STORAGE, "10 GB then", "then"),
        (STORAGE, "10 GB, then $1 or so", "then $1 or so"),
        (CALLS, "50 a month, a day", "a day"),
        (MEMBERS, "10 a month", "a month"),
        (CALLS, "10 per seat", "per seat"),
        (CALLS, "Unlimited, then $5 per 1,000 calls", "then $5 per 1,000 calls"),
        (CALLS, "Custom; of which Large model: 5", "of which Large model: 5"),
        (CALLS, "100, up to 12.5 % beyond", "up to 12.5 % beyond"),
    ],
)
def test_the_part_that_is_not_understood_is_quoted(shape, text, unread):
    reading = read(text, shape)
    assert (reading.state, reading.unread) == (TermState.UNSETTLED, unread)


@pytest.mark.parametrize(
    ("shape", "text", "words"),
    [
        (STORAGE, "1,00,0 GB", "'1,00,0' is not a number as written here"),
        (STORAGE, "-5 GB, then $1 per GB", "'-5 GB' is a negative amount"),
        (STORAGE, "1.0000000001 GB, then $0.125 per GB", "'1.0000000001 GB' is finer than the smallest unit"),
        (CALLS, "10.5 calls", "'10.5 calls' is finer than the smallest unit"),
        (CALLS, "1" + "0" * 40, "is more than can be kept"),
        (CALLS, "1" * 500, "…' is more than can be kept"),
        (STORAGE, "½ TB", "'½ TB' is not in plain digits; write a number such as 500 MB"),
        (STORAGE, "'10 GB", "begins with an apostrophe; leave it out"),
        (STORAGE, "１０ GB", "is not in plain digits"),
        (CALLS, "1\u00a0000 calls", "'1 000' has spaces in it; use commas for thousands: 1,000"),
        (STORAGE, "10\u202f000 GB", "use commas for thousands: 10,000"),
        (CALLS, "yes no", "'yes no' is not an amount"),
        (SSO, "yes no", "'yes no' is neither yes nor no"),
        (CDN, "∞", "has no amount that could be '∞'"),
    ],
)
def test_an_odd_input_is_quoted_as_far_as_it_is_wrong(shape, text, words):
    with pytest.raises(UnreadableCell) as refused:
        read(text, shape)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_sign_for_without_end_is_unlimited():
    assert read("∞").value is UNLIMITED


def test_without_a_vocabulary_nothing_is_looked_for_by_name():
    assert read_cell("10 GB per seat of seats", shape=BANDWIDTH).state is TermState.UNSETTLED
    assert read_cell("sold as an add-on: ipv4", shape=SSO).sold_as == ""


def test_what_is_left_open_keeps_only_the_words_that_were_found():
    reading = read("to be settled: Coming soon", SSO)
    assert (reading.state, reading.source_text) == (TermState.UNSETTLED, "Coming soon")
    assert is_left_open("To be settled: x")
    assert not is_left_open("Coming soon")


def test_a_name_borne_twice_is_said_and_read_by_its_key():
    twice = replace(KNOWN, counted={"a": "Seats", "b": "Seats"})
    reading = read_cell("10 GB per seat of b", shape=BANDWIDTH, vocabulary=twice)
    assert say_cell(reading, shape=BANDWIDTH, names=twice) == "10 GB per seat of b, pooled"
    with pytest.raises(UnreadableCell, match="names several things; write the key of one: a, b"):
        read_cell("10 GB per seat of Seats", shape=BANDWIDTH, vocabulary=twice)


QUANTITIES = [shape for shape in (*EVERY, REQUESTS) if shape.nature is Nature.QUANTITY]
UNITS = ["", "MB", "GB", "minute", "day", "Million"]
AMOUNTS = st.one_of(
    st.integers(0, 2**63 - 1), st.builds(lambda n, k: n * 10**k, st.integers(0, 999), st.integers(0, 12))
)
OWN_WORDS = ["then $0.32 per branch, per day", "additional $10/member/month", "and $0.20 per Million processed"]


def resets(shape):
    return st.sampled_from([None, *Reset]) if shape.kind in {Kind.METERED, Kind.CREDIT} else st.none()


@st.composite
def quantities(draw):
    """A term on an amount, with every rule it may have."""
    shape = draw(st.sampled_from(QUANTITIES))
    value = draw(st.one_of(AMOUNTS.map(Decimal), st.just(UNLIMITED)))
    charged = value is not UNLIMITED and draw(st.booleans())
    per = PriceLine(draw(st.integers(0, 10**12)), "USD", draw(st.integers(1, 10**12)), "")
    enforcement = draw(st.sampled_from([None, *Enforcement]))
    percent = None if enforcement is Enforcement.HARD else draw(st.none() | st.integers(0, 1_000_000))
    scaling = draw(st.sampled_from(Scaling))
    seats = draw(st.sampled_from([key for key in KNOWN.counted if key != shape.key]))
    keys = draw(st.lists(st.sampled_from(list(CHOICES)), unique=True)) if shape.key in KNOWN.choices else []
    parts = [(key, draw(st.none() | st.just(UNLIMITED) | AMOUNTS.map(Decimal))) for key in CHOICES if key in keys]
    reading = Reading(
        TermState.UNLIMITED if value is UNLIMITED else TermState.VALUE,
        value,
        typed_unit=draw(st.sampled_from(UNITS)),
        prices=(per,) if charged else (),
        enforcement=enforcement,
        overage=charged,
        reset=draw(resets(shape)),
        overage_percent=percent,
        scaling=scaling,
        seats_of=seats if scaling in {Scaling.PER_SEAT_OF, Scaling.EACH_SEAT_OF} else "",
        sub_limits=tuple(parts),
    )
    return shape, reading


@st.composite
def others(draw):
    """A term of a gate, a choice, a list or a text, or one that gives nothing."""
    shape = draw(st.sampled_from((*EVERY, REQUESTS)))
    state = draw(st.sampled_from([s for s in TermState if s not in {TermState.VALUE, TermState.UNLIMITED}]))
    if state is TermState.ADD_ON:
        notes = draw(st.lists(st.sampled_from(["$4 per month", "$10 per drain"]), max_size=1))
        prices = tuple(PriceLine(int(n.split()[0][1:]) * 10**6, "USD", None, n) for n in notes)
        return shape, Reading(state, prices=prices, sold_as=draw(st.sampled_from(["", *KNOWN.add_ons])))
    if state is TermState.UNSETTLED:
        return shape, Reading(state, source_text=draw(st.sampled_from(["", "Coming soon", "from $10", "to be: seen"])))
    values = {
        SSO: [True],
        CDN: ["basic_cdn", "smart_cdn"],
        GREETING: ["Hello", "no", "8 GB, then $1", "Hi, kept 7 days after a trial"],
    }
    values[ROLES] = [frozenset(), frozenset({"custom"}), frozenset({"owner", "read_write"})]
    if shape in values and draw(st.booleans()):
        return shape, Reading(TermState.VALUE, draw(st.sampled_from(values[shape])))
    return shape, Reading(state)


def meaning(reading):
    """What is equal when two terms are: not the unit typed, nor the words of a price that was fully understood."""
    prices = tuple(replace(line, note="" if line.per_amount is not None else line.note) for line in reading.prices)
    return replace(reading, typed_unit="", source_text=reading.source_text.strip(), prices=prices)


KEPT = st.one_of(
    st.sampled_from([(AtTrialEnd.ENDS, None), (AtTrialEnd.KEPT_IF_USED, None)]),
    st.integers(1, 3_650).map(lambda days: (AtTrialEnd.KEPT_FOR, days)),
)


@given(term=st.one_of(quantities(), others()), named=st.booleans(), kept=KEPT)
def test_the_exact_words_of_every_term_read_back_to_an_equal_term(term, named, kept):
    shape, reading = term
    if reading.gives:
        reading = replace(reading, at_trial_end=kept[0], kept_days=kept[1])
    text = say_cell(reading, shape=shape, names=KNOWN if named else None, exact=True)
    back = read_cell(text, shape=shape, vocabulary=KNOWN)
    if back.state is not TermState.UNSETTLED:
        back = replace(back, source_text="")
    elif back.prices:
        reading = replace(reading, prices=back.prices)  # those in the words that were found
    assert meaning(back) == meaning(reading), text
    assert say_cell(back, shape=shape, names=KNOWN if named else None, exact=True) == text


@given(
    note=st.sampled_from(OWN_WORDS),
    percent=st.none() | st.integers(0, 100),
    limit=st.sampled_from([None, *Enforcement]),
)
def test_a_price_in_its_own_words_stays_beside_every_rule(note, percent, limit):
    if limit is Enforcement.HARD:
        percent = None
    micros = {"then": 320_000, "additional": 10_000_000, "and": 200_000}[note.split()[0]]
    line = PriceLine(micros, "USD", None, note)
    reading = Reading(
        TermState.VALUE, Decimal(5), prices=(line,), overage=True, overage_percent=percent, enforcement=limit
    )
    text = say_cell(reading, shape=MEMBERS, exact=True)
    back = read(text, MEMBERS)
    assert (back.overage_percent, back.enforcement, back.value) == (percent, limit, Decimal(5))
    assert say_cell(back, shape=MEMBERS, exact=True) == text
