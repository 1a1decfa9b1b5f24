"""Time entries taken back, corrected and counted later, and the list of all of them."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from journal.models import Staff
from support.actions.time_entries import withdraw_time
from support.domain.cover_terms import Billing
from support.models import Allowance, TimeEntry, WorkItem
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import address, reader
from tests.support.time_world import AT, DAY, HOUR, SYSTEM, a_case, customer, entered, hours, minutes_left, sold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def allowance() -> Allowance:
    return hours(unit=30)


@pytest.fixture
def entry(allowance: Allowance) -> TimeEntry:
    acme = customer()
    sold(acme, allowance, 40)
    return entered(a_case(acme, subject="Export stops"), 50, at=AT - HOUR)


@pytest.fixture
def support() -> Client:
    return reader("support")


def version(client: Client, page: str) -> str:
    return str(client.get(page).context["version"])


def test_withdrawing_shows_what_comes_back_first(support: Client, entry: TimeEntry, allowance: Allowance) -> None:
    page = address("time_withdraw", entry.pk)
    words = text_of(support.get(page))
    assert "40 min of Support hours come back to Acme. 20 min are not billed any more." in words
    told = {"reason": "Wrong case", "version_token": version(support, page)}
    assert "Withdrawn: 50 min of The desk." in text_of(support.post(page, told, follow=True))
    assert minutes_left(entry.account, allowance) == 40
    assert WorkItem.objects.get().billing == Billing.WITHDRAWN
    assert "has withdrawn it already: Wrong case" in text_of(support.get(page))


def test_withdrawing_needs_a_reason_and_the_entry_as_it_was_seen(support: Client, entry: TimeEntry) -> None:
    page = address("time_withdraw", entry.pk)
    token = version(support, page)
    assert "Give a reason" in text_of(support.post(page, {"reason": "", "version_token": token}))
    withdraw_time(entry=entry, reason="By another hand", by=SYSTEM, at=AT)
    answer = support.post(page, {"reason": "Wrong case", "version_token": token})
    assert (answer.status_code, "has withdrawn it already: By another hand" in text_of(answer)) == (422, True)


def test_leaving_out_is_for_a_colleague(support: Client, entry: TimeEntry, allowance: Allowance) -> None:
    page = address("time_leave_out", entry.pk)
    assert "40 min of Support hours come back to Acme. 20 min are not billed any more." in text_of(support.get(page))
    told = {"reason": "Our own mistake", "version_token": version(support, page)}
    assert "Left out: 50 min of The desk." in text_of(support.post(page, told, follow=True))
    assert minutes_left(entry.account, allowance) == 40
    assert "It is left out already: Our own mistake" in text_of(support.get(page))
    own = entered(entry.case, 10, by=Staff.objects.get(username="support").as_actor())
    page = address("time_leave_out", own.pk)
    answer = support.post(page, {**told, "version_token": version(support, page)})
    assert (answer.status_code, "You entered it yourself" in text_of(answer)) == (422, True)


def test_correcting_begins_with_the_entry_and_writes_another(
    support: Client, entry: TimeEntry, allowance: Allowance
) -> None:
    page = address("time_correct", entry.pk)
    form = support.get(page).context["form"]
    assert (form["minutes"].value(), form["worked_by"].value()) == ("50 min", "The desk")
    told = {
        "time-token": "desk:9", "time-minutes": "20", "time-channel": "email", "time-worked_at": form["worked_at"].value(),
        "time-worked_by": "Bo", "time-reason": "A typing error", "version_token": version(support, page),
    }  # fmt: skip
    assert "Entered: 20 min count as 30 min on Support hours." in text_of(support.post(page, told, follow=True))
    anew = TimeEntry.objects.get(withdrawn_at=None)
    assert (anew.counted_minutes, anew.channel, anew.worked_by, anew.worked_at) == (30, "email", "Bo", entry.worked_at)
    assert minutes_left(entry.account, allowance) == 10


def test_a_correction_that_would_be_billed_is_asked_first(support: Client, entry: TimeEntry) -> None:
    page = address("time_correct", entry.pk)
    told = {
        "time-token": "desk:9", "time-minutes": "55", "time-channel": "phone", "time-reason": "Longer",
        "time-worked_at": "2026-03-02T10:00", "version_token": version(support, page),
    }  # fmt: skip
    answer = support.post(page, told)
    assert "Nothing was saved yet. Not all of it fits any more: 20 min would be beyond it" in text_of(answer)
    assert TimeEntry.objects.get() == entry
    again = {**told, "time-seen": answer.context["form"]["seen"].value()}
    assert support.post(page, again).status_code == 302
    assert TimeEntry.objects.count() == 2


def test_earlier_time_is_counted_after_it_was_shown(support: Client, entry: TimeEntry, allowance: Allowance) -> None:
    sold(entry.account, allowance, 600, at=AT - DAY / 2)
    page = address("time_count", "acme", "support_hours")
    words = text_of(support.get(page))
    assert "50 min count as 1 h: 40 min are left for it, 20 min are beyond" in words
    assert "would count as 1 h" in words
    shown = text_of(support.post(page, {"entries": [entry.pk]}))
    assert "1 h are counted; 9 h 40 min are left then. 20 min that went beyond before are not billed any more." in shown
    assert TimeEntry.objects.get().beyond_minutes == 20
    done = text_of(support.post(page, {"entries": [entry.pk], "step": "confirm"}, follow=True))
    assert "1 time entry counted on Support hours: 1 h." in done
    assert minutes_left(entry.account, allowance) == 580
    assert "No earlier time is waiting" in text_of(support.get(page))


def test_more_than_is_left_is_not_offered_to_be_counted(support: Client, entry: TimeEntry) -> None:
    page = address("time_count", "acme", "support_hours")
    assert "that is more than is left" in text_of(support.post(page, {"entries": [entry.pk]}))
    answer = support.post(page, {"entries": [entry.pk], "step": "confirm"})
    assert (answer.status_code, "don’t fit any more" in text_of(answer)) == (422, True)
    assert "Choose at least one entry" in text_of(support.post(page, {}))
    assert "One of them is gone" in text_of(support.post(page, {"entries": ["1"]}))


def test_the_list_tells_where_each_stands_and_leads_to_its_case(support: Client, entry: TimeEntry) -> None:
    entered(a_case(customer("bolt")), 10)
    words = text_of(support.get(address("timeentry_changelist")))
    assert "50 min count as 1 h: 40 min are left for it, 20 min are beyond" in words
    assert "Counts on nothing" in words
    beyond = text_of(support.get(address("timeentry_changelist"), {"standing": "beyond"}))
    assert ("Export stops" in beyond, "10 min 2 March" in beyond) == (True, False)
    assert support.get(address("timeentry_change", entry.pk)).url == f"{address('case', entry.case_id)}#time"  # type: ignore[attr-defined]
    assert support.post(address("timeentry_change", entry.pk)).status_code == 403
