from datetime import UTC, date, datetime, timedelta

import pytest

from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import (
    Days,
    Span,
    Terms,
    UnfitWarranty,
    WarrantyState,
    day_faults,
    instant_of,
    missing,
    moved,
    span_of,
    start_fault,
    swapped,
)

SHIPPED, INSTALLED, INVOICED = WarrantyBasis
TODAY = date(2026, 3, 2)


def day(text: str) -> date:
    return date.fromisoformat(text)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "months", "zone", "through", "starts", "ends"),
    [
        # first day  | months | zone           | through      | [starts at (UTC)    | ends at (UTC))
        ("2026-01-01", 12, "UTC", "2026-12-31", "2026-01-01T00:00", "2027-01-01T00:00"),
        ("2026-01-31", 1, "UTC", "2026-02-27", "2026-01-31T00:00", "2026-02-28T00:00"),
        ("2026-01-31", 12, "UTC", "2027-01-30", "2026-01-31T00:00", "2027-01-31T00:00"),
        ("2024-02-29", 12, "UTC", "2025-02-27", "2024-02-29T00:00", "2025-02-28T00:00"),
        ("2024-02-29", 48, "UTC", "2028-02-28", "2024-02-29T00:00", "2028-02-29T00:00"),
        ("2026-01-15", 6, "Europe/Amsterdam", "2026-07-14", "2026-01-14T23:00", "2026-07-14T22:00"),
        ("2026-01-15", 6, "America/New_York", "2026-07-14", "2026-01-15T05:00", "2026-07-15T04:00"),
        # clocks jump over midnight in Cairo on 24 April 2026: the day begins at 01:00
        ("2026-03-24", 1, "Africa/Cairo", "2026-04-23", "2026-03-23T22:00", "2026-04-23T22:00"),
        # Samoa had no 30 December 2011
        ("2011-12-30", 1, "Pacific/Apia", "2012-01-29", "2011-12-30T10:00", "2012-01-29T10:00"),
    ],
)
def test_months_are_counted_through_the_last_day(first, months, zone, through, starts, ends):
    span, last = span_of(day(first), months=months, zone=zone)
    assert (last, span.starts_at, span.ends_at) == (day(through), instant(starts), instant(ends))


@pytest.mark.parametrize("months", [0, -1, 601])
def test_it_lasts_from_a_month_to_fifty_years(months):
    for make in (lambda: span_of(TODAY, months=months, zone="UTC"), lambda: Terms(SHIPPED, months)):
        with pytest.raises(UnfitWarranty):
            make()


@pytest.mark.parametrize(
    ("basis", "days", "says"),
    [
        (SHIPPED, Days(shipped=TODAY), ""),
        (INSTALLED, Days(shipped=TODAY), "It has no installation day yet, so its warranty hasn’t begun."),
        (INVOICED, Days(shipped=TODAY, installed=TODAY), "It has no invoice day yet, so its warranty hasn’t begun."),
        (SHIPPED, Days(installed=TODAY), "It has no shipping day yet, so its warranty hasn’t begun."),
        (INSTALLED, Days(in_service=TODAY), "It has no installation day yet, so its warranty hasn’t begun."),
    ],
)
def test_without_its_day_it_says_what_is_missing(basis, days, says):
    assert missing(basis, days) == says


SPAN = Span(instant("2026-01-01T00:00"), instant("2027-01-01T00:00"))


@pytest.mark.parametrize(
    ("at", "stopped", "state"),
    [
        ("2025-12-31T23:59", None, WarrantyState.TO_COME),
        ("2026-01-01T00:00", None, WarrantyState.RUNNING),
        ("2026-12-31T23:59", None, WarrantyState.RUNNING),
        ("2027-01-01T00:00", None, WarrantyState.OVER),
        ("2026-06-01T00:00", "2026-06-01T00:00", WarrantyState.STOPPED),
        ("2026-05-31T23:59", "2026-06-01T00:00", WarrantyState.RUNNING),
        ("2028-01-01T00:00", "2026-06-01T00:00", WarrantyState.STOPPED),
        ("2026-06-01T00:00", "2025-06-01T00:00", WarrantyState.STOPPED),  # before it began
    ],
)
def test_how_it_stands(at, stopped, state):
    span = Span(SPAN.starts_at, SPAN.ends_at, instant(stopped) if stopped else None)
    assert span.state(instant(at)) is state
    assert state.words


