"""Several spenders of one balance at the same moment: it is spent once, and the ledger adds up."""

from decimal import Decimal

import pytest

from entitlements.actions.credits.grants import void
from entitlements.models import CreditBalance, CreditEntry
from journal.domain.actor import SYSTEM
from tests.entitlements.crediting import adds_up, granted, left, spent, unplanned
from tests.entitlements.world import AT, DAY
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_last_credit_is_spent_by_one_of_two() -> None:
    world = unplanned()
    granted(world, 1)
    told = at_once(*(lambda n=n: spent(world, 1, at=AT + DAY, event=f"e{n}") for n in range(2)))
    assert sorted(told) == [False, True]
    assert (left(world, AT + DAY), adds_up(world)) == (0, True)


def test_eight_spenders_of_ten_credits_never_spend_eleven() -> None:
    world = unplanned()
    granted(world, 10)
    told = at_once(*(lambda n=n: spent(world, 3, at=AT + DAY, event=f"e{n}") for n in range(8)))
    assert sum(told) == 3
    assert (left(world, AT + DAY), adds_up(world)) == (1, True)


def test_the_first_two_ever_open_one_book() -> None:
    world = unplanned()
    told = at_once(*(lambda n=n: spent(world, 5, forced=True, event=f"e{n}") for n in range(2)))
    assert told == [True, True]
    assert CreditBalance.objects.count() == 1
    assert (sum(CreditEntry.objects.values_list("amount", flat=True)), adds_up(world)) == (-10, True)


def test_spent_while_it_is_voided_it_is_one_or_the_other() -> None:
    world = unplanned()
    row = granted(world, 10)
    told = at_once(
        lambda: spent(world, 10, at=AT + DAY, event="e"),
        lambda: void(grant=row, reason="Paid back", by=SYSTEM, at=AT + DAY),
    )
    assert not [one for one in told if isinstance(one, Exception)]
    assert left(world, AT + DAY) == 0
    kinds = set(CreditEntry.objects.values_list("kind", flat=True))
    assert kinds in ({"grant", "use"}, {"grant", "void"})
    assert adds_up(world)
    assert Decimal(CreditEntry.objects.latest("pk").balance_after) == 0
