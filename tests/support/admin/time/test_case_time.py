"""Time on the page of a case: the entries, what is left now, the form with what it would count, and asking first."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from support.actions.time_entries import enter_time
from support.domain.case_events import Channel
from support.models import Case, TimeEntry, WorkItem
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import address, reader
from tests.support.time_world import (
    AT,
    SYSTEM,
    a_case,
    customer,
    entered,
    holds,
    hours,
    minutes_left,
    plan_of_hours,
    sold,
)
from tests.support.world import kept

pytestmark = pytest.mark.django_db
FORM = {"time-token": "desk:1", "time-minutes": "20", "time-channel": "phone"}


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def case() -> Case:
    acme, allowance = customer(), hours(unit=30)
    sold(acme, allowance, 250)
    return a_case(acme, subject="Export stops")


@pytest.fixture
def support() -> Client:
    return reader("support")


def send(client: Client, case: Case, **told: str) -> str:
    answer = client.post(address("case_time", case.pk), {**FORM, **told}, follow=True)
    return text_of(answer)


def test_what_is_left_and_the_entries_stand_on_the_page(support: Client, case: Case) -> None:
    entered(case, 20, note="Looked at the logs", worked_by="Bo")
    words = text_of(support.get(address("case", case.pk)))
    assert "Support hours: 3 h 40 min left Each entry is rounded up to 30 min." in words
    assert "20 min count as 30 min Counted Phone, Bo, 2 March 2026 11:40 (UTC), on Support hours" in words
    assert "Looked at the logs" in words


def test_the_part_of_the_cases_channel_is_said(support: Client) -> None:
    acme, allowance = customer(), hours()
    holds(acme, plan_of_hours(allowance, 6000, {Channel.PHONE: 4800}))
    case = a_case(acme)
    assert "Support hours: 100 h left, 80 h of 80 h by phone" in text_of(support.get(address("case", case.pk)))
    assert "20 min. On Support hours: 80 h left by phone, 79 h 40 min after it." in send(support, case, step="preview")


def test_it_shows_what_would_count_and_saves_nothing(support: Client, case: Case) -> None:
    words = send(support, case, step="preview")
    assert "20 min count as 30 min. On Support hours: 4 h 10 min left, 3 h 40 min after it." in words
    assert not TimeEntry.objects.exists()


def test_it_is_entered_once_however_often_it_is_sent(support: Client, case: Case) -> None:
    assert "Entered: 20 min count as 30 min on Support hours." in send(support, case)
    send(support, case)
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.counted_minutes, entry.worked_by, entry.channel) == (20, 30, "support", "phone")


def test_what_would_be_billed_is_asked_first(support: Client, case: Case) -> None:
    words = send(support, case, **{"time-minutes": "5 h"})
    assert "Nothing was saved yet. 5 h: 4 h 10 min are left for it, 50 min are beyond." in words
    assert "What is beyond is billed to the customer." in words
    assert "Enter it, and bill what is beyond" in words
    assert not TimeEntry.objects.exists()
    assert "Entered: 5 h: 4 h 10 min" in send(support, case, **{"time-minutes": "5 h", "time-seen": "50"})
    assert WorkItem.objects.get().quantity == 50


def test_where_less_is_left_than_was_shown_it_asks_again(support: Client, case: Case) -> None:
    entered(case, 120)
    words = send(support, case, **{"time-minutes": "5 h", "time-seen": "50"})
    assert "Nothing was saved yet. 5 h: 2 h 10 min are left for it, 2 h 50 min are beyond." in words
    assert TimeEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"time-minutes": ""}, "Write how long it took"),
        ({"time-minutes": "soon"}, "That is no length of time"),
        ({"time-minutes": "-20"}, "at least 1"),
        ({"time-minutes": "25:00"}, "more than a day"),
        ({"time-worked_at": "2026-03-02T13:00"}, "isn’t over yet"),
        ({"time-worked_at": "whenever"}, "no day and time"),
        ({"time-channel": "pigeon"}, "Select a valid choice"),
    ],
)
def test_what_can_not_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    support: Client, case: Case, told: dict[str, str], words: str
) -> None:
    answer = support.post(address("case_time", case.pk), {**FORM, "time-note": "Wrote it down", **told})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "Nothing was saved." in text_of(answer)
    assert "Wrote it down" in answer.content.decode()
    assert not TimeEntry.objects.exists()
    assert support.post(address("case_time", case.pk), {**FORM, **told, "step": "preview"}).status_code == 422


def test_of_several_hours_one_can_be_chosen(support: Client, case: Case) -> None:
    other = hours("project_hours")
    sold(case.account, other, 60)  # type: ignore[arg-type]
    assert "What goes first" in text_of(support.get(address("case", case.pk)))
    send(support, case, **{"time-allowance": "project_hours"})
    assert TimeEntry.objects.get().allowance == other


def test_left_out_with_a_reason_it_says_so(support: Client, case: Case) -> None:
    entered(case, 20, exempt_reason="Our own mistake")
    words = text_of(support.get(address("case", case.pk)))
    assert "20 min, not counted Left out" in words
    assert "Our own mistake" in words


def test_an_entry_for_whom_the_case_was_before_says_so(support: Client, case: Case) -> None:
    entered(case, 20)
    case.account = customer("bolt")
    kept(case)
    assert "For Acme, whose case it was then; correct it to move it." in text_of(support.get(address("case", case.pk)))


def test_of_nobodys_case_there_is_no_form(support: Client) -> None:
    case = a_case(None)
    assert "Say whose case it is, then time can be entered." in text_of(support.get(address("case", case.pk)))
    assert support.post(address("case_time", case.pk), FORM).status_code == 422
    assert not TimeEntry.objects.exists()


def test_sales_reads_and_enters_nothing(case: Case) -> None:
    enter_time(case=case, minutes=20, by=SYSTEM, at=AT)
    sales = reader("sales")
    words = text_of(sales.get(address("case", case.pk)))
    assert "20 min count as 30 min" in words
    assert "Enter time" not in words
    assert "Withdraw" not in words
    assert sales.post(address("case_time", case.pk), FORM).status_code == 403
    assert minutes_left(case.account, TimeEntry.objects.get().allowance) == 220  # type: ignore[arg-type]
