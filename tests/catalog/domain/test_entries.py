"""One cell of a file: read, and written out in the one way there is."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.entries import (
    WrongEntry,
    a_currency,
    a_key,
    a_line,
    a_number,
    a_price,
    a_word,
    an_instant,
    meant,
    micros,
    optional,
    prose,
    read_instant,
    some_keys,
    spell_instant,
    spell_micros,
    yes_no,
)
from catalog.domain.values import Combine, Kind


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (a_key, " storage ", "storage"),
        (some_keys, "ipv4; drain,\nlogs", "ipv4, drain, logs"),
        (a_line(20), "  Extra  storage ", "Extra  storage"),
        (prose, " one\r\ntwo\t ", "one\ntwo"),
        (a_number(), "1,234,567", "1234567"),
        (a_number(), "007", "7"),
        (yes_no, "TRUE", "yes"),
        (yes_no, "✓", "yes"),
        (yes_no, "–", "no"),
        (yes_no, "", "no"),
        (a_word(Kind), "metered", "Usage limit"),
        (a_word(Kind), "usage  LIMIT", "Usage limit"),
        (a_word(Combine), "most_generous", "most generous"),
        (a_currency, "eur", "EUR"),
        (a_price, "$25.00", "25"),
        (a_price, "€ 0.125", "0.125"),
        (a_price, "1,999.50", "1999.5"),
        (a_price, "Contact sales", "contact"),
        (an_instant, "2026-04-01", "2026-04-01 00:00 UTC"),
        (an_instant, "2026-04-01 09:30 +02:00", "2026-04-01 07:30 UTC"),
        (an_instant, "2026-04-01T09:30:15.250Z", "2026-04-01 09:30:15.250000 UTC"),
        (optional(a_key), "  ", ""),
    ],
)
def test_it_is_said_in_one_way(read: object, text: str, said: str) -> None:
    assert read(text) == said
    assert read(said) == said


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (a_key, "", "The key is missing"),
        (a_key, "Storage", "“Storage” is no key"),
        (a_key, "1st", "is no key"),
        (a_key, "x" * 65, "is no key"),
        (some_keys, "ipv4, ipv4", "“ipv4” stands there twice"),
        (a_line(5), "too long", "at most 5 fit here"),
        (a_line(50), "in\u200fvisible", "U+200F"),
        (a_line(50), "two\nlines", "U+000A"),
        (prose, "a\x00b", "U+0000"),
        (prose, "x" * 10_001, "10,001 characters"),
        (a_number(), "1e9", "“1e9” is no whole number"),
        (a_number(), "-5", "is no whole number"),
        (a_number(), "1,00,0", "is no whole number"),
        (a_number(), "１２", "is no whole number"),
        (a_number(), "NaN", "is no whole number"),
        (a_number(), "9" * 40, "is no whole number"),
        (a_number(least=1, most=99), "100", "write 1 to 99"),
        (yes_no, "perhaps", "neither yes nor no"),
        (a_word(Kind), "boolean", "is not one of: Feature gate, Usage limit"),
        (a_currency, "dollars", "is no currency"),
        (a_price, "25,5", "is no amount"),
        (a_price, "-1", "is no amount"),
        (a_price, "1e3", "is no amount"),
        (a_price, "9999999999999", "more than can be kept"),
        (a_price, "0.1234567", "is no amount"),
        (an_instant, "tomorrow", "is no date"),
        (an_instant, "2026-02-30", "is no day that exists"),
        (an_instant, "01/04/2026", "is no date"),
        (an_instant, "2026-04-01 25:00", "is no day that exists"),
    ],
)
def test_what_can_not_be_read_says_what_would_be(read: object, text: str, told: str) -> None:
    with pytest.raises(WrongEntry) as mistake:
        read(text)
    assert told in str(mistake.value)


@given(
    st.datetimes(min_value=datetime.fromisoformat("1971-01-01"), max_value=datetime.fromisoformat("2200-01-01")),
    st.integers(-840, 840),
)
def test_an_instant_comes_back_from_any_zone(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_instant(spell_instant(moment)) == moment
    assert spell_instant(read_instant(spell_instant(moment))) == spell_instant(moment.astimezone(UTC))


@given(st.integers(0, 10**18))
def test_an_amount_comes_back_to_the_millionth(amount: int) -> None:
    assert micros(a_price(spell_micros(amount))) == amount


@pytest.mark.parametrize("kind", list(Kind))
def test_a_word_means_what_it_says(kind: Kind) -> None:
    assert meant(Kind, a_word(Kind)(kind.value)) is kind
