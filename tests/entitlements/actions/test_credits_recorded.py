"""Credits through the one way by which use is counted: the balance bounds it, and the ledger tells it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from entitlements.actions.accounts import set_standing
from entitlements.actions.usage.recording import record
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.usage.operations import Act, Operation, Outcome, Why
from entitlements.models import CreditEntry, UsageEvent
from journal.domain.actor import SYSTEM
from tests.entitlements.crediting import Credited, adds_up, credited, granted, left, lines, seen, unplanned
from tests.entitlements.factories import overridden
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


@pytest.fixture
def bare() -> Credited:
    """Fifty credits were bought, and no plan gives any."""
    found = unplanned()
    granted(found, 50, at=AT - HOUR)
    return found


def test_what_was_bought_is_used_without_a_plan_as_far_as_the_balance_goes(bare: Credited) -> None:
    assert told(bare, 20).left == 30
    assert told(bare, 20, act=Act.RESERVE, until=AT + HOUR, name="e2").allowed
    assert told(bare, 11, name="e3").why is Why.CREDITS_SPENT
    assert told(bare, 10, name="e4").allowed


def test_where_nothing_was_bought_and_no_plan_gives_any_they_are_not_had() -> None:
    world = unplanned()
    answer = told(world, 1)
    assert (answer.why, answer.because, answer.left) == (Why.NOT_ENTITLED, "it is not included", 0)
    assert not CreditEntry.objects.exists()


def test_bought_credits_of_a_suspended_account_wait_until_it_is_open(bare: Credited) -> None:
    set_standing(account=bare.acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT - HOUR)
    answer = told(bare, 1)
    assert (answer.why, answer.because) == (Why.NOT_ENTITLED, "the account is suspended, and this isn't kept")
    set_standing(account=bare.acme, standing=Standing.OPEN, reason="Paid", by=SYSTEM, at=AT)
    assert told(bare, 1).allowed


def test_bought_credits_that_an_override_denies_are_not_used(bare: Credited) -> None:
    overridden(bare.acme, bare.credits, Mode.DENY, at=AT)
    assert told(bare, 1).why is Why.NOT_ENTITLED
