"""What becomes of a seat: used, protected, passed on, given back."""

from datetime import timedelta

import pytest

from entitlements.actions.seats.holding import (
    SeatedAlready,
    activate_seat,
    protect_seat,
    release_seat,
    transfer_seat,
)
from entitlements.actions.seats.presence import note_presence
from entitlements.domain.seats import SeatState
from entitlements.domain.usage.operations import Act
from entitlements.models import Account, Seat, SeatActivity
from entitlements.queries.seats import token_of_seat
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed, NotFound, Stale
from journal.models import AuditEvent
from tests.conftest import actor
from tests.entitlements.seating import counted, protected, seat
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
SALES = actor("sales")


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def verbs() -> list[str]:
    rows = AuditEvent.objects.filter(verb__startswith="seat:").order_by("seq")
    return [verb for verb in rows.values_list("verb", flat=True) if verb != "seat:assign"]


def test_an_invited_seat_becomes_active_once(world: Metered, acme: Account) -> None:
    invited = seat(acme, world.seats, "ann", active=False)
    for _ in range(2):
        active = activate_seat(seat=invited, by=SALES, at=AT + DAY)
    assert (active.state, active.activated_at, verbs()) == (SeatState.ACTIVE, AT + DAY, ["seat:activate"])
    assert counted(acme, world.seats) == 1


def test_protecting_and_not_are_told_once_each(world: Metered, acme: Account) -> None:
    given = seat(acme, world.seats, "ann")
    for wanted in (True, True, False):
        protect_seat(seat=given, protected=wanted, reason="Owner", by=SALES, at=AT)
    assert verbs() == ["seat:protect", "seat:unprotect"]


def test_a_released_seat_is_nobody_s_to_change(world: Metered, acme: Account) -> None:
    given = seat(acme, world.seats, "ann")
    gone = release_seat(seat=given, reason="Left", by=SALES, at=AT + DAY)
    assert (gone.state, gone.released_at, counted(acme, world.seats)) == (SeatState.RELEASED, AT + DAY, 0)
    for act in (activate_seat, release_seat):
        with pytest.raises(NotFound, match="has no seat of Seats any more"):
            act(seat=given, by=SALES, at=AT + DAY)


def test_what_a_product_gave_back_already_is_not_given_back_twice(world: Metered, acme: Account) -> None:
    given = seat(acme, world.seats, "ann")
    use(acme, world.seats, -1, act=Act.REPORT)
    assert release_seat(seat=given, by=SALES, at=AT).state == SeatState.RELEASED
    assert counted(acme, world.seats) == 0


def test_a_seat_changes_hands_in_one_act(world: Metered, acme: Account) -> None:
    seats = seat(acme, world.seats, "ann", "bob", "cas", "dan", "eve")
    passed = transfer_seat(seat=protected(seats[0]), holder="zoe", name="Zoe", by=SALES, at=AT + DAY)
    assert (passed.holder, passed.state, passed.protected) == ("zoe", SeatState.INVITED, False)
    assert counted(acme, world.seats) == 5
    told = AuditEvent.objects.get(verb="seat:transfer")
    assert told.changes == {"Seats": ["ann", "zoe (Zoe)"]}
    with pytest.raises(SeatedAlready, match="BOB has a seat of Seats already"):
        transfer_seat(seat=passed, holder="BOB", by=SALES, at=AT + DAY)


def test_the_same_person_under_another_spelling_keeps_the_seat(world: Metered, acme: Account) -> None:
    given = seat(acme, world.seats, "ann@acme.example")
    renamed = transfer_seat(seat=given, holder="Ann@Acme.example", name="Ann", by=SALES, at=AT)
    assert (renamed.pk, renamed.holder, renamed.name) == (given.pk, "Ann@Acme.example", "Ann")
    assert (Seat.objects.count(), verbs()) == (1, ["seat:rename"])


def test_what_changed_since_the_form_was_opened_is_looked_at_again(world: Metered, acme: Account) -> None:
    given = seat(acme, world.seats, "ann")
    seen = token_of_seat(given)
    protected(given)
    for act in (activate_seat, release_seat):
        with pytest.raises(Stale, match="was changed since you opened this form"):
            act(seat=given, seen=seen, by=SALES, at=AT)
    with pytest.raises(NotAllowed):
        release_seat(seat=given, by=actor("auditor"), at=AT)


def test_being_there_makes_an_invited_seat_active_and_is_kept_to_the_hour(world: Metered, acme: Account) -> None:
    given = seat(acme, world.seats, "ann", active=False)
    for minutes in (10, 50, 70):
        note_presence(seat=Seat.objects.get(pk=given.pk), by=SYSTEM, at=AT + timedelta(minutes=minutes))
    given.refresh_from_db()
    assert (given.state, given.activated_at) == (SeatState.ACTIVE, AT + timedelta(minutes=10))
    assert SeatActivity.objects.get().last_active_at == AT + timedelta(hours=1)
    assert Seat.history.count() == 2
