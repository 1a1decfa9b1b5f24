from datetime import timedelta

import pytest

from journal.actions.webhooks import replaying
from journal.actions.webhooks.carrying import claim
from journal.actions.webhooks.replaying import ping, replay, replay_since
from journal.domain.refusal import Invalid, NotAllowed, NotFound, Refusal, Stale
from journal.models import AuditEvent, Outbound
from tests.journal.actions.webhooks.told import KEEPER, NO, OK, REPLAYER, tried
from tests.journal.factories import EPOCH, OutboundFactory, WebhookEndpointFactory, WebhookMessageFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def there():
    return WebhookEndpointFactory(events=["thing.made"])


def test_a_ping_goes_to_one_endpoint_whatever_it_listens_to(there):
    WebhookEndpointFactory()
    message = ping(endpoint=there, by=KEEPER, at=EPOCH)
    assert list(Outbound.objects.all()) == [message]
    assert message.payload["type"] == "webhook.ping"
    assert ping(endpoint=there, by=KEEPER, at=EPOCH).message_id != message.message_id
    with pytest.raises(NotAllowed):
        ping(endpoint=there, by=REPLAYER, at=EPOCH)


def test_a_delivered_message_goes_again_under_its_id_with_tries_of_its_own(there):
    WebhookMessageFactory(endpoint=there, attempts=6)
    sent = tried(there, OK)
    again = replay(message=sent, by=REPLAYER, at=EPOCH + HOUR)
    assert (again.state, again.attempts, again.due_at, again.sent_at) == ("pending", 0, EPOCH + HOUR, None)
    delivered = tried(there, OK, at=EPOCH + HOUR)
    assert (delivered.message_id, delivered.attempts) == (sent.message_id, 1)
    event = AuditEvent.objects.get()
    assert event.verb == "webhook:replay"
    assert event.changes["message"] == [None, str(sent.message_id)]


def test_what_waits_for_its_next_try_is_tried_now(there):
    WebhookMessageFactory(endpoint=there, attempts=5)
    waiting = tried(there, NO)
    assert waiting.due_at > EPOCH + HOUR
    replay(message=waiting, by=REPLAYER, at=EPOCH + HOUR)
    assert tried(there, OK, at=EPOCH + HOUR).state == "sent"


def test_what_is_being_sent_is_left_alone(there):
    WebhookMessageFactory(endpoint=there)
    claimed = claim(endpoint_id=there.pk, at=EPOCH)
    with pytest.raises(Stale, match="being sent"):
        replay(message=claimed.message, by=REPLAYER, at=EPOCH)


def test_nothing_goes_again_to_what_is_switched_off_removed_or_no_webhook():
    off = WebhookEndpointFactory(state="disabled")
    with pytest.raises(Refusal, match="Resume it first"):
        replay(message=WebhookMessageFactory(endpoint=off, state="dead"), by=REPLAYER, at=EPOCH)
    for message in (OutboundFactory(), OutboundFactory(kind="webhook", destination="we_gone")):
        with pytest.raises(NotFound):
            replay(message=message, by=REPLAYER, at=EPOCH)


def test_everything_since_a_moment_goes_again(there):
    def message(hours, **told):
        return WebhookMessageFactory(endpoint=there, created_at=EPOCH + hours * HOUR, **told)

    before = message(1, state="dead")
    dead, sent = message(2, state="dead", attempts=10), message(3, state="sent", sent_at=EPOCH + 3 * HOUR)
    waiting = message(4, attempts=2, due_at=EPOCH + 90 * HOUR)
    elsewhere = WebhookMessageFactory(endpoint=WebhookEndpointFactory(), state="dead", created_at=EPOCH + 3 * HOUR)
    assert replay_since(endpoint=there, since=EPOCH + 2 * HOUR, by=REPLAYER, at=EPOCH + 5 * HOUR) == 2
    due = Outbound.objects.filter(state="pending", due_at=EPOCH + 5 * HOUR, attempts=0)
    assert {row.pk for row in due} == {dead.pk, sent.pk}
    for row, state in ((before, "dead"), (waiting, "pending"), (elsewhere, "dead")):
        assert Outbound.objects.get(pk=row.pk).state == state
    event = AuditEvent.objects.get()
    assert (event.verb, event.changes["messages"]) == ("webhook:replay_messages", [None, 2])


def test_where_nothing_was_promised_nothing_goes(there):
    assert replay_since(endpoint=there, since=EPOCH, by=REPLAYER, at=EPOCH) == 0
    assert not AuditEvent.objects.exists()


def test_too_many_at_once_are_refused_as_a_whole(there, monkeypatch):
    monkeypatch.setattr(replaying, "MOST", 1)
    for _ in range(2):
        WebhookMessageFactory(endpoint=there, state="dead")
    with pytest.raises(Invalid, match=r"would be 2 messages; 1 go at once") as refused:
        replay_since(endpoint=there, since=EPOCH, by=REPLAYER, at=EPOCH)
    assert refused.value.field == "since"
    assert set(Outbound.objects.values_list("state", flat=True)) == {"dead"}


def test_who_may_not_send_again(there):
    WebhookMessageFactory(endpoint=there, state="dead")
    for act in (
        lambda: replay(message=Outbound.objects.get(), by=KEEPER, at=EPOCH),
        lambda: replay_since(endpoint=there, since=EPOCH, by=KEEPER, at=EPOCH),
    ):
        with pytest.raises(NotAllowed):
            act()
