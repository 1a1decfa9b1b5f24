"""A use given back while others use, give back, grant and merge at the same moment: once, and the ledger adds up."""

import pytest

from entitlements.actions.merging import ask_to_merge
from entitlements.actions.usage.giving_back import give_back
from entitlements.domain.usage.operations import Act
from entitlements.models import UsageCounter, UsageEvent
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from tests.conftest import actor
from tests.entitlements.crediting import Credited, adds_up, granted, left, unplanned
from tests.entitlements.using import use
from tests.entitlements.world import AT, DAY, account
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + DAY


def back(name: str = "e1"):
    return give_back(source="shop", event_id=name, reason="Our fault", by=SYSTEM, at=LATER)


def spent(amount: int) -> Credited:
    world = unplanned()
    granted(world, 10)
    use(world.acme, world.credits, amount, id="e1")
    return world


def test_given_back_by_four_it_is_given_back_once() -> None:
    world = spent(7)
    told = at_once(*(back for _ in range(4)))
    assert not [one for one in told if isinstance(one, Exception)], told
    assert sorted(one.replayed for one in told) == [False, True, True, True]
    assert (left(world, LATER), UsageEvent.objects.filter(act=Act.GIVE_BACK).count()) == (10, 1)
    assert UsageCounter.objects.get().used == 0
    assert adds_up(world)


def test_what_is_given_back_is_used_by_one_of_those_who_wait_for_it() -> None:
    world = spent(10)
    takers = [lambda n=n: use(world.acme, world.credits, 10, at=LATER, id=f"t{n}").allowed for n in range(2)]
    told = at_once(back, *takers)
    assert not [one for one in told if isinstance(one, Exception)], told
    assert sum(told[1:]) <= 1
    assert left(world, LATER) == 10 - 10 * sum(told[1:])
    assert adds_up(world)


def test_merged_at_the_same_moment_nothing_is_lost() -> None:
    world = spent(7)
    beta = Credited(account("beta"), world.credits, world.plan)
    request = ask_to_merge(duplicate=world.acme, into=beta.acme, reason="One customer", by=actor("sales"), at=LATER)

    def merge() -> None:
        approvals.approve(approval=request, by=actor("finance"), at=LATER)

    told = at_once(back, merge)
    if isinstance(told[0], Refusal):  # it met the merge in the middle, and is told again
        back()
    assert not [one for one in told if isinstance(one, Exception) and not isinstance(one, Refusal)], told
    assert (left(beta, LATER + DAY), left(world, LATER + DAY)) == (10, 0)
    assert adds_up(world)
    assert adds_up(beta)
