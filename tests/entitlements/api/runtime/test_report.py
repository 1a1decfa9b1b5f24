"""Reports over HTTP: what happened is counted, also past the limit."""

from datetime import timedelta

import pytest

from entitlements.models import UsageCounter
from tests.entitlements.api.runtime.asking import key, post, problem, told
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def asked(**more):
    return {"account": "acme", "feature": "calls", "quantity": 1200, "id": "one"} | more


def test_it_passes_the_limit_and_says_so():
    customer(metered())
    body = told(post("report", asked()))
    assert (body["allowed"], body["because"], body["over"], body["left"]) == (True, "counted, past the limit", 200, 0)


def test_what_happened_in_another_period_lands_in_it():
    customer(metered())
    body = told(post("report", asked(at=(AT - timedelta(days=5)).isoformat())))
    assert body["resets_at"] == "2026-03-01T00:00:00Z"


def test_the_same_report_sent_again_without_a_time_is_the_same():
    customer(metered())
    plain = key()
    told(post("report", asked(), plain=plain))
    again = told(post("report", asked(), plain=plain, at=AT + timedelta(minutes=3)))
    assert again["replayed"]
    assert UsageCounter.objects.get().used == 1200


def test_seats_are_given_back():
    world = metered()
    use(customer(world), world.seats, 5)
    body = told(post("report", asked(feature="seats", quantity=-2)))
    assert (body["used"], body["left"]) == (3, 2)
    problem(post("report", asked(feature="seats", quantity=-4, id="two")), 422, "negative_quantity", "quantity")


def test_many_at_once_land_in_one_go():
    customer(metered())
    results = told(post("report", {"events": [asked(id=str(n), quantity=n) for n in range(100)]}))["results"]
    assert {one["status"] for one in results} == {200}
    assert results[-1]["answer"]["used"] == UsageCounter.objects.get().used == 4950


def test_sums_that_can_t_be_counted():
    customer(metered())
    told(post("report", asked(feature="mails", quantity=2**53 - 1)))
    UsageCounter.objects.update(used=2**63 - 10, total=2**63 - 10)
    problem(post("report", asked(feature="mails", id="two")), 422, "absurd_quantity", "quantity")
    problem(post("report", asked(quantity=2**53, id="three")), 422, "absurd_quantity", "quantity")
