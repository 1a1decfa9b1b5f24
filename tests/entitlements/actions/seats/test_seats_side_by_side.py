"""Many who want the last place, at the same moment: exactly one of them gets it."""

import pytest

from entitlements.actions.merging import ask_to_merge
from entitlements.actions.seats.assigning import NoSeatLeft, assign_seat
from entitlements.actions.seats.holding import release_seat
from entitlements.models import Account, Seat
from entitlements.queries.seats import taken_seats
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from tests.conftest import actor
from tests.entitlements.seating import counted, seat
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_last_place_goes_to_exactly_one() -> None:
    world = metered()
    acme = customer(world)
    seat(acme, world.seats, "ann", "bob", "cas", "dan")
    wanting = [f"new-{number}" for number in range(6)]
    found = at_once(*[lambda who=who: assign_seat(account=acme, feature=world.seats, holder=who, by=SYSTEM, at=AT)
                      for who in wanting])  # fmt: skip
    assert sum(isinstance(one, Seat) for one in found) == 1, found
    assert sum(isinstance(one, NoSeatLeft) for one in found) == 5, found
    assert counted(acme, world.seats) == taken_seats(acme.pk).count() == 5


def test_one_person_assigned_by_everybody_has_one_seat() -> None:
    world = metered()
    acme = customer(world)
    found = at_once(*[lambda who=who: assign_seat(account=acme, feature=world.seats, holder=who, by=SYSTEM, at=AT)
                      for who in ("ann", "ANN", "Ann ", "ann")])  # fmt: skip
    assert len({one.pk for one in found}) == 1, found
    assert counted(acme, world.seats) == 1


def test_a_seat_released_by_two_is_given_back_once() -> None:
    world = metered()
    acme = customer(world)
    given, _other = seat(acme, world.seats, "ann", "bob")
    found = at_once(*[lambda: release_seat(seat=given, by=SYSTEM, at=AT)] * 3)
    assert sum(isinstance(one, Seat) for one in found) == 1, found
    assert counted(acme, world.seats) == 1


def test_a_seat_assigned_while_its_account_is_merged_is_not_lost() -> None:
    world = metered()
    into, duplicate = customer(world, "acme"), customer(world, "beta")
    seat(duplicate, world.seats, "ann")
    asked = ask_to_merge(duplicate=duplicate, into=into, reason="One customer", by=actor("sales"), at=AT)
    fresh = Account.objects.get(pk=duplicate.pk)
    merged, assigned = at_once(
        lambda: approvals.approve(approval=asked, by=actor("finance"), at=AT),
        lambda: assign_seat(account=fresh, feature=world.seats, holder="bob", by=SYSTEM, at=AT),
    )
    assert not isinstance(merged, Exception), merged
    assert isinstance(assigned, Seat | Refusal), assigned
    seats = 2 if isinstance(assigned, Seat) else 1
    assert taken_seats(into.pk).count() == counted(into, world.seats) == seats
    assert not taken_seats(duplicate.pk).exists()
