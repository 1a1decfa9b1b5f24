"""Reservations over HTTP: held, committed for what it truly came to, released."""

from datetime import timedelta

import pytest

from entitlements.models import Reservation, UsageCounter
from tests.entitlements.api.runtime.asking import get, key, post, problem, told
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def reserve(quantity=600, *, plain="", **more):
    asked = {"account": "acme", "feature": "calls", "quantity": quantity, "id": "job-1"} | more
    return told(post("reservations", asked, plain=plain))


def figures():
    counter = UsageCounter.objects.get()
    return counter.used, counter.held


def test_an_estimate_is_held_and_the_truth_is_counted():
    customer(metered())
    held = reserve()
    assert (held["allowed"], held["held"], held["left"], held["held_until"]) == (
        True, 600, 400, "2026-03-02T09:10:00Z",
    )  # fmt: skip
    done = told(post(f"reservations/{held['reservation']}/commit", {"quantity": 450}))
    assert (done["quantity"], done["used"], done["held"], done["left"]) == (450, 450, 0, 550)
    assert done["reservation"] == held["reservation"]


def test_a_repeated_commit_is_answered_as_the_first():
    customer(metered())
    name = reserve()["reservation"]
    first, again = (told(post(f"reservations/{name}/commit", {"quantity": 450})) for _ in range(2))
    assert again == {**first, "replayed": True}
    problem(post(f"reservations/{name}/commit", {"quantity": 451}), 422, "event_reused", "quantity")
    assert figures() == (450, 0)


def test_beyond_the_hold_it_counts_all_the_same():
    customer(metered())
    done = told(post(f"reservations/{reserve()['reservation']}/commit", {"quantity": 1200}))
    assert (done["allowed"], done["used"], done["over"]) == (True, 1200, 200)


def test_what_is_released_is_free_again_and_may_be_released_twice():
    customer(metered())
    name = reserve()["reservation"]
    for _ in range(2):
        assert told(post(f"reservations/{name}/release"))["state"] == "released"
    assert figures() == (0, 0)
    problem(post(f"reservations/{name}/commit", {"quantity": 1}), 409, "reservation_settled")


def test_what_does_not_fit_is_not_held():
    customer(metered())
    refused = reserve(1001)
    assert (refused["allowed"], refused["why"], refused["reservation"]) == (False, "limit_reached", None)
    assert not Reservation.objects.exists()


def test_a_repeat_holds_once():
    customer(metered())
    plain = key()
    first, again = reserve(plain=plain), reserve(plain=plain)
    assert (again["reservation"], again["replayed"]) == (first["reservation"], True)
    assert figures() == (0, 600)


def test_it_can_be_looked_at_and_its_time_ends():
    customer(metered())
    name = reserve(hold_seconds=60)["reservation"]
    told_now = told(get(f"reservations/{name}"))
    assert (told_now["state"], told_now["held"], told_now["quantity"]) == ("held", 600, 600)
    later = told(get(f"reservations/{name}", at=AT + timedelta(seconds=60)))
    assert (later["state"], later["held"]) == ("expired", 0)


@pytest.mark.parametrize(("method", "path"), [(get, ""), (post, "/commit"), (post, "/release")])
def test_one_that_is_not_there(method, path):
    customer(metered())
    body = ({"quantity": 1},) if path == "/commit" else ()
    problem(method(f"reservations/res_nothing{path}", *body), 404, "unknown_reservation")


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"quantity": -1}, "negative_quantity", "quantity"),
        ({"hold_seconds": 0}, "invalid", "hold_seconds"),
        ({"hold_seconds": 604_801}, "invalid", "hold_seconds"),
        ({"id": ""}, "id_missing", "id"),
    ],
)
def test_what_cannot_be_held(more, code, field):
    customer(metered())
    asked = {"account": "acme", "feature": "calls", "quantity": 1, "id": "x"} | more
    problem(post("reservations", asked), 422, code, field)


def test_a_key_that_only_reads_holds_nothing():
    problem(post("reservations", {}, plain=key("entitlements:read")), 403, "not_allowed")
