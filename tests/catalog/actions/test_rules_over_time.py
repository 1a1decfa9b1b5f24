"""However rules are set and struck one after the other: the past stays, and each holds until the next."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.actions.rules import set_rules, strike_rules
from catalog.domain.rules import FeatureRules
from catalog.models import Feature, FeatureRevision
from catalog.queries.rules import rules_at
from entitlements.domain.phases import rule_at
from entitlements.snapshots import Reader, snapshot_catalog
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, Refusal, Stale
from tests.catalog.factories import FeatureFactory
from tests.conftest import AT, EXAMPLES
from tests.journal.side_by_side import at_once

DAY = timedelta(days=1)
DAYS = range(-2, 30)
Step: TypeAlias = tuple[int, int | None, int]  # days since the step before, days ahead (None: strike), which rules
STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.none() | st.integers(-1, 6), st.integers(0, 3)), min_size=1, max_size=6
)


def course(feature: Feature) -> list[FeatureRules]:
    return [rules_at(feature=feature, at=AT + day * DAY) for day in DAYS]


def take(feature: Feature, step: Step, *, at: datetime) -> None:
    """Set one of four sets of rules, or strike the last that are to come."""
    _after, ahead, number = step
    if ahead is None:
        last = feature.revisions.latest("effective_at")
        strike_rules(revision=last, reason="No longer", by=SYSTEM, at=at)
    else:
        usual = FeatureRules().thresholds
        rules = FeatureRules(kept_when_suspended=bool(number % 2), thresholds=() if number > 1 else usual)
        set_rules(feature=feature, rules=rules, effective_at=at + ahead * DAY, by=SYSTEM, at=at)


class RulesOverTime(TestCase):
    @settings(max_examples=3 * EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(STEPS)
    def test_no_step_changes_what_held_before_it(self, steps: list[Step]) -> None:
        feature, at = FeatureFactory(), AT
        for step in steps:
            at += step[0] * DAY
            before = course(feature)
            with suppress(Refusal, FeatureRevision.DoesNotExist):
                take(feature, step, at=at)
            passed = [day for day, _rules in zip(DAYS, before, strict=True) if AT + day * DAY < at]
            assert course(feature)[: len(passed)] == before[: len(passed)]

    @settings(max_examples=2 * EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(STEPS)
    def test_the_resolver_goes_by_the_same_rules_as_the_page(self, steps: list[Step]) -> None:
        feature, at = FeatureFactory(), AT
        for step in steps:
            at += step[0] * DAY
            with suppress(Refusal, FeatureRevision.DoesNotExist):
                take(feature, step, at=at)
        fact = snapshot_catalog(Reader()).facts[feature.key]
        for day in DAYS:
            told, held = rules_at(feature=feature, at=AT + day * DAY), rule_at(fact, at=AT + day * DAY)
            assert (told.kept_when_suspended, told.thresholds) == (held.kept_when_suspended, held.thresholds)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_rules_for_one_instant_the_second_builds_on_the_first() -> None:
    feature = FeatureFactory()
    rules = FeatureRules(kept_when_suspended=True)
    outcomes = at_once(*[lambda: set_rules(feature=feature, rules=rules, effective_at=AT, by=SYSTEM, at=AT)] * 2)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert [type(one) for one in refused] in ([Refusal], [Stale], [Invalid])
    assert feature.revisions.filter(effective_at=AT).count() == 1
