"""Holds: reserved by an estimate, committed for the truth, released, or run out."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.models import Feature
from entitlements.actions.usage.holds import expire_holds
from entitlements.actions.usage.settling import SOURCE, AlreadySettled, commit, release
from entitlements.domain.usage.operations import Act, Outcome, UnfitUse
from entitlements.models import Account, Reservation, UsageCounter, UsageEvent
from entitlements.models.usage import ReservationState
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotFound
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def held(acme: Account, feature: Feature, quantity: int, **more) -> Outcome:
    return use(acme, feature, quantity, act=Act.RESERVE, until=more.pop("until", AT + HOUR), **more)


def committed(acme: Account, outcome: Outcome, quantity: int, *, at=AT):
    return commit(key=outcome.reservation, account_id=acme.pk, quantity=Decimal(quantity), by=SYSTEM, at=at)


def test_what_is_held_is_nobody_elses():
    world = metered()
    acme = customer(world)
    hold = held(acme, world.calls, 700)
    assert (hold.allowed, hold.used, hold.held, hold.left, hold.until) == (True, 0, 700, 300, AT + HOUR)
    assert not use(acme, world.calls, 301).allowed
    assert not held(acme, world.calls, 301).allowed
    assert use(acme, world.calls, 300).allowed


@pytest.mark.parametrize(("truth", "used"), [(500, 500), (700, 700), (1100, 1100), (0, 0)])
def test_committed_it_counts_what_it_came_to(truth, used):
    world = metered()
    acme = customer(world)
    outcome = committed(acme, held(acme, world.calls, 700), truth)
    assert (outcome.allowed, outcome.used, outcome.held) == (True, used, 0)
    assert outcome.over == max(used - 1000, 0)
    assert Reservation.objects.get().state == ReservationState.COMMITTED


def test_committed_twice_it_counts_once_and_never_another_amount():
    world = metered()
    acme = customer(world)
    hold = held(acme, world.calls, 700)
    first, again = committed(acme, hold, 500), committed(acme, hold, 500)
    assert again.replayed
    assert (again.used, again.left) == (first.used, first.left)
    other = committed(acme, hold, 501)
    assert isinstance(other, UnfitUse)
    assert other.code == "event_reused"
    assert UsageCounter.objects.get().used == 500
    assert UsageEvent.objects.count() == 1


def test_released_it_holds_nothing_and_cant_be_committed():
    world = metered()
    acme = customer(world)
    hold = held(acme, world.calls, 700)
    for _ in range(2):
        assert release(key=hold.reservation, account_id=acme.pk, by=SYSTEM, at=AT).state == ReservationState.RELEASED
    assert UsageCounter.objects.get().held == 0
    with pytest.raises(AlreadySettled):
        committed(acme, hold, 1)


def test_a_committed_one_cant_be_released():
    world = metered()
    acme = customer(world)
    hold = held(acme, world.calls, 7)
    committed(acme, hold, 7)
    with pytest.raises(AlreadySettled):
        release(key=hold.reservation, account_id=acme.pk, by=SYSTEM, at=AT)


def test_whoever_comes_next_finds_a_hold_run_out_given_back():
    world = metered()
    acme = customer(world)
    held(acme, world.calls, 1000)
    assert not use(acme, world.calls, 1, at=AT + HOUR - timedelta(seconds=1)).allowed
    assert use(acme, world.calls, 1000, at=AT + HOUR).allowed
    assert Reservation.objects.get().state == ReservationState.EXPIRED


def test_the_task_drops_those_that_nobody_comes_to():
    world = metered()
    acme = customer(world)
    held(acme, world.calls, 1000)
    assert (expire_holds(at=AT), expire_holds(at=AT + HOUR), expire_holds(at=AT + HOUR)) == (0, 1, 0)
    assert UsageCounter.objects.get().held == 0


def test_committed_after_it_ran_out_it_counts_all_the_same():
    world = metered()
    acme = customer(world)
    hold = held(acme, world.calls, 1000)
    use(acme, world.calls, 900, at=AT + HOUR)
    late = committed(acme, hold, 1000, at=AT + 2 * HOUR)
    assert (late.used, late.over) == (1900, 900)
    assert late.because == "counted, though the hold had run out"


def test_it_counts_in_the_period_it_was_made_in():
    world = metered()
    acme = customer(world)
    hold = held(acme, world.requests, 50, until=AT + timedelta(minutes=10))
    committed(acme, hold, 40, at=AT + timedelta(minutes=5))
    assert UsageCounter.objects.get().starts_at == AT
    assert use(acme, world.requests, 60, at=AT + timedelta(minutes=5)).allowed


def test_a_repeated_reservation_is_the_same_one():
    world = metered()
    acme = customer(world)
    first, again = held(acme, world.calls, 7, id="task-1"), held(acme, world.calls, 7, id="task-1")
    assert first.reservation == again.reservation
    assert again.replayed
    assert UsageCounter.objects.get().held == 7


def test_a_repeated_commit_gives_back_what_others_held_for_good():
    world = metered()
    acme = customer(world)
    done = held(acme, world.calls, 10, until=AT + 5 * HOUR)
    committed(acme, done, 10)
    held(acme, world.calls, 900)
    assert committed(acme, done, 10, at=AT + 2 * HOUR).replayed
    assert UsageCounter.objects.get().held == 0


@pytest.mark.parametrize("wrong", ["more than can be counted", "a name that was told before"])
def test_what_cant_be_committed_leaves_the_hold_as_it_was(wrong):
    world = metered()
    acme = customer(world)
    hold = held(acme, world.calls, 700)
    if wrong == "a name that was told before":
        use(acme, world.calls, 1, act=Act.REPORT, source=SOURCE, id=hold.reservation)
    outcome = committed(acme, hold, 2**63 if wrong.startswith("more") else 500)
    assert isinstance(outcome, UnfitUse)
    row = Reservation.objects.get()
    assert (row.state, UsageCounter.objects.get().held) == (ReservationState.HELD, 700)
    expire_holds(at=AT + HOUR)
    assert UsageCounter.objects.get().held == 0


def test_a_right_amount_is_committed_after_an_absurd_one():
    world = metered()
    acme = customer(world)
    hold = held(acme, world.calls, 700)
    use(acme, world.calls, 1)
    assert isinstance(committed(acme, hold, 2**63), UnfitUse)
    assert committed(acme, hold, 500).used == 501


def test_another_account_doesnt_find_it():
    world = metered()
    hold = held(customer(world), world.calls, 7)
    stranger = customer(world, "stranger")
    with pytest.raises(NotFound):
        release(key=hold.reservation, account_id=stranger.pk, by=SYSTEM, at=AT)
