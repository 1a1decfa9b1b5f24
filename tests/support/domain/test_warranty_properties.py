"""Whatever is swapped when: a chain of replacements is covered exactly as long as the first one would have been."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from support.domain.warranties import Days, Span, day_faults, moved, span_of, swapped, together
from tests.conftest import EXAMPLES

ZONES = st.sampled_from(["UTC", "Europe/Amsterdam", "America/New_York", "Pacific/Apia", "Asia/Kolkata", "Africa/Cairo"])
DAYS = st.dates(date(2009, 1, 1), date(2031, 12, 31))
MOMENTS = st.datetimes(datetime(2008, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def spans(draw: st.DrawFn) -> Span:
    span, _through = span_of(draw(DAYS), months=draw(st.integers(1, 120)), zone=draw(ZONES))
    return span


def chain(whole: Span, swaps: list[datetime]) -> list[Span]:
    """The spans of the first one and of all that took its place."""
    held, current = [], whole
    for at in sorted(swaps):
        before, rest = swapped(current, at=at)
        held.append(before)
        if rest is None:
            return held
        current = rest
    return [*held, current]


@settings(max_examples=20 * EXAMPLES)
@given(spans(), st.lists(MOMENTS, max_size=6))
def test_a_chain_lasts_exactly_as_long_as_the_first_would_have(whole, swaps):
    held = chain(whole, swaps)
    assert together(held) == whole.lasts
    assert all(whole.starts_at <= span.starts_at and span.until <= whole.ends_at for span in held)


@settings(max_examples=20 * EXAMPLES)
@given(spans(), st.lists(MOMENTS, max_size=6), MOMENTS)
def test_at_every_instant_at_most_one_of_a_chain_is_under_warranty(whole, swaps, at):
    under = sum(span.starts_at <= at < span.until for span in chain(whole, swaps))
    assert under == (whole.starts_at <= at < whole.ends_at)


@settings(max_examples=10 * EXAMPLES)
@given(spans(), MOMENTS, st.booleans())
def test_a_move_never_lengthens_it(span, at, transferable):
    after = moved(span, transferable=transferable, at=at)
    assert after.until <= span.until
    assert after.until == span.until or after.until == max(at, span.starts_at)


@settings(max_examples=20 * EXAMPLES)
@given(DAYS, st.integers(1, 600), ZONES)
def test_more_months_never_end_earlier(first, months, zone):
    span, through = span_of(first, months=months, zone=zone)
    assert through >= first
    assert span.lasts > timedelta(days=27 * months)
    if months > 1:
        shorter, _ = span_of(first, months=months - 1, zone=zone)
        assert shorter.starts_at == span.starts_at
        assert shorter.ends_at < span.ends_at


@settings(max_examples=10 * EXAMPLES)
@given(st.lists(DAYS, min_size=3, max_size=3))
def test_dates_in_their_order_are_never_at_fault(days):
    shipped, installed, in_service = sorted(days)
    assert not day_faults(Days(shipped, installed, None, in_service), today=date(2031, 12, 31))
