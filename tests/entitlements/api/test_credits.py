"""Credits over HTTP: what is left, the ledger, granting and voiding by programs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from catalog.domain.values import UNLIMITED
from entitlements.models import CreditGrant
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.catalog.factories import StorageFactory
from tests.entitlements.crediting import BEGAN, Credited, credited, granted, left, publish_credits, spent
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
BALANCE = "/api/v1/accounts/acme/credits/ai_credits"
BOTH = ("entitlements:read", "credits:write")
HOUR = timedelta(hours=1)
PACK = {"amount": 50, "reason": "Bought in the shop", "through_on": "2026-12-31"}


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world(db: None) -> Credited:
    return credited()


def program(*scopes: str) -> Client:
    until = timezone.now() + timedelta(days=30)
    _row, plain = issue(name="Shop", scopes=list(scopes or BOTH), expires_at=until, by=SYSTEM, at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {plain}"})


def get(where: str = BALANCE, **asked: Any) -> Any:
    response = program().get(where, asked)
    assert response.status_code == 200, response.content
    return response.json()


def post(where: str = f"{BALANCE}/grants", *, by: Client | None = None, **told: Any) -> Any:
    return (by or program()).post(where, told, content_type="application/json")


def test_it_says_what_is_left_of_what_and_what_goes_first(world: Credited) -> None:
    row = granted(world, 50)
    spent(world, 30, at=AT)
    told = get()
    assert (told["left"], told["words"], told["used"], told["overage"]) == (120, "120 credits", 30, 0)
    assert [(one["grant"], one["left"], one["amount"]) for one in told["grants"]] == [(None, 70, 100), (row.pk, 50, 50)]
    assert told["next_to_go"] | {"at": ""} == {
        "grant": None, "name": "the plan's credits", "left": 70, "at": "", "words": "70 credits of the plan's credits",
    }  # fmt: skip
    assert told["next_to_go"]["at"] == "2026-03-31T22:00:00Z"


def test_it_says_what_was_left_and_what_will_be(world: Credited) -> None:
    granted(world, 50, at=AT - DAY)
    spent(world, 30, at=AT)
    asked = [BEGAN - DAY, AT - HOUR, AT, AT + 40 * DAY]
    assert [get(at=at.isoformat())["left"] for at in asked] == [0, 150, 120, 150]


def test_without_a_limit_left_is_null(world: Credited) -> None:
    publish_credits(world.plan, world.credits, UNLIMITED, at=AT)
    told = get()
    assert (told["left"], told["unlimited"], told["words"], told["next_to_go"]) == (None, True, "no limit", None)


def test_a_program_grants_and_it_is_there(world: Credited) -> None:
    response = post(**PACK, source="gift", recurs="month", link="https://shop.example/1")
    assert response.status_code == 201
    told = response.json()
    assert (told["amount"], told["words"], told["source"], told["granted_by"]) == (
        50,
        "50 credits, each month",
        "gift",
        "Shop",
    )
    assert left(world) == 150


def test_an_amount_may_be_said_in_words(world: Credited) -> None:
    assert post(**PACK | {"amount": "5,000"}).json()["amount"] == 5000
    response = post(**PACK | {"amount": "Unlimited"})
    assert (response.status_code, "an override's" in response.json()["detail"]) == (422, True)
    assert post(**PACK | {"amount": "a lot"}).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 10**16},
        {"amount": True},
        {"amount": 1.5},
        {"reason": ""},
        {"priority": 0},
        {"priority": 256},
        {"through_on": "2026-03-01"},
        {"recurs": "fortnight"},
        {"min_rollover": 5, "max_rollover": 4},
        {"source": "merge"},
    ],
)
def test_what_cannot_be_right_is_a_problem_and_grants_nothing(world: Credited, wrong: dict[str, Any]) -> None:
    response = post(**PACK | wrong)
    assert response.status_code == 422, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert not CreditGrant.objects.exists()


def test_told_again_under_its_key_it_is_granted_once(world: Credited) -> None:
    shop = program()
    head = {"Idempotency-Key": '"order-1"'}
    told = [shop.post(f"{BALANCE}/grants", PACK, content_type="application/json", headers=head) for _ in range(2)]
    assert [response.status_code for response in told] == [201, 201]
    assert told[0].json() == told[1].json()
    assert CreditGrant.objects.count() == 1


def test_a_program_voids_with_a_reason(world: Credited) -> None:
    row = granted(world, 50)
    where = f"{BALANCE}/grants/{row.pk}/void"
    assert post(where, reason="").status_code == 422
    response = post(where, reason="Refunded")
    assert (response.status_code, response.json()["void_reason"]) == (200, "Refunded")
    assert get()["left"] == 100
    assert post(where, reason="Again").status_code == 409


def test_somebody_elses_grant_is_not_found(world: Credited) -> None:
    assert post(f"{BALANCE}/grants/999/void", reason="x").status_code == 404


def test_the_ledger_explains_each_line_and_pages(world: Credited) -> None:
    granted(world, 50, at=AT - DAY)
    for number in range(3):
        spent(world, 10, at=AT - (3 - number) * HOUR)
    first = get(f"{BALANCE}/ledger", size=2)
    assert [line["words"] for line in first["lines"]] == ["10 credits used of the plan's credits"] * 2
    second = get(f"{BALANCE}/ledger", size=10, before=first["before"])
    assert [line["kind"] for line in second["lines"]] == ["use", "grant", "grant"]
    assert (second["lines"][1]["note"], second["before"]) == ("They bought it (The desk)", None)


def test_what_time_has_brought_has_no_number_yet(world: Credited) -> None:
    spent(world, 30, at=AT)
    with time_machine.travel(AT + 40 * DAY, tick=False):
        lines = get(f"{BALANCE}/ledger")["lines"]
    assert [(line["kind"], line["number"] is None) for line in lines[:3]] == [
        ("recur", True),
        ("lapse", True),
        ("use", False),
    ]


def test_only_credits_have_a_balance(world: Credited) -> None:
    StorageFactory(key="storage")
    for feature in ("storage", "nothing", "%00"):
        assert program().get(f"/api/v1/accounts/acme/credits/{feature}").status_code == 404
    assert program().get("/api/v1/accounts/nobody/credits/ai_credits").status_code == 404


def test_reading_and_writing_have_scopes_of_their_own(world: Credited) -> None:
    assert post(by=program("entitlements:read"), **PACK).status_code == 403
    assert program("credits:write").get(BALANCE).status_code == 403
    assert Client().get(BALANCE).status_code == 401
