"""The list of connections, the page of one, and setting one up, editing it, renewing its secrets, pausing it."""

import re

import pytest
from django.utils.timezone import now

from journal import vendors
from journal.actions.connections import set_up
from journal.domain.actor import SYSTEM
from journal.domain.connection import Mode
from journal.models import AuditEvent, Connection, ConnectionHealth, ConnectionSecret
from journal.queries.connections import opened, secret_of
from tests.fakes.console import API, SIGNING
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import ConnectionFactory, ConnectionRefusalFactory, InboundFactory

VIEW, MANAGE, ARRIVALS = "journal.view_connection", "journal.manage_connections", "journal.view_inbound"
FORM = {
    "name": "Console (trying out)",
    "mode": "test",
    "setting_account": "ca_1",
    "setting_region": "",
    "secret_signing": SIGNING,
    "secret_api": API,
    "secret_paper": "",
}


def page_of(name, *args):
    return url(f"connection_{name}", *args)


def connected():
    told = {"settings": {"account": "ca_1"}, "secrets": {"signing": SIGNING, "api": API}}
    return set_up(vendor="console", name="Console", mode=Mode.TEST, **told, by=SYSTEM, at=now())


def test_the_list_says_how_each_does(signed_in):
    fine, failing = ConnectionFactory(name="Billing"), ConnectionFactory(vendor="ledger", mode="live")
    InboundFactory(connection=fine, received_at=now(), state="done", done_at=now())
    ConnectionHealth.objects.filter(connection=failing).update(failing_since=now(), failures=3)
    page = text(signed_in(VIEW).get(page_of("changelist")))
    for words in (
        "Billing",
        "All arrivals taken, last just now",
        "3 times in a row",
        "Ledger",
        "Live",
        "For trying out",
    ):
        assert words in page


def test_first_the_system_is_chosen_and_then_what_it_needs_is_asked(signed_in):
    browser = signed_in(VIEW, MANAGE)
    chooser = text(browser.get(page_of("set_up")))
    assert "?system=console" in chooser
    assert "?system=ledger" in chooser
    form = text(browser.get(page_of("set_up") + "?system=console"))
    for words in (
        "Account id",
        "Such as ca_1.",
        "Signing secret",
        "Keys for trying out begin with",
        "may be left empty",
    ):
        assert words in form
    assert browser.post(page_of("set_up"), FORM).status_code == 404


def test_without_any_system_it_says_so(signed_in, monkeypatch):
    monkeypatch.setattr(vendors, "_vendors", {})
    browser = signed_in(VIEW, MANAGE)
    assert "knows no other system yet" in text(browser.get(page_of("set_up")))
    assert "knows no other system yet" in text(browser.get(page_of("changelist")))


def test_it_is_set_up_and_its_page_shows_the_address_and_what_to_do_next(signed_in):
    browser = signed_in(VIEW, MANAGE)
    response = browser.post(page_of("set_up") + "?system=console", FORM)
    row = Connection.objects.get()
    assert told(response) == ["Console (trying out) is connected. Enter its address at Console next."]
    page = text(browser.get(page_of("change", row.pk)))
    for words in (f"/hooks/{row.key}", "Enter the address above, and tick every event.", "ca_1", "In use since today"):
        assert words in page
    assert SIGNING not in page
    assert API not in page
    assert secret_of(row, "api", at=now()) == API


def test_pressed_twice_it_is_set_up_once(signed_in):
    browser, address = signed_in(VIEW, MANAGE), page_of("set_up") + "?system=console"
    key = re.search(r'name="key" value="([a-z0-9-]+)"', text(browser.get(address)))[1]
    browser.post(address, FORM | {"key": key})
    assert browser.post(address, FORM | {"key": key}).status_code == 422
    assert Connection.objects.get().key == key


