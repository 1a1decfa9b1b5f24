"""Messages claimed and settled, and what that does to their endpoint."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journal.actions.outbound import claim_next
from journal.actions.outbound import expire_leases as expire_others
from journal.actions.webhooks.carrying import AT_ONCE, LEASE, claim, expire_leases, settle
from journal.domain.webhooks.outcomes import Outcome, Try
from journal.domain.webhooks.schedule import DELAYS, MOST_TRIES
from journal.models import AuditEvent, Notice, Outbound, WebhookAttempt, WebhookEndpoint, WebhookHealth
from journal.queries.webhooks import due_endpoints
from tests.journal.actions.webhooks.told import GONE, NO, OK, SILENCE, tried
from tests.journal.factories import EPOCH, StaffFactory, WebhookEndpointFactory, WebhookMessageFactory
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


@pytest.fixture
def there():
    return WebhookEndpointFactory()


def health():
    return WebhookHealth.objects.get()


def test_a_claimed_message_is_nobody_elses_and_comes_with_what_signs_it(there):
    message = WebhookMessageFactory(endpoint=there)
    claimed = claim(endpoint_id=there.pk, at=EPOCH)
    stored = Outbound.objects.get()
    assert (claimed.message.seq, stored.state, stored.attempts) == (message.seq, "sending", 1)
    assert stored.lease_until == EPOCH + LEASE
    assert claimed.secrets == ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
    assert "whsec" not in repr(claimed)
    assert claim(endpoint_id=there.pk, at=EPOCH) is None


def test_no_message_waits_for_another_and_four_go_at_once(there):
    WebhookMessageFactory(endpoint=there, due_at=EPOCH + DAY)
    later = [WebhookMessageFactory(endpoint=there).seq for _ in range(AT_ONCE + 1)]
    claimed = [claim(endpoint_id=there.pk, at=EPOCH) for _ in range(AT_ONCE + 1)]
    assert [one.message.seq for one in claimed[:AT_ONCE]] == later[:AT_ONCE]
    assert claimed[AT_ONCE] is None
    settle(claimed[0], OK, jitter=0.0, at=EPOCH)
    assert claim(endpoint_id=there.pk, at=EPOCH).message.seq == later[AT_ONCE]


def test_the_other_loop_leaves_webhooks_alone(there):
    WebhookMessageFactory(endpoint=there)
    assert claim_next(at=EPOCH) is None
    claim(endpoint_id=there.pk, at=EPOCH)
    assert expire_others(at=EPOCH + DAY) == 0


def test_what_a_dead_sender_had_is_sent_again_under_the_same_id(there):
    WebhookMessageFactory(endpoint=there)
    first = claim(endpoint_id=there.pk, at=EPOCH)
    assert expire_leases(at=EPOCH + LEASE - SECOND) == 0
    assert expire_leases(at=EPOCH + LEASE) == 1
    again = claim(endpoint_id=there.pk, at=EPOCH + LEASE)
    assert again.message.message_id == first.message.message_id
    settle(first, NO, jitter=0.0, at=EPOCH + LEASE)  # it lives after all, and its word comes late
    assert Outbound.objects.get().state == "sending"
    assert WebhookAttempt.objects.count() == 1


def test_a_delivered_message_is_done_and_its_try_is_kept(there):
    WebhookMessageFactory(endpoint=there)
    message = tried(there, replace(OK, response="thanks"), at=EPOCH)
    assert (message.state, message.sent_at, message.lease_token) == ("sent", EPOCH, None)
    attempt = WebhookAttempt.objects.get()
    assert (attempt.number, attempt.status, attempt.outcome, attempt.response) == (1, 204, "ok", "thanks")
    assert (health().last_ok_at, health().failing_since) == (EPOCH, None)


def test_a_message_that_nobody_accepts_is_tried_ten_times_over_three_days(there):
    WebhookMessageFactory(endpoint=there)
    at = EPOCH
    for number in range(1, MOST_TRIES):
        message = tried(there, NO, at=at)
        assert (message.state, message.attempts, message.due_at) == ("pending", number, at + DELAYS[number])
        assert tried(there, NO, at=message.due_at - SECOND) is None
        at = message.due_at
    message = tried(there, NO, at=at)
    assert (message.state, message.last_error) == ("dead", NO.error)
    assert (at - EPOCH, WebhookAttempt.objects.count()) == (timedelta(hours=75, minutes=35, seconds=5), MOST_TRIES)


def test_who_asks_for_less_is_left_alone_and_other_messages_use_up_no_try(there):
    WebhookMessageFactory(endpoint=there)
    waiting = WebhookMessageFactory(endpoint=there)
    asked = Try(Outcome.THROTTLED, 5, status=429, error="It answered 429.", rest=HOUR)
    assert tried(there, asked).due_at == EPOCH + HOUR
    assert health().resume_at == EPOCH + HOUR
    assert tried(there, OK, at=EPOCH + HOUR - SECOND) is None
    assert due_endpoints(at=EPOCH + HOUR - SECOND) == []
    assert tried(there, OK, at=EPOCH + HOUR).seq == waiting.seq
    assert health().resume_at is None


def test_an_endpoint_that_gives_no_answer_takes_ever_fewer_senders(there):
    for _ in range(6):
        WebhookMessageFactory(endpoint=there)
    for _ in range(3):
        assert tried(there, SILENCE) is not None
    assert (health().failures, health().resume_at) == (3, EPOCH + 4 * SECOND)
    at = EPOCH + 4 * SECOND
    assert claim(endpoint_id=there.pk, at=at) is not None
    assert claim(endpoint_id=there.pk, at=at) is None, "one at a time, while it fails"


def test_a_no_rests_nothing(there):
    for _ in range(4):
        WebhookMessageFactory(endpoint=there)
        assert tried(there, NO) is not None
    assert (health().resume_at, health().failures, health().failing_since) == (None, 4, EPOCH)


def test_what_is_gone_is_switched_off_and_its_messages_wait(there):
    keeper = StaffFactory(permissions=["journal.manage_webhooks"])
    StaffFactory(permissions=["journal.view_webhookendpoint"])
    WebhookMessageFactory(endpoint=there)
    waiting = WebhookMessageFactory(endpoint=there)
    assert tried(there, GONE).state == "pending"
    there.refresh_from_db()
    assert (there.state, there.state_since) == ("disabled", EPOCH)
    assert tried(there, OK, at=EPOCH + DAY) is None
    assert due_endpoints(at=EPOCH + DAY) == []
    assert Outbound.objects.get(seq=waiting.seq).state == "pending"
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor_key, event.reason) == ("webhook:disable", "desk", there.state_reason)
    notice = Notice.objects.get()
    assert (notice.recipient, there.url in notice.body, "410" in notice.body) == (keeper.email, True, True)


def test_after_five_days_of_nothing_but_failures_it_is_switched_off(there):
    for _ in range(3):
        WebhookMessageFactory(endpoint=there)
    tried(there, NO, at=EPOCH)
    tried(there, NO, at=EPOCH + 5 * DAY - SECOND)
    assert WebhookEndpoint.objects.get().state == "active"
    tried(there, NO, at=EPOCH + 5 * DAY)
    assert WebhookEndpoint.objects.get().state_reason == "For five days every message failed."


def test_one_that_worked_in_between_goes_on(there):
    for _ in range(3):
        WebhookMessageFactory(endpoint=there)
    for made, after in ((NO, 0), (OK, 3), (NO, 5)):
        tried(there, made, at=EPOCH + after * DAY)
    assert (WebhookEndpoint.objects.get().state, health().failing_since) == ("active", EPOCH + 5 * DAY)


def test_what_is_settled_after_the_endpoint_was_removed_is_forgotten(there):
    WebhookMessageFactory(endpoint=there)
    claimed = claim(endpoint_id=there.pk, at=EPOCH)
    Outbound.objects.all().delete()
    there.delete()
    settle(claimed, OK, jitter=0.0, at=EPOCH)
    assert not WebhookAttempt.objects.exists()


def test_who_has_the_fewest_messages_under_way_comes_first(there):
    other = WebhookEndpointFactory()
    for endpoint in (there, there, other):
        WebhookMessageFactory(endpoint=endpoint)
    claim(endpoint_id=there.pk, at=EPOCH)
    assert due_endpoints(at=EPOCH) == [other.pk, there.pk]


@pytest.mark.django_db(transaction=True)
def test_of_many_senders_four_get_a_message_each():
    there = WebhookEndpointFactory()
    for _ in range(8):
        WebhookMessageFactory(endpoint=there)
    found = at_once(*[lambda: claim(endpoint_id=there.pk, at=EPOCH)] * 6)
    taken = [one.message.seq for one in found if one is not None]
    assert len(taken) == len(set(taken)) == AT_ONCE
