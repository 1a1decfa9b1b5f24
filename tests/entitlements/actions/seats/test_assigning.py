"""Seats given to people by name: each counts as one, nobody twice, and all of them or none."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.values import UNLIMITED, Enforcement
from catalog.models import Feature
from entitlements.actions.accounts import set_standing
from entitlements.actions.locking import MergedAway
from entitlements.actions.merging import ask_to_merge
from entitlements.actions.seats.assigning import Holder, NoSeatLeft, assign_seat, assign_seats
from entitlements.actions.seats.holding import release_seat
from entitlements.actions.seats.places import AccountNotOpen, NotIncluded, NotSeats
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.seats import SeatState
from entitlements.domain.usage.operations import Act
from entitlements.models import Account, Seat, UsageEvent
from entitlements.queries.seats import token_of_seated
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from tests.catalog.factories import PlanFactory
from tests.conftest import actor
from tests.entitlements.factories import overridden
from tests.entitlements.seating import counted, seat
from tests.entitlements.using import Metered, customer, metered, plan_of, use
from tests.entitlements.world import AT, DAY, account, publish_plan, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def assigned(acme: Account, feature: Feature, *holders: str, **more: Any) -> list[Seat]:
    told = {"by": actor("sales"), "at": AT} | more
    return assign_seats(account=acme, feature=feature, holders=[Holder(one) for one in holders], **told)


def test_a_seat_counts_as_one_and_is_invited_until_somebody_is_there(world: Metered, acme: Account) -> None:
    given = assign_seat(account=acme, feature=world.seats, holder=" Ann@Acme.example ", name="Ann", reason="Joined",
                        by=actor("sales"), at=AT)  # fmt: skip
    assert (given.holder, given.holder_key, given.state) == ("Ann@Acme.example", "ann@acme.example", SeatState.INVITED)
    assert (given.invited_at, given.activated_at, given.assigned_by) == (AT, None, actor("sales").name)
    assert counted(acme, world.seats) == 1
    event = UsageEvent.objects.get()
    assert (event.source, event.event_id, event.subject) == ("desk:seats", f"{given.pk}:assign", "Ann@Acme.example")
    told = AuditEvent.objects.get(verb="seat:assign")
    assert (told.account_key, told.reason, told.changes) == ("acme", "Joined", {"Seats": [None, "Ann@Acme.example"]})


def test_who_has_a_seat_is_told_the_same_one_again(world: Metered, acme: Account) -> None:
    [first] = assigned(acme, world.seats, "ann@acme.example")
    [again] = assigned(acme, world.seats, "ANN@acme.example ")
    assert again.pk == first.pk
    assert (counted(acme, world.seats), AuditEvent.objects.filter(verb="seat:assign").count()) == (1, 1)


def test_who_was_only_invited_becomes_active_by_being_assigned_so(world: Metered, acme: Account) -> None:
    assigned(acme, world.seats, "ann")
    [again] = assigned(acme, world.seats, "ann", active=True, at=AT + DAY)
    assert (again.state, again.activated_at) == (SeatState.ACTIVE, AT + DAY)
    assert AuditEvent.objects.get(verb="seat:activate").account_key == "acme"


def test_many_at_once_are_one_line_of_the_audit_and_each_has_a_version(world: Metered, acme: Account) -> None:
    seats = assigned(acme, world.seats, "ann", "bob", "ANN", "cas")
    assert [one.holder for one in seats] == ["ann", "bob", "cas"]
    told = AuditEvent.objects.get(verb="seat:assign")
    assert (told.subject_label, told.changes) == ("3 seats of Seats", {"Seats": [None, "ann, bob, cas"]})
    assert Seat.history.filter(history_change_reason=str(told.pk)).count() == 3


def test_all_of_them_or_nobody_and_the_refusal_says_how_many_fit(world: Metered, acme: Account) -> None:
    publish_plan(PlanFactory(key="large", name="Large"), {world.seats: UNLIMITED})
    assigned(acme, world.seats, "ann", "bob", "cas")
    with pytest.raises(NoSeatLeft) as refused:
        assigned(acme, world.seats, "dan", "eve", "fay")
    assert refused.value.message == (
        "3 of 5 seats of Seats are taken, so only 2 of these 3 fit, and none was assigned. "
        "Release a seat, or let the customer have more. On sale with enough: Large."
    )
    assert (Seat.objects.count(), counted(acme, world.seats)) == (3, 3)


def test_seats_taken_without_a_name_are_taken_too(world: Metered, acme: Account) -> None:
    use(acme, world.seats, 5)
    with pytest.raises(NoSeatLeft, match="5 of 5 seats of Seats are taken, so there is none left"):
        assigned(acme, world.seats, "ann")


def test_a_released_place_is_free_at_once_and_its_holder_may_come_back(world: Metered, acme: Account) -> None:
    seats = seat(acme, world.seats, "ann", "bob", "cas", "dan", "eve")
    release_seat(seat=seats[0], by=SYSTEM, at=AT)
    [again] = assigned(acme, world.seats, "ann")
    assert (again.pk != seats[0].pk, counted(acme, world.seats)) == (True, 5)


def test_without_a_limit_everybody_gets_one(world: Metered) -> None:
    rich = account("rich")
    subscribed(rich, publish_plan(PlanFactory(key="all"), {world.seats: UNLIMITED}).plan)
    assert len(assigned(rich, world.seats, *map(str, range(30, 60)))) == 30


def test_beyond_a_soft_limit_seats_are_assigned_and_counted(world: Metered) -> None:
    rich = account("rich", zone="UTC")
    subscribed(rich, plan_of(world.seats, 1, enforcement=Enforcement.SOFT))
    assigned(rich, world.seats, "ann", "bob")
    assert counted(rich, world.seats) == 2


def test_each_thing_that_keeps_somebody_from_a_seat_says_so(world: Metered, acme: Account) -> None:
    bare = account("bare")
    with pytest.raises(NotIncluded, match="Bare has no seats of Seats: "):
        assigned(bare, world.seats, "ann")
    with pytest.raises(NotSeats, match="isn’t held one by one"):
        assigned(acme, world.calls, "ann")
    overridden(acme, world.seats, Mode.DENY, None, at=AT - DAY)
    with pytest.raises(NotIncluded):
        assigned(acme, world.seats, "ann")


@pytest.mark.parametrize("stands", [Standing.SUSPENDED, Standing.CLOSED])
def test_nobody_gets_a_seat_in_an_account_that_is_not_open(world: Metered, acme: Account, stands: Standing) -> None:
    kept = seat(acme, world.seats, "ann")
    set_standing(account=acme, standing=stands, reason="Asked", by=SYSTEM, at=AT)
    with pytest.raises(AccountNotOpen, match=f"Acme is {stands.value}, so nobody gets a seat"):
        assigned(acme, world.seats, "bob")
    release_seat(seat=kept, by=SYSTEM, at=AT)
    assert counted(acme, world.seats) == 0


def test_an_account_merged_away_leads_to_the_one_that_stays(world: Metered, acme: Account) -> None:
    gone = account("gone")
    ask_to_merge(duplicate=gone, into=acme, reason="Signed up twice", by=SYSTEM, at=AT)
    with pytest.raises(MergedAway, match="Go on there"):
        assigned(gone, world.seats, "ann")


@pytest.mark.parametrize(("holders", "words"), [
    ([], "at least one person"), ([" "], "Name each person"), (["a\x00b"], "Name each person"),
    (["x" * 201], "at most 200 characters"), (["ß" * 150], "at most 200 characters"),
    ([str(number) for number in range(1001)], "at most 1,000 seats at once"),
])  # fmt: skip
def test_names_that_can_not_be_are_refused(world: Metered, acme: Account, holders: list[str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        assigned(acme, world.seats, *holders)


def test_what_was_seen_before_somebody_else_assigned_is_looked_at_again(world: Metered, acme: Account) -> None:
    seen = token_of_seated(["ann"], [], Decimal(5))
    seat(acme, world.seats, "zoe")
    with pytest.raises(Stale, match="Since you looked"):
        assigned(acme, world.seats, "ann", seen=seen)
    assert [
        one.holder for one in assigned(acme, world.seats, "ann", seen=token_of_seated(["ann"], [], Decimal(4)))
    ] == ["ann"]


def test_only_whoever_may_assign_does(world: Metered, acme: Account) -> None:
    for role in ("finance", "auditor"):
        with pytest.raises(NotAllowed):
            assigned(acme, world.seats, "ann", by=actor(role))
    assert assigned(acme, world.seats, "ann", by=actor("support"))


def test_what_a_product_gives_back_without_having_counted_it_lets_nobody_past_the_limit(
    world: Metered, acme: Account
) -> None:
    seat(acme, world.seats, *"abcde")
    use(acme, world.seats, -5, act=Act.REPORT)
    assert counted(acme, world.seats) == 0
    with pytest.raises(NoSeatLeft, match="5 of 5 seats of Seats are taken by name"):
        assigned(acme, world.seats, "f")
    assert [row.holder for row in assigned(acme, world.seats, "a")] == ["a"]
