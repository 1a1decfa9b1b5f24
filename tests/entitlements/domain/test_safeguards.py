"""What a client is told to do alone, by the feature's rules and by how the account stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.domain.fallbacks import AccountState, Fallback, Fallbacks, Reliance, UseEffect
from catalog.domain.rules import Threshold, Told
from catalog.domain.values import FeatureShape, Kind
from catalog.domain.window import ALWAYS, Window
from entitlements.domain.facts import Facts, FeatureFact, FeatureRule, ItemFact, Phase
from entitlements.domain.safeguards import account_state, safeguards

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SSO, SEATS = FeatureShape("sso", "SSO", Kind.GATE), FeatureShape("seats", "Seats", Kind.CAPACITY, unit="seat")


def item(phase: Phase | None = None, *, window: Window = ALWAYS, lent: bool = False, until: Any = None) -> ItemFact:
    phases = () if phase is None else ((phase, Window(None, until)),)
    return ItemFact("1", "1", "team", "1", 1, window, phases=phases, lent=lent)


def facts(*items: ItemFact, **rule: Any) -> Facts:
    rules = (FeatureRule(AT - 9 * DAY, **rule),)
    shapes = {shape.key: FeatureFact(shape, rules) for shape in (SSO, SEATS)}
    return Facts("acme", None, shapes, {}, items=items)


@pytest.mark.parametrize(
    ("items", "state"),
    [
        ((), AccountState.PAYING),
        ((item(),), AccountState.PAYING),
        ((item(Phase.TRIAL),), AccountState.TRIAL),
        ((item(Phase.TRIAL), item()), AccountState.PAYING),
        ((item(Phase.GRACE), item()), AccountState.UNPAID),
        ((item(Phase.TRIAL), item(lent=True)), AccountState.TRIAL),
        ((item(Phase.GRACE, window=Window(None, AT)),), AccountState.PAYING),
        ((item(Phase.TRIAL, until=AT),), AccountState.PAYING),
        ((item(Phase.PAUSED),), AccountState.PAYING),
    ],
)
def test_how_an_account_stands(items: tuple[ItemFact, ...], state: AccountState) -> None:
    assert account_state(facts(*items), at=AT) is state


def test_the_fallback_is_that_of_the_account_s_state() -> None:
    rule = {"fallbacks": Fallbacks(UseEffect.READS, trial=Fallback.DENY, seconds=60)}
    assert safeguards(facts(item(), **rule), at=AT)["sso"].reliance == Reliance(Fallback.LAST_KNOWN, 60)
    assert safeguards(facts(item(Phase.TRIAL), **rule), at=AT)["sso"].reliance == Reliance(Fallback.DENY)


def test_thresholds_and_buffer_belong_to_limits_only() -> None:
    found = safeguards(facts(thresholds=(Threshold(50, Told.SALES),), buffer_percent=5), at=AT)
    assert (found["seats"].thresholds, found["seats"].buffer_percent) == ((Threshold(50, Told.SALES),), 5)
    assert (found["sso"].thresholds, found["sso"].buffer_percent) == ((), 0)


def test_a_new_rule_counts_from_its_instant() -> None:
    rules = (FeatureRule(AT - DAY), FeatureRule(AT, fallbacks=Fallbacks(UseEffect.IRREVERSIBLE)))
    changing = Facts("acme", None, {"sso": FeatureFact(SSO, rules)}, {})
    before, after = (safeguards(changing, at=at)["sso"] for at in (AT - timedelta(seconds=1), AT))
    assert (before.reliance.fallback, after.reliance.fallback) == (Fallback.LAST_KNOWN, Fallback.DENY)
