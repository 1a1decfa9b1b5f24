from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse

from tests.entitlements.licensing import licensed, policy_of
from tests.journal.factories import StaffFactory
from tests.support.factories import AssetFactory, CaseFactory, LocationFactory, ProductFactory, VisitFactory
from tests.support.world import START, customer, the_plans, the_promise

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
    assert f"{headline}</h1>" in html


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
    assert "Covered, with promised response times</h1>" in html


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


def typed(client, text):
    return client.post(reverse("admin:support_lookup"), {"q": text})


@pytest.mark.parametrize(("text", "query"), [("acme", "?q=acme"), ("  a&b\x00 ", "?q=a%26b"), ("", "")])
def test_what_is_typed_in_the_box_goes_on_to_an_address_of_its_own(text, query, agent):
    response = typed(agent, text)
    assert (response.status_code, response["Location"]) == (302, reverse("admin:support_lookup") + query)


def test_a_whole_licence_key_stands_in_no_address(plans, agent):
    issued = licensed(customer("acme", plan=plans["team"]), policy_of(None, at=START), at=START)
    shown, secret = f"el_{issued.licence.prefix}_…", issued.key.rpartition("_")[2]
    _, html = page(agent)
    assert '<form class="cover-search" method="post"' in html
    for response in (typed(agent, issued.key.upper()), agent.get(reverse("admin:support_lookup"), {"q": issued.key})):
        assert response["Location"] == reverse("admin:support_lookup") + "?" + urlencode({"q": shown})
    _, html = page(agent, q=shown)
    assert "Covered, with promised response times</h1>" in html
    wrong = typed(agent, f"{issued.key[:-1]}{'a' if issued.key[-1] != 'a' else 'b'}")  # nearly a key is nearly a secret
    assert wrong.status_code == 200
    assert "no-store" in wrong["Cache-Control"]
    assert "Nobody found for" in wrong.content.decode()
    assert f"={secret[:-1]}" not in wrong.content.decode()


def test_a_key_with_a_device_keeps_the_rest_of_the_question(plans, agent):
    issued = licensed(customer("acme", plan=plans["team"]), policy_of(None, at=START), at=START)
    response = agent.get(reverse("admin:support_lookup"), {"q": issued.key, "channel": "phone", "x": "1"})
    assert response["Location"].endswith("_%E2%80%A6&channel=phone")


@pytest.fixture
def acme(plans):
    account = customer("acme", plan=plans["team"])
    press = ProductFactory(name="Press")
    for number in range(12):
        place = LocationFactory(account=account, name=f"Plant {number}")
        AssetFactory(account=account, product=press, serial=f"SN-{number:02}", name=f"Line {number}", location=place)
    return account


def test_by_device_and_channel_the_verdict_is_one_line(acme, agent):
    _, html = page(agent, account="acme", device="sn 03", channel="phone")
    assert "Covered for phone support on Press SN-03</h1>" in html
    assert '<option value="phone" selected>' in html


def test_a_device_is_searched_not_picked_from_thousands(acme, agent):
    _, html = page(agent, q="acme")
    assert html.count("device=SN-") == 5
    assert "12 devices in all" in html
    _, html = page(agent, account="acme", device="line 1")
    assert "Choose one of the devices that “line 1” may mean." in html
    assert html.count("device=SN-") == 3  # 1, 10 and 11


def test_a_device_that_is_not_there_is_said_beside_the_field(acme, agent):
    _, html = page(agent, account="acme", device="X-9")
    assert 'aria-invalid="true" aria-describedby="cover-device-fault"' in html
    assert "Acme has no device with “X-9” in its serial number or name." in html
    assert 'value="X-9"' in html
    assert "This is the answer for no device" in html


def test_each_channel_asks_about_the_same_device(acme, agent):
    _, html = page(agent, account="acme", device="SN-03")
    assert "?account=acme&amp;device=SN-03&amp;channel=chat" in html


@pytest.mark.parametrize("moment", ["2025-12-01 09:00", "2025-12-01T09:00:00Z"])
def test_as_of_another_moment(moment, acme, agent):
    _, html = page(agent, account="acme", at=moment)
    assert "Not covered</h1>" in html
    assert "As of " in html


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01 09:00", "1066-01-01 09:00"])
def test_a_moment_that_cannot_be_read_is_said_and_kept(moment, acme, agent):
    status, html = page(agent, account="acme", at=moment)
    assert status == 200
    assert f"“{moment}” is no moment." in html
    assert f'value="{moment}"' in html


def test_a_typo_is_offered(acme, agent):
    customer("northwind", plan=None)
    _, html = page(agent, q="Nortwind")
    assert "Nobody is called “Nortwind”. Did you mean" in html
    assert "?q=Nortwind&amp;account=northwind" in html


def test_what_happened_leads_only_where_the_reader_may_go(acme, agent, client):
    case = CaseFactory(account=acme, subject="It leaks", opened_at=START)
    VisitFactory(account=acme, cover__account=acme, state="done", settled_at=START, settled_by="Ada")
    _, html = page(agent, q="acme")
    assert "It leaks" in html
    assert f'href="{reverse("admin:support_case", args=[case.pk])}"' not in html
    client.force_login(StaffFactory(permissions=["support.look_up_cover", "support.view_case", "support.view_visit"]))
    _, html = page(client, q="acme")
    assert f'href="{reverse("admin:support_case", args=[case.pk])}"' in html


def test_whose_it_is_and_what_belongs_to_it(acme, agent):
    child = customer("acme-labs", plan=None)
    type(child).objects.filter(pk=child.pk).update(parent=acme)
    _, html = page(agent, account="acme")
    assert "To it belong</dt>" in html
    assert "?account=acme-labs" in html
    _, html = page(agent, account="acme-labs")
    assert "Belongs to</dt>" in html


@pytest.mark.parametrize("query", [{"channel": "fax"}, {"account": "\x00"}, {"device": "\x00"}, {"at": "\x00"}])
def test_what_the_form_never_sends_breaks_nothing(query, acme, agent):
    assert page(agent, q="acme", **query)[0] == 200
