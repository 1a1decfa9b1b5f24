"""Credits asked about and used over HTTP: what is left is the balance, less what is held."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.domain.values import Kind, Reset
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    EPOCH,
    FeatureFactory,
    FeatureRevisionFactory,
    PlanFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.entitlements.api.runtime.asking import get, key, post, told
from tests.entitlements.crediting import granted, unplanned
from tests.entitlements.world import AT, account, subscribed, term

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain():
    """Acme has 100 credits a month; a key to ask with."""
    credits = FeatureFactory(key="credits", name="Credits", kind=Kind.CREDIT, unit="credit")
    FeatureRevisionFactory(feature=credits, default_reset=Reset.MONTH)
    draft = PlanVersionFactory(plan=PlanFactory(key="pro"))
    keep(term(draft, credits, Decimal(100)), deed=begin(by=SYSTEM, at=EPOCH))
    subscribed(account("acme", zone="UTC"), publish_now(draft).plan)
    return key()


def check(plain, **more):
    return told(post("check", {"account": "acme", "feature": "credits", **more}, plain=plain))


def test_a_check_is_what_a_consume_would_answer(plain):
    asked = {"account": "acme", "feature": "credits", "source": "shop"}
    assert (check(plain)["allowed"], check(plain)["left"]) == (True, 100)
    assert told(post("consume", asked | {"quantity": 30, "id": "a"}, plain=plain))["left"] == 70
    held = told(post("reservations", asked | {"quantity": 20, "id": "b"}, plain=plain))
    assert (held["allowed"], held["held"], held["left"]) == (True, 20, 50)
    for quantity, allowed in ((0, True), (50, True), (51, False)):
        assert check(plain, quantity=quantity)["allowed"] is allowed
    refused = check(plain, quantity=51)
    assert (refused["why"], refused["left"], refused["held"], refused["used"]) == ("credits_spent", 50, 20, 30)
    assert not told(post("consume", asked | {"quantity": 51, "id": "c"}, plain=plain))["allowed"]
    assert told(post("consume", asked | {"quantity": 50, "id": "d"}, plain=plain))["left"] == 0
    assert check(plain)["allowed"] is False


def test_a_hold_whose_time_is_over_is_free_again(plain):
    body = {"account": "acme", "feature": "credits", "quantity": 100, "id": "b", "hold_seconds": 60}
    told(post("reservations", body, plain=plain))
    assert check(plain)["left"] == 0
    later = post("check", {"account": "acme", "feature": "credits"}, plain=plain, at=AT + timedelta(seconds=60))
    assert told(later)["left"] == 100


def test_as_a_flag_the_metadata_says_what_is_left(plain):
    told(post("consume", {"account": "acme", "feature": "credits", "quantity": 30, "id": "a"}, plain=plain))
    answer = told(post("/ofrep/v1/evaluate/flags/credits", {"context": {"targetingKey": "acme"}}, plain=plain))
    assert (answer["value"], answer["metadata"]["left"]) == (100, 70)


def test_in_the_whole_set_the_balance_is_what_is_left(plain):
    body = {"account": "acme", "feature": "credits", "source": "shop"}
    told(post("consume", body | {"quantity": 30, "id": "a"}, plain=plain))
    told(post("reservations", body | {"quantity": 20, "id": "b"}, plain=plain))
    [row] = told(get("accounts/acme/entitlements", plain=plain))["entitlements"]
    assert row["use"] == {"used": 30, "held": 20, "left": 50, "resets_at": None}
    answer = told(get("accounts/acme/entitlements/credits/explain?quantity=5", plain=plain))["explanation"]
    assert not answer["decision"]["certain"]


def test_what_was_bought_beside_no_plan_is_told_alike_by_whatever_is_asked():
    world, plain = unplanned(), key()
    flag = {"context": {"targetingKey": "bare"}}
    name = {"account": "bare", "feature": "ai_credits"}

    def answers():
        checked = told(post("check", name | {"quantity": 31}, plain=plain))
        flagged = told(post("/ofrep/v1/evaluate/flags/ai_credits", flag, plain=plain))
        [row] = told(get("accounts/bare/entitlements", plain=plain))["entitlements"]
        told_why = told(get("accounts/bare/entitlements/ai_credits/explain?quantity=31", plain=plain))["explanation"]
        assert checked["granted"] == flagged["metadata"]["granted"] == row["granted"] == told_why["granted"]
        assert checked["left"] == flagged["metadata"]["left"] == (row["use"]["left"] or 0)
        assert checked["because"] == told_why["decision"]["because"]
        assert checked["allowed"] is told_why["decision"]["allowed"]
        return checked["granted"], checked["allowed"], checked["left"], flagged["value"]

    assert answers() == (False, False, 0, 0)
    granted(world, 50)
    assert answers() == (True, True, 50, 50)
    told(post("consume", name | {"quantity": 20, "id": "a"}, plain=plain))
    assert answers() == (True, False, 30, 50)
    told(post("consume", name | {"quantity": 30, "id": "b"}, plain=plain))
    assert answers() == (False, False, 0, 0)
    assert told(post("check", name, plain=plain))["why"] == "not_entitled"
