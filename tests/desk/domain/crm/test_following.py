"""Which deals a mapping is about, and when one that made something is read anew."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from desk.domain.crm.following import Known, passed_by, reads_the_same, stays_as_agreed
from desk.domain.crm.told import DealState
from tests.desk.domain.crm.deals import AT, deal, line

SINCE = date(2026, 3, 2)
LATER = AT + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("closed_on", "known", "followed"),
    [
        (date(2026, 3, 1), Known(), False),
        (date(2026, 3, 2), Known(), True),
        (None, Known(), True),
        (date(2020, 1, 1), Known(holds=True), True),
        (date(2020, 1, 1), Known(told_of=True), True),
        (date(2020, 1, 1), Known(seen_open=True), True),
    ],
)
def test_a_deal_is_followed(closed_on, known, followed):
    words = passed_by(deal(closed_on=closed_on), known, since=SINCE)
    assert (words == "") == followed
    assert followed or words == "Won on 1 March 2026, before the mapping counts (2 March 2026)"


WAS = deal(line(Seats="5"), fields={"Kind": "new"})


@pytest.mark.parametrize(
    "now",
    [
        replace(WAS, company="c2"),
        replace(WAS, state=DealState.LOST),
        replace(WAS, closed_on=date(2026, 4, 1)),
        replace(WAS, fields={"Kind": "renewal"}),
        replace(WAS, lines=()),
        replace(WAS, lines=(line(quantity="6", Seats="5"),)),
        replace(WAS, lines=(line(product="PRO", Seats="5"),)),
        replace(WAS, lines=(line(Seats="6"),)),
    ],
)
def test_a_deal_that_says_anything_else_is_another(now):
    assert not reads_the_same(WAS, now)
    assert not stays_as_agreed(WAS, now, now)


def test_a_field_that_only_one_of_the_two_was_asked_for_tells_nothing():
    assert reads_the_same(WAS, WAS)
    assert reads_the_same(WAS, replace(WAS, fields={"Kind": "new", "More": "x"}, lines=(line(),)))


@pytest.mark.parametrize("touched", [{"name": "Other"}, {"link": "https://elsewhere.example"}, {}])
def test_what_no_mapping_reads_amends_nothing(touched):
    assert stays_as_agreed(WAS, None, replace(WAS, changed_at=LATER, **touched))
    assert not stays_as_agreed(None, WAS, WAS)


@pytest.mark.parametrize(("of_line", "more"), [(False, {"fields": {"Kind": "new", "More": "x"}}), (True, {})])
def test_a_field_that_nobody_had_asked_for_is_known_from_when_it_was_seen_first(of_line, more):
    lines = (line(Seats="5", More="x"),) if of_line else WAS.lines
    seen = replace(WAS, lines=lines, **more)
    touched = replace(seen, changed_at=LATER)
    assert stays_as_agreed(WAS, WAS, seen)
    assert not stays_as_agreed(WAS, WAS, touched)
    assert stays_as_agreed(WAS, seen, touched)
    assert not stays_as_agreed(WAS, seen, replace(touched, lines=(line(Seats="5", More="y"),), fields={"More": "y"}))