def test_the_key_says_the_mode_that_was_chosen(signed_in):
    form = FORM | {"mode": "live", "secret_api": "console_live_1", "key": "console-test-0123456789"}
    signed_in(VIEW, MANAGE).post(page_of("set_up") + "?system=console", form)
    assert Connection.objects.get().key == "console-live-0123456789"


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"setting_account": "x"}, "setting_account", "This is no account id"),
        ({"secret_api": "console_live_4711"}, "secret_api", "of the other mode"),
        ({"secret_signing": ""}, "secret_signing", "Enter the signing secret."),
        ({"mode": ""}, "mode", "required"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_no_secret_comes_back(signed_in, wrong, field, says):
    response = signed_in(VIEW, MANAGE).post(page_of("set_up") + "?system=console", FORM | wrong)
    assert response.status_code == 422
    assert says in " ".join(response.context["form"].errors[field])
    assert "4711" not in response.content.decode()
    assert SIGNING not in response.content.decode()
    assert not Connection.objects.exists()


def test_it_is_edited(signed_in):
    row, browser = connected(), signed_in(VIEW, MANAGE)
    assert 'value="ca_1"' in text(browser.get(page_of("edit", row.pk)))
    browser.post(page_of("edit", row.pk), {"name": "Billing", "setting_account": "ca_2", "setting_region": "eu"})
    row.refresh_from_db()
    assert (row.name, row.settings) == ("Billing", {"account": "ca_2", "region": "eu"})


def test_a_secret_is_renewed_and_the_former_one_is_good_for_a_while_or_ended(signed_in):
    row, browser = connected(), signed_in(VIEW, MANAGE)
    address = page_of("renew_secret", row.pk, "signing")
    assert "Is good for 24 more hours" in text(browser.get(address))
    response = browser.post(address, {"secret": "console_sign_2", "former": "usual"})
    assert told(response) == ["The signing secret was entered, and is in use from now on."]
    assert opened(row, ["signing"], at=now()) == ["console_sign_2", SIGNING]
    former = ConnectionSecret.objects.get(purpose="signing", ends_at__isnull=False)
    assert page_of("end_secret", row.pk, former.pk) in text(browser.get(page_of("change", row.pk)))
    assert "what it sends is refused" in text(browser.get(page_of("end_secret", row.pk, former.pk)))
    browser.post(page_of("end_secret", row.pk, former.pk))
    assert opened(row, ["signing"], at=now()) == ["console_sign_2"]
    browser.post(address, {"secret": "console_sign_3", "former": "now"})
    assert opened(row, ["signing"], at=now()) == ["console_sign_3"]


def test_a_secret_that_is_optional_is_entered_later(signed_in):
    row, browser = connected(), signed_in(VIEW, MANAGE)
    assert "Enter the certificate" in text(browser.get(page_of("renew_secret", row.pk, "paper")))
    browser.post(page_of("renew_secret", row.pk, "paper"), {"secret": "-----BEGIN"})
    assert secret_of(row, "paper", at=now()) == "-----BEGIN"
    assert browser.get(page_of("renew_secret", row.pk, "pin")).status_code == 404


def test_it_is_paused_turned_off_and_goes_on_after_questions(signed_in):
    row, browser = connected(), signed_in(VIEW, MANAGE)
    InboundFactory(connection=row)
    assert "nothing is lost" in text(browser.get(page_of("pause", row.pk)))
    browser.post(page_of("pause", row.pk), {"reason": "It moves."})
    page = text(browser.get(page_of("change", row.pk)))
    assert "It moves." in page
    assert "what arrives is stored and waits; 1 waits" in page
    assert "1 arrival is taken at once" in text(browser.get(page_of("resume", row.pk)))
    assert "1 that waits won’t be taken" in text(browser.get(page_of("turn_off", row.pk)))
    assert browser.post(page_of("turn_off", row.pk), {"reason": ""}).status_code == 422
    browser.post(page_of("turn_off", row.pk), {"reason": "Sold."})
    assert AuditEvent.objects.get(verb="connection:turn_off").reason == "Sold."
    assert "was stored. Have it sent again" in text(browser.get(page_of("resume", row.pk)))
    browser.post(page_of("resume", row.pk))
    assert Connection.objects.get().state == "active"


def test_what_was_refused_and_what_needs_a_person_stands_on_its_page(signed_in):
    row = connected()
    ConnectionRefusalFactory(connection=row, count=12, first_at=now(), last_at=now())
    InboundFactory(connection=row, state="given_up", last_error="ValueError: no plan", received_at=now())
    page = text(signed_in(VIEW, ARRIVALS).get(page_of("change", row.pk)))
    for words in (
        "12 times since",
        "Compare the signing secret",
        "mend what went wrong",
        "ValueError: no plan",
    ):
        assert words in page


def test_who_may_only_look_is_shown_no_buttons_and_no_arrivals_that_arent_theirs_to_see(signed_in):
    row = connected()
    InboundFactory(connection=row, subject="acme")
    page = text(signed_in(VIEW).get(page_of("change", row.pk)))
    for closed in (page_of("pause", row.pk), page_of("renew_secret", row.pk, "signing"), "acme"):
        assert closed not in page


def test_what_was_done_to_it_can_be_read(signed_in):
    page = text(signed_in(VIEW).get(page_of("history", connected().pk)))
    assert "Set up connection" in page
    assert SIGNING not in page
