"""Credits through the one way by which use is counted: the balance bounds it, and the ledger tells it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from entitlements.actions.usage.recording import record
from entitlements.domain.usage.operations import Act, Operation, Outcome, Why
from entitlements.models import CreditEntry, UsageEvent
from journal.domain.actor import SYSTEM
from tests.entitlements.crediting import Credited, adds_up, credited, granted, left, lines, seen
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> Credited:
    return credited()


def told(world: Credited, quantity: int, *, act: Act = Act.CONSUME, name: str = "e1", **more: Any) -> Outcome:
    operation = Operation(
        act=act,
        source="shop",
        id=name,
        account_id=world.acme.pk,
        feature=world.credits.key,
        quantity=Decimal(quantity),
        at=more.pop("at", AT),
        **more,
    )
    (answer,) = record([operation], by=SYSTEM, at=AT)
    assert isinstance(answer, Outcome)
    return answer


def test_what_is_consumed_is_in_the_ledger_by_its_event(world: Credited) -> None:
    answer = told(world, 30)
    assert (answer.allowed, answer.left, left(world)) == (True, 70, 70)
    assert CreditEntry.objects.get(kind="use").event == "shop e1"
    assert UsageEvent.objects.get().amount == 30


def test_granted_credits_let_more_through_than_the_plan(world: Credited) -> None:
    granted(world, 50, at=AT - HOUR)
    assert told(world, 130).allowed
    assert left(world) == 20


def test_what_does_not_fit_is_refused_and_leaves_nothing(world: Credited) -> None:
    answer = told(world, 101)
    assert (answer.allowed, answer.why) == (False, Why.CREDITS_SPENT)
    assert not CreditEntry.objects.exists()
    assert not UsageEvent.objects.exists()


def test_told_again_it_is_charged_once(world: Credited) -> None:
    told(world, 30)
    assert told(world, 30).replayed
    assert (left(world), len(lines(world))) == (70, 2)


def test_a_report_goes_beyond_and_is_carried(world: Credited) -> None:
    assert told(world, 130, act=Act.REPORT).allowed
    assert (left(world), seen(world).overage, adds_up(world)) == (0, 30, True)


def test_what_is_held_can_not_be_used_by_others(world: Credited) -> None:
    assert told(world, 80, act=Act.RESERVE, until=AT + HOUR).allowed
    assert not told(world, 30, name="e2").allowed
    assert told(world, 20, name="e3").allowed
    assert left(world) == 80  # a hold is no use yet
