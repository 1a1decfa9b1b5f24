"""What the classifier is taught: phrases added several at once, found, taken back; and taught anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from support.actions.intake.turns import begin_teaching, teach_in_turn
from support.admin.intake.teaching_words import say_teaching
from support.models import ClassifierVersion, ExamplePhrase, Teaching
from tests.catalog.factories import FeatureFactory
from tests.conftest import AT
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import reader
from tests.support.intake_world import a_phrase, decision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def lead(db: None) -> Client:
    FeatureFactory(key="sso", name="Single sign-on")
    FeatureFactory(key="exports", name="Exports")
    return reader("support")


def page() -> str:
    return reverse("admin:intake_examples")


def said() -> list[tuple[str, str]]:
    rows = ExamplePhrase.objects.filter(retired_at__isnull=True).order_by("pk")
    return [(row.feature.key if row.feature else "", row.text) for row in rows]


def test_several_are_added_at_once_each_once(lead: Client) -> None:
    told = {"feature": "f:sso", "lines": "how do we sign in?\r\n\r\n  two factors  \nHOW do we sign in?"}
    answer = lead.post(page(), told, follow=True)
    assert said() == [("sso", "how do we sign in?"), ("sso", "two factors")]
    assert "2 phrases added; 1 stood there already." in text_of(answer)
    lead.post(page(), {"feature": "none", "lines": "you won a prize"})
    assert said()[-1] == ("", "you won a prize")


def test_one_that_can_not_be_refuses_them_all_and_is_named(lead: Client) -> None:
    lead.post(page(), {"feature": "f:sso", "lines": "log in"})
    refused = lead.post(page(), {"feature": "f:exports", "lines": "as CSV\nLog in"})
    assert (refused.status_code, len(said())) == (422, 1)
    assert "Line 2: “Single sign-on” has this phrase already." in text_of(refused)


@pytest.mark.parametrize(
    ("feature", "lines"), [("f:sso", " \n"), ("f:sso", "x\n" * 101), ("f:none", "x"), ("", "x"), ("f:sso", "\x00")]
)
def test_nonsense_is_refused(lead: Client, feature: str, lines: str) -> None:
    assert lead.post(page(), {"feature": feature, "lines": lines}).status_code == 422


def test_it_is_taken_back_once(lead: Client) -> None:
    row = a_phrase("log in")
    for _ in range(2):
        lead.post(page(), {"do": "retire", "phrase": row.pk})
    assert said() == []
    assert lead.post(page(), {"do": "retire", "phrase": "x"}).status_code == 404


def test_phrases_are_counted_and_found(lead: Client) -> None:
    from catalog.models import Feature

    sso = Feature.objects.get(key="sso")
    for number in range(5):
        a_phrase(f"sign in {number}", sso, taught_by="staff" if number else "correction", decision=None)
    row = decision(at=AT)
    a_phrase("you won", None, taught_by="correction", decision=row)
    answer = lead.get(page())
    known = {one.key: (one.by_staff, one.corrections, one.few) for one, _, _ in answer.context["known"]}
    assert known == {"sso": (4, 1, False), "exports": (0, 0, True), "": (0, 1, True)}
    assert "1 with fewer than 5 phrases Exports: it hardly knows these" in text_of(answer)
    for query, count in (
        ("", 6),
        ("?q=WON", 1),
        ("?feature=f:sso", 5),
        ("?feature=none", 1),
        ("?feature=%00&q=%00", 6),
    ):
        assert lead.get(page() + query).context["found"].paginator.count == count, query


def test_teaching_is_asked_for_and_the_page_says_how_it_stands(lead: Client, tmp_path: Any) -> None:
    assert "It was never taught." in text_of(lead.get(page()))
    lead.post(page(), {"feature": "f:sso", "lines": "how do we sign in?\nlog in by Okta"})
    lead.post(page(), {"feature": "f:exports", "lines": "save as CSV\ndownload a sheet"})
    asked = text_of(lead.post(page(), {"do": "teach"}, follow=True))
    assert "It is asked for." in asked
    assert "A worker takes it up now." in asked
    assert not ClassifierVersion.objects.exists()
    turn = begin_teaching(at=AT)
    assert "A worker is at it since" in text_of(lead.get(page()))
    teach_in_turn(turn, clock=lambda: AT, folder=tmp_path)
    assert "In force since" in text_of(lead.get(page()))
    lead.post(page(), {"feature": "none", "lines": "you won"})
    assert "Phrases changed since" in text_of(lead.get(page()))
    assert ClassifierVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("turn", "said", "colour"),
    [
        ({"asked_at": AT - timedelta(minutes=3)}, "No worker has taken it up yet", "red"),
        (
            {"asked_at": AT, "begun_at": AT, "begun_for": AT - timedelta(minutes=1), "lease_until": AT},
            "under way",
            "blue",
        ),
        ({"asked_at": AT, "ended_for": AT, "ended_at": AT, "failed": "No memory."}, "came to nothing", "red"),
        ({"asked_at": AT, "ended_for": AT, "ended_at": AT}, "nothing new to learn", "green"),
    ],
)
def test_each_way_it_may_stand(turn: dict[str, Any], said: str, colour: str) -> None:
    told = say_teaching(Teaching(asked_by="Ada", **turn), at=AT, zone="UTC")
    assert told is not None
    assert (said in told.words, told.colour) == (True, colour), told.words


def test_an_auditor_reads_and_teaches_nothing() -> None:
    auditor = reader("auditor")
    assert "Teach it now" not in text_of(auditor.get(page()))
    for told in ({"do": "teach"}, {"feature": "none", "lines": "x"}, {"do": "retire", "phrase": "1"}):
        assert auditor.post(page(), told).status_code == 403
