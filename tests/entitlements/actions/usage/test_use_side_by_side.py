"""Many at the same counters at once: never past the limit, never twice, never one without the other."""

import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError

from entitlements.actions.usage import holds
from entitlements.actions.usage.holds import expire_holds
from entitlements.actions.usage.recording import record
from entitlements.actions.usage.settling import commit
from entitlements.domain.usage.operations import Act, Operation, Outcome
from entitlements.models import Reservation, UsageCounter, UsageEvent
from journal.domain.actor import SYSTEM
from tests.entitlements.crediting import adds_up, credited, granted, left
from tests.entitlements.using import customer, metered, operation, priced, use
from tests.entitlements.world import AT
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 8


def together(*batches: list[Operation]) -> list[Outcome]:
    """Every batch by a client of its own, all at the same moment."""
    found = at_once(*[lambda batch=batch: record(batch, by=SYSTEM, at=AT) for batch in batches])
    assert all(isinstance(one, list) for one in found), found
    return [outcome for one in found for outcome in one]


def test_a_hard_limit_is_reached_and_never_passed() -> None:
    world = metered()
    acme = customer(world)
    batches = [[operation(acme, world.calls, 20) for _ in range(10)] for _ in range(CLIENTS)]
    outcomes = together(*batches)
    assert sum(outcome.allowed for outcome in outcomes) == 50
    assert UsageCounter.objects.get().used == 1000


def test_the_same_event_from_everybody_counts_once() -> None:
    world = metered()
    acme = customer(world)
    given = operation(acme, world.calls, 300)
    outcomes = together(*[[given] for _ in range(CLIENTS)])
    assert sorted(outcome.replayed for outcome in outcomes) == [False] + [True] * (CLIENTS - 1)
    assert {outcome.used for outcome in outcomes} == {Decimal(300)}
    assert (UsageEvent.objects.count(), UsageCounter.objects.get().used) == (1, 300)


def test_the_same_id_on_other_counters_counts_once() -> None:
    world = metered()
    acme = customer(world)
    given = [operation(acme, feature, 1, id="same") for feature in (world.calls, world.mails) * 3]
    found = at_once(*[lambda one=one: record([one], by=SYSTEM, at=AT)[0] for one in given])
    assert sum(getattr(one, "allowed", False) and not one.replayed for one in found) == 1, found
    assert UsageEvent.objects.count() == 1
    assert sum(UsageCounter.objects.values_list("used", flat=True)) == 1


def test_batches_in_any_order_of_features_dont_lock_one_another_out() -> None:
    world = metered()
    acme, chance = customer(world), random.Random(7)  # the seed of the orders
    features = [world.calls, world.tokens, world.mails, world.requests]
    batches = []
    for _ in range(CLIENTS):
        chance.shuffle(features)
        batches.append([operation(acme, feature, 1) for feature in features])
    assert all(outcome.allowed for outcome in together(*batches))
    assert set(UsageCounter.objects.values_list("used", flat=True)) == {CLIENTS}


def test_random_amounts_never_pass_and_never_refuse_what_would_have_fitted() -> None:
    world = metered()
    acme, chance = customer(world), random.Random(11)  # the seed of the amounts
    batches = [[operation(acme, world.calls, chance.randint(1, 60)) for _ in range(8)] for _ in range(CLIENTS)]
    outcomes = together(*batches)
    used = UsageCounter.objects.get().used
    assert used == sum(outcome.quantity for outcome in outcomes if outcome.allowed) <= 1000
    assert all(outcome.quantity > outcome.left for outcome in outcomes if not outcome.allowed)


def test_a_hold_is_committed_once_by_whoever_is_first() -> None:
    world = metered()
    acme = customer(world)
    hold = use(acme, world.calls, 500, act=Act.RESERVE, until=AT.replace(hour=12))
    told = {"key": hold.reservation, "account_id": acme.pk, "quantity": Decimal(400), "by": SYSTEM, "at": AT}
    outcomes = at_once(*[lambda: commit(**told) for _ in range(CLIENTS)])
    assert sorted(outcome.replayed for outcome in outcomes) == [False] + [True] * (CLIENTS - 1), outcomes
    counter = UsageCounter.objects.get()
    assert (counter.used, counter.held, Reservation.objects.get().state) == (400, 0, "committed")


def test_the_money_of_one_cap_is_spent_once_by_two_features() -> None:
    acme, features = priced("one", "two")
    outcomes = together(*[[operation(acme, feature, 3)] for feature in features * 4])
    assert sum(outcome.allowed for outcome in outcomes) == 3
    assert sum(UsageCounter.objects.values_list("used", flat=True)) == 9


def test_holds_of_many_features_that_ran_out_are_dropped_without_waiting_in_a_circle(monkeypatch) -> None:
    monkeypatch.setattr("entitlements.actions.usage.recording.ATTEMPTS", 1)
    world = metered()
    acme = customer(world)
    features, later = [world.calls, world.tokens, world.mails], AT.replace(hour=12)
    for _ in range(2):
        for feature in features:
            for _ in range(3):
                use(acme, feature, 1, act=Act.RESERVE, until=later, at=AT)
        acts = [lambda one=one: record([operation(acme, one, 1, at=later)], by=SYSTEM, at=later) for one in features]
        found = at_once(*acts, *acts, lambda: expire_holds(at=later), lambda: expire_holds(at=later))
        assert not [one for one in found if isinstance(one, Exception)], found
    assert not UsageCounter.objects.filter(held__gt=0).exists()
    assert set(UsageCounter.objects.values_list("used", flat=True)) == {4}


def test_credits_are_granted_while_they_are_used(monkeypatch) -> None:
    monkeypatch.setattr("entitlements.actions.usage.recording.ATTEMPTS", 1)
    world = credited()
    granted(world, 1000)
    use(world.acme, world.credits, 1)
    uses = [lambda: [use(world.acme, world.credits, 1) for _ in range(15)] for _ in range(2)]
    found = at_once(*uses, lambda: [granted(world, 10) for _ in range(10)])
    assert not [one for one in found if isinstance(one, Exception)], found
    assert (left(world), adds_up(world)) == (1100 + 100 - 31, True)


def test_a_hold_that_cant_be_dropped_just_now_holds_up_no_other(monkeypatch) -> None:
    world = metered()
    acme, later = customer(world), AT.replace(hour=12)
    for feature in (world.calls, world.mails):
        use(acme, feature, 1, act=Act.RESERVE, until=later)
    real, asked = holds.settle, []

    def busy_at_first(row: Reservation, *rest: Any, **more: Any) -> None:
        asked.append(row.pk)
        if len(asked) == 1:
            raise OperationalError("deadlock detected")
        real(row, *rest, **more)

    monkeypatch.setattr(holds, "settle", busy_at_first)
    assert (expire_holds(at=later), expire_holds(at=later)) == (1, 1)
    assert not UsageCounter.objects.filter(held__gt=0).exists()
