"""Asking Stripe: seconds and not minutes, tried again by itself, Later where it can't answer, and no key anywhere."""

import logging
from datetime import timedelta

import pytest

from entitlements.integrations.stripe.client import TIME_OUT, KeyRefused, NotThere, asking, client_of, plain
from journal.actions.connections import renew_secret
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.models import ConnectionHealth
from journal.queries.connections import SecretMissing
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def ask(shop, at=AT):
    with asking(shop.connection, at=at) as client:
        return plain(client.v1.products.retrieve(shop.product))


def later(shop, at=AT):
    with pytest.raises(Later) as rests:
        ask(shop, at)
    return rests.value


def test_it_asks_the_address_that_was_entered_and_speaks_plainly(shop):
    assert ask(shop)["name"] == "Team"
    assert shop.fake.requests[-1].path == f"/v1/products/{shop.product}"


def test_it_waits_for_seconds_only(shop):
    assert sum(TIME_OUT) * 3 < 60
    shop.fake.inject("timeout", seconds=0.0, next=1, path="/v1/products/")
    assert ask(shop)["name"] == "Team"


def test_what_fails_for_a_moment_is_asked_again(shop):
    shop.fake.inject("500", next=1, path="/v1/products/")
    assert ask(shop)["name"] == "Team"
    assert not ConnectionHealth.objects.exclude(failing_since=None).exists()


def test_an_outage_is_later_and_the_waits_double(shop):
    shop.fake.inject("503", next=9, path="/v1/products/")
    assert later(shop).after == timedelta(seconds=5)
    assert later(shop, AT + timedelta(minutes=1)).after == timedelta(minutes=1)
    assert later(shop, AT + timedelta(hours=3)).after == timedelta(minutes=10)
    assert ConnectionHealth.objects.get().failing_since == AT


def test_too_many_questions_are_later_and_not_asked_again_at_once(shop):
    shop.fake.inject("429", next=1, path="/v1/products/")
    before = len(shop.fake.requests)
    assert "less often" in later(shop).why
    assert len(shop.fake.requests) == before + 1


def test_while_it_rests_nobody_asks(shop):
    shop.fake.inject("429", next=1, path="/v1/products/")
    later(shop)
    before = len(shop.fake.requests)
    assert later(shop, AT + timedelta(seconds=2)).after == timedelta(seconds=3)
    assert len(shop.fake.requests) == before


def test_once_it_answers_again_the_health_page_says_so(shop):
    shop.fake.inject("429", next=1, path="/v1/products/")
    later(shop)
    ask(shop, AT + timedelta(minutes=1))
    health = ConnectionHealth.objects.get()
    assert (health.failing_since, health.resume_at) == (None, None)


def test_nobody_there_is_later(shop):
    shop.fake.stop()
    assert "can’t be reached" in later(shop).why


def test_what_stripe_has_not_is_not_there(shop):
    with pytest.raises(NotThere, match="prod_none"), asking(shop.connection, at=AT) as client:
        client.v1.products.retrieve("prod_none")


def test_a_key_that_is_refused_is_said_in_words_and_never_repeated(shop, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "stripe")
    renew_secret(connection=shop.connection, purpose="api_key", secret="sk_test_forged4711", by=SYSTEM, at=AT)
    with pytest.raises(KeyRefused, match="Enter a new one") as refused:
        ask(shop)
    assert refused.value.__cause__ is None
    assert "forged4711" not in caplog.text + str(refused.value)


def test_the_key_stands_in_no_log(shop, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "stripe")
    ask(shop)
    assert shop.fake.api_key not in caplog.text


def test_a_new_key_is_used_at_once(shop):
    former = client_of(shop.connection, at=AT)
    renew_secret(connection=shop.connection, purpose="api_key", secret="sk_test_second", by=SYSTEM, at=AT)
    assert client_of(shop.connection, at=AT) is not former


def test_without_a_key_that_opens_it_says_what_is_missing(shop):
    shop.connection.secrets.filter(purpose="api_key").delete()
    with pytest.raises(SecretMissing, match="restricted key"):
        ask(shop)
