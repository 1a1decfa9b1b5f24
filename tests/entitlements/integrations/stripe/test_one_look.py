"""One look covers all that waits about a subscription: fewer questions to Stripe, nothing lost and nothing twice."""

import random
from datetime import timedelta

import pytest
from django.db import connection

from entitlements.integrations.stripe import arrivals
from entitlements.models import Subscription
from journal.actions.receiving import LEASE, claim_next, expire_leases, mark_done
from journal.models import AuditEvent
from tests.entitlements.integrations.stripe.conftest import now, only_subscription
from tests.entitlements.world import AT, account
from tests.journal.integrations.test_receiving import Killed, killed_at

pytestmark = pytest.mark.django_db


def changes(shop, *quantities):
    """Somebody buys and thinks again a few times; what was told of the subscription, in its order."""
    bought = shop.buy(shop.customer())
    line = bought["items"].data[0].id
    for quantity in quantities:
        shop.stripe.v1.subscriptions.update(bought.id, {"items": [{"id": line, "quantity": quantity}]})
    return [event for event in shop.told() if event["type"] in arrivals.HINTS]


def looks(shop):
    """How often Stripe was asked for a subscription."""
    return sum(one.method == "GET" and one.path.startswith("/v1/subscriptions/sub_") for one in shop.fake.requests)


def test_what_waits_about_a_subscription_costs_one_question_instead_of_one_each(shop):
    told = changes(shop, 2, 5, 3)
    before = looks(shop)
    for event in told:
        shop.post(event)
    shop.take()
    assert len(told) >= 5
    assert looks(shop) - before == 1
    first, *others = shop.arrivals()
    assert {row.state for row in (first, *others)} == {"done"}
    assert all(f"Done together with {first.external_id}" in row.outcome for row in others)
    assert {row.account_key for row in others} == {first.account_key} != {""}
    assert only_subscription().items.get(ends_at=None).quantity == 3


def test_what_comes_one_by_one_costs_one_question_each(shop):
    told = changes(shop, 2, 5, 3)
    before = looks(shop)
    for event in told:
        shop.post(event)
        shop.take()
    assert looks(shop) - before == len(told)


def test_what_comes_after_the_look_is_looked_at_by_itself(shop):
    """Stripe was asked, then the quantity changed, then it was written down: the word of the change still waits."""
    first, *others = changes(shop, 2)
    shop.post(first)
    row = claim_next(at=now())
    outcome = arrivals.take(row)
    for event in others:
        shop.post(event)
    assert mark_done(row, outcome, took_ms=0, at=now())
    assert {one.state for one in shop.arrivals()[1:]} == {"waiting"}
    shop.take()
    assert only_subscription().items.get(ends_at=None).quantity == 2


def test_a_checkout_is_read_by_itself_for_it_says_whose_it_is(shop):
    acme = account("acme")
    session = shop.stripe.v1.checkout.sessions.create({
        "mode": "subscription", "line_items": [{"price": shop.monthly, "quantity": 1}], "client_reference_id": acme.key,
        "success_url": "http://127.0.0.1/done",
    })  # fmt: skip
    shop.fake.pay(session, email="somebody@else.example")
    for event in shop.told():
        shop.post(event)
    shop.take()
    [checkout] = shop.arrivals(type="checkout.session.completed")
    assert (checkout.attempts, only_subscription().account) == (1, acme)


def test_two_subscriptions_are_two_looks(shop):
    told = [*changes(shop, 2, 5), *changes(shop, 4)]
    before = looks(shop)
    random.Random(7).shuffle(told)
    for event in told:
        shop.post(event)
    shop.take()
    assert looks(shop) - before == 2
    assert sorted(one.items.get(ends_at=None).quantity for one in Subscription.objects.all()) == [4, 5]


@pytest.mark.django_db(transaction=True)
def test_killed_where_it_is_written_down_all_are_done_and_nothing_twice(shop):
    """The worker ends at each of the last statements: then none is done or all are, and the next one makes it good."""
    statements_of(shop)  # the first purchase at a desk asks more than the others
    number = first = statements_of(shop) - 16
    while killed_once(shop, number):
        number += 1
    assert number > first + 12, "killed as it is written down, and in the claim that finds nothing more"
    begun = AuditEvent.objects.filter(verb="subscription:start").count()
    assert begun == Subscription.objects.count() == number - first + 3
    assert all(one.items.get(ends_at=None).quantity == 3 for one in Subscription.objects.all())


def killed_once(shop, number):
    """A purchase whose word is being taken as the worker ends; False where it was done before that."""
    told = changes(shop, 2, 3)
    for event in told:
        shop.post(event)
    try:
        with connection.execute_wrapper(killed_at(number)):
            shop.take()
        return False
    except Killed:
        after = AT + LEASE + timedelta(seconds=1)
        expire_leases(at=after)
        shop.take(after)
    mine = shop.arrivals(external_id__in=[event["id"] for event in told])
    assert [row.state for row in mine] == ["done"] * len(told), number
    return True


def statements_of(shop):
    """How many it takes to follow such a purchase, to the claim that finds nothing more."""
    for event in changes(shop, 2, 3):
        shop.post(event)
    asked = []
    with connection.execute_wrapper(lambda execute, *said: asked.append(1) or execute(*said)):
        shop.take()
    return len(asked)
