"""Several colleagues enter time at the last minutes: together they count what was left, and not a minute more."""

import pytest

from support.actions.time_entries import withdraw_time
from support.models import TimeEntry, WorkItem
from tests.journal.side_by_side import at_once
from tests.support.time_world import AT, SYSTEM, a_case, customer, entered, hours, ledger_lost, minutes_left, sold

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_last_minutes_are_counted_once() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 100)
    cases = [a_case(acme), a_case(acme)]
    told = at_once(*(lambda n=n: entered(cases[n % 2], 30) for n in range(6)))
    assert not [one for one in told if isinstance(one, Exception)], told
    assert sorted(one.counted_minutes for one in told) == [0, 0, 10, 30, 30, 30]
    assert sum(one.counted_minutes + one.beyond_minutes for one in told) == 180
    assert (minutes_left(acme, allowance), ledger_lost(acme, allowance.feature)) == (0, 100)
    assert sum(WorkItem.objects.values_list("quantity", flat=True)) == 80


def test_one_entry_told_by_many_is_entered_once() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 100)
    case = a_case(acme)
    told = at_once(*(lambda: entered(case, 30, name="t-1").pk for _ in range(4)))
    assert len(set(told)) == 1
    assert (TimeEntry.objects.count(), minutes_left(acme, allowance)) == (1, 70)


def test_withdrawn_by_two_it_is_given_back_once_while_a_third_enters() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 100)
    case = a_case(acme)
    entry = entered(case, 60)
    gone = [lambda: withdraw_time(entry=entry, reason="Wrong", by=SYSTEM, at=AT) for _ in range(2)]
    told = at_once(*gone, lambda: entered(case, 30))
    assert not [one for one in told if isinstance(one, Exception)], told
    assert (minutes_left(acme, allowance), ledger_lost(acme, allowance.feature)) == (70, 30)
