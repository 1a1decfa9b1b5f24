"""What people type or paste into a cell, and what it then says."""

from decimal import Decimal

import pytest

from catalog.domain.cells import Reading, UnreadableCell, read_cell
from catalog.domain.values import UNLIMITED, Enforcement, Reset, TermState
from tests.catalog.domain.shapes import (
    BANDWIDTH,
    BRANCHES,
    CALLS,
    CDN,
    EUROS,
    EVERY,
    GREETING,
    HOURS,
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
DAY = 86_400


@pytest.mark.parametrize("text", ["yes", "Yes", " YES ", "✓", "✔️", "✅", "on", "true", "included"])
def test_a_gate_is_on(text):
    assert read_cell(text, shape=SSO) == Reading(TermState.VALUE, True, source_text=text)


@pytest.mark.parametrize("shape", EVERY, ids=lambda s: s.key)
@pytest.mark.parametrize("text", ["no", "✗", "❌", "-", "–", "—", " No ", "not included", "off"])
def test_no_is_not_included_for_every_feature(text, shape):
    assert read_cell(text, shape=shape).state is TermState.NOT_INCLUDED


@pytest.mark.parametrize("shape", EVERY, ids=lambda s: s.key)
@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", TermState.UNSETTLED),
        ("   ", TermState.UNSETTLED),
        ("Coming soon", TermState.UNSETTLED),
        ("coming soon…", TermState.UNSETTLED),
        ("TBD", TermState.UNSETTLED),
        ("Volume discounts on messages", TermState.UNSETTLED),
        ("Custom", TermState.SET_PER_CUSTOMER),
        ("Contact Us", TermState.SET_PER_CUSTOMER),
        ("contact sales", TermState.SET_PER_CUSTOMER),
        ("Available as paid add-on", TermState.ADD_ON),
        ("add-on", TermState.ADD_ON),
        ("sold as an add-on", TermState.ADD_ON),
    ],
)
def test_what_the_page_leaves_vague_is_kept_with_its_text(text, state, shape):
    reading = read_cell(text, shape=shape)
    assert (reading.state, reading.value, reading.source_text) == (state, None, text)


@pytest.mark.parametrize("shape", [STORAGE, MAUS, MEMBERS, RETENTION, HOURS, CDN, ROLES], ids=lambda s: s.key)
@pytest.mark.parametrize("text", ["yes", "✓", "included"])
def test_yes_does_not_say_how_much_or_which(text, shape):
    assert read_cell(text, shape=shape) == Reading(TermState.UNSETTLED, source_text=text)


@pytest.mark.parametrize("shape", [STORAGE, MAUS, MEMBERS, RETENTION, HOURS], ids=lambda s: s.key)
@pytest.mark.parametrize("text", ["Unlimited", "∞", "unlimited ", "no limit"])
def test_an_amount_may_be_unlimited(text, shape):
    assert read_cell(text, shape=shape) == Reading(TermState.UNLIMITED, UNLIMITED, source_text=text)


@pytest.mark.parametrize(
    ("shape", "text", "value", "unit"),
    [
        (STORAGE, "500 MB", 500 * 10**6, "MB"),
        (STORAGE, "500MB", 500 * 10**6, "MB"),
        (STORAGE, "1.5 GB", 15 * 10**8, "GB"),
        (STORAGE, "0.001 KB", 1, "KB"),
        (STORAGE, "8 GB included", 8 * GB, "GB"),
        (STORAGE, "1 GiB", 2**30, "GiB"),
        (STORAGE, "1.125 GB", 1_125_000_000, "GB"),
        (STORAGE, "2 Million GB", 2 * 10**15, "GB"),
        (STORAGE, "8\u00a0GB", 8 * GB, "GB"),
        (STORAGE, "0", 0, "GB"),
        (MEMORY, "512 MiB", 2**29, "MiB"),
        (MAUS, "50,000", 50_000, ""),
        (MAUS, "50000", 50_000, ""),
        (MAUS, "50,000 included", 50_000, ""),
        (MAUS, "100 MAUs", 100, ""),
        (MAUS, "2 Million", 2_000_000, "Million"),
        (MAUS, "2M", 2_000_000, "Million"),
        (MAUS, "2.5 million", 2_500_000, "Million"),
        (MAUS, "1 billion", 10**9, "Billion"),
        (MAUS, "10k", 10_000, ""),
        (MAUS, "10 thousand", 10_000, ""),
        (MEMBERS, "1 member", 1, ""),
        (BRANCHES, "3 branches", 3, ""),
        (IMAGES, "100 origin images included", 100, ""),
        (RETENTION, "7 days", 7 * DAY, "day"),
        (RETENTION, "1 hour", 3_600, "hour"),
        (RETENTION, "2 weeks", 14 * DAY, "week"),
        (HOURS, "1.5 hours", 5_400, "hour"),
        (EUROS, "10.50", 1_050, ""),
        (MAUS, "9223372036854775807", 2**63 - 1, ""),
    ],
)
def test_an_amount_is_read_exactly(shape, text, value, unit):
    assert read_cell(text, shape=shape) == Reading(TermState.VALUE, Decimal(value), unit, source_text=text)


