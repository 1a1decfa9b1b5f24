"""The list of webhooks, the page of one, and setting one up, editing it, renewing its secret."""

import re

import pytest
from django.utils.timezone import now

from journal.models import AuditEvent, WebhookEndpoint, WebhookHealth
from journal.queries.webhooks import newest_secret
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import WebhookAttemptFactory, WebhookEndpointFactory, WebhookMessageFactory

VIEW, MANAGE = "journal.view_webhookendpoint", "journal.manage_webhooks"
FORM = {"url": "https://shop.example/hook", "description": "Shop", "account": "", "which": "all"}


def page_of(name, *args):
    return url(f"webhookendpoint_{name}", *args)


def test_the_list_says_how_each_does(signed_in):
    fine, failing = WebhookEndpointFactory(description="Shop"), WebhookEndpointFactory(events=["account.opened"])
    WebhookHealth.objects.filter(endpoint=fine).update(last_ok_at=now())
    WebhookHealth.objects.filter(endpoint=failing).update(failing_since=now(), failures=3)
    WebhookAttemptFactory(endpoint=failing, outcome="failed", status=500, at=now())
    page = text(signed_in(VIEW).get(page_of("changelist")))
    for words in (
        "Shop",
        "All fine, last just now",
        "3 times in a row",
        "0 % of 1 try",
        "account.opened",
        "Every event",
    ):
        assert words in page


def test_a_secret_is_shown_once_when_a_webhook_is_set_up(signed_in):
    browser = signed_in(VIEW, MANAGE)
    response = browser.post(page_of("set_up"), FORM)
    plain = re.search(r'id="plain-secret"[^>]*>(whsec_[^<]+)<', text(response)).group(1)
    endpoint = WebhookEndpoint.objects.get()
    assert newest_secret(endpoint) == plain
    assert "no-store" in response["Cache-Control"]
    assert plain not in text(browser.get(page_of("change", endpoint.pk)))


def test_pressed_twice_it_is_set_up_once(signed_in):
    browser = signed_in(VIEW, MANAGE)
    key = re.search(r'name="key" value="(we_[0-9a-f]+)"', text(browser.get(page_of("set_up"))))[1]
    browser.post(page_of("set_up"), FORM | {"key": key})
    assert browser.post(page_of("set_up"), FORM | {"key": key}).status_code == 422
    assert WebhookEndpoint.objects.get().key == key


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"url": "http://shop.example/"}, "url", "has to begin with https://"),
        ({"url": "https://169.254.169.254/latest"}, "url", "public internet"),
        ({"url": ""}, "url", "required"),
        ({"account": "nobody"}, "account", "There is no account with the key “nobody”."),
        ({"which": "some"}, "events", "Tick at least one event"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(signed_in, wrong, field, says):
    response = signed_in(VIEW, MANAGE).post(page_of("set_up"), FORM | wrong)
    assert response.status_code == 422
    assert says in " ".join(response.context["form"].errors[field])
    assert not WebhookEndpoint.objects.exists()


def test_it_is_edited_to_hear_of_some_events(signed_in):
    endpoint, browser = WebhookEndpointFactory(), signed_in(VIEW, MANAGE)
    assert "An account was opened." in text(browser.get(page_of("edit", endpoint.pk)))
    browser.post(page_of("edit", endpoint.pk), FORM | {"which": "some", "events": ["account.opened"]})
    endpoint.refresh_from_db()
    assert (endpoint.events, endpoint.description) == (["account.opened"], "Shop")
    assert "An account was opened." in text(browser.get(page_of("change", endpoint.pk)))


def test_a_renewed_secret_is_shown_once_and_the_former_goes_on_signing(signed_in):
    endpoint, browser = WebhookEndpointFactory(), signed_in(VIEW, MANAGE)
    assert "signed with the former one too, until" in text(browser.get(page_of("renew_secret", endpoint.pk)))
    response = browser.post(page_of("renew_secret", endpoint.pk))
    assert newest_secret(endpoint) in text(response)
    assert "no-store" in response["Cache-Control"]
    assert "goes on signing beside it until" in text(browser.get(page_of("change", endpoint.pk)))


def test_it_is_paused_and_goes_on_after_a_question(signed_in):
    endpoint, browser = WebhookEndpointFactory(), signed_in(VIEW, MANAGE)
    WebhookMessageFactory(endpoint=endpoint, attempts=1)
    assert "nothing is lost" in text(browser.get(page_of("pause", endpoint.pk)))
    answer = browser.post(page_of("pause", endpoint.pk), {"reason": "It moves."})
    assert told(answer) == ["The webhook is paused. Its messages wait."]
    page = text(browser.get(page_of("change", endpoint.pk)))
    assert "It moves." in page
    assert "Sends nothing: 1 message waits" in page
    assert "1 message is sent at once" in text(browser.get(page_of("resume", endpoint.pk)))
    browser.post(page_of("resume", endpoint.pk))
    assert WebhookEndpoint.objects.get().state == "active"
    assert browser.post(page_of("resume", endpoint.pk)).status_code == 422  # it is active already


def test_one_that_the_desk_switched_off_says_what_is_not_sent_any_more(signed_in):
    endpoint = WebhookEndpointFactory(state="disabled", state_reason="The receiver answered 410.")
    browser = signed_in(VIEW, MANAGE)
    assert "The receiver answered 410." in text(browser.get(page_of("change", endpoint.pk)))
    assert "older than three days is given up" in text(browser.get(page_of("resume", endpoint.pk)))
    assert browser.post(page_of("test", endpoint.pk)).status_code == 422


def test_it_is_removed_after_a_question_that_says_what_goes_with_it(signed_in):
    endpoint, browser = WebhookEndpointFactory(), signed_in(VIEW, MANAGE)
    WebhookMessageFactory(endpoint=endpoint)
    assert "1 that waits will never be sent" in text(browser.get(page_of("remove", endpoint.pk)))
    browser.post(page_of("remove", endpoint.pk), {"reason": "The shop is gone."})
    assert not WebhookEndpoint.objects.exists()
    assert AuditEvent.objects.get(verb="webhook:remove").reason == "The shop is gone."


def test_who_may_only_look_is_shown_neither_buttons_nor_what_stands_in_the_query(signed_in):
    endpoint = WebhookEndpointFactory(url="https://shop.example/hook?token=4711")
    page = text(signed_in(VIEW).get(page_of("change", endpoint.pk)))
    assert "4711" not in page
    assert page_of("remove", endpoint.pk) not in page
