"""Why something changed for a customer at an instant that nobody acted at, as the facts tell it."""

from collections.abc import Iterator
from datetime import datetime

from catalog.domain.values import GivenBy
from catalog.domain.window import MOMENT
from entitlements.domain import billed_features
from entitlements.domain.facts import Facts, ItemFact
from entitlements.domain.phases import pin_at, rule_at
from entitlements.domain.trials import stretches, version_named


def what_turned(facts: Facts, instant: datetime) -> str:
    """ "The override on Storage began; Team began": what began or ended at the instant; nothing where nothing did."""
    return "; ".join(dict.fromkeys(_turned(facts, instant)))


def _turned(facts: Facts, instant: datetime) -> Iterator[str]:
    for override in facts.overrides:
        if override.window.start == instant:
            yield f"The override on {facts.features[override.feature].shape.name} began"
    yield from _billing_turned(facts, instant)
    parts = [stretch for item in facts.items for stretch in stretches(item, facts=facts)]
    for part in parts:
        if part.window.start == instant:
            yield f"{_name(part, facts)} began"
        elif part.window.end == instant:
            yield f"{_name(part, facts)} ended"
    if any(_market_turns(part, facts, instant) for part in parts if part.window.contains(instant)):
        yield "What is to be had in its market changed"


def _billing_turned(facts: Facts, instant: datetime) -> Iterator[str]:
    """Another decides who has a feature; or the one that does decide said so, or took it back."""
    for feature in facts.features.values():
        before, after = (rule_at(feature, at=at).given_by for at in (instant - MOMENT, instant))
        if before is not after:
            yield f"{_DECIDES[after]} from then on who has {feature.shape.name}"
    for said in facts.billed:
        feature = facts.features[said.feature]
        if instant in said.window.edges() and billed_features.decides(rule_at(feature, at=instant)):
            began = "says from then on" if said.window.start == instant else "says no longer"
            yield f"{said.label} {began} that they have {feature.shape.name}"


_DECIDES = {GivenBy.PLANS: "The plans decide", GivenBy.BILLING: "The billing system decides"}


def _name(item: ItemFact, facts: Facts) -> str:
    name = version_named(item.pinned, versions=facts.versions).plan_name
    return f"{name}, {item.note}," if item.note else name


def _market_turns(item: ItemFact, facts: Facts, instant: datetime) -> bool:
    version = version_named(pin_at(item, rollouts=facts.rollouts, at=instant), versions=facts.versions)
    return any(instant in window.edges() for term in version.terms for window in term.provided)
