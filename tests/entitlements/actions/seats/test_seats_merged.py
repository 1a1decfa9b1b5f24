"""Seats of a duplicate: they sit, and are counted, under the account that stays."""

import pytest

from entitlements.actions.merging import ask_to_merge
from entitlements.domain.seats import SeatState
from entitlements.models import Account, Seat
from journal.actions import approvals
from tests.conftest import actor
from tests.entitlements.seating import counted, seat
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


def merged(duplicate: Account, into: Account) -> None:
    asked = ask_to_merge(duplicate=duplicate, into=into, reason="One customer", by=actor("sales"), at=AT + DAY)
    approvals.approve(approval=asked, by=actor("finance"), at=AT + DAY)


@pytest.fixture
def world() -> Metered:
    return metered()


def test_they_are_counted_where_they_sit(world: Metered) -> None:
    acme, beta = customer(world, "acme"), customer(world, "beta")
    seat(acme, world.seats, "ann", "bob")
    seat(beta, world.seats, "cas", "dan", "eve")
    merged(beta, acme)
    assert (counted(acme, world.seats), counted(beta, world.seats)) == (5, 0)
    assert set(Seat.objects.values_list("account", flat=True)) == {acme.pk}


def test_who_sits_in_both_has_one_seat(world: Metered) -> None:
    acme, beta = customer(world, "acme"), customer(world, "beta")
    seat(acme, world.seats, "ann", "bob")
    doubled, _cas = seat(beta, world.seats, "ANN", "cas")
    merged(beta, acme)
    doubled.refresh_from_db()
    assert (doubled.account, doubled.state) == (beta, SeatState.RELEASED)
    assert (counted(acme, world.seats), counted(beta, world.seats)) == (3, 0)


def test_a_merge_takes_nobody_s_seat_though_there_are_too_few(world: Metered) -> None:
    acme, beta = customer(world, "acme"), customer(world, "beta")
    seat(acme, world.seats, *(f"a{number}" for number in range(4)))
    seat(beta, world.seats, *(f"b{number}" for number in range(4)))
    beta.subscriptions.update(ends_at=AT)
    merged(beta, acme)
    assert counted(acme, world.seats) == 8
