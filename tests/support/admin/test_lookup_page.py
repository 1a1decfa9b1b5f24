import pytest
import time_machine
from django.urls import reverse

from tests.journal.factories import StaffFactory
from tests.support.world import customer, the_plans, the_promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans(db):
    the_promise()
    return the_plans()


@pytest.fixture
def agent(client):
    client.force_login(StaffFactory(permissions=["support.look_up_cover"]))
    return client


def page(client, **query):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False):
        response = client.get(reverse("admin:support_lookup"), query)
    return response.status_code, response.content.decode()


@pytest.mark.parametrize(
    ("plan", "headline"),
    [
        ("free", "Not covered"),
        ("pro", "Covered, no promised time"),
        ("team", "Covered, with promised response times"),
    ],
)
def test_the_answer_stands_in_plain_words(plan, headline, plans, agent):
    customer("acme", plan=plans[plan])
    status, html = page(agent, q="acme.example")
    assert status == 200
    assert f"<h1>{headline}</h1>" in html


def test_due_times_are_shown_by_severity(plans, agent):
    customer("acme", plan=plans["team"])
    _, html = page(agent, q="acme")
    assert "within 4 business hours" in html
    assert "today 14:00 (Amsterdam)" in html


def test_the_uncovered_come_with_an_offer(plans, agent):
    customer("acme", plan=plans["free"])
    _, html = page(agent, q="acme")
    assert "What to offer" in html
    assert "<strong>Enterprise</strong>" in html


def test_several_matches_lead_to_each(plans, agent):
    customer("acme-one", plan=plans["pro"])
    customer("acme-two", plan=plans["team"])
    _, html = page(agent, q="acme")
    assert "2 customers match" in html
    assert "?q=acme&amp;account=acme-two" in html
    _, html = page(agent, q="acme", account="acme-two")
    assert "<h1>Covered, with promised response times</h1>" in html


def test_nobody_found_says_what_was_searched_and_what_to_type(agent):
    _, html = page(agent, q="nobody@nowhere.example")
    assert "Nobody found for “nobody@nowhere.example”" in html
    assert "Try the domain after the @" in html


def test_the_empty_page_says_what_to_type(agent):
    status, html = page(agent)
    assert status == 200
    assert "Type an e-mail address" in html
    assert "autofocus" in html


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a\x00b", "x" * 5_000, "'; --", "%", "🙂"])
def test_whatever_is_typed_is_only_text(text, agent):
    status, html = page(agent, q=text)
    assert status == 200
    assert "<script>alert" not in html


def test_a_visitor_is_sent_to_sign_in(client, db):
    status, _ = page(client, q="acme")
    assert status == 302


def test_staff_without_the_permission_are_refused(client, db):
    client.force_login(StaffFactory())
    assert page(client, q="acme")[0] == 403


def test_a_lookup_writes_nothing(plans, agent):
    customer("acme", plan=plans["team"])
    with_writes = agent.post(reverse("admin:support_lookup"), {"q": "acme"})
    assert with_writes.status_code == 405
