"""Seats over HTTP: assigned, listed, given back, asked about at sign-in."""

from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.domain.values import Squeeze
from entitlements.domain.facts import Mode
from entitlements.domain.seats import SeatState
from entitlements.models import Account, Seat
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.entitlements.factories import overridden
from tests.entitlements.seating import protected, seat, squeezing, there
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
READ, WRITE = "entitlements:read", "seats:write"
ANN = "ann@acme.example"


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world, external_ids=[("own", "C-1")])


def call(method: str, path: str, body: Any = None, *, scope: str = WRITE) -> Any:
    _row, plain = issue(name="Sign-in", scopes=[scope], by=SYSTEM, at=AT - DAY, expires_at=None)
    told = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(Client(), method)(f"/api/v1/{path}", headers={"Authorization": f"Bearer {plain}"}, **told)


def of_acme(method: str, path: str = "", body: Any = None, *, scope: str = WRITE) -> Any:
    return call(method, f"accounts/acme/seats{path}", body, scope=scope)


def asked(holder: str, **more: Any) -> dict[str, Any]:
    told = {"account": "acme", "feature": "seats", "holder": holder, **more}
    found: dict[str, Any] = call("post", "seats/check", told, scope=READ).json()
    return found


def problem(response: Any) -> tuple[int, str]:
    assert response.headers["Content-Type"].startswith("application/problem+json")
    return response.status_code, response.json()["code"]


def test_a_seat_is_assigned_read_used_protected_passed_on_and_given_back(acme: Account) -> None:
    told = of_acme("post", "", {"feature": "seats", "holder": ANN, "name": "Ann", "reason": "Joined"}).json()
    [row] = told["seats"]
    assert (row["holder"], row["state"], row["holds"], row["because"]) == (ANN, "invited", True, "holds a seat")
    assert of_acme("get", "?feature=seats", scope=READ).json() == told
    one = f"/seats/{quote(ANN)}"
    assert of_acme("post", f"{one}/activate", {}).json()["state"] == "active"
    assert of_acme("post", f"{one}/protect", {}).json()["protected"] is True
    passed = of_acme("post", f"{one}/transfer", {"holder": "teams/blue/7", "reason": "Left"}).json()
    assert (passed["holder"], passed["state"], passed["protected"]) == ("teams/blue/7", "invited", False)
    gone = of_acme("post", "/seats/teams/blue/7/release", {}).json()
    assert (gone["state"], gone["holds"], gone["because"]) == ("released", False, "released")
    assert of_acme("get", scope=READ).json()["seats"] == []
    assert len(of_acme("get", "?state=released", scope=READ).json()["seats"]) == 2


def test_the_same_person_twice_is_answered_the_same(acme: Account) -> None:
    body = {"feature": "seats", "holder": ANN}
    assert of_acme("post", "", body).json() == of_acme("post", "", {**body, "holder": ANN.upper()}).json()


def test_many_at_once_are_all_seated_or_nobody(acme: Account) -> None:
    people = [{"holder": f"user:{number}", "name": f"Person {number}"} for number in range(30, 36)]
    refused = of_acme("post", "", {"feature": "seats", "holders": people})
    assert problem(refused) == (409, "no_seat_left")
    assert "only 5 of these 6 fit" in refused.json()["detail"]
    assert Seat.objects.count() == 0
    given = of_acme("post", "", {"feature": "seats", "holders": people[:5], "state": "active"}).json()
    assert [row["name"] for row in given["seats"]] == [f"Person {number}" for number in range(30, 35)]


@pytest.mark.parametrize(("path", "body", "found"), [
    ("", {"feature": "seats"}, (422, "invalid")),
    ("", {"feature": "seats", "holder": "a", "holders": [{"holder": "b"}]}, (422, "invalid")),
    ("", {"feature": "calls", "holder": "a"}, (409, "not_seats")),
    ("", {"feature": "nothing", "holder": "a"}, (404, "not_found")),
    ("/seats/nobody/release", {}, (404, "not_found")),
])  # fmt: skip
def test_what_can_not_be_is_refused(acme: Account, path: str, body: Any, found: tuple[int, str]) -> None:
    assert problem(of_acme("post", path, body)) == found


def test_reading_takes_one_scope_and_assigning_another(acme: Account) -> None:
    assert problem(of_acme("post", "", {"feature": "seats", "holder": ANN}, scope=READ)) == (403, "not_allowed")
    assert problem(of_acme("get", scope=WRITE)) == (403, "not_allowed")
    assert call("get", "accounts/own:C-1/seats", scope=READ).json()["account"] == "acme"


