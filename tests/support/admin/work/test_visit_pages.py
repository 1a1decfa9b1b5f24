"""The plan of visits, and the page of one: an appointment, done, missed, cancelled."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from support.actions.work.visits import schedule
from support.models import Asset, Visit, WorkItem
from tests.conftest import AT, actor
from tests.entitlements.admin.reading import complaints, text_of
from tests.support.admin.cases.desks import address, reader

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def support(pump: Asset) -> Client:
    return reader("support")


@pytest.fixture
def visit(pump: Asset) -> Visit:
    return Visit.objects.get(number=1)


def send(client: Client, visit: Visit, act: str, **told: str) -> Any:
    return client.post(
        address("visit_act", visit.pk), {"act": act, **{f"{act}-{name}": said for name, said in told.items()}}
    )


def test_the_plan_goes_month_by_month(support: Client, visit: Visit) -> None:
    words = text_of(support.get(address("visits")))
    assert words.index("By the end of July 2026") < words.index("By the end of December 2026")
    assert "1 of Maintenance" in words
    assert "1 January 2026 – 1 July 2026" in words


def test_late_ones_come_first(support: Client, visit: Visit) -> None:
    with time_machine.travel(AT + 150 * DAY, tick=False):
        words = text_of(reader("support").get(address("visits")))
        alone = text_of(reader("support").get(address("visits"), {"late": "1"}))
    assert "1 late. Only those" in words
    assert words.index("Late Visit Customer") < words.index("By the end of December 2026")
    assert "By the end of" not in alone


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({}, 2), ({"technician": "Suki"}, 1), ({"technician": "-"}, 1), ({"state": "scheduled"}, 1), ({"state": "done"}, 0),
        ({"month": "2026-09"}, 1), ({"month": "nonsense"}, 1), ({"account": "acme"}, 2), ({"account": "nobody"}, 0),
        ({"page": "9"}, 0), ({"page": "x"}, 2), ({"technician": "\x00"}, 2),
    ],
)  # fmt: skip
def test_it_is_narrowed_by_the_address(support: Client, visit: Visit, asked: dict[str, str], number: int) -> None:
    schedule(visit=visit, scheduled_for=AT + DAY, technician="Suki", by=actor("support"), at=AT)
    assert support.get(address("visits"), asked).context["number"] == number


def test_an_empty_plan_says_where_visits_come_from(support: Client, visit: Visit) -> None:
    assert "Choose otherwise above." in text_of(support.get(address("visits"), {"state": "done"}))
    assert "No customer has the key or id “nobody”." in text_of(support.get(address("visits"), {"account": "nobody"}))


def test_an_appointment_is_made_and_moved(support: Client, visit: Visit) -> None:
    assert send(support, visit, "schedule", scheduled_for="2026-03-09T08:30", technician="Suki").status_code == 302
    words = text_of(support.get(address("visit", visit.pk)))
    assert "Appointment 9 March 2026 08:30 (UTC) Who goes there Suki" in words
    stale = send(support, visit, "schedule", scheduled_for="2026-03-10T08:30", technician="Suki", seen="")
    assert "Someone else changed this" in text_of(stale)
    seen = (AT + 7 * DAY).replace(hour=8, minute=30).isoformat()
    assert send(support, visit, "schedule", scheduled_for="2026-03-10T08:30", seen=seen).status_code == 302


def test_done_with_the_time_it_took(support: Client, visit: Visit) -> None:
    for _ in range(2):
        assert send(support, visit, "done", labour="90", travel="40", note="All well.").status_code == 302
    words = text_of(support.get(address("visit", visit.pk)))
    assert "Done" in words
    assert "Record a part used on it" in words
    assert "Maintenance visit Labour, 1 h 30 min" in words
    assert [item.billing for item in WorkItem.objects.all()] == ["covered", "covered"]
    assert "Mark it done" not in words


def test_missed_caught_up_and_cancelled(support: Client, visit: Visit) -> None:
    assert send(support, visit, "miss", reason="Nobody opened.").status_code == 302
    words = text_of(support.get(address("visit", visit.pk)))
    assert "It was caught up" in words
    assert "Note Nobody opened." in words
    assert send(support, visit, "cancel", reason="Not wanted.").status_code == 302
    assert "record work" in text_of(support.get(address("visit", visit.pk)))


@pytest.mark.parametrize(
    ("act", "told", "field"),
    [
        ("schedule", {"scheduled_for": ""}, "scheduled_for"),
        ("schedule", {"scheduled_for": "soon"}, "scheduled_for"),
        ("schedule", {"scheduled_for": "2027-03-09T08:30"}, "scheduled_for"),
        ("done", {"done_at": "2027-03-09T08:30"}, "done_at"),
        ("done", {"labour": "-3"}, "labour"),
        ("miss", {"reason": " "}, "reason"),
        ("cancel", {"reason": ""}, "reason"),
    ],
)
def test_what_cannot_be_right_stands_beside_its_field(
    support: Client, visit: Visit, act: str, told: dict[str, str], field: str
) -> None:
    answer = send(support, visit, act, **told)
    assert answer.status_code == 422
    assert field in complaints(answer)
    visit.refresh_from_db()
    assert visit.state == "planned"


def test_what_nobody_offers_does_nothing(support: Client, visit: Visit) -> None:
    assert support.post(address("visit_act", visit.pk), {"act": "explode"}).status_code == 302
    assert support.get(address("visit_act", visit.pk)).status_code == 302
    assert support.get(address("visit", visit.pk + 99)).status_code == 404


def test_others_only_read(pump: Asset, visit: Visit) -> None:
    for role in ("finance", "sales", "auditor"):
        client = reader(role)
        assert "Mark it done" not in text_of(client.get(address("visit", visit.pk)))
        assert send(client, visit, "done").status_code == 403
    assert reader("administrator").get(address("visits")).status_code == 403


def test_lists_and_rows_lead_to_the_pages(support: Client, visit: Visit) -> None:
    assert support.get(address("visit_changelist"))["Location"] == address("visits")
    assert support.get(address("visit_change", visit.pk))["Location"] == address("visit", visit.pk)
    assert support.post(address("visit_change", visit.pk), {"state": "done"}).status_code == 403
    assert support.get(address("visit_history", visit.pk)).status_code == 200
