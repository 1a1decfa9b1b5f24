"""What other systems hear of customers: every act, every change and every end, once."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import now
from standardwebhooks import Webhook

from catalog.domain.rules import Told
from catalog.domain.window import Window
from entitlements.actions import webhooks
from entitlements.actions.accounts import set_standing
from entitlements.actions.subscriptions import start
from entitlements.actions.sweep import sweep
from entitlements.actions.usage.forecasting import look_ahead
from entitlements.actions.usage.telling import tell_crossings
from entitlements.domain.facts import Standing
from entitlements.domain.resolution import Resolution
from entitlements.models import EntitlementChange, SweepMark, ThresholdCrossing
from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM
from journal.integrations.webhook.sending import carry
from journal.models import Outbound, WebhookEndpoint
from tests.entitlements.spent import counted, days_before
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT, DAY, account, answer, catalog, subscribed
from tests.journal.integrations.webhook.receivers import LOOPBACK, receiver

pytestmark = pytest.mark.django_db


def hears(**asked: Any) -> WebhookEndpoint:
    return set_up(url="https://shop.example/hook", by=SYSTEM, at=AT - 5 * DAY, **asked)[0]


def heard(endpoint: WebhookEndpoint) -> list[dict[str, Any]]:
    return list(Outbound.objects.filter(destination=endpoint.key).order_by("seq").values_list("payload", flat=True))


def types(endpoint: WebhookEndpoint) -> list[str]:
    return [payload["type"] for payload in heard(endpoint)]


def test_an_act_arrives_signed_with_what_it_changed(settings: Any) -> None:
    settings.DESK_WEBHOOK_NETWORKS = LOOPBACK
    world, acme = catalog(), account()
    with receiver() as shop:
        _endpoint, secret = set_up(url=shop.url, by=SYSTEM, at=now())
        start(account=acme, plan=world.team, by=SYSTEM, at=now())
        carry(clock=now, jitter=random.random)
    told = [Webhook(secret).verify(one.body, one.headers) for one in shop.received]
    assert sorted(one["type"] for one in told) == ["entitlements.changed", "subscription.started"]
    changed = next(one["data"] for one in told if one["type"] == "entitlements.changed")
    seats = next(one for one in changed["changes"] if one["feature"] == "seats")
    assert (changed["account"], changed["verb"], changed["more"]) == ("acme", "subscription:start", 0)
    assert seats["before"] == {"granted": False, "value": None, "unlimited": False, "text": "not included"}
    assert seats["after"] == {"granted": True, "value": 10, "unlimited": False, "text": "10"}


def test_what_time_changes_is_told_once_though_it_is_walked_twice() -> None:
    world, acme = catalog(), account()
    subscribed(acme, world.team, trial_days=14)
    SweepMark.objects.create(swept_to=AT)
    endpoint = hears()
    for _ in range(2):
        SweepMark.objects.update(swept_to=AT)
        sweep(at=AT + 30 * DAY)
    assert types(endpoint) == ["entitlements.changed", "trial.ended"]
    changed, ended = (payload["data"] for payload in heard(endpoint))
    assert (changed["cause"], changed["verb"]) == ("The trial ended", None)
    assert changed["effective_at"] == ended["at"]
    assert {one["feature"] for one in changed["changes"]} == {"seats", "sso", "storage", "tier"}


def test_what_a_later_walk_finds_is_told_by_itself() -> None:
    world, acme = catalog(), account()
    subscribed(acme, world.team, trial_days=14)
    SweepMark.objects.create(swept_to=AT)
    sweep(at=AT + 30 * DAY)
    found = EntitlementChange.objects.get(account=acme, feature_key="sso", effective_at__gt=AT)
    endpoint = hears(events=["entitlements.changed"])
    assert webhooks.tell_changes([found], {}, {}, at=AT + 30 * DAY) == 1
    assert webhooks.tell_changes([found], {}, {}, at=AT + 31 * DAY) == 0
    assert [one["feature"] for one in heard(endpoint)[0]["data"]["changes"]] == ["sso"]


def test_an_endpoint_of_one_account_hears_of_it_alone() -> None:
    acme, globex = account(), account("globex")
    own, every = hears(account_key="acme"), hears()
    for one in (acme, globex):
        set_standing(account=one, standing=Standing.SUSPENDED, reason="Fraud, says Bea", by=SYSTEM, at=AT)
    assert [payload["data"]["account"] for payload in heard(own)] == ["acme"]
    assert [payload["data"]["account"] for payload in heard(every)] == ["acme", "globex"]
    assert "Fraud" not in str(heard(every))


def test_why_staff_did_it_is_not_told() -> None:
    world, acme = catalog(), account()
    subscribed(acme, world.team)
    endpoint = hears(events=["entitlements.changed"])
    set_standing(account=acme, standing=Standing.CLOSED, reason="They never paid", by=SYSTEM, at=AT)
    assert heard(endpoint)[0]["data"]["cause"] == "Close account"
    assert "paid" not in str(heard(endpoint))


def test_more_changes_than_a_message_carries_are_counted() -> None:
    world, acme = catalog(), account()
    subscribed(acme, world.team)
    after: dict[str, Resolution] = {f"feature{number}": answer(acme, "storage", AT) for number in range(400)}
    rows = [
        EntitlementChange(account=acme, feature_key=key, feature_name="Ü" * 100, effective_at=AT, cause="A sale")
        for key in after
    ]
    endpoint = hears()
    assert webhooks.tell_changes(rows, {}, after, at=AT) == 1
    data = heard(endpoint)[0]["data"]
    assert 0 < len(data["changes"]) < 400
    assert len(data["changes"]) + data["more"] == 400


def test_a_threshold_is_told_once_with_how_far_use_has_come() -> None:
    world, acme = catalog(), account()
    subscribed(acme, world.team)
    row = ThresholdCrossing.objects.create(
        account=acme, feature=world.seats, subject="", starts_at=AT - 10 * DAY, since=AT, percent=80, used=8,
        limit_amount=10, told=Told.BOTH, crossed_at=AT,
    )  # fmt: skip
    endpoint = hears(account_key="acme")
    tell_crossings(at=AT)
    webhooks.tell_threshold(row, Window(AT, None), at=AT + timedelta(minutes=1))
    [told] = [one["data"] for one in heard(endpoint) if one["type"] == "usage.threshold_reached"]
    assert (told["feature"], told["percent"], told["used"], told["limit"], told["unit"]) == (
        "seats", 80, 8, 10, "seat",
    )  # fmt: skip
    assert told["subject"] is None
    assert Decimal(told["used"]) == 8


def test_a_limit_that_will_be_reached_is_told_once_with_the_day() -> None:
    world = metered()
    acme = customer(world)
    at = datetime(2026, 3, 11, tzinfo=UTC)
    days_before(acme, world.calls, [50] * 60, at=at)
    counted(acme, world.calls, 500, at=at)
    endpoint = hears()
    for day in range(2):
        look_ahead(at=at + day * DAY)
    [told] = [one["data"] for one in heard(endpoint) if one["type"] == "usage.limit_forecast"]
    assert (told["account"], told["feature"], told["used"], told["limit"]) == (acme.key, "calls", 500, 1000)
    assert told["expected_on"] == "2026-03-20"
    assert told["not_before"] <= told["expected_on"] <= told["not_after"]
    assert told["period"]["end"].startswith("2026-0")
