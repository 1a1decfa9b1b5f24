"""Checks of what is charged beyond its limit: they read the customer's spend caps and lock nothing, so that none needs a
transaction. Tried without one, as products ask."""

import pytest

from entitlements.models import UsageEvent
from tests.entitlements.api.runtime.asking import key, post, told
from tests.entitlements.using import priced, use

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_check_says_what_the_cap_still_pays_for() -> None:
    acme, [_, mails] = priced("calls", "mails")
    use(acme, mails, 6)
    plain = key()
    fits = told(post("check", {"account": "acme", "feature": "calls", "quantity": 4}, plain=plain))
    assert (fits["allowed"], fits["limit"], fits["used"]) == (True, 0, 0)
    beyond = told(post("check", {"account": "acme", "feature": "calls", "quantity": 5}, plain=plain))
    assert (beyond["allowed"], beyond["why"]) == (False, "spend_cap_reached")
    assert beyond["because"] == "the customer's spend cap pays for use up to 4; 4 is left"
    [both] = told(post("checks", {"accounts": ["acme"], "features": ["calls", "mails"]}, plain=plain))["accounts"]
    assert [answer["allowed"] for answer in both["answers"]] == [True, True]
    assert UsageEvent.objects.count() == 1


def test_an_openfeature_evaluation_is_told_too() -> None:
    acme, [calls] = priced("calls")
    use(acme, calls, 10)
    flag = told(post("/ofrep/v1/evaluate/flags/calls", {"context": {"targetingKey": "acme"}}))
    assert (flag["metadata"]["allowed"], flag["metadata"]["used"]) == (False, 10)
