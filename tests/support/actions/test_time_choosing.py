"""Of several allowances nobody is billed while hours that were paid for lie beside; and time told again or corrected."""

from typing import Any

import pytest

from catalog.models import DimensionChoice
from journal.domain.actor import SYSTEM
from support.actions.time_afterwards import count_entries, leave_out
from support.actions.time_entries import correct_time
from support.actions.time_handling import DoesNotFit, OwnTime
from support.domain.case_events import Channel
from support.models import Allowance, Case, TimeEntry
from support.queries.allowances.foreseen import foresee_time
from tests.conftest import actor
from tests.support.time_world import (
    AT,
    DAY,
    a_case,
    customer,
    entered,
    holds,
    hours,
    minutes_left,
    plan_of_hours,
    sold,
)

pytestmark = pytest.mark.django_db
READS = 50
ANN, BEN = actor("support", "Ann"), actor("support", "Ben")
SOON = (AT + 5 * DAY).date()


def told(entry: TimeEntry) -> tuple[Allowance | None, int, int]:
    return entry.allowance, entry.counted_minutes, entry.beyond_minutes


def test_what_holds_the_real_minutes_may_not_hold_what_they_count() -> None:
    acme, short, long = customer(), hours("short", unit=30), hours("long", unit=30)
    sold(acme, short, 20, through_on=SOON)
    sold(acme, long, 600)
    case = a_case(acme)
    foreseen = foresee_time(case, 20, channel="phone", at=AT)
    assert foreseen.line is not None
    assert foreseen.line.allowance == long
    assert told(entered(case, 20)) == (long, 30, 0)


def test_where_the_part_for_the_channel_is_used_up_others_pay() -> None:
    acme, parted, whole = customer(), hours("parted"), hours("whole")
    holds(acme, plan_of_hours(parted, 6000, {Channel.PHONE: 60, Channel.EMAIL: 600}))
    sold(acme, whole, 600)
    case = a_case(acme)
    assert told(entered(case, 60)) == (parted, 60, 0)
    assert told(entered(case, 45)) == (whole, 45, 0)
    assert told(entered(case, 45, channel="email")) == (parted, 45, 0)


def test_work_of_last_week_counts_on_what_there_was_last_week() -> None:
    acme, before, since = customer(), hours("before"), hours("since")
    sold(acme, before, 600)
    sold(acme, since, 600, at=AT - DAY, through_on=SOON)
    assert told(entered(a_case(acme), 45, worked_at=AT - 3 * DAY)) == (before, 45, 0)


def test_work_told_late_by_a_channel_that_counts_double_fits_as_it_would_have() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 600)
    DimensionChoice.objects.filter(key="phone").update(weight_thousandths=2000)
    case = a_case(acme)
    assert told(entered(case, 60)) == told(entered(case, 60, worked_at=AT - 3 * DAY)) == (allowance, 120, 0)


def test_minutes_that_would_not_come_back_are_not_counted_again() -> None:
    """They had been paid for: counted anew, the customer would pay for them twice."""
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60, through_on=SOON)
    entry = entered(a_case(acme), 70)
    later = AT + 10 * DAY
    sold(acme, allowance, 600, at=later)
    with pytest.raises(DoesNotFit, match=r"1 h of C-.* counted on hours that have gone since"):
        count_entries(entries=[entry], allowance=allowance, by=SYSTEM, at=later)
    assert minutes_left(acme, allowance, at=later) == 600
    anew = correct_time(entry=entry, minutes=60, reason="The rest by itself", by=SYSTEM, at=later)
    assert told(anew) == (allowance, 60, 0)
    assert minutes_left(acme, allowance, at=later) == 600


def test_told_again_it_is_answered_though_it_was_left_out_since() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 600)
    case = a_case(acme)
    left_out, other = entered(case, 60, name="t-1"), entered(case, 5, name="t-2")
    leave_out(entry=left_out, reason="Ours", by=BEN, at=AT)
    assert entered(case, 60, name="t-1") == left_out
    Case.objects.filter(pk=case.pk).update(uncounted_at=AT, uncounted_by="Ben", uncounted_reason="Ours")
    assert entered(case, 5, name="t-2") == other


def test_more_of_what_a_colleague_left_out_is_not_left_out_alone() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 600)
    entry = leave_out(entry=entered(a_case(acme), 5, by=ANN), reason="Ours", by=BEN, at=AT)
    with pytest.raises(OwnTime):
        correct_time(entry=entry, minutes=500, reason="Typing error", by=ANN, at=AT)


def test_left_out_with_its_case_it_counts_once_the_case_does() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 600)
    case = a_case(acme, uncounted_at=AT, uncounted_by="Ben", uncounted_reason="Ours")
    entry = entered(case, 5)
    Case.objects.filter(pk=case.pk).update(uncounted_at=None, uncounted_by="", uncounted_reason="")
    entry.refresh_from_db()
    anew = correct_time(entry=entry, minutes=5, reason="It counts after all", by=ANN, at=AT)
    assert (anew.counted_minutes, anew.exempt_reason) == (5, "")


def test_who_has_one_allowance_is_asked_about_once(django_assert_max_num_queries: Any) -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 600)
    case = a_case(acme)
    entered(case, 5)
    with django_assert_max_num_queries(READS):
        entered(case, 20)
