"""How much was used and where it is heading, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from entitlements.actions.usage.recording import record
from entitlements.domain.usage.operations import Act
from entitlements.models import Account
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.entitlements.spent import counted, days_before
from tests.entitlements.using import Metered, customer, metered, operation
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def ask(path: str, *, scopes: tuple[str, ...] = ("entitlements:read",), **asked: str) -> Any:
    _row, plain = issue(name="Shop", scopes=list(scopes), expires_at=None, by=SYSTEM, at=AT - DAY)
    return Client().get(f"/api/v1/accounts/{path}", asked, headers={"Authorization": f"Bearer {plain}"})


def test_everything_counted_is_told_with_what_limits_it(world: Metered, acme: Account) -> None:
    counted(acme, world.calls, 812, at=NOW)
    told = {one["feature"]: one for one in ask("acme/usage").json()["usage"]}
    calls, seats = told["calls"], told["seats"]
    assert (calls["used"], calls["held"], calls["limit"], calls["percent"]) == (812, 0, 1000, 81)
    assert calls["resets_at"] is not None
    assert (seats["used"], seats["limit"], seats["resets_at"], seats["forecast"]) == (0, 5, None, None)
    assert "sso" not in told


def test_a_forecast_says_when_the_limit_is_reached_and_what_it_goes_by(world: Metered, acme: Account) -> None:
    counted(acme, world.calls, 999, at=NOW)
    days_before(acme, world.calls, [500] * 40, at=NOW)
    forecast = ask("acme/usage/calls").json()["usage"]["forecast"]
    assert forecast["earliest_on"] == f"{NOW:%Y-%m-%d}"
    assert forecast["basis"] == "weekdays"
    assert 0.9 < forecast["probability"] <= 1
    assert forecast["expected_at_reset"] >= 999


def test_one_feature_is_told_day_by_day_by_whom_and_by_what(world: Metered, acme: Account) -> None:
    given = [
        operation(acme, world.tokens, 3, act=Act.REPORT, at=NOW - timedelta(minutes=2), subject="agent:a"),
        operation(acme, world.tokens, 2, act=Act.REPORT, at=NOW - timedelta(minutes=2), choice="model.premium"),
    ]
    record(given, by=SYSTEM, at=NOW)
    told = ask("acme/usage/tokens").json()
    assert sum(day["used"] for day in told["days"]) == told["usage"]["used"] == 13
    assert (told["lag"]["reports"], told["lag"]["p99_seconds"], told["buffer_percent"]) == (2, 120, 0)


def test_an_earlier_period_can_be_asked_about(world: Metered, acme: Account) -> None:
    before = NOW - 40 * DAY
    counted(acme, world.calls, 444, at=before)
    told = ask("acme/usage/calls", at=before.isoformat()).json()["usage"]
    assert (told["used"], told["forecast"]) == (444, None)
    assert told["resets_at"] < NOW.isoformat()


def test_what_is_not_counted_not_known_or_still_to_come_is_told_so(acme: Account) -> None:
    assert ask("acme/usage/sso").status_code == 404
    assert ask("acme/usage/nothing").status_code == 404
    assert ask("nobody/usage").status_code == 404
    answer = ask("acme/usage/calls", at=(NOW + DAY).isoformat())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "at")


def test_it_takes_a_key_that_may_read(acme: Account) -> None:
    assert ask("acme/usage", scopes=("usage:write",)).status_code == 403
    assert Client().get("/api/v1/accounts/acme/usage").status_code == 401
