"""Tickets: of two who look, the later asked saw what is newer."""

import pytest

from entitlements.models import BilledSubscription
from tests.entitlements.billing import BEA, NOW, asked, bought, holds, look, says, shop
from tests.entitlements.domain.billed.told import day, item

pytestmark = pytest.mark.django_db


def test_each_ticket_is_the_next_of_its_subscription() -> None:
    world = shop()
    assert [asked(world, says()), asked(world, says()), asked(world, says(id="sub_2"))] == [1, 2, 1]
    assert BilledSubscription.objects.count() == 2
    assert BilledSubscription.objects.get(billing_id="sub_1").customer == "cus_1"


def test_an_older_look_that_comes_back_later_is_passed_over() -> None:
    world = shop()
    older, newer = asked(world, says()), asked(world, says())
    look(world, says(item("pro")), ticket=newer)
    followed = look(world, says(item("team")), ticket=older, at=day(1))
    assert (followed.applied, followed.words) == (False, "Something newer was followed already")
    assert holds(day(1)) == ["1 × pro"]


def test_the_same_ticket_counts_once() -> None:
    world = shop()
    ticket = asked(world, says())
    assert look(world, says(), ticket=ticket).applied
    assert not look(world, says(), ticket=ticket).applied


def test_what_was_told_last_is_kept() -> None:
    world = shop()
    look(world, says(), at=NOW)
    look(world, says(item(quantity=3)), at=day(1))
    row = BilledSubscription.objects.get()
    assert (row.asked, row.applied, row.state, row.told_at) == (2, 2, "active", day(1))
    assert row.told["items"][0]["quantity"] == 3
    assert (row.subscription, row.account, row.whose) == (bought(), bought().account, bought().account)
    assert BEA.id == row.customer
