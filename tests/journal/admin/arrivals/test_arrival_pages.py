"""The list of arrivals, the page of one, what nobody has taken, and taking again."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from journal.admin.arrivals.words import say_arrival, say_waited
from journal.models import AuditEvent, Inbound
from tests.conftest import AT
from tests.fakes.console import HEADER
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import ConnectionFactory, InboundAttemptFactory, InboundFactory

VIEW, REPLAY = "journal.view_inbound", "journal.replay_inbound"
BODY = b'{"id": "evt_1", "client_secret": "4711", "inner_thoughts": "hm", "name": "<b>Ada</b>"}'


def page_of(name, *args):
    return url(f"inbound_{name}", *args)


@pytest.fixture
def console(db):
    return ConnectionFactory(name="Billing")


def test_the_list_is_narrowed_down_by_what_people_know(signed_in, console):
    other = ConnectionFactory(name="Other")
    InboundFactory(
        connection=console, external_id="evt_a", subject="cus_1", state="done", done_at=now(), outcome="Has Team."
    )
    InboundFactory(connection=other, external_id="evt_b", type="thing.lost", subject="cus_2")
    browser, address = signed_in(VIEW), page_of("changelist")
    page = text(browser.get(address))
    assert all(words in page for words in ("cus_1", "cus_2", "Has Team.", "Billing", "so far"))
    for query in (
        "?q=evt_a",
        "?q=cus_1",
        "?type=thing.made",
        "?state__exact=done",
        f"?connection__id__exact={console.pk}",
    ):
        found = text(browser.get(address + query))
        assert "cus_1" in found, query
        assert "cus_2" not in found, query


def test_the_list_reads_no_bodies(signed_in, console, django_assert_max_num_queries):
    for _ in range(5):
        InboundFactory(connection=console)
    browser = signed_in(VIEW)
    with django_assert_max_num_queries(20) as asked:
        browser.get(page_of("changelist"))
    assert not [query for query in asked.captured_queries if '"journal_inbound"."body"' in query["sql"]]


def test_one_arrival_shows_its_body_with_secrets_hidden_and_every_try(signed_in, console):
    row = InboundFactory(connection=console, body=BODY, headers={HEADER: "t=1,v=abcdef"}, subject="cus_1")
    InboundFactory(connection=console, subject="cus_1", external_id="evt_2", type="thing.changed")
    InboundAttemptFactory(inbound=row, words="ValueError: no plan")
    page = text(signed_in(VIEW).get(page_of("change", row.pk)))
    for words in ("ValueError: no plan", "&lt;b&gt;Ada", "•••", "Others about the same", "thing.changed", "12 ms"):
        assert words in page
    for hidden in ("4711", "hm&quot;", "abcdef", page_of("replay", row.pk)):
        assert hidden not in page


def test_one_that_was_emptied_says_so(signed_in, console):
    row = InboundFactory(connection=console, body=b"", state="done", done_at=AT, emptied_at=now())
    page = text(signed_in(VIEW, REPLAY).get(page_of("change", row.pk)))
    assert "what is finished is kept for 90 days" in page
    assert page_of("replay", row.pk) not in page


def test_it_is_taken_again_after_a_question(signed_in, console):
    row = InboundFactory(connection=console, state="given_up", attempts=9, last_error="no plan")
    browser = signed_in(VIEW, REPLAY)
    assert "no plan" in text(browser.get(page_of("replay", row.pk)))
    response = browser.post(page_of("replay", row.pk))
    assert told(response)[0].startswith("It is being taken.")
    assert Inbound.objects.get().state == "waiting"


def test_it_is_passed_over_for_a_reason(signed_in, console):
    row, browser = InboundFactory(connection=console, state="given_up"), signed_in(VIEW, REPLAY)
    assert "Say why" in text(browser.post(page_of("pass_over", row.pk), {"reason": ""}))
    browser.post(page_of("pass_over", row.pk), {"reason": "Entered by hand."})
    assert Inbound.objects.get().state == "passed_over"
    assert AuditEvent.objects.get(verb="arrival:pass_over").reason == "Entered by hand."
    assert "Entered by hand." in text(browser.get(page_of("change", row.pk)))


def test_one_that_is_held_up_leads_to_what_holds_it(signed_in):
    ledger = ConnectionFactory(vendor="ledger")
    stuck, held = InboundFactory(connection=ledger, state="given_up"), InboundFactory(connection=ledger)
    page = text(signed_in(VIEW).get(page_of("change", held.pk)))
    assert "holds this one up" in page
    assert page_of("change", stuck.pk) in page


def test_what_nobody_handles_is_counted_by_type_with_what_to_do(signed_in, console):
    for _ in range(12):
        InboundFactory(connection=console, type="invoice.finalized", state="set_aside", done_at=now())
    InboundFactory(connection=console, type="thing.made", state="set_aside", done_at=now())
    InboundFactory(connection=console, state="given_up")
    browser = signed_in(VIEW, REPLAY)
    assert "1 given up, 13 set aside" in text(browser.get(page_of("changelist")))
    page = text(browser.get(page_of("unread")))
    for words in (
        "invoice.finalized",
        "<strong>12 ×</strong> nobody handles this",
        "somebody handles this type now",
        "given up after many tries",
        "nothing waits for these",
    ):
        assert words in page
    assert page.count("Have them taken again</a>") == 2, "not those that would only be set aside again"


def test_with_nothing_to_do_it_says_so(signed_in, db):
    assert "Nothing needs a person." in text(signed_in(VIEW).get(page_of("unread")))


def test_many_are_counted_and_then_taken_again(signed_in, console):
    for state, done_at in (("set_aside", now()), ("given_up", None), ("done", now())):
        InboundFactory(connection=console, state=state, done_at=done_at)
    browser, address = signed_in(VIEW, REPLAY), page_of("replay_many")
    assert "2 arrivals would be taken again" in text(browser.get(address))
    one = f"{address}?connection={console.pk}&type=thing.made&state=set_aside"
    assert "1 arrival would be taken again" in text(browser.get(one))
    assert told(browser.post(one)) == ["1 is being taken again."]
    assert told(browser.post(address))[-1] == "1 is being taken again."
    assert "nothing that could be taken again" in text(browser.get(address))
    assert browser.get(f"{address}?connection=x").status_code == 404


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "Waiting"),
        ({"attempts": 2, "due_at": AT + timedelta(hours=1)}, "Failed 2 times, next try 2 March, 10:00"),
        ({"attempts": 1}, "Failed 1 time, next try at once"),
        ({"state": "working"}, "Being taken"),
        ({"state": "given_up"}, "Given up"),
        ({"state": "passed_over"}, "Passed over"),
    ],
)
def test_where_it_stands(told, words):
    row = InboundFactory.build(connection=ConnectionFactory.build(health=None, secret=None), **({"due_at": AT} | told))
    assert say_arrival(row, at=AT).words == words


def test_what_waits_for_its_connection_says_so():
    row = InboundFactory.build(connection=ConnectionFactory.build(state="paused", health=None, secret=None))
    assert say_arrival(row, at=AT).words == "Waits until its connection goes on"
    told = {"connection": row.connection, "received_at": AT, "done_at": AT + timedelta(seconds=2)}
    assert say_waited(InboundFactory.build(state="done", **told), at=AT) == "2.0 seconds"
    assert say_waited(InboundFactory.build(state="set_aside", **told), at=AT) == "–"
