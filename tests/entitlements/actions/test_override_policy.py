"""How much a role may concede alone: in steps, later on, downwards, and by giving back what was denied."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.values import Value
from catalog.models import Feature
from entitlements.actions.accounts import set_standing
from entitlements.actions.lifecycle import pause
from entitlements.actions.overrides import grant, revoke
from entitlements.actions.policies import set_policy
from entitlements.actions.subscriptions import end, start
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.policy import Concession
from entitlements.models import Account, Override
from entitlements.models.override import OverrideState
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import Approval
from tests.catalog.factories import PlanFactory, StorageFactory
from tests.conftest import actor
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ALONE, ASKED = OverrideState.APPROVED, OverrideState.REQUESTED


@pytest.fixture
def world() -> Catalog:
    policy()  # sales alone: 90 days, 50 %
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    acme = account()
    subscribed(acme, world.team)  # 100 GB
    return acme


def promised(acme: Account, feature: Feature, mode: Mode, amount: Value | None = None, **more: Any) -> Override:
    terms = {"reason": "Deal", "through_on": date(2026, 4, 30), "by": actor("sales"), "at": AT}
    return grant(account=acme, feature=feature, mode=mode, value=amount, **(terms | more))


def approved(override: Override, *, at: Any = AT) -> Override:
    pending = Approval.objects.get(subject_key=str(override.pk), state="pending")
    approvals.approve(approval=pending, by=actor("finance"), at=at)
    override.refresh_from_db()
    return override


def at_most_times(times: int) -> None:
    limits = {"max_days": 90, "max_percent": None, "max_times": times, "by": SYSTEM, "at": AT - DAY}
    set_policy(role="sales", concession=Concession.OVERRIDE, **limits)


def test_eight_times_fifty_percent_are_not_fifty(acme: Account, world: Catalog) -> None:
    half = value(acme, "storage", AT) // 2
    assert promised(acme, world.storage, Mode.ADD, half, at=AT).state == ALONE
    assert promised(acme, world.storage, Mode.ADD, half, at=AT + HOUR).state == ASKED
    for hour in range(2, 8):
        with pytest.raises(Refusal, match="waits for approval already"):
            promised(acme, world.storage, Mode.ADD, half, at=AT + hour * HOUR)
    assert value(acme, "storage", AT + DAY) == 150 * GB


def test_small_steps_are_taken_together_up_to_the_limit(acme: Account, world: Catalog) -> None:
    states = [promised(acme, world.storage, Mode.ADD, 20 * GB).state for _ in range(3)]
    assert states == [ALONE, ALONE, ASKED]


def test_one_to_come_counts_from_the_day_it_begins(acme: Account, world: Catalog) -> None:
    assert promised(acme, world.storage, Mode.ADD, 50 * GB, starts_at=AT + 5 * DAY).state == ALONE
    assert promised(acme, world.storage, Mode.ADD, 50 * GB).state == ASKED
    before_it = promised(acme, world.storage, Mode.ADD, 50 * GB, through_on=date(2026, 3, 5))
    assert before_it.state == ALONE


@pytest.mark.parametrize(
    ("mode", "amount"),
    [
        pytest.param(Mode.DENY, None, id="a denial"),
        pytest.param(Mode.AT_MOST, 100 * GB, id="a cap"),
        pytest.param(Mode.REPLACE, 1 * GB, id="a small replacement"),
    ],
)
def test_nothing_hides_behind_what_holds_it_down(acme: Account, world: Catalog, mode: Mode, amount: Value) -> None:
    assert promised(acme, world.storage, mode, amount).state == ALONE
    assert promised(acme, world.storage, Mode.ADD, 90 * GB).state == ASKED


def test_nothing_hides_behind_a_suspension(acme: Account, world: Catalog) -> None:
    set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT)
    assert promised(acme, world.storage, Mode.ADD, 90 * GB).state == ASKED
    assert promised(acme, world.storage, Mode.ADD, 50 * GB).state == ALONE


def test_nothing_hides_behind_a_subscription_to_come(acme: Account, world: Catalog) -> None:
    next_week = start(account=acme, plan=world.team, starts_at=AT + 7 * DAY, by=SYSTEM, at=AT)
    assert promised(acme, world.storage, Mode.ADD, 900 * GB, subscription=next_week).state == ASKED
    assert promised(acme, world.storage, Mode.ADD, 20 * GB, subscription=next_week).state == ALONE


def test_nothing_hides_in_a_subscription_that_sleeps_for_a_while(acme: Account, world: Catalog) -> None:
    later = start(account=acme, plan=world.team, starts_at=AT + 7 * DAY, by=SYSTEM, at=AT)
    assert promised(acme, world.storage, Mode.ADD, 50 * GB, subscription=later).state == ALONE
    assert promised(acme, world.storage, Mode.ADD, 50 * GB).state == ASKED


def test_nor_in_one_that_is_paused(acme: Account, world: Catalog) -> None:
    other = subscribed(acme, world.team)
    assert promised(acme, world.storage, Mode.ADD, 50 * GB, subscription=other).state == ALONE
    pause(subscription=other, by=SYSTEM, at=AT + HOUR)
    assert promised(acme, world.storage, Mode.ADD, 50 * GB, at=AT + 2 * HOUR).state == ASKED


def test_what_is_in_a_subscription_that_has_ended_is_over(acme: Account, world: Catalog) -> None:
    other = subscribed(acme, world.team)
    promised(acme, world.storage, Mode.ADD, 50 * GB, subscription=other)
    end(subscription=other, ends_at=AT + DAY, reason="Left", by=SYSTEM, at=AT)
    assert promised(acme, world.storage, Mode.ADD, 50 * GB, at=AT + 2 * DAY).state == ALONE


def test_what_lowers_is_within_whatever_was_approved_before(acme: Account, world: Catalog) -> None:
    approved(promised(acme, world.storage, Mode.ADD, 900 * GB))
    assert promised(acme, world.storage, Mode.AT_MOST, 500 * GB).state == ALONE
    assert promised(acme, world.storage, Mode.ADD, 1 * GB).state == ASKED


def test_the_second_is_number_two_while_the_first_is_in_force_or_to_come(acme: Account, world: Catalog) -> None:
    at_most_times(1)
    first = promised(acme, world.storage, Mode.ADD, GB, starts_at=AT + DAY)
    second = promised(acme, world.storage, Mode.ADD, GB)
    assert (first.state, second.state) == (ALONE, ASKED)
    assert "it is number 2, where 1 time may be given" in Approval.objects.get().summary


def test_other_features_and_customers_and_what_is_over_are_not_counted(acme: Account, world: Catalog) -> None:
    at_most_times(1)
    first = promised(acme, world.storage, Mode.ADD, GB, through_on=date(2026, 3, 3))
    assert promised(acme, world.seats, Mode.ADD, Decimal(1)).state == ALONE
    other = account("other")
    subscribed(other, world.team)
    assert promised(other, world.storage, Mode.ADD, GB).state == ALONE
    assert promised(acme, world.storage, Mode.ADD, GB, at=AT + 5 * DAY).state == ALONE
    assert first.state == ALONE


def test_a_revoked_one_is_not_counted(acme: Account, world: Catalog) -> None:
    at_most_times(1)
    revoke(override=promised(acme, world.storage, Mode.ADD, GB), reason="x", by=actor("sales"), at=AT + HOUR)
    assert promised(acme, world.storage, Mode.ADD, GB, at=AT + 2 * HOUR).state == ALONE


def test_granted_anew_where_the_last_one_ended_it_is_the_next_number(acme: Account, world: Catalog) -> None:
    at_most_times(1)
    promised(acme, world.storage, Mode.ADD, GB)
    after_it = {"at": datetime(2026, 5, 1, 8, tzinfo=UTC), "through_on": date(2026, 7, 20)}
    assert promised(acme, world.storage, Mode.ADD, GB, **after_it).state == ASKED


def test_revoking_it_before_its_end_and_granting_it_anew_is_the_next_number_too(acme: Account, world: Catalog) -> None:
    at_most_times(2)
    for start_at, state in ((AT, ALONE), (AT + 20 * DAY, ALONE), (AT + 40 * DAY, ASKED)):
        override = promised(acme, world.storage, Mode.ADD, GB, at=start_at)
        assert override.state == state
        if state == ALONE:
            revoke(override=override, reason="Anew", by=actor("sales"), at=start_at + 20 * DAY)


def test_it_is_measured_by_what_there_is_when_it_starts(world: Catalog) -> None:
    acme = account()
    end(subscription=subscribed(acme, world.team), ends_at=AT + DAY, reason="Smaller", by=SYSTEM, at=AT)
    free = start(account=acme, plan=world.free, starts_at=AT + DAY, by=SYSTEM, at=AT)  # 1 GB
    later = {"subscription": free, "starts_at": AT + 2 * DAY}
    assert promised(acme, world.storage, Mode.REPLACE, 140 * GB, **later).state == ASKED


@pytest.mark.parametrize(
    ("mode", "amount", "state"),
    [
        (Mode.REPLACE, 1, ASKED),
        (Mode.REPLACE, 0, ASKED),
        (Mode.AT_MOST, 50, ASKED),
        (Mode.AT_MOST, 80, ALONE),
        (Mode.REPLACE, 500, ALONE),
        (Mode.AT_LEAST, 500, ALONE),
        (Mode.ADD, 500, ALONE),
    ],
)
def test_where_less_is_better_a_fall_is_the_concession(mode: Mode, amount: int, state: OverrideState) -> None:
    policy()
    wait, plan = StorageFactory(key="wait", name="Longest wait", better="less"), PlanFactory(key="slow", name="Slow")
    publish_plan(plan, {wait: 100 * GB})
    acme = account()
    subscribed(acme, plan)
    assert promised(acme, wait, mode, amount * GB).state == state


LONG = date(2026, 12, 31)


@pytest.mark.parametrize(("mode", "amount"), [(Mode.DENY, None), (Mode.AT_MOST, GB), (Mode.REPLACE, GB)])
def test_what_someone_approved_to_hold_down_is_not_lifted_alone(
    acme: Account, world: Catalog, mode: Mode, amount: Value | None
) -> None:
    held = approved(promised(acme, world.storage, mode, amount, through_on=LONG))
    with pytest.raises(NotAllowed, match="approve concessions"):
        revoke(override=held, reason="They asked", by=actor("sales"), at=AT + DAY)
    with pytest.raises(NotAllowed):  # nor when the rest of it would be short enough
        revoke(override=held, reason="They asked", by=actor("sales"), at=AT + 300 * DAY)
    both = replace(actor("sales"), permissions=actor("sales").permissions | actor("finance").permissions)
    revoke(override=held, reason="Paid", by=both, at=AT + DAY)
    assert value(acme, "storage", AT + DAY) == 100 * GB


def test_a_small_replacement_is_not_lifted_behind_what_hides_it(acme: Account, world: Catalog) -> None:
    """Sales may deny, and pause, alone; neither makes lifting what finance approved a smaller thing."""
    held = approved(promised(acme, world.storage, Mode.REPLACE, GB, through_on=LONG))
    denial = promised(acme, world.storage, Mode.DENY)
    with pytest.raises(NotAllowed):
        revoke(override=held, reason="They asked", by=actor("sales"), at=AT + DAY)
    revoke(override=denial, reason="A trick", by=actor("sales"), at=AT + DAY)
    pause(subscription=acme.subscriptions.get(), by=actor("sales"), at=AT + DAY)
    with pytest.raises(NotAllowed):
        revoke(override=held, reason="They asked", by=actor("sales"), at=AT + DAY)
    set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT + DAY)
    with pytest.raises(NotAllowed):
        revoke(override=held, reason="They asked", by=actor("sales"), at=AT + DAY)


def test_a_denial_within_policy_is_lifted_by_the_role_that_may_deny(acme: Account, world: Catalog) -> None:
    denial = promised(acme, world.storage, Mode.DENY)
    other_role = replace(actor("sales"), key="s-2", name="Helper", roles=frozenset({"support"}))
    with pytest.raises(NotAllowed):
        revoke(override=denial, reason="They asked", by=other_role, at=AT + DAY)
    revoke(override=denial, reason="Paid", by=actor("sales"), at=AT + DAY)
    assert value(acme, "storage", AT + DAY) == 100 * GB


def test_what_raises_is_taken_back_by_whoever_may_revoke(acme: Account, world: Catalog) -> None:
    more = approved(promised(acme, world.storage, Mode.ADD, 900 * GB, through_on=LONG))
    revoke(override=more, reason="Fell through", by=actor("sales"), at=AT + DAY)
    assert value(acme, "storage", AT + DAY) == 100 * GB
