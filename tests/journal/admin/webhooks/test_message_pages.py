"""The log of a webhook, one message with its tries, a test, and sending again."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from journal.models import Outbound
from journal.queries.webhooks import webhook_id
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import EPOCH, WebhookAttemptFactory, WebhookEndpointFactory, WebhookMessageFactory

VIEW, MANAGE, REPLAY = "journal.view_webhookendpoint", "journal.manage_webhooks", "journal.replay_webhook"


@pytest.fixture
def endpoint(db):
    return WebhookEndpointFactory()


def page_of(name, *args):
    return url(f"webhookendpoint_{name}", *args)


def listed(response):
    assert response.status_code == 200
    return [line["row"].pk for line in response.context["lines"]]


def test_the_log_is_narrowed_down_by_event_state_and_day(signed_in, endpoint):
    sent = WebhookMessageFactory(endpoint=endpoint, state="sent", sent_at=EPOCH)
    dead = WebhookMessageFactory(endpoint=endpoint, state="dead", created_at=EPOCH + timedelta(days=1))
    other = WebhookMessageFactory(endpoint=endpoint, payload={"type": "thing.lost"})
    WebhookMessageFactory(endpoint=WebhookEndpointFactory())
    log, browser = page_of("messages", endpoint.pk), signed_in(VIEW)
    assert listed(browser.get(log)) == [other.pk, dead.pk, sent.pk]
    assert listed(browser.get(log, {"state": "given_up"})) == [dead.pk]
    assert listed(browser.get(log, {"event": "thing.lost"})) == [other.pk]
    assert listed(browser.get(log, {"day": "2026-01-02"})) == [dead.pk]
    assert listed(browser.get(log, {"before": str(dead.pk)})) == [sent.pk]
    for nonsense in ({"day": "2026-02-30"}, {"before": "x"}, {"state": "?"}, {"day": "9999-12-31"}):
        assert listed(browser.get(log, nonsense)) == [other.pk, dead.pk, sent.pk]


def test_a_long_log_has_pages(signed_in, endpoint):
    rows = [WebhookMessageFactory(endpoint=endpoint) for _ in range(27)]
    first = signed_in(VIEW).get(page_of("messages", endpoint.pk))
    assert len(listed(first)) == 25
    rest = first.client.get(page_of("messages", endpoint.pk) + first.context["further"])
    assert listed(rest) == [rows[1].pk, rows[0].pk]


def test_a_message_shows_its_body_and_every_try(signed_in, endpoint):
    message = WebhookMessageFactory(endpoint=endpoint, attempts=1)
    WebhookAttemptFactory(
        outbound=message,
        endpoint=endpoint,
        outcome="failed",
        status=500,
        error="It answered 500.",
        response="<b>no</b>",
    )
    page = text(signed_in(VIEW, MANAGE).get(page_of("message", endpoint.pk, webhook_id(message))))
    for words in ("&quot;thing.made&quot;", "Not accepted", "It answered 500.", "12 ms", "&lt;b&gt;no&lt;/b&gt;"):
        assert words in page


def test_what_receivers_said_is_for_those_alone_who_set_webhooks_up(signed_in, endpoint):
    message = WebhookMessageFactory(endpoint=endpoint, attempts=1)
    WebhookAttemptFactory(outbound=message, endpoint=endpoint, outcome="failed", status=500, response="stack trace")
    page = text(signed_in(VIEW, REPLAY).get(page_of("message", endpoint.pk, webhook_id(message))))
    assert "stack trace" not in page
    assert "Not accepted" in page


def test_a_message_of_another_webhook_is_not_found(signed_in, endpoint):
    message = WebhookMessageFactory(endpoint=WebhookEndpointFactory())
    browser = signed_in(VIEW, REPLAY)
    for name in ("message", "message_replay"):
        assert browser.get(page_of(name, endpoint.pk, webhook_id(message))).status_code == 404
        assert browser.get(page_of(name, endpoint.pk, "nonsense")).status_code == 404


def test_a_test_goes_out_and_leads_to_its_page(signed_in, endpoint):
    answer = signed_in(VIEW, MANAGE).post(page_of("test", endpoint.pk))
    message = Outbound.objects.get()
    assert message.payload["type"] == "webhook.ping"
    assert answer["Location"] == page_of("message", endpoint.pk, webhook_id(message))


def test_a_message_is_sent_again_after_a_question(signed_in, endpoint):
    message = WebhookMessageFactory(endpoint=endpoint, state="sent", sent_at=EPOCH, attempts=3)
    address, browser = page_of("message_replay", endpoint.pk, webhook_id(message)), signed_in(VIEW, REPLAY)
    assert "It was delivered before" in text(browser.get(address))
    browser.post(address)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("pending", 0)


def test_everything_since_is_counted_before_it_is_sent_again(signed_in, endpoint):
    for state, sent_at in (("sent", EPOCH), ("dead", None), ("pending", None)):
        WebhookMessageFactory(endpoint=endpoint, state=state, sent_at=sent_at)
    browser, address = signed_in(VIEW, REPLAY), page_of("replay", endpoint.pk)
    assert browser.get(address).context["counted"] is None
    page = browser.get(address, {"since": "2025-12-31T10:00"})
    assert page.context["number"] == 2
    assert "2 messages would be sent again:" in text(page)
    assert told(browser.post(address, {"since": "2025-12-31T10:00"})) == ["2 messages are on the way again."]
    assert set(Outbound.objects.values_list("state", flat=True)) == {"pending"}
    assert browser.get(address, {"since": now().isoformat()[:16]}).context["number"] == 0
    assert browser.get(address, {"since": "soon"}).context["form"].errors["since"]


def test_who_may_not_send_again_is_turned_away(signed_in, endpoint):
    message = WebhookMessageFactory(endpoint=endpoint)
    browser = signed_in(VIEW)
    for address in (page_of("replay", endpoint.pk), page_of("message_replay", endpoint.pk, webhook_id(message))):
        assert browser.get(address).status_code == 403
        assert browser.post(address).status_code == 403


def test_the_list_of_deliveries_leads_to_the_message(signed_in, endpoint):
    message = WebhookMessageFactory(endpoint=endpoint, state="dead")
    browser = signed_in(VIEW, "journal.view_outbound", "journal.resend_outbound")
    assert "thing.made" in text(browser.get(url("outbound_changelist")))
    page = text(browser.get(url("outbound_change", message.pk)))
    assert page_of("message", endpoint.pk, webhook_id(message)) in page
