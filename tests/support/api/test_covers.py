"""Covers over HTTP: names instead of ids, days in the account's zone, refusals by name, and what a person decides."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from journal.models import Approval, AuditEvent
from support.models import Cover
from tests.entitlements.factories import ContactFactory
from tests.support.api.cases.calling import Caller
from tests.support.cover_world import CoverWorld, agreed, cover_world
from tests.support.factories import AssetFactory, LocationFactory
from tests.support.world import customer

pytestmark = pytest.mark.django_db
URL = "/api/v1/covers"
SAID = {
    "account": "acme", "name": "The pumps", "contract": "C-2026-0012", "line": 3, "starts_on": "2026-03-01",
    "through_on": "2099-12-31", "tier": "priority", "labour": 100, "parts": 50, "channels": ["phone", "email"],
    "locations": ["Plant Graz"], "assets": ["sn 1"], "products": ["pump"],
}  # fmt: skip


@pytest.fixture
def world() -> CoverWorld:
    return cover_world()


@pytest.fixture
def caller() -> Caller:
    return Caller("coverage:read", "coverage:write")


def running(world: CoverWorld, **said: Any) -> Cover:
    begun = timezone.now() - timedelta(days=5)
    return agreed(world, **{"starts_at": begun, "ends_at": begun + timedelta(days=300), **said})


def test_a_cover_is_agreed_by_names_and_days(world: CoverWorld, caller: Caller) -> None:
    contact = ContactFactory(account=world.acme, email="Jo@acme.example")
    told = caller.post(URL, {**SAID, "contacts": ["jo@ACME.example"], "reason": "Deal 7"})
    assert told.status_code == 201
    cover = told.json()
    assert cover["words"] == (
        "Priority, labour in full, parts 50 %, on Pump SN-1, on Pump, in Plant Graz, asked for by Bea Buyer, "
        "by e-mail and phone, through 31 December 2099 (Amsterdam); under line 3 of C-2026-0012."
    )
    assert (cover["state"], cover["starts_at"], cover["ends_at"]) == (
        "in_force", "2026-02-28T23:00:00Z", "2099-12-31T23:00:00Z"
    )  # fmt: skip
    named = {name: cover[name] for name in ("assets", "locations", "products", "contacts", "channels")}
    assert named == {
        "assets": ["SN-1"], "locations": ["Plant Graz"], "products": ["pump"], "contacts": [contact.email],
        "channels": ["email", "phone"],
    }  # fmt: skip
    assert AuditEvent.objects.get(verb="cover:agree").actor_name == "Help desk"
    assert caller.get(f"{URL}/{cover['id']}").json() == cover


def test_under_an_idempotency_key_one_cover_is_agreed(world: CoverWorld, caller: Caller) -> None:
    told = [caller.post(URL, SAID, **{"Idempotency-Key": '"k-1"'}).json()["id"] for _ in range(2)]
    assert told[0] == told[1]
    assert Cover.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "status", "code", "field"),
    [
        ({"line": 9}, 422, "no_such_line", "line"),
        ({"contract": "C-0"}, 422, "invalid", "contract"),
        ({"tier": "diamond"}, 422, "unknown_tier", "tier"),
        ({"parts": 101}, 422, "percent_out_of_range", "parts"),
        ({"channels": ["fax"]}, 422, "unknown_channel", "channels"),
        ({"starts_on": "2025-12-01"}, 422, "before_contract", "starts"),
        ({"through_on": "2026-01-31"}, 422, "ends_before_start", "through"),
        ({"assets": ["SN-9"]}, 422, "invalid", "assets"),
        ({"locations": ["Plant Bolt"]}, 422, "invalid", "locations"),
        ({"name": " "}, 422, "invalid", "name"),
        ({"account": "nobody"}, 404, "not_found", None),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    world: CoverWorld, caller: Caller, told: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    LocationFactory(account=customer("bolt", plan=None), name="Plant Bolt")
    answer = caller.post(URL, {**SAID, **told})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [fault["field"] for fault in answer.json().get("errors", [])] == ([field] if field else [])
    assert not Cover.objects.exists()


def test_a_name_that_fits_several_is_not_guessed(world: CoverWorld, caller: Caller) -> None:
    AssetFactory(account=world.acme, serial="SN-1")
    answer = caller.post(URL, {**SAID, "assets": ["SN-1"]})
    assert (answer.status_code, "More than one asset" in answer.json()["detail"]) == (422, True)


def test_what_overlaps_is_named(world: CoverWorld, caller: Caller) -> None:
    caller.post(URL, SAID)
    again = caller.post(URL, {**SAID, "name": "Another"})
    assert (again.status_code, again.json()["code"]) == (422, "cover_overlaps")


def test_more_is_amended_at_once_and_what_is_left_out_stays(world: CoverWorld, caller: Caller) -> None:
    cover = running(world, locations={world.graz.pk})
    told = caller.post(f"{URL}/{cover.pk}/amend", {"parts": 90, "channels": []})
    new = told.json()
    assert (told.status_code, new["parts"], new["labour"], new["locations"]) == (200, 90, 100, ["Plant Graz"])
    assert (new["follows"], caller.get(f"{URL}/{cover.pk}").json()["followed_by"]) == (cover.pk, new["id"])


def test_what_gives_less_waits_for_a_person(world: CoverWorld, caller: Caller) -> None:
    cover = running(world)
    bare = caller.post(f"{URL}/{cover.pk}/amend", {"parts": None})
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "reason")
    told = caller.post(f"{URL}/{cover.pk}/amend", {"parts": None, "reason": "A lower fee"})
    assert told.status_code == 202
    assert told.json()["approval"] == Approval.objects.get().pk
    assert caller.get(f"{URL}/{cover.pk}").json()["waits"] == Approval.objects.get().pk
    again = caller.post(f"{URL}/{cover.pk}/amend", {"parts": 80})
    assert (again.status_code, again.json()["code"]) == (409, "cover_change_waits")


def test_ending_waits_too_and_what_is_to_come_is_called_off(world: CoverWorld, caller: Caller) -> None:
    cover = running(world)
    body = {"reason": "They sold the plant"}
    assert caller.post(f"{URL}/{cover.pk}/end", body).status_code == 202
    later = agreed(world, name="Later", starts_at=timezone.now() + timedelta(days=3), ends_at=None)
    told = caller.post(f"{URL}/{later.pk}/end", body)
    assert (told.status_code, told.json()["state"]) == (200, "called_off")
    again = caller.post(f"{URL}/{later.pk}/end", body)
    assert (again.status_code, again.json()["code"]) == (409, "cover_past")


def test_covers_are_listed_by_what_is_asked(world: CoverWorld, caller: Caller) -> None:
    now, over = running(world), agreed(world, name="Over")
    theirs = Cover.objects.get(pk=over.pk)
    coming = agreed(world, name="Later", starts_at=timezone.now() + timedelta(days=3), ends_at=None)

    def names(**asked: Any) -> list[int]:
        return [cover["id"] for cover in caller.get(URL, **asked).json()["covers"]]

    customer("bolt", plan=None)
    assert names(account="acme", state="in_force") == [now.pk, *([over.pk] if theirs.ends_at > timezone.now() else [])]
    assert names(account="acme", state="to_come") == [coming.pk]
    assert names(account="bolt") == []
    assert names(contract="C-2026-0012") == []
    page = caller.get(URL, most=1).json()
    assert [cover["id"] for cover in page["covers"]] == [now.pk]
    assert caller.get(URL, most=5, after=page["next"]).json()["next"] is None


def test_a_cover_nobody_has_is_not_found(world: CoverWorld, caller: Caller) -> None:
    for number in ("0", "987654", str(2**60)):
        assert caller.get(f"{URL}/{number}").status_code == 404


def test_each_scope_opens_its_own_door(world: CoverWorld) -> None:
    reading = Caller("coverage:read")
    assert reading.get(URL).status_code == 200
    assert reading.post(URL, SAID).status_code == 403
    assert Caller("cases:read").get(URL).status_code == 403


def test_the_reads_of_the_list_do_not_grow(
    world: CoverWorld, caller: Caller, django_assert_max_num_queries: Any
) -> None:
    for number in range(9):
        running(world, name=f"Cover {number}", locations={world.graz.pk}, contract=world.contract.pk)
    with django_assert_max_num_queries(14):
        assert len(caller.get(URL).json()["covers"]) == 9


@pytest.mark.parametrize(
    ("of_one", "told"),
    [
        ("", {"starts_on": "0001-01-01"}),
        ("", {"through_on": "9999-12-31"}),
        ("/amend", {"starts_on": "0001-01-01", "parts": 80}),
        ("/end", {"through_on": "9999-12-31", "reason": "Sold"}),
    ],
)
def test_a_day_that_can_only_be_a_slip_is_refused(
    world: CoverWorld, caller: Caller, of_one: str, told: dict[str, Any]
) -> None:
    at = f"/{running(world).pk}{of_one}" if of_one else ""
    answer = caller.post(f"{URL}{at}", told if of_one else {**SAID, **told})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_what_no_database_keeps_is_left_out(world: CoverWorld, caller: Caller) -> None:
    told = {**SAID, "name": "Pu\x00mps", "authorisation": "Ask\x00", "reason": "Deal\x00"}
    cover = Cover.objects.get(pk=caller.post(URL, told).json()["id"])
    assert (cover.name, cover.authorisation, cover.reason) == ("Pumps", "Ask", "Deal")
