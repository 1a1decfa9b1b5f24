"""A key that was merged away leads to the account that stays, and never to another subscription than was meant."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements.actions.merging import ask_to_merge
from entitlements.models import Account, Subscription
from journal.actions import approvals
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.conftest import actor
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def acme() -> Account:
    """It has subscription 1 on Free; what was subscription 1 of Beta, on Team, is its number 2 now."""
    world = catalog()
    acme, beta = account("acme"), account("beta", external_ids=[("stripe", "cus_B")])
    subscribed(acme, world.free)
    subscribed(beta, world.team)
    request = ask_to_merge(duplicate=beta, into=acme, reason="One", by=actor("sales"), at=AT - DAY)
    approvals.approve(approval=request, by=actor("finance"), at=AT - DAY)
    return acme


def call(method: str, path: str, body: Any = None) -> Any:
    scopes = ["entitlements:read", "subscriptions:write"]
    _row, plain = issue(name="Shop", scopes=scopes, expires_at=None, by=SYSTEM, at=AT)
    send = getattr(Client(headers={"Authorization": f"Bearer {plain}"}), method)
    return send(f"/api/v1{path}", data=body, content_type="application/json")


@pytest.mark.parametrize("key", ["beta", "stripe:cus_B", "acme"])
def test_the_answer_is_that_of_the_account_that_stays(acme: Account, key: str) -> None:
    told = call("get", f"/accounts/{key}/entitlements")
    assert told.status_code == 200
    assert told.json()["account"] == "acme"
    sso = next(one for one in told.json()["entitlements"] if one["feature"] == "sso")
    assert sso["granted"] is True


@pytest.mark.parametrize("key", ["beta", "stripe:cus_B"])
def test_a_number_beside_the_former_key_is_refused_with_the_number_it_has_now(acme: Account, key: str) -> None:
    response = call("post", f"/accounts/{key}/subscriptions/1/cancel", {"reason": "They left"})
    assert response.status_code == 409, response.content
    problem = response.json()
    assert problem["code"] == "merged"
    assert "Its subscription 1 is number 2 there" in problem["detail"]
    assert not Subscription.objects.filter(ends_at__isnull=False).exists()
