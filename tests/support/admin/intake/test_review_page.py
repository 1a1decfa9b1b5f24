"""The review queue: one decision each, which teaches; who was faster is said."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from journal.domain.actor import Actor
from support.actions.intake.settling import settle_ticket
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.models import Case, ExamplePhrase, IntakeDecision
from tests.conftest import AT, actor
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import opened, reader
from tests.support.admin.intake.tickets import held, the_door
from tests.support.factories import SeverityFactory

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    the_door()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def support() -> Client:
    return reader("support")


def page_of(client: Client, **query: str) -> Any:
    return client.get(reverse("admin:intake_review"), query)


def decide(client: Client, row: IntakeDecision, outcome: str, *, tab: str = "held", **said: str) -> Any:
    address = f"{reverse('admin:intake_review')}?tab={tab}&ticket={row.number}"
    return client.post(address, {"ticket": row.number, "outcome": outcome, **said}, follow=True)


def test_four_tabs_with_counts_and_the_oldest_first(support: Client) -> None:
    second, first = held(2, case=opened(at=AT)), held(1)
    waits = {"stage": Stage.WAITING, "resume_digest": "a", "resume_until": NOW + timedelta(minutes=20)}
    held(3, **waits)
    held(4, stage=Stage.DECIDED, outcome="accept", sampled=True)
    held(5, stage=Stage.DECIDED, outcome="block", reason="nothing_left")
    held(6, stage=Stage.ASKED)
    page = page_of(support)
    assert [(one["words"], one["count"]) for one in page.context["tabs"]] == [
        ("Held", 2), ("Waiting", 1), ("Samples", 1), ("Blocked", 1),
    ]  # fmt: skip
    assert page.context["row"] == first
    lines = page.context["lines"]
    assert [(line["row"], line["soon"], line["due"]) for line in lines] == [
        (first, False, ""), (second, True, "due in 30 min"),
    ]  # fmt: skip
    assert "for 20 min more" in text_of(page_of(support, tab="waiting"))


def test_one_press_decides_teaches_and_goes_on(support: Client) -> None:
    first, second = held(1, case=opened(at=AT)), held(2)
    page = decide(support, first, "accept", **{"label-0": "f:sso"})
    assert page.context["row"] == second
    assert f"{first.number} of Acme: accepted. Case {first.case.number}. It teaches 1 example." in page.content.decode()
    first.refresh_from_db()
    assert (first.stage, first.settled_outcome, first.labels) == ("settled", "accept", ["sso"])
    assert Case.objects.get().team.key == "first"
    assert ExamplePhrase.objects.get().feature.key == "sso"
    assert f"ticket={first.number}" in page.context["last_url"]


def test_nothing_that_was_guessed_is_chosen_beforehand(support: Client) -> None:
    """Else whoever only presses a key would confirm what it guessed, and it would learn that it was right."""
    page = page_of(support, ticket=held(1).number)
    (request,) = page.context["ticket"].requests
    assert (request.guesses[0].percent, request.presumed) == ("87\N{NO-BREAK SPACE}%", None)
    given = held(2, readings=[{**held(3).readings[0], "given": "sso", "candidates": []}])
    (request,) = page_of(support, ticket=given.number).context["ticket"].requests
    assert request.presumed == "sso"


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ({"label-0": "none"}, [""]),
        ({"label-0": "-"}, None),
        ({}, None),
        ({"label-0": "other", "other-0": "backUPS"}, ["backups"]),
        ({"label-0": "other", "other-0": ""}, None),
    ],
)
def test_what_was_said_it_is_about(support: Client, said: dict[str, str], labels: Any) -> None:
    row = held(1, case=opened(at=AT))
    decide(support, row, "redirect", **said)
    row.refresh_from_db()
    assert (row.settled_outcome, row.labels) == ("redirect", labels)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("hold", {}), ("", {}), ("grant", {}),
        ("accept", {"label-0": "other", "other-0": "zzz"}), ("accept", {"label-0": "f:zzz"}), ("accept", {"note": "x" * 501}),
    ],
)  # fmt: skip
def test_what_can_not_be_decides_nothing(support: Client, outcome: str, said: dict[str, str]) -> None:
    row = held(1)
    page = decide(support, row, outcome, **said)
    assert page.status_code in {200, 422}
    row.refresh_from_db()
    assert row.settled_at is None
    assert page.context["row"] == row


def test_what_was_chosen_stays_chosen_when_it_is_refused(support: Client) -> None:
    row = held(1)
    for said, kept in (("none", ""), ("f:storage", "storage"), ("other", None), ("f:zzz", None)):
        page = decide(support, row, "accept", note="x" * 501, **{"label-0": said, "other-0": "zzz"})
        assert page.status_code == 422
        assert [request.presumed for request in page.context["ticket"].requests] == [kept]


def test_a_faster_colleague_is_named_and_the_next_is_shown(support: Client) -> None:
    first, second = held(1, case=opened(at=AT)), held(2)
    settle_ticket(decision=first, outcome=Outcome.REDIRECT, by=_bo(), at=NOW)
    page = decide(support, first, "accept")
    assert f"Bo has decided {first.number} already: redirected to self-service." in page.content.decode()
    assert page.context["row"] == second
    again = page_of(support, ticket=first.number)
    assert "Bo decided it less than a minute ago: redirected to self-service." in text_of(again)
    assert "data-decide" not in again.content.decode()


def _bo() -> Actor:
    return replace(actor("support"), name="Bo")


def test_what_each_button_does_and_could_be_answered_is_told_before(support: Client) -> None:
    row = held(1, case=opened(at=AT))
    page = page_of(support, ticket=row.number)
    words = text_of(page)
    assert f"Accept gives {row.case.number} to its team." in words
    assert f"Block leave {row.case.number} open; the help desk is told what you decided." in words
    assert "If you decide as proposed" in words
    assert page.context["if_agreed"] == "Thank you for your message. We have taken up your request."


def test_what_it_fell_short_of_is_told(support: Client) -> None:
    row = held(1)
    part = {**row.parts[0], "reason": "unsure", "proposed": "accept", "confidence": 0.71}
    for wanted, said in (
        (0.86, "To accept by itself it has to be at least 86\N{NO-BREAK SPACE}% sure; it is 71\N{NO-BREAK SPACE}%."),
        (2.0, "It may not accept by itself yet, however sure it is"),
    ):
        row.parts, row.wanted = [part], {**row.wanted, "accept": wanted}
        row.save(update_fields=["parts", "wanted"])
        assert said in page_of(support, ticket=row.number).context["short"]
    row.parts = [{**part, "proposed": None}]
    row.save(update_fields=["parts"])
    assert page_of(support, ticket=row.number).context["short"] == ""


def test_a_blocked_one_is_opened_after_all(support: Client) -> None:
    SeverityFactory()
    row = held(1, stage=Stage.DECIDED, outcome="block", reason="not_included")
    decide(support, row, "accept", tab="blocked")
    row.refresh_from_db()
    assert row.case == Case.objects.get()


def test_to_read_is_not_to_decide() -> None:
    row, auditor = held(1), reader("auditor")
    page = page_of(auditor, ticket=row.number)
    assert page.status_code == 200
    assert "data-decide" not in page.content.decode()
    assert decide(auditor, row, "accept").status_code == 403
    assert page_of(reader("sales")).status_code == 403
    assert page_of(auditor, ticket="T-0").status_code == 404


def test_the_page_reads_as_often_for_many(support: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        held(number)
    with django_assert_max_num_queries(40):
        assert page_of(support).context["number"] == 30


def test_words_let_go_leave_a_page(support: Client) -> None:
    reading = {
        "text": "", "where": "text", "given": "", "failed": "", "candidates": [["sso", 0.9, ""]], "channel_asked": None,
        "severity_asked": "",
    }  # fmt: skip
    row = held(1, subject="", text="", readings=[reading], forgotten_at=NOW)
    assert "What they wrote isn’t kept any longer" in text_of(page_of(support, ticket=row.number))
    assert support.get(reverse("admin:intake_decision", args=[row.pk])).status_code == 200
