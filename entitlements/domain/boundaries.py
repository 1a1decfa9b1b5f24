"""Every instant at which any answer of an account may change, as far as is known: the sweep walks these."""

from collections.abc import Iterator
from datetime import datetime

from catalog.domain.values import ParentRule
from entitlements.domain.facts import Facts, ItemFact
from entitlements.domain.phases import item_instants, versions_ahead
from entitlements.domain.trials import stretches, version_named


def boundaries(facts: Facts) -> tuple[datetime, ...]:
    """Sorted, each once. Between two neighbours nothing changes; at one of them something may.

    An instant outside the life of all items, overrides and what the billing says is only here if a standing, a rule or the parent changes.
    """
    return tuple(sorted(set(_instants(facts))))


def _instants(facts: Facts) -> Iterator[datetime]:
    yield from (instant for instant, _standing in facts.standings)
    for feature in facts.features.values():
        yield from (rule.effective_at for rule in feature.revisions)
    for override in facts.overrides:
        yield from override.window.edges()
    for said in facts.billed:
        yield from said.window.edges()
    for item in facts.items:
        for stretch in stretches(item, facts=facts):
            yield from item_instants(stretch, rollouts=facts.rollouts)
            yield from _market_instants(stretch, facts)
    if facts.parent is not None and _asks_its_parent(facts):
        yield from boundaries(facts.parent)


def _market_instants(item: ItemFact, facts: Facts) -> Iterator[datetime]:
    windows = {
        window
        for version in versions_ahead(item, rollouts=facts.rollouts)
        for term in version_named(version, versions=facts.versions).terms
        for window in term.provided
    }
    return (edge for window in windows for edge in window.edges() if item.window.contains(edge))


def _asks_its_parent(facts: Facts) -> bool:
    return any(rule.parent_rule is not ParentRule.OWN for f in facts.features.values() for rule in f.revisions)