@pytest.mark.parametrize(
    ("shape", "text", "reset", "enforcement"),
    [
        (CALLS, "50,000 a month", Reset.MONTH, None),
        (CALLS, "50,000 calls per day", Reset.DAY, None),
        (CALLS, "50,000/hour", Reset.HOUR, None),
        (CALLS, "50,000 a billing period", Reset.BILLING, None),
        (CALLS, "50,000 in all", Reset.NEVER, None),
        (CALLS, "50,000 a month, soft limit", Reset.MONTH, Enforcement.SOFT),
        (MEMBERS, "10; hard limit", None, Enforcement.HARD),
        (BANDWIDTH, "5 GB a week, tracked only", Reset.WEEK, Enforcement.TRACK),
        (HOURS, "10 hours a year", Reset.YEAR, None),
    ],
)
def test_a_period_and_a_limit_may_stand_beside_an_amount(shape, text, reset, enforcement):
    reading = read_cell(text, shape=shape)
    assert (reading.state, reading.reset, reading.enforcement) == (TermState.VALUE, reset, enforcement)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (MEMBERS, "10 a month"),
        (MAUS, "50 if approved"),
        (MAUS, "50, more on request"),
        (STORAGE, "8 GB of fast disk"),
        (STORAGE, "8 GB; then ask us"),
        (STORAGE, "8 GB, $10 per month"),
        (STORAGE, "8 GB; then $0.10 - $0.20 per GB"),
        (STORAGE, "8 GB; then $10k"),
        (CALLS, "50 a month, a day"),
        (SSO, "yes, from $10 per month"),
        (STORAGE, "from $10 per month"),
        (MAUS, "fifty; then $5 per MAU"),
        (CDN, "Smart CDN; then $10 per GB"),
    ],
)
def test_what_is_not_understood_beside_an_amount_is_left_for_a_person(shape, text):
    reading = read_cell(text, shape=shape)
    assert (reading.state, reading.value, reading.source_text) == (TermState.UNSETTLED, None, text)


@pytest.mark.parametrize(
    ("text", "key"),
    [("Smart CDN", "smart_cdn"), ("smart cdn", "smart_cdn"), ("basic_cdn", "basic_cdn"), ('"Basic CDN"', "basic_cdn")],
)
def test_a_ranked_choice_is_read_by_label_or_key(text, key):
    assert read_cell(text, shape=CDN).value == key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Owner", {"owner"}),
        ("Owner, Additional owner(s)", {"owner", "more_owners"}),
        ("Additional owner(s); owner", {"owner", "more_owners"}),
        ("Read, write, Owner", {"read_write", "owner"}),
        ("Owner, custom", {"owner", "custom"}),
        ('"custom"', {"custom"}),
        ('Owner, "Read, write"', {"owner", "read_write"}),
        ("nothing from the list", set()),
    ],
)
def test_a_list_is_read_label_by_label(text, keys):
    assert read_cell(text, shape=ROLES).value == frozenset(keys)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Hello there", "Hello there"),
        ('"no"', "no"),
        ('"say ""hi"""', 'say "hi"'),
        ("$5 off", "$5 off"),
        ('"=1"', "=1"),
    ],
)
def test_free_text_is_taken_as_it_stands_and_quotes_mean_the_word_itself(text, value):
    assert read_cell(text, shape=GREETING).value == value


