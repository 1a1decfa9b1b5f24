"""Two who look at the same moment: the later asked wins, and nothing is doubled."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from entitlements.actions.contacts import add_contact
from entitlements.models import Account, BilledSubscription, Subscription
from journal.domain.actor import SYSTEM
from tests.entitlements.billing import BEA, Shop, asked, holds, look, says, shop
from tests.entitlements.domain.billed.told import NOW, day, item
from tests.entitlements.world import account
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def looking(world: Shop, *said: Any, **told: Any) -> Callable[[], Any]:
    return lambda: look(world, says(*said, **told.pop("says", {})), **told)


def worked(*acts: Callable[[], Any]) -> list[Any]:
    found = at_once(*acts)
    assert not [one for one in found if isinstance(one, Exception)], found
    return found


def test_of_two_workers_with_two_tickets_the_later_wins() -> None:
    world = shop()
    look(world, says(), at=day(-1))
    older, newer = asked(world, says()), asked(world, says())
    first = looking(world, item("extra", id="si_1"), ticket=older)
    second = looking(world, item("pro", 2), ticket=newer, at=day(1))
    worked(first, second)
    assert holds(day(2)) == ["2 × pro"]
    assert BilledSubscription.objects.get().applied == newer


def test_two_tickets_taken_at_once_are_two() -> None:
    world = shop()
    tickets = worked(*[lambda: asked(world, says()) for _ in range(4)])
    assert sorted(tickets) == [1, 2, 3, 4]


def test_two_first_purchases_of_one_customer_are_of_one_account() -> None:
    world = shop()
    worked(looking(world), looking(world, item("pro"), says={"id": "sub_2"}))
    assert (Account.objects.count(), Subscription.objects.count()) == (1, 2)
    assert sorted(Subscription.objects.values_list("number", flat=True)) == [1, 2]


def test_a_first_purchase_looked_at_twice_at_once_is_one() -> None:
    world = shop()
    worked(looking(world), looking(world))
    assert (Account.objects.count(), Subscription.objects.count(), holds()) == (1, 1, ["1 × team"])


def test_two_customers_of_one_address_are_one_account() -> None:
    world = shop()
    other = replace(BEA, id="cus_2")
    worked(looking(world), looking(world, says={"id": "sub_2", "customer": "cus_2"}, who=other))
    assert (Account.objects.count(), Subscription.objects.count()) == (1, 2)


def test_an_account_that_is_known_is_changed_by_one_after_the_other() -> None:
    world, acme = shop(), account("acme")
    add_contact(account=acme, name="Bea", email=BEA.email, by=SYSTEM, at=NOW)
    many = [looking(world, says={"id": f"sub_{number}"}) for number in range(3)]
    worked(*many)
    assert sorted(acme.subscriptions.values_list("number", flat=True)) == [1, 2, 3]
    assert Account.objects.count() == 1
