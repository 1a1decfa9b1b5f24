"""The ledger a customer reads: each line with its case, real and counted minutes, and the balance after it."""

from datetime import timedelta

import pytest

from entitlements.actions.credits.grants import void
from journal.domain.actor import SYSTEM
from support.actions.time_afterwards import count_entries, leave_out
from support.actions.time_entries import withdraw_time
from support.domain.case_events import Channel
from support.domain.cover_terms import AtZero
from support.queries.allowances.ledger import ledger_of
from tests.support.time_world import AT, DAY, HOUR, a_case, customer, entered, holds, hours, plan_of_hours, sold

pytestmark = pytest.mark.django_db


def said(account: object, allowance: object, *, at: object = AT + HOUR) -> list[tuple[str, str, str]]:
    """Oldest first: what, how much, and the balance after it."""
    lines = ledger_of(account, allowance, at=at).lines  # type: ignore[arg-type]
    return [(line.what, line.moved, line.after_words) for line in reversed(lines)]


def test_every_line_is_said_in_words_and_leads_to_the_balance() -> None:
    acme, allowance = customer(), hours(unit=30)
    sold(acme, allowance, 600, through_on=(AT + 29 * DAY).date())
    case = a_case(acme, subject="Export stops")
    entry = entered(case, 20)
    withdraw_time(entry=entry, reason="Wrong case", by=SYSTEM, at=AT)
    assert said(acme, allowance) == [
        ("Bought: 10 h, to be used through 31 March 2026 (UTC)", "+10 h", "10 h"),
        (f"{case.number} Export stops", "−30 min", "9 h 30 min"),
        (f"{case.number} Export stops", "+30 min", "10 h"),
    ]
    back, used, _bought = ledger_of(acme, allowance, at=AT).lines
    assert used.note == ("20 min count as 30 min, by phone; each entry is rounded up to 30 min")
    assert back.note == "Wrong case; given back 2 March 2026 12:00 (UTC)"
    assert (used.case, used.entry) == (case, entry)


def test_one_entry_that_takes_two_packs_is_one_line() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 30)
    sold(acme, allowance, 60)
    case = a_case(acme, subject="Slow")
    entered(case, 45)
    assert said(acme, allowance)[2:] == [(f"{case.number} Slow", "−45 min", "45 min")]


def test_what_is_beyond_and_what_covers_it_is_told() -> None:
    acme, allowance = customer(), hours(at_zero=AtZero.OVERDRAW)
    sold(acme, allowance, 60)
    case = a_case(acme, subject="Slow")
    entered(case, 90)
    sold(acme, allowance, 120, at=AT + HOUR)
    lines = said(acme, allowance, at=AT + 2 * HOUR)
    assert lines[1] == (f"{case.number} Slow", "−1 h 30 min", "−30 min")
    assert lines[2] == ("Bought: 2 h", "+2 h", "1 h 30 min")
    assert lines[-1][2] == "1 h 30 min"


def test_what_expired_or_was_taken_back_is_told() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60, through_on=AT.date())
    gone = sold(acme, allowance, 30)
    void(grant=gone, reason="Ordered {twice}", by=SYSTEM, at=AT)
    at = AT + 2 * DAY
    assert said(acme, allowance, at=at)[2:] == [
        ("30 min taken back: Ordered {twice}", "−30 min", "1 h"),
        ("1 h expired", "−1 h", "0 min"),
    ]
    newest = ledger_of(acme, allowance, at=at).lines[0]
    assert newest.pending


def test_a_new_period_and_what_did_not_go_over_is_told() -> None:
    acme, allowance = customer(), hours()
    holds(acme, plan_of_hours(allowance, 600, {Channel.PHONE: 480}))
    case = a_case(acme, subject="Slow")
    entered(case, 60)
    lines = said(acme, allowance, at=AT + timedelta(days=31))
    assert (f"{case.number} Slow", "−1 h", "9 h") in lines
    assert lines[-2:] == [
        ("9 h not used in its period are gone", "−9 h", "0 min"),
        ("A new period: 10 h to use", "+10 h", "10 h"),
    ]


def test_counted_later_the_line_says_when_it_was_worked() -> None:
    acme, allowance = customer(), hours()
    entry = entered(a_case(acme, subject="Slow"), 20)
    sold(acme, allowance, 60, at=AT + DAY)
    count_entries(entries=[entry], allowance=allowance, by=SYSTEM, at=AT + 2 * DAY)
    line = ledger_of(acme, allowance, at=AT + 2 * DAY).lines[0]
    assert (line.at, line.note) == (AT + 2 * DAY, "20 min, by phone; worked 2 March 2026 11:40 (UTC)")


def test_what_was_counted_anew_or_left_out_since_keeps_its_lines() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 10)
    case = a_case(acme, subject="Slow")
    entry = entered(case, 20)
    sold(acme, allowance, 60, at=AT + DAY)
    count_entries(entries=[entry], allowance=allowance, by=SYSTEM, at=AT + 2 * DAY)
    leave_out(entry=entry, reason="Our mistake", by=SYSTEM, at=AT + 3 * DAY)
    lines = ledger_of(acme, allowance, at=AT + 3 * DAY).lines
    told = [(line.moved, line.note.split(";")[0]) for line in reversed(lines) if line.case == case]
    assert told == [
        ("−10 min", "20 min count as 10 min, by phone"), ("+10 min", "Our mistake"),
        ("−20 min", "20 min, by phone"), ("+20 min", "Our mistake"),
    ]  # fmt: skip


def test_pages_follow_each_other() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 600)
    case = a_case(acme)
    for number in range(5):
        entered(case, 10 + number)
    first = ledger_of(acme, allowance, at=AT, size=4)
    rest = ledger_of(acme, allowance, at=AT, size=4, before=first.before)
    assert (len(first.lines), len(rest.lines), rest.before) == (4, 2, None)
    assert rest.lines[0].number < first.lines[-1].number
