"""The list of cases, on an account's page and under ⌘K."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse

from desk.admin.search import palette
from journal.domain.actor import SYSTEM
from journal.models import Staff
from support.actions.cases.noting import note
from support.domain.case_events import EventKind
from support.models import Case
from tests.conftest import AT
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import address, opened, reader, the_desk
from tests.support.factories import AccountHealthFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    the_desk()
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def cases() -> list[Case]:
    """One that runs, one of nobody known, one that is resolved."""
    done = opened(subject="Done", at=AT - timedelta(days=1), external_id="T-9", source="tickets")
    note(case=done, kind=EventKind.STATE, to="resolved", by=SYSTEM, at=AT)
    return [opened(subject="Runs", severity="urgent"), opened(None, subject="Whose"), done]


def found(client: Client, **asked: str) -> list[str]:
    return [case.subject for case in client.get(address("case_changelist"), asked).context["cl"].result_list]


def test_it_is_searched_by_number_ticket_subject_and_customer(cases: list[Case]) -> None:
    support = reader("support")
    assert found(support) == ["Whose", "Runs", "Done"]
    runs, _whose, _done = cases
    for typed, subjects in ((runs.number, ["Runs"]), (f"c{runs.pk}", ["Runs"]), ("T-9", ["Done"]), ("Who", ["Whose"]),
                            ("acme", ["Runs", "Done"]), ("C-999999999", [])):  # fmt: skip
        assert found(support, q=typed) == subjects, typed


def test_it_is_narrowed_and_its_rows_lead_to_the_page(cases: list[Case]) -> None:
    support = reader("support")
    assert found(support, state="not_ended") == ["Whose", "Runs"]
    assert found(support, state="resolved") == ["Done"]
    assert found(support, severity="urgent") == ["Runs"]
    assert found(support, tier="priority_plus") == ["Runs", "Done"]
    assert address("case", cases[0].pk) in support.get(address("case_changelist")).content.decode()
    led = support.get(address("case_change", cases[0].pk))
    assert led.headers["Location"] == address("case", cases[0].pk)
    assert support.post(address("case_change", cases[0].pk)).status_code == 403


def test_the_page_of_the_account_tells_its_cases_and_how_it_is_doing(cases: list[Case]) -> None:
    account = cases[0].account
    AccountHealthFactory(account=account)
    words = text_of(reader("support").get(reverse("admin:desk_account_cases", args=["acme"])))
    assert "How the account is doing: At risk Two escalations in a month." in words
    assert "First response due in 1 h Resolution due in 8 h" in words
    assert f"The last ones before {cases[2].number} Done Resolved" in words
    assert "Whose" not in words
    empty = text_of(reader("sales").get(reverse("admin:desk_account_cases", args=["bolt"])))
    assert "Bolt has no open case." in empty


def titles(role: str, term: str) -> list[str]:
    reader(role)
    request = RequestFactory().get("/admin/search/")
    request.user = Staff.objects.get(username=role)
    return [str(result.title) for result in palette(request, term)]


def test_the_palette_jumps_to_a_case_by_either_number(cases: list[Case]) -> None:
    runs, _whose, done = cases
    assert titles("support", runs.number) == [f"{runs.number} Runs"]
    assert titles("sales", "T-9") == [f"{done.number} Done"]
    assert titles("administrator", runs.number) == []
    assert "Board" in titles("support", "overdue")
