"""Whatever two accounts hold, a merge loses nothing, rewrites no past, and answers as if one customer had bought it all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlements.actions.contacts import add_contact
from entitlements.actions.merging import ask_to_merge
from entitlements.actions.spend_caps import set_cap
from entitlements.actions.sweep import sweep
from entitlements.domain.facts import Facts, Mode
from entitlements.domain.resolve import resolve
from entitlements.merge_rules import Fate, rules
from entitlements.models import Account, EntitlementChange, SweepMark
from entitlements.queries.entitlements import facts_of
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.conftest import EXAMPLES, actor
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed, value

THINGS = ("free", "team", "trial", "more", "at_least", "contact", "shared contact", "cap", "child")
HOLDING = st.lists(st.tuples(st.sampled_from(THINGS), st.integers(0, 8)), max_size=3)
WHEN = (AT - 5 * DAY, AT, AT + 9 * DAY)
numbers = count()


@pytest.fixture
def world(db: None) -> Catalog:
    return catalog()


def give(held_by: Account, world: Catalog, thing: str, days: int) -> None:
    """One thing that it got so many days ago."""
    at, number = AT - days * DAY - DAY, next(numbers)
    match thing:
        case "free" | "team":
            subscribed(held_by, getattr(world, thing), at=at)
        case "trial":
            subscribed(held_by, world.team, at=at, trial_days=14)
        case "more":
            overridden(held_by, world.storage, Mode.ADD, 5 * GB, at=at)
        case "at_least":
            overridden(held_by, world.seats, Mode.AT_LEAST, Decimal(7 + days), at=at)
        case "contact":
            add_contact(account=held_by, name="Ann", email=f"ann{number}@a.example", by=SYSTEM, at=at)
        case "shared contact" if not held_by.contacts.filter(email="bob@a.example").exists():
            add_contact(account=held_by, name="Bob", email="bob@a.example", by=SYSTEM, at=at)
        case "cap" if not held_by.spend_caps.exists():
            set_cap(account=held_by, feature=None, amount_micros=days * 10**6, currency="USD", by=SYSTEM, at=at)
        case "child":
            account(f"child-{number}", parent=held_by, at=at)


def two(world: Catalog, own: Any, other: Any) -> tuple[Account, Account]:
    number = next(numbers)
    into, duplicate = account(f"stays-{number}"), account(f"goes-{number}")
    for one, holding in ((into, own), (duplicate, other)):
        for thing, days in holding:
            give(one, world, thing, days)
    return into, duplicate


def merge(duplicate: Account, into: Account, *, at: datetime = AT) -> None:
    told = ask_to_merge(duplicate=duplicate, into=into, reason="One", by=actor("sales"), at=at)
    if isinstance(told, Approval):
        approvals.approve(approval=told, by=actor("finance"), at=at)


def answers(facts: Facts, at: datetime) -> Mapping[str, Any]:
    return {key: answer.value for key, answer in resolve(facts, at=at).items()}


def as_one(own: Facts, other: Facts) -> Facts:
    """One customer who holds what both hold."""
    return replace(
        own,
        items=own.items + other.items,
        overrides=own.overrides + other.overrides,
        versions={**other.versions, **own.versions},
    )


def rows(*accounts: Account) -> dict[str, set[Any]]:
    moving = rules(Fate.MOVES, Fate.UNLESS_SAME)
    return {rule.relation: {row.pk for one in accounts for row in rule.rows(one)} for rule in moving}


@settings(max_examples=max(EXAMPLES // 2, 3), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=HOLDING, other=HOLDING)
def test_nothing_is_lost_and_the_past_stays(world: Catalog, own: Any, other: Any) -> None:
    into, duplicate = two(world, own, other)
    facts = {one: facts_of(account=one) for one in (into, duplicate)}
    held = rows(into, duplicate)
    merge(duplicate, into)
    together = as_one(facts[into], facts[duplicate])
    for when in WHEN:
        assert answers(facts_of(account=into), when) == answers(together, when)
        for one in (into, duplicate):
            known = facts_of(account=one, known_at=AT - timedelta(seconds=1))
            assert answers(known, when) == answers(facts[one], when)
    after = rows(into, duplicate)
    assert after.pop("entitlements.Account.merged_into") == {duplicate.pk}
    held.pop("entitlements.Account.merged_into")
    assert after == held
    assert_only_doubles_are_left(duplicate, into)
    assert len(set(into.subscriptions.values_list("number", flat=True))) == into.subscriptions.count()


def assert_only_doubles_are_left(duplicate: Account, into: Account) -> None:
    for rule in rules(Fate.MOVES):
        assert not rule.rows(duplicate).exists(), rule.relation
    for rule in rules(Fate.UNLESS_SAME):
        alike = rule.alike
        assert alike is not None
        assert {alike(row) for row in rule.rows(duplicate)} <= {alike(row) for row in rule.rows(into)}


@pytest.mark.parametrize("late", [timedelta(minutes=1), 30 * DAY])
def test_what_ended_before_a_merge_is_told_of_whoever_had_it(world: Catalog, late: timedelta) -> None:
    """A sweep that comes after the merge tells what ended before it of the duplicate, and the rest of the other."""
    into, duplicate = account("stays"), account("goes")
    subscribed(duplicate, world.team, at=AT - 14 * DAY - timedelta(minutes=2), trial_days=14)
    ends = duplicate.subscriptions.get().phases.get().ends_at
    assert ends is not None
    SweepMark.objects.create(swept_to=ends - DAY)
    merge(duplicate, into, at=ends + timedelta(minutes=1))
    assert sweep(at=ends + late + timedelta(minutes=2)) > 0
    told = EntitlementChange.objects.filter(effective_at=ends)
    assert set(told.values_list("account__key", flat=True)) == {"goes"}
    assert value(into, "storage", ends) == 1 * GB