@pytest.mark.parametrize(
    ("swap", "old_until", "rest"),
    [
        ("2026-06-01T08:30", "2026-06-01T08:30", ("2026-06-01T08:30", "2027-01-01T00:00")),
        ("2026-01-01T00:00", "2026-01-01T00:00", ("2026-01-01T00:00", "2027-01-01T00:00")),  # on its first instant
        ("2025-10-01T00:00", "2026-01-01T00:00", ("2026-01-01T00:00", "2027-01-01T00:00")),  # it hadn't begun
        ("2026-12-31T23:59", "2026-12-31T23:59", ("2026-12-31T23:59", "2027-01-01T00:00")),
        ("2027-01-01T00:00", "2027-01-01T00:00", None),  # over
        ("2030-01-01T00:00", "2027-01-01T00:00", None),
    ],
)
def test_a_replacement_inherits_the_rest(swap, old_until, rest):
    old, new = swapped(SPAN, at=instant(swap))
    assert old.until == instant(old_until)
    assert (new is None and rest is None) or (
        new is not None and (new.starts_at, new.until) == tuple(map(instant, rest))
    )


def test_what_was_stopped_before_is_not_inherited():
    stopped = Span(SPAN.starts_at, SPAN.ends_at, instant("2026-02-01T00:00"))
    assert swapped(stopped, at=instant("2026-01-15T00:00")) == (stopped, None)


def test_what_doesnt_go_along_ends_with_the_move():
    sold = instant("2026-06-01T00:00")
    assert moved(SPAN, transferable=True, at=sold) == SPAN
    assert moved(SPAN, transferable=False, at=sold).until == sold
    assert moved(SPAN, transferable=False, at=instant("2029-01-01T00:00")) == SPAN  # it was over


def test_a_span_ends_after_it_begins():
    with pytest.raises(UnfitWarranty):
        Span(SPAN.ends_at, SPAN.starts_at)


@pytest.mark.parametrize(
    ("days", "fields"),
    [
        (Days(), []),
        (Days(day("2026-01-01"), day("2026-01-01"), day("2025-12-01"), day("2026-01-01")), []),
        (Days(shipped=day("2026-01-02"), installed=day("2026-01-01")), ["installed_on"]),
        (Days(shipped=day("2026-01-02"), in_service=day("2026-01-01")), ["in_service_on"]),
        (Days(installed=day("2026-01-02"), in_service=day("2026-01-01")), ["in_service_on"]),
        (Days(shipped=day("2026-01-02"), invoiced=day("2026-03-01")), []),  # paid later
        (Days(shipped=day("1926-01-02")), ["shipped_on"]),
        (Days(invoiced=day("2206-01-02")), ["invoiced_on"]),
        (Days(day("2026-05-02"), day("2026-05-01"), None, day("2026-04-01")), ["installed_on", "in_service_on"]),
    ],
)
def test_dates_that_contradict_each_other_are_named(days, fields):
    assert list(day_faults(days, today=TODAY)) == fields


def test_nothing_is_under_warranty_before_it_was_bought():
    days = Days(shipped=day("2026-01-10"), installed=day("2026-01-20"), invoiced=day("2026-01-05"))
    assert "bought on 2026-01-05" in start_fault(day("2026-01-04"), days)
    assert start_fault(day("2026-01-05"), days) == ""
    assert "bought on 2026-01-20" in start_fault(day("2026-01-19"), Days(installed=day("2026-01-20")))
    assert start_fault(day("1990-01-01"), Days()) == ""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, "2026-03-02T09:00"),
        ("2026-03-02", "2026-03-02T09:00"),  # today: now
        ("2026-03-05", "2026-03-02T09:00"),  # never later than now
        ("2026-03-01", "2026-02-28T23:00"),  # its first instant in Amsterdam
        ("2026-02-20", "2026-02-20T12:00"),  # the day on which it was got at noon
    ],
)
def test_a_day_names_an_instant(said, meant):
    got = instant("2026-02-20T12:00")
    named = day(said) if said else None
    told = {"zone": "Europe/Amsterdam", "at": instant("2026-03-02T09:00"), "not_before": got}
    assert instant_of(named, **told) == instant(meant)


def test_a_chain_counts_once():
    assert SPAN.lasts == timedelta(days=365)
