"""The board as people read it: what presses, for whom, and by which filters."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from journal.domain.actor import SYSTEM
from support.actions.cases.noting import note
from support.domain.case_events import EventKind
from tests.conftest import AT
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import address, opened, reader, the_desk

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
READS = 27


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[time_machine.Traveller]:
    the_desk()
    with time_machine.travel(AT, tick=False) as moved:
        yield moved


@pytest.fixture
def support() -> Client:
    return reader("support")


def columns(client: Client, **asked: str) -> dict[str, list[str]]:
    found = client.get(address("board"), asked).context["columns"]
    return {column.place.value: [card.line.case.subject for card in column.cards] for column in found}


def a_few() -> None:
    opened(subject="late", at=AT - 90 * MINUTE, team="first")
    opened(subject="soon", at=AT - 30 * MINUTE, assignee="support@desk.example", severity="urgent")
    still = opened(subject="still", at=AT - 30 * MINUTE, team="first")
    note(case=still, kind=EventKind.PUBLIC_REPLY, by=SYSTEM, at=AT - 20 * MINUTE)
    note(case=still, kind=EventKind.STATE, to="waiting", by=SYSTEM, at=AT - 10 * MINUTE)
    note(case=still, kind=EventKind.MET, to="root_cause", by=SYSTEM, at=AT - 10 * MINUTE)
    opened(None, subject="whose")


def test_every_case_stands_where_it_presses(support: Client) -> None:
    a_few()
    assert columns(support) == {"late": ["late"], "next": ["soon"], "waiting": ["still"], "unpromised": ["whose"]}
    words = text_of(support.get(address("board")))
    assert "First response late for 30 min today 08:30 (UTC) then Resolution due in 6 h 30 min" in words
    assert "First response due in 30 min today 09:30 (UTC)" in words
    assert "Resolution paused for 10 min" in words
    assert "Unknown customer Nobody knows whose it is, so nothing is promised." in words
    assert "Every team 4 1 late First line 2 1 late No team 2" in words


def test_the_clock_alone_makes_a_case_late(support: Client, clock: time_machine.Traveller) -> None:
    opened(subject="soon", at=AT - 59 * MINUTE)
    assert columns(support)["next"] == ["soon"]
    clock.move_to(AT + 2 * MINUTE)
    assert columns(support)["late"] == ["soon"]


@pytest.mark.parametrize(
    ("asked", "subjects"),
    [
        ({"team": "first"}, {"late", "still"}),
        ({"team": "nobody"}, {"soon", "whose"}),
        ({"assignee": "me"}, {"soon"}),
        ({"severity": "urgent"}, {"soon"}),
        ({"tier": "priority_plus"}, {"late", "soon", "still"}),
        ({"tier": "nobody"}, {"whose"}),
        ({"place": "late"}, {"late"}),
        ({"place": "late", "page": "9"}, set()),
        ({"place": "nowhere", "page": "x", "team": "\x00first"}, {"late", "still"}),
    ],
)
def test_the_address_says_which(support: Client, asked: dict[str, str], subjects: set[str]) -> None:
    a_few()
    assert {subject for column in columns(support, **asked).values() for subject in column} == subjects


def test_the_part_that_moves_keeps_the_filters_and_is_answered_cheaply(
    support: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_few()
    context = support.get(address("board"), {"team": "first"}).context
    assert context["live_url"] == "?team=first&part=live"
    url = address("board") + context["live_url"]
    first = support.get(url)
    assert b"<html" not in first.content
    with django_assert_max_num_queries(8):
        assert support.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    opened(subject="another", team="first")
    after = support.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert b"another" in after.content


def test_the_page_reads_the_same_however_many_cases_there_are(
    support: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_few()
    with django_assert_max_num_queries(READS):
        support.get(address("board"))
    for number in range(6):
        opened(subject=str(number))
    with django_assert_max_num_queries(READS):
        support.get(address("board"))


def test_it_goes_on_without_a_script(support: Client) -> None:
    assert b'<noscript><meta http-equiv="refresh"' in support.get(address("board")).content


def test_sales_look_and_open_nothing() -> None:
    a_few()
    words = text_of(reader("sales").get(address("board")))
    assert "late for 30 min" in words
    assert "Open a case" not in words