@pytest.mark.parametrize(
    ("shape", "text", "words"),
    [
        (MAUS, "fifty", "'fifty' is not an amount; write a number such as 50 or 2 Million, or Unlimited, no, Custom"),
        (STORAGE, "lots", "write a number such as 500 MB or 1.5 GB"),
        (STORAGE, "500", "'500' needs its unit for Storage; write 500 MB"),
        (RETENTION, "30", "needs its unit for Retention; write 7 days"),
        (RETENTION, "1 month", "A month has no fixed length; write days"),
        (RETENTION, "2 years", "A year has no fixed length"),
        (STORAGE, "7 days", "'day' is not a unit of Storage"),
        (RETENTION, "8 GB", "'GB' is not a unit of Retention, which is counted in days"),
        (MEMBERS, "8 GB", "'GB' is not a unit of Team members, which is counted in members"),
        (STORAGE, "0.0001 KB", "finer than the smallest unit"),
        (MEMBERS, "1.5", "finer than the smallest unit"),
        (MAUS, "9223372036854775808", "more than can be kept; write Unlimited"),
        (STORAGE, "10000000000 GB", "more than can be kept"),
        (MAUS, "-5", "negative amount"),
        (MAUS, "−5", "negative amount"),
        (STORAGE, "-5 GB", "negative amount"),
        (MAUS, "50,00", "use commas for thousands and a point for decimals"),
        (STORAGE, "1,5 GB", "use commas for thousands"),
        (MAUS, "1.2.3", "not a number as written"),
        (MAUS, "50.000", "read differently from country to country; write 50,000 or 50"),
        (STORAGE, "1.500 GB", "write 1,500 or 1.5"),
        (SSO, "maybe", "'maybe' is neither yes nor no"),
        (SSO, "Unlimited", "SSO has no amount"),
        (SSO, "5", "neither yes nor no"),
        (CDN, "Clever CDN", "'Clever CDN' is not one of the choices of CDN; write one of: Basic CDN, Smart CDN"),
        (CDN, "Unlimited", "CDN has no amount"),
        (ROLES, "Owner, Admn", "'Admn' is not one of the choices"),
        (ROLES, "Owner Owner", "not one of the choices"),
    ],
)
def test_what_is_wrong_is_refused_in_words(shape, text, words):
    with pytest.raises(UnreadableCell) as refusal:
        read_cell(text, shape=shape)
    assert words in str(refusal.value)


@pytest.mark.parametrize("shape", EVERY, ids=lambda s: s.key)
@pytest.mark.parametrize("text", ["=1+1", "+5", "@SUM(A1)", "-SUM(A1)", " =cmd|'x'!A1", "-yes"])
def test_a_formula_is_refused_for_every_feature(text, shape):
    with pytest.raises(UnreadableCell, match="looks like a formula"):
        read_cell(text, shape=shape)


@pytest.mark.parametrize("text", ["a\x00b", "yes\x07", "7\ndays", "\u202eyes", "ye\u200bs", "\ud800"])
def test_invisible_characters_are_refused(text):
    with pytest.raises(UnreadableCell, match="invisible character"):
        read_cell(text, shape=GREETING)


def test_an_essay_is_refused():
    assert read_cell("x" * 2_000, shape=GREETING).value == "x" * 2_000
    with pytest.raises(UnreadableCell, match=r"2,001 characters; write at most 2,000"):
        read_cell("x" * 2_001, shape=GREETING)


@pytest.mark.parametrize(
    ("state", "value"), [(TermState.VALUE, None), (TermState.NOT_INCLUDED, True), (TermState.VALUE, UNLIMITED)]
)
def test_a_reading_that_contradicts_itself_can_not_be_built(state, value):
    with pytest.raises(ValueError, match="can't have the value"):
        Reading(state, value)
