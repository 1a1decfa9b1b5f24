"""The page of a decision and the list of them: to read, never to write."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from support.domain.intake.settings import Stage
from tests.conftest import AT
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import opened, reader
from tests.support.admin.intake.tickets import held, the_door

pytestmark = pytest.mark.django_db
LIST = "/admin/support/intakedecision/"


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    the_door()
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        yield


def test_it_tells_what_it_was_made_from() -> None:
    settled = {"settled_at": AT, "settled_by": "Bo", "settled_outcome": "redirect", "labels": ["backups"]}
    row = held(1, stage=Stage.SETTLED, text_digest="f" * 64, **settled)
    words = text_of(reader("auditor").get(reverse("admin:intake_decision", args=[row.pk])))
    for said in (
        "f" * 64,
        "tfidf 1",
        "at least 80",
        "Backups",
        "Redirected to self-service by Bo",
        "it only suggests yet",
    ):
        assert said in words
    assert "quite sure 87" in words


def test_a_case_tells_how_its_ticket_was_checked() -> None:
    row = held(1, case=opened(at=AT))
    address = reverse("admin:support_case", args=[row.case_id])
    assert "How this ticket was checked" in text_of(reader("support").get(address))
    assert "How this ticket was checked" not in text_of(reader("sales").get(address))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("outcome=hold", 1), ("outcome=block", 1), ("stage=held", 1), ("reason=nothing_left", 1),
        ("channel=phone", 1), ("channel=%00", 2), ("q=acme", 2), ("q=D-7", 1), ("q=zzz", 0),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_and_searched(query: str, found: int) -> None:
    held(1, channel="phone")
    held(2, stage=Stage.DECIDED, outcome="block", reason="nothing_left", external_id="D-7")
    answer = reader("auditor").get(f"{LIST}?{query}")
    assert answer.context["cl"].result_count == found


def test_it_is_found_by_its_number_and_leads_to_its_page() -> None:
    row, auditor = held(1), reader("auditor")
    held(2)
    answer = auditor.get(LIST, {"q": row.number})
    assert [one.pk for one in answer.context["cl"].result_list] == [row.pk]
    assert auditor.get(f"{LIST}{row.pk}/change/").url == reverse("admin:intake_decision", args=[row.pk])
    assert auditor.post(f"{LIST}{row.pk}/change/").status_code == 403


def test_nobody_learns_whether_there_is_one(client: Any) -> None:
    assert reader("sales").get(reverse("admin:intake_decision", args=[9])).status_code == 403
    assert reader("support").get(reverse("admin:intake_decision", args=[9])).status_code == 404