def test_how_many_are_taken_and_who_would_lose_theirs(world: Metered, acme: Account) -> None:
    squeezing(world.seats, Squeeze.INVITED_THEN_NEWEST)
    seats = seat(acme, world.seats, "ann", "bob", at=AT - DAY)
    protected(seats[1])
    seat(acme, world.seats, "guest", active=False)
    use(acme, world.seats, 1)
    told = of_acme("get", "/seats?if_limit=1", scope=READ).json()
    counts = ("limit", "taken", "used", "left", "squeezed_out")
    assert {name: told[name] for name in counts} == dict(zip(counts, (5, 3, 4, 1, 0), strict=True))
    assert (told["rule"], told["would_lose"], told["would_lose_count"]) == ("invited_then_newest", ["guest", "ann"], 2)


def test_sign_in_is_let_in_noted_and_makes_an_invited_seat_active(world: Metered, acme: Account) -> None:
    row = seat(acme, world.seats, ANN, active=False, at=AT - DAY)
    assert asked(ANN, note=False)["state"] == "invited"
    told = asked(" ANN@acme.example")
    assert (told["allowed"], told["seat"], told["state"], told["why"]) == (True, row.pk, "active", None)
    row.refresh_from_db()
    assert (row.state, row.activity.last_active_at) == (SeatState.ACTIVE, AT)


def test_who_is_not_let_in_is_told_why(world: Metered, acme: Account) -> None:
    squeezing(world.seats, Squeeze.LONGEST_UNUSED)
    away, busy = seat(acme, world.seats, "away", "busy", at=AT - 5 * DAY)
    there(away, AT - 4 * DAY)
    there(busy, AT - DAY)
    nobody = asked("nobody")
    assert (nobody["allowed"], nobody["why"], nobody["seat"]) == (False, "no_seat", None)
    assert nobody["because"] == "nobody has no seat of Seats"
    overridden(acme, world.seats, Mode.AT_MOST, Decimal(1), at=AT - DAY)
    lost, kept = asked("away"), asked("busy")
    assert (lost["allowed"], lost["why"], kept["allowed"]) == (False, "squeezed_out", True)
    assert lost["because"].startswith("squeezed out: 2 are taken of 1. Whoever was only invited loses it first")
    overridden(acme, world.seats, Mode.DENY, None, at=AT - DAY)
    assert asked("busy")["why"] == "not_entitled"


def test_unknown_names_are_problems(acme: Account) -> None:
    for told, found in (({"account": "nobody"}, "unknown_account"), ({"feature": "nothing"}, "unknown_feature")):
        body = {"account": "acme", "feature": "seats", "holder": ANN, **told}
        assert problem(call("post", "seats/check", body, scope=READ)) == (404, found)


def test_a_check_costs_the_same_however_many_seats_are_taken(world: Metered, acme: Account) -> None:
    overridden(acme, world.seats, Mode.REPLACE, Decimal(500), at=AT - 2 * DAY)
    seat(acme, world.seats, "ann", at=AT - DAY)
    asked("ann")
    costs = []
    for others in (0, 300):
        if others:
            seat(acme, world.seats, *(f"user:{number}" for number in range(others)), at=AT - DAY)
        with CaptureQueriesContext(connection) as queries:
            assert asked("ann")["allowed"]
        costs.append([query["sql"] for query in queries if "entitlements_seat" in query["sql"]])
    assert len(costs[0]) == len(costs[1]) == 1


def test_long_lists_are_read_on_from_where_they_stopped(world: Metered, acme: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(import_module("entitlements.api.seats"), "MOST_LISTED", 2)
    seat(acme, world.seats, "ann", "bob", "cas")
    first = of_acme("get", scope=READ).json()
    second = of_acme("get", f"?after={first['next']}", scope=READ).json()
    assert [row["holder"] for told in (first, second) for row in told["seats"]] == ["ann", "bob", "cas"]
    assert second["next"] is None


def test_what_no_database_keeps_is_left_out_of_a_reason(acme: Account) -> None:
    assert of_acme("post", "", {"feature": "seats", "holder": "ann", "reason": "Joi\x00ned"}).status_code == 200
    assert of_acme("post", "/seats/ann/transfer", {"holder": "bob", "reason": "Le\x00ft"}).status_code == 200
    assert set(Seat.objects.values_list("reason", flat=True)) == {"Joined", "Left"}
