"""What is promised, to whom, in which transaction, and at what price."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from journal import webhook_events
from journal.actions.deeds import begin, record
from journal.actions.webhooks.telling import LARGEST, body_of, tell
from journal.models import Outbound
from tests.journal.factories import EPOCH, StaffFactory, WebhookEndpointFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _events(monkeypatch):
    monkeypatch.setattr(webhook_events, "_events", {})
    monkeypatch.setattr(webhook_events, "_of_verbs", {})
    webhook_events.register("thing.made", "A thing was made.", verb="thing:make")
    webhook_events.register("thing.lost", "A thing was lost.")


def told(event="thing.made", *, once_key="k", account_key="acme", data=None):
    return tell(event, data=data or {"a": 1}, account_key=account_key, once_key=once_key, at=EPOCH)


def test_every_endpoint_that_wants_it_gets_a_row():
    wanting = [
        WebhookEndpointFactory(),
        WebhookEndpointFactory(events=["thing.made"]),
        WebhookEndpointFactory(account_key="acme"),
        WebhookEndpointFactory(state="paused"),
    ]
    WebhookEndpointFactory(events=["thing.lost"])
    WebhookEndpointFactory(account_key="other")
    WebhookEndpointFactory(state="disabled")
    assert told() == 4
    rows = Outbound.objects.all()
    assert {row.destination for row in rows} == {endpoint.key for endpoint in wanting}
    assert {(row.kind, row.account_key, row.state, row.due_at) for row in rows} == {
        ("webhook", "acme", "pending", EPOCH)
    }
    assert rows[0].payload == {"type": "thing.made", "timestamp": "2026-01-01T00:00:00Z", "data": {"a": 1}}


def test_the_same_is_told_once():
    WebhookEndpointFactory()
    assert [told(), told(), told(once_key="other")] == [1, 0, 1]
    assert Outbound.objects.count() == 2


def test_a_deed_with_a_registered_verb_is_told_thinly_in_its_own_transaction():
    WebhookEndpointFactory()
    thing = StaffFactory()
    with transaction.atomic():
        event = record(
            begin(by=person(), at=EPOCH),
            "thing:make",
            subject=thing,
            account_key="acme",
            reason="Confidential",
            changes={"price": [1, 2]},
            label="A thing",
        )
        assert Outbound.objects.get().payload["data"] == {
            "account": "acme",
            "subject": {"type": "staff", "label": "A thing"},
            "verb": "thing:make",
            "at": "2026-01-01T00:00:00Z",
        }
        transaction.set_rollback(True)
    assert event.verb == "thing:make"
    assert not Outbound.objects.exists()


def test_a_subject_with_a_key_is_told_by_it():
    there = WebhookEndpointFactory()
    with transaction.atomic():
        record(begin(by=person(), at=EPOCH), "thing:make", subject=there)
    data = Outbound.objects.get().payload["data"]
    assert data["subject"]["key"] == there.key
    assert data["account"] is None


@pytest.mark.parametrize(("verb", "more"), [("thing:keep", 0), ("thing:make", 1)])
def test_where_nobody_listens_a_deed_costs_one_query_more_at_most(verb, more, monkeypatch):
    WebhookEndpointFactory(state="disabled")
    thing = StaffFactory()

    def queries():
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            record(begin(by=person(), at=EPOCH), verb, subject=thing)
        return len(asked)

    queries()
    with_events = queries()
    monkeypatch.setattr(webhook_events, "_of_verbs", {})
    assert with_events - queries() == more


def test_an_endpoint_set_up_in_the_same_transaction_is_told():
    with transaction.atomic():
        assert told() == 0
        WebhookEndpointFactory()
        assert told(once_key="next") == 1


def test_what_is_too_much_for_a_webhook_is_our_mistake():
    assert told(data={"a": "x" * LARGEST}) == 0
    WebhookEndpointFactory()
    with pytest.raises(ValueError, match="Tell less"):
        told(data={"a": "x" * LARGEST})


def test_a_body_is_the_same_each_time_whatever_the_database_does_to_its_order():
    WebhookEndpointFactory()
    data = {"z": 1, "a": {"ü": ["€", None, True, 1.5]}, "m": {}}
    told(data=data)
    stored = Outbound.objects.get().payload
    assert body_of(stored) == body_of({"data": data, "type": "thing.made", "timestamp": "2026-01-01T00:00:00Z"})
    assert json.loads(body_of(stored)) == stored


def test_events_are_spelt_in_one_way_and_mean_one_thing():
    for wrong in ("thing", "Thing.made", "thing:made", "thing.", ""):
        with pytest.raises(ValueError, match="is no event"):
            webhook_events.register(wrong, "Words")
    with pytest.raises(ValueError, match="other words"):
        webhook_events.register("thing.made", "Something else.")
    webhook_events.register("thing.made", "A thing was made.", verb="thing:assemble")
    assert webhook_events.event_of("thing:assemble") == webhook_events.event_of("thing:make") == "thing.made"
    assert list(webhook_events.events()) == ["thing.lost", "thing.made"]


def test_old_promises_are_no_reason_to_tell_nothing():
    WebhookEndpointFactory()
    tell("thing.lost", data={}, account_key="", once_key="x" * 150, at=EPOCH + timedelta(days=1))
    assert Outbound.objects.get().payload["timestamp"] == "2026-01-02T00:00:00Z"
