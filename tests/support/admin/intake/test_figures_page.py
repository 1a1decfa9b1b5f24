"""The figures of intake: each leads to the rows it counts, and shares say no more than is known."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from support.admin.intake.figures_shown import say_share, say_wait
from support.domain.intake.outcomes import Outcome
from tests.conftest import AT
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import reader
from tests.support.factories import CaseFactory
from tests.support.intake_world import decision, settled
from tests.support.ticket_world import checking

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="([^"]*figures/tickets/[^"]*)">([\d,]+)</a>')
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def auditor(db: None) -> Client:
    return reader("auditor")


def page(name: str = "intake_figures") -> str:
    return reverse(f"admin:{name}")


def some() -> None:
    decision(Outcome.REDIRECT, at=AT - DAY * 20)
    decision(Outcome.ACCEPT, at=AT - DAY * 2, case=CaseFactory(opened_at=AT - DAY * 2), channel="phone")
    decision(Outcome.HOLD, at=AT - DAY * 9)
    settled(Outcome.HOLD, Outcome.ACCEPT, at=AT - DAY * 9, after=timedelta(hours=26))
    settled(Outcome.ACCEPT, Outcome.REDIRECT, at=AT - DAY * 30, sampled=True)


def test_each_figure_leads_to_the_rows_it_counts(auditor: Client) -> None:
    some()
    found = LINK.findall(auditor.get(page()).content.decode())
    assert len(found) > 25
    for address, said in found:
        answer = auditor.get(html.unescape(address))
        assert answer.context["shown"].paginator.count == int(said.replace(",", "")), address


def test_it_tells_what_was_deflected_saved_and_agreed(auditor: Client) -> None:
    checking(cost_micros=40_000_000, cost_currency="EUR")
    some()
    words = text_of(auditor.get(page()))
    for said in ("€80", "1 day 2 h", "1 tickets for people at €40", "Not sure what is meant"):
        assert said in words, words


def test_agreement_is_told_by_what_the_machine_made_of_them(auditor: Client) -> None:
    for number in range(3):
        settled(Outcome.ACCEPT, Outcome.SUGGEST if number else Outcome.ACCEPT, at=AT - DAY, sampled=True)
    settled(Outcome.REDIRECT, Outcome.REDIRECT, at=AT - DAY, sampled=True)
    shown = auditor.get(page(), {"weeks": "2"}).context["shown"].actions()
    told = [(line["badge"].words, line["reviewed"].count, line["disagreed"].count) for line in shown]
    assert told == [("Accepted", 3, 2), ("Redirected to self-service", 1, 0)]
    rows = auditor.get(shown[0]["disagreed"].url)
    assert rows.context["shown"].paginator.count == 2
    assert "did, or proposed: accepted" in text_of(rows)


def test_what_is_asked_for_is_shown_and_nonsense_is_taken_for_the_usual(auditor: Client) -> None:
    some()
    assert auditor.get(page(), {"channel": "phone"}).context["shown"].found.total["tickets"] == 1
    odd = auditor.get(page(), {"weeks": "%00", "channel": "\x00"})
    assert (odd.status_code, len(odd.context["span"].starts)) == (200, 12)
    rows = page("intake_figure_rows")
    assert auditor.get(rows, {"figure": "none"}).status_code == 404
    assert auditor.get(rows, {"week": "99", "page": "x"}).status_code == 200


def test_nothing_was_checked_yet(auditor: Client) -> None:
    assert "No ticket was checked in this time." in text_of(auditor.get(page()))


def test_nearly_all_is_not_all() -> None:
    assert [say_share(*pair) for pair in ((0, 0), (0, 9), (1, 999), (998, 999), (9, 9))] == [
        "–", "0\N{NO-BREAK SPACE}%", "1\N{NO-BREAK SPACE}%", "99\N{NO-BREAK SPACE}%", "100\N{NO-BREAK SPACE}%",
    ]  # fmt: skip
    waits = [timedelta(seconds=59), timedelta(minutes=61), timedelta(days=2, hours=4)]
    assert [say_wait(one) for one in waits] == ["59 s", "1 h 1 min", "2 days 4 h"]
