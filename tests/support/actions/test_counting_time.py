"""Earlier time counted on hours that were bought since."""

import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import AuditEvent
from support.actions.time_afterwards import count_entries
from support.actions.time_entries import withdraw_time
from support.domain.cover_terms import Billing
from support.models import TimeEntry, WorkItem
from tests.support.time_world import AT, DAY, a_case, customer, entered, hours, ledger_lost, minutes_left, sold

pytestmark = pytest.mark.django_db
LATER = AT + 3 * DAY


def count(*entries: TimeEntry, on: object, at: object = LATER) -> list[TimeEntry]:
    return count_entries(entries=entries, allowance=on, by=SYSTEM, at=at)  # type: ignore[arg-type]


def test_time_from_before_the_hours_counts_on_them_by_their_unit() -> None:
    acme, allowance = customer(), hours(unit=30)
    entry = entered(a_case(acme), 20)
    assert entry.allowance is None
    sold(acme, allowance, 600, at=AT + DAY)
    (counted,) = count(entry, on=allowance)
    assert (counted.counted_minutes, counted.beyond_minutes, counted.allowance) == (30, 0, allowance)
    assert minutes_left(acme, allowance, at=LATER) == 570
    assert AuditEvent.objects.filter(verb="time:count").count() == 1


def test_what_was_beyond_is_billed_no_more() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 10)
    entry = entered(a_case(acme), 45)
    assert (entry.counted_minutes, entry.beyond_minutes) == (10, 35)
    sold(acme, allowance, 600, at=AT + DAY)
    (counted,) = count(entry, on=allowance)
    assert (counted.counted_minutes, counted.beyond_minutes) == (45, 0)
    assert ledger_lost(acme, allowance.feature) == 45
    assert WorkItem.objects.get().billing == Billing.WITHDRAWN
    withdraw_time(entry=counted, reason="After all not", by=SYSTEM, at=LATER)
    assert minutes_left(acme, allowance, at=LATER) == 610


def test_all_of_them_or_none() -> None:
    acme, allowance = customer(), hours()
    case = a_case(acme)
    first, second = entered(case, 45), entered(case, 30)
    sold(acme, allowance, 60, at=AT + DAY)
    with pytest.raises(
        Refusal, match=r"30 min of C-.* don’t fit any more: 15 min of Support hours are left"
    ) as refused:
        count(first, second, on=allowance)
    assert refused.value.code == "does_not_fit"
    assert minutes_left(acme, allowance, at=LATER) == 60
    first.refresh_from_db()
    assert first.allowance is None


def test_what_is_counted_withdrawn_or_left_out_stays_as_it_is() -> None:
    acme, allowance = customer(), hours()
    case = a_case(acme)
    left_out = entered(case, 45, exempt_reason="Our mistake")
    gone = withdraw_time(entry=entered(case, 45), reason="Wrong", by=SYSTEM, at=AT)
    sold(acme, allowance, 600, at=AT)
    done = entered(case, 45, at=AT + DAY)
    for entry, words in ((left_out, "left out on purpose"), (gone, "was withdrawn"), (done, "counted already")):
        with pytest.raises(Refusal, match=words) as refused:
            count(entry, on=allowance)
        assert refused.value.code == "nothing_to_count"
    with pytest.raises(Refusal, match="Choose at least one"):
        count(on=allowance)
