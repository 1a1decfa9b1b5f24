"""Against the desk itself: every field of an answer is read from its whole set, and says what its own check says."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from entitlement_client import Answer, Client, RequestRefused
from entitlements.models import UsageEvent
from tests.client.fake import until
from tests.entitlements.api.runtime.asking import key
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.using import customer, metered, use

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = [("calls", None), ("calls", 600), ("calls", 601), ("calls", 0), ("seats", 6), ("mails", 99), ("sso", None)]
SAME = ("account", "feature", "allowed", "why", "value", "unlimited", "limit", "used", "left", "valid_until", "certain")


@pytest.fixture
def acme():
    world = metered()
    return world, customer(world)


@pytest.fixture
def client(live_server):
    with Client(live_server.url, key(), refresh_seconds=60, timeout=20) as client:
        yield client


def test_it_answers_as_the_desk_does(acme, client):
    world, account = acme
    now = datetime.now(UTC)
    use(account, world.calls, 400, at=now, now=now)
    ends = now + timedelta(days=20)
    OverrideFactory(account=account, feature=world.sso, starts_at=now - timedelta(days=1), ends_at=ends)
    for feature, quantity in ASKED:
        remembered, asked = (
            client.check("acme", feature, quantity=quantity),
            client.ask("acme", feature, quantity=quantity),
        )
        for name in set(SAME) - {"valid_until"}:
            assert getattr(remembered, name) == getattr(asked, name), (feature, quantity, name)
    assert client.check("acme", "calls").left == 600
    assert abs(client.check("acme", "sso").valid_until - ends) <= timedelta(milliseconds=1)
    assert until(lambda: len(client._shelf.known["acme"].steps) == 2, seconds=20)
    assert client._shelf.known["acme"].term_at("sso", ends.timestamp() - 1).granted
    assert not client._shelf.known["acme"].term_at("sso", ends.timestamp()).granted


def test_every_field_is_read_from_the_whole_set(acme, client):
    answer = client.check("acme", "calls")
    assert {one.name for one in fields(Answer)} == {
        *SAME, "because", "as_of", "source", "degraded", "fallback", "offers",
    }  # fmt: skip
    assert (answer.limit, answer.used, answer.left, answer.value) == (1000, 0, 1000, 1000)
    assert (answer.fallback.on_unreachable, answer.fallback.max_age_seconds) == ("last_known", 3600)
    assert abs(answer.as_of - datetime.now(UTC)) < timedelta(minutes=1)
    assert (answer.source, answer.because, answer.offers) == ("live", "1000 left", ())


def test_what_is_counted_is_counted_there(acme, client):
    client.check("acme", "calls")
    assert client.consume("acme", "calls", 3, id="a").left == 997
    assert client.consume("acme", "calls", 3, id="a").left == 997
    client.report("acme", "calls", 4, id="b")
    with client.reserve("acme", "calls", 100, id="c") as hold:
        hold.commit(50)
    assert until(lambda: client.status().waiting_reports == 0, seconds=20)
    assert sorted(UsageEvent.objects.values_list("event_id", "amount"))[:2] == [("a", 3), ("b", 4)]
    client.invalidate("acme")
    assert client.check("acme", "calls").used == 57


def test_its_refusals_are_read(acme, client):
    refused = client.consume("acme", "seats", 99)
    assert (refused.allowed, refused.why) == (False, "limit_reached")
    assert client.check("nobody", "calls").why == client.consume("nobody", "calls").why == "unknown_account"
    assert client.check("acme", "nothing").why == client.consume("acme", "nothing").why == "unknown_feature"
    with pytest.raises(RequestRefused, match="not counted") as told:
        client.consume("acme", "sso")
    assert (told.value.code, told.value.fields) == ("not_counted", ("feature",))
    client.ready("acme")
