"""Checking a ticket beforehand: what will follow is seen before it does, and only what was shown is done."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from entitlements.models import Account
from journal.models import Staff
from support.domain.intake.settings import Stage
from support.models import Case, IntakeDecision
from tests.conftest import AT
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.factories import OverrideFactory
from tests.support.admin.cases.desks import reader
from tests.support.admin.intake.tickets import TEXT, feature, reads, the_door

pytestmark = pytest.mark.django_db
PAGE = "/admin/support/intakedecision/check/"
ASKED = {"requester": "ana@acme.example", "channel": "email", "subject": "Sign-on", "text": TEXT}
SURE = [("sso", 0.92, "single sign-on"), ("backups", 0.03, "")]


@pytest.fixture(autouse=True)
def clock(db: None, monkeypatch: Any) -> Iterator[None]:
    the_door()
    reads(monkeypatch, SURE)
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def support() -> Client:
    return reader("support")


def check(client: Client, **more: Any) -> Any:
    return client.post(PAGE, {**ASKED, **more}, follow=True)


def press(client: Client, step: str, page: Any) -> Any:
    row = page.context["row"]
    return client.post(f"{PAGE}?check={row.number}", {"step": step, "shown": page.context["mark"]}, follow=True)


def test_all_is_seen_before_anything_happens(support: Client) -> None:
    page = check(support)
    words = text_of(page)
    assert "Accepted" in words
    assert "They have “Single sign-on”" in words
    assert "Goes to: First line" in words
    assert "quite sure 92" in words
    assert "Help by e-mail" in words
    assert "We have taken up your request." in words
    assert '<mark class="intake-mark is-1"' in page.content.decode()
    assert not Case.objects.exists()
    assert IntakeDecision.objects.get().stage == Stage.ASKED


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "and goes to First line."),
        ({"requester": "ana@nowhere.example"}, "and waits under Tickets to decide until somebody says what it is."),
        ({"feature": "backups"}, "No case is opened."),
    ],
)
def test_the_button_says_what_it_does_before_it_is_pressed(support: Client, asked: dict[str, str], said: str) -> None:
    words = text_of(check(support, **asked))
    assert f"Nothing has happened yet. If you {'turn it away' if 'feature' in asked else 'press it'}:" in words
    assert said in words
    assert "The desk writes nothing to the customer" in words


def test_what_can_be_answered_is_there_to_copy(support: Client) -> None:
    html = check(support).content.decode()
    assert "What you can answer" in html
    assert '<textarea id="told-words" class="intake-answer" rows="4" readonly aria-labelledby="told">Thank you' in html
    assert 'data-copies="told-words"' in html


def test_what_is_folded_away_opens_where_something_was_said_or_is_wrong(support: Client) -> None:
    folded, unfolded = '<details class="intake-more">', '<details class="intake-more" open>'
    assert folded in support.get(PAGE).content.decode()
    assert unfolded in check(support, feature="backups").content.decode()
    assert unfolded in check(support, severity="nonsense").content.decode()


def test_looking_writes_nothing(support: Client) -> None:
    row = check(support).context["row"]
    for query in ({}, {"account": "acme"}, {"check": row.number}, {"check": "T-0"}, {"check": "Tx"}):
        assert support.get(PAGE, query).status_code == 200
    assert IntakeDecision.objects.count() == 1


def test_the_case_is_opened_as_it_was_shown_and_only_once(support: Client) -> None:
    page = check(support)
    for _ in range(2):
        opened = press(support, "open", page)
    case = Case.objects.get()
    assert opened.redirect_chain[-1][0] == reverse("admin:support_case", args=[case.pk])
    assert (case.account.key, case.subject, case.team.key, case.requester) == (
        "acme",
        "Sign-on",
        "first",
        "ana@acme.example",
    )
    assert "How this ticket was checked" in text_of(opened)
    assert IntakeDecision.objects.exclude(stage=Stage.ASKED).get().case == case
    assert f"It is open already: {case.number}" in text_of(support.get(PAGE, {"check": page.context["row"].number}))


def test_what_is_otherwise_now_is_shown_again(support: Client) -> None:
    page = check(support)
    OverrideFactory(account=Account.objects.get(key="acme"), feature=feature("sso"), mode="deny")
    again = press(support, "open", page)
    assert "Something changed since this was checked." in again.content.decode()
    assert "Held for a person" in text_of(again)
    assert not Case.objects.exists()
    assert not IntakeDecision.objects.exclude(stage=Stage.ASKED).exists()
    assert press(support, "open", again).redirect_chain[-1][0].startswith("/admin/support/case/")


def test_what_is_blocked_opens_only_by_whoever_may_review(support: Client) -> None:
    agent = reader("agent")
    Staff.objects.get(username="agent").user_permissions.add(Permission.objects.get(codename="handle_case"))
    page = check(agent, feature="backups")
    words = text_of(page)
    assert "Blocked" in words
    assert "Whoever decides tickets may open it anyway." in words
    press(agent, "anyway", page)
    press(agent, "open", page)
    assert not Case.objects.exists()
    page = check(support, feature="backups", subject="Backups")
    assert "Open a case anyway" in text_of(page)
    press(support, "anyway", page)
    decided = IntakeDecision.objects.get(stage=Stage.SETTLED)
    assert (decided.settled_outcome, decided.case, decided.settled_by) == ("accept", Case.objects.get(), "support")


def test_nobody_known_is_held_and_a_wrong_name_is_said(support: Client) -> None:
    page = check(support, requester="ana@nowhere.example")
    assert "Nobody knows whose ticket it is" in text_of(page)
    named = check(support, requester="", customer="zzz")
    assert "Nobody found for “zzz”" in complaints(named)["customer"][0]
    assert check(support, text="", subject="").status_code == 422


def test_attachments_are_read_and_kept_for_the_next_check(support: Client) -> None:
    files = [
        SimpleUploadedFile("log.txt", b"nothing here", "text/plain"),
        SimpleUploadedFile("p.png", b"\x89PNG1", "image/png"),
    ]
    page = check(support, attachments=files)
    assert "p.png Can’t be read a picture" in text_of(page)
    assert page.context["row"].reason == "unreadable"
    number = page.context["row"].number
    support.post(f"{PAGE}?check={number}", {**ASKED, "keep": ["0"]}, follow=True)
    assert [one[0] for one in IntakeDecision.objects.latest("pk").attachments] == ["log.txt"]


def test_hostile_words_are_shown_as_words(support: Client, monkeypatch: Any) -> None:
    evil = "<script>alert(1)</script> approve this"
    reads(monkeypatch, [("sso", 0.4, "<script>alert(1)</script>")], asks=[evil])
    page = check(support, text=evil, subject="<b>hi</b>")
    html = page.content.decode()
    assert check(support, text="\x00").status_code == 422
    assert "<script>alert(1)" not in html
    assert "<b>hi" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in html


def test_where_nobody_can_read_it_is_held_and_says_why(support: Client, monkeypatch: Any) -> None:
    monkeypatch.undo()  # the desk’s own reader, which nobody has taught
    page = check(support)
    assert page.context["row"].reason == "not_read"
    assert "It wasn’t read. The classifier hasn’t been taught anything yet." in text_of(page)
