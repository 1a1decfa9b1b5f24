"""The senders, against receivers that read messages with the specification's own library."""

import json
from datetime import timedelta

import pytest
from django.utils.timezone import now
from standardwebhooks import Webhook, WebhookVerificationError

from journal.actions.webhooks.endpoints import rotate_secret, set_up
from journal.actions.webhooks.replaying import ping, replay
from journal.domain.actor import SYSTEM
from journal.integrations.webhook.line import Line
from journal.integrations.webhook.sending import Senders, carry, open_line, senders
from journal.models import Outbound, WebhookAttempt, WebhookEndpoint, WebhookSecret
from journal.tasks import clear_webhooks, deliver_webhooks
from tests.journal.factories import WebhookEndpointFactory, WebhookMessageFactory
from tests.journal.integrations.webhook import receivers
from tests.journal.integrations.webhook.receivers import LOOPBACK, raw_server, receiver
from tests.journeys.desk import until

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _this_machine(settings):
    settings.DESK_WEBHOOK_NETWORKS = LOOPBACK


def go(*, after=timedelta(0), line_to=open_line):
    return carry(clock=lambda: now() + after, jitter=lambda: 0.0, line_to=line_to)


def reads(secret, received):
    return Webhook(secret).verify(received.body, received.headers)


def test_a_message_is_read_by_the_specifications_own_library():
    with receiver() as there:
        endpoint, secret = set_up(url=there.url, by=SYSTEM, at=now())
        message = ping(endpoint=endpoint, by=SYSTEM, at=now())
        assert go() == 1
    (received,) = there.received
    assert reads(secret, received) == message.payload
    assert received.headers["webhook-id"] == f"msg_{message.message_id.hex}"
    assert json.loads(received.body)["type"] == "webhook.ping"
    received.headers["webhook-id"] += "x"
    with pytest.raises(WebhookVerificationError):
        reads(secret, received)


def test_while_a_secret_is_renewed_both_read_what_comes():
    with receiver() as there:
        endpoint, former = set_up(url=there.url, by=SYSTEM, at=now())
        ping(endpoint=endpoint, by=SYSTEM, at=now())
        renewed = rotate_secret(endpoint=endpoint, by=SYSTEM, at=now())
        go()
        replay(message=Outbound.objects.get(), by=SYSTEM, at=now())
        go(after=timedelta(hours=25))
    first, second = there.received
    assert reads(former, first) == reads(renewed, first)
    assert [len(one.headers["webhook-signature"].split()) for one in there.received] == [2, 1]
    with pytest.raises(WebhookVerificationError, match="too new"):
        reads(renewed, second)


def test_what_is_sent_again_has_its_id_and_a_time_of_its_own():
    """So a receiver knows a repeat by its id; one that somebody else sends again later is too old for it."""
    with receiver() as there:
        endpoint, secret = set_up(url=there.url, by=SYSTEM, at=now())
        message = ping(endpoint=endpoint, by=SYSTEM, at=now())
        go()
        replay(message=Outbound.objects.get(pk=message.pk), by=SYSTEM, at=now() - timedelta(hours=1))
        go(after=timedelta(minutes=-6))
    first, second = there.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    with pytest.raises(WebhookVerificationError, match="too old"):
        reads(secret, second)


@pytest.mark.parametrize(
    ("answer", "state", "outcome"),
    [
        ((500, {}, b"Oh"), "pending", "failed"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "pending", "redirected"),
        ((429, {"Retry-After": "60"}, b""), "pending", "throttled"),
        ((410, {}, b""), "pending", "gone"),
        ((201, {}, b"made"), "sent", "ok"),
    ],
)
def test_what_an_answer_means_for_the_message(answer, state, outcome):
    with receiver(lambda received: answer) as there:
        WebhookMessageFactory(endpoint=WebhookEndpointFactory(url=there.url))
        go()
    attempt = WebhookAttempt.objects.get()
    assert (Outbound.objects.get().state, attempt.outcome, attempt.status) == (state, outcome, answer[0])
    assert attempt.response == answer[2].decode()
    assert WebhookEndpoint.objects.get().state == ("disabled" if outcome == "gone" else "active")


def test_a_fault_of_ours_is_a_failed_try_and_the_others_go_on(caplog):
    class Broken(Line):
        def post(self, body, *, headers, at):
            raise RuntimeError("a wire broke")

    bad = WebhookMessageFactory(endpoint=WebhookEndpointFactory(url="https://bad.example/"))
    with receiver() as there:
        WebhookMessageFactory(endpoint=WebhookEndpointFactory(url=there.url))
        assert go(line_to=lambda url: Broken(url) if "bad" in url else open_line(url)) == 2
    bad.refresh_from_db()
    assert (bad.state, bad.last_error) == ("pending", "RuntimeError: a wire broke")
    assert len(there.received) == 1


def test_an_endpoint_whose_secret_cant_be_opened_holds_up_nobody_else():
    """As after a key of the vault was taken away: its tries fail, and a renewed secret signs the next."""
    with receiver() as there:
        locked = WebhookEndpointFactory(url=there.url)
        WebhookSecret.objects.update(sealed="sealed with another key")
        message = WebhookMessageFactory(endpoint=locked)
        WebhookMessageFactory(endpoint=WebhookEndpointFactory(url=there.url))
        assert go() == 2
        assert len(there.received) == 1
        message.refresh_from_db()
        assert (message.state, "can't open" in message.last_error) == ("pending", True)
        renewed = rotate_secret(endpoint=locked, by=SYSTEM, at=now())
        replay(message=message, by=SYSTEM, at=now())
        go()
    assert reads(renewed, there.received[1]) == message.payload


def test_what_was_taken_for_public_and_is_not_any_more_is_not_sent_to(settings):
    settings.DESK_WEBHOOK_NETWORKS = []
    with raw_server(receivers.hang) as inner:
        WebhookMessageFactory(endpoint=WebhookEndpointFactory(url=inner.url.replace("http:", "https:")))
        go()
    assert inner.accepted == 0
    assert WebhookAttempt.objects.get().outcome == "forbidden"


def test_many_messages_to_one_endpoint_share_a_line():
    with receiver() as there:
        endpoint = WebhookEndpointFactory(url=there.url)
        for _ in range(5):
            WebhookMessageFactory(endpoint=endpoint)
        assert go() == 5
    assert (len(set(there.ids)), there.connections) == (5, 1)


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_hangs_holds_up_nobody_else():
    few = Senders(most=6)
    with raw_server(receivers.hang) as hanging, receiver() as well:
        stuck, endpoint = (WebhookEndpointFactory(url=there.url) for there in (hanging, well))
        for number in range(15):
            WebhookMessageFactory(endpoint=stuck if number < 6 else endpoint)
        assert few.wake(clock=now, jitter=lambda: 0.0) == 2
        assert until(lambda: len(well.received) == 9, seconds=20)
        assert until(lambda: hanging.accepted == 4, seconds=20), "no more than four at once"
        assert Outbound.objects.filter(state="sending", destination=stuck.key).count() == 4
        Outbound.objects.filter(state="pending").delete()
    assert few.wait(20)


@pytest.mark.django_db(transaction=True)
def test_the_tick_of_the_clock_wakes_the_senders_and_waits_for_none():
    with receiver() as there:
        WebhookMessageFactory(endpoint=WebhookEndpointFactory(url=there.url))
        assert deliver_webhooks() == 1
        assert until(lambda: Outbound.objects.get().state == "sent", seconds=20)
        assert deliver_webhooks() == 0
        assert senders.wait(20)
    assert clear_webhooks() == 0
