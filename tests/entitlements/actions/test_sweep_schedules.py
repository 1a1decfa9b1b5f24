"""Whenever and however often the sweep comes, the same is told, and what a customer may do never hangs on it."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.values import ParentRule
from catalog.models.market import MarketUse
from entitlements.actions.sweep import sweep
from entitlements.models import Account, EntitlementChange, SweepMark
from journal.models import Notice, Outbound, Staff
from tests.catalog.factories import EPOCH, FeatureRevisionFactory, MarketFactory, MarketWindowFactory
from tests.conftest import EXAMPLES
from tests.entitlements.actions.lives import (
    HOUR,
    HOURS,
    Sweep,
    act_of,
    acts,
    answers,
    attempt,
    live,
    steps,
    sweeps,
    told,
)
from tests.entitlements.world import AT, Catalog, account, catalog, policy, subscribed

pytestmark = pytest.mark.django_db
ANY_RHYTHM = settings(
    deadline=None, max_examples=-(-EXAMPLES // 2), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
Held = tuple[Catalog, list[Account]]


@pytest.fixture
def held(db: None) -> Held:
    """A parent on the free plan, whose storage a child inherits beside its own trial of the larger plan.

    Storage is to be had in their market only, so that whoever moves out of it loses it.
    """
    world = catalog()
    nordics = MarketFactory()
    MarketWindowFactory(plan=None, feature=world.storage, market=nordics, use=MarketUse.PROVIDED, starts_at=EPOCH)
    FeatureRevisionFactory(feature=world.storage, parent_rule=ParentRule.INHERIT)
    owner = Staff.objects.create(username="ana", email="ana@desk.example")
    parent = account("parent", owner=owner, market=nordics)
    child = account("child", owner=owner, parent=parent, market=nordics)
    subscribed(parent, world.free)
    subscribed(child, world.team, trial_days=14)
    policy()
    SweepMark.objects.create(swept_to=AT)
    return world, [parent, child]


@ANY_RHYTHM
@given(lived=acts, swept=st.lists(sweeps, max_size=6))
def test_any_rhythm_of_sweeps_tells_the_same(held: Held, lived: list, swept: list[Sweep]) -> None:
    """Late by days, twice, stopped half-way or killed there: as if one sweep had come at every hour that mattered."""
    once_at_the_end = live(*held, lived, [])
    instants = {row[1] for row in once_at_the_end[0]}
    prompt = [Sweep(int((instant - AT) / HOUR)) for instant in sorted(instants)]
    assert live(*held, lived, swept) == once_at_the_end
    assert live(*held, lived, prompt) == once_at_the_end


@ANY_RHYTHM
@given(lived=acts, jumps=st.lists(st.integers(1, HOURS), max_size=6))
def test_a_clock_that_jumps_ahead_and_back_tells_nothing_twice_and_loses_nothing(
    held: Held, lived: list, jumps: list[int]
) -> None:
    """What is decided before the clock goes astray is told as by a clock that never did."""
    decided = [(1, *rest) for _hour, *rest in lived]
    straight = live(*held, decided, [])
    with transaction.atomic():
        for _hour, whose, name, number in decided:
            attempt(act_of(held[0], held[1][whose], name, number), AT + HOUR)
        for hour in [*jumps, HOURS]:
            sweep(at=AT + hour * HOUR)
        sweep(at=AT + HOURS * HOUR + HOUR / 10)
        assert told() == straight
        transaction.set_rollback(True)


@ANY_RHYTHM
@given(lived=acts, swept=st.lists(sweeps, max_size=6))
def test_whatever_people_do_and_whenever_a_sweep_comes_it_is_one_chain(
    held: Held, lived: list, swept: list[Sweep]
) -> None:
    with transaction.atomic():
        for _hour, step in sorted(steps(*held, lived, swept), key=lambda step: step[0]):
            step()
        sweep(at=AT + HOURS * HOUR)
        found = gaps()
        transaction.set_rollback(True)
    assert found == []


def gaps() -> list[str]:
    """Where what was told begins otherwise than what was told before it ended."""
    last: dict[tuple[int, str], str] = {}
    found = []
    for row in EntitlementChange.objects.order_by("recorded_at", "pk"):
        feature = (row.account_id, row.feature_key)
        if last.get(feature, row.before) != row.before:
            found.append(f"{row}, effective {row.effective_at}, told {row.recorded_at}: it was {last[feature]}")
        last[feature] = row.after
    return found


@ANY_RHYTHM
@given(lived=acts)
def test_what_a_customer_may_do_never_waits_for_a_sweep(held: Held, lived: list) -> None:
    with transaction.atomic():
        for hour, whose, name, number in sorted(lived):
            attempt(act_of(held[0], held[1][whose], name, number), AT + hour * HOUR)
        never_swept = answers(held[1])
        sweep(at=AT + HOURS * HOUR)
        assert answers(held[1]) == never_swept
        transaction.set_rollback(True)


def test_everything_told_has_one_notice_and_one_message(held: Held) -> None:
    for _ in range(3):
        SweepMark.objects.update(swept_to=AT)
        sweep(at=AT + HOURS * HOUR)
    assert Notice.objects.filter(kind="trial_ended").count() == 1
    assert Outbound.objects.count() == Notice.objects.count()
    assert EntitlementChange.objects.filter(account__key="child", feature_key="storage", effective_at__gt=AT).exists()
