"""What an account holds at an instant: the items alive then, and when any of them may next change.

Read once per calculation and shared by all features. An item is listed under each feature that any version it may
ever have speaks about, so that a feature's answer ends no later than the first instant that could change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from catalog.domain.window import next_edge
from entitlements.domain.facts import BilledFeatureFact, Facts, ItemFact, OverrideFact, TermFact
from entitlements.domain.hearing import Live, gives, hear, live, matching
from entitlements.domain.phases import next_in_life, phase_at, reached_at, versions_ahead
from entitlements.domain.resolution import earliest
from entitlements.domain.trials import stretches, version_named

Cells: TypeAlias = Mapping[str, list[TermFact]]


@dataclass(slots=True)
class Holdings:
    """`ends` is, by feature, the next instant at which an item that may speak about it changes."""

    facts: Facts
    at: datetime
    live: list[Live] = field(default_factory=list)
    overrides: dict[str, list[OverrideFact]] = field(default_factory=dict)
    billed: dict[str, list[BilledFeatureFact]] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)
    subscription_ends: dict[str, datetime] = field(default_factory=dict)
    cells: dict[str, Cells] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.facts.items:
            if not self._over(item):
                for stretch in stretches(item, facts=self.facts):
                    self._take_in(stretch)
        self.live.sort(key=lambda held: held.source.recency, reverse=True)
        for override in self.facts.overrides:
            self.overrides.setdefault(override.feature, []).append(override)
        for said in self.facts.billed:
            self.billed.setdefault(said.feature, []).append(said)

    def _over(self, item: ItemFact) -> bool:
        return item.window.end is not None and item.window.end <= self.at

    def _take_in(self, item: ItemFact) -> None:
        if self._over(item):
            return
        rollouts = self.facts.rollouts
        if item.window.contains(self.at):
            reached = reached_at(item, rollouts=rollouts, at=self.at)
            version = version_named(reached.version, versions=self.facts.versions)
            self.live.append(live(item, version=version, phase=phase_at(item, at=self.at), cause=reached.cause))
        change = next_in_life(item, rollouts=rollouts, after=self.at)
        if change is None:
            return
        for version_id in versions_ahead(item, rollouts=rollouts):
            for feature in self.cells_of(version_id):
                if item.only is None or feature in item.only:
                    self.ends[feature] = min(change, self.ends.get(feature, change))
        known = self.subscription_ends.get(item.subscription, change)
        self.subscription_ends[item.subscription] = min(change, known)

    def cells_of(self, version_id: str) -> Cells:
        """The terms of a version by the feature they speak about."""
        if version_id not in self.cells:
            cells: dict[str, list[TermFact]] = {}
            for term in version_named(version_id, versions=self.facts.versions).terms:
                cells.setdefault(term.feature, []).append(term)
            self.cells[version_id] = cells
        return self.cells[version_id]

    def terms(self, held: Live, feature: str) -> list[TermFact]:
        """The terms of a live item that match it, on one feature; none where it doesn't speak about it."""
        if held.item.only is not None and feature not in held.item.only:
            return []
        return matching(self.cells_of(held.version.id).get(feature, ()), by=held, market=self.facts.market)

    def subscription_gives(self, subscription: str) -> bool:
        """Whether any live item of the subscription has a term that speaks with a value, on any feature.

        Quantities and seats are not looked at, so that no override can come to depend on itself.
        """
        return any(
            speaker is not None and gives(speaker)
            for held in self.live
            if held.item.subscription == subscription
            for feature in self.cells_of(held.version.id)
            if feature in self.facts.features
            for speaker in (hear(self.terms(held, feature), by=held, at=self.at).speaker,)
        )

    def subscription_end(self, subscription: str) -> datetime | None:
        """The next instant at which that may change: any of its items, or any market window of their terms."""
        markets = (
            next_edge(term.provided, after=self.at)
            for held in self.live
            if held.item.subscription == subscription
            for terms in self.cells_of(held.version.id).values()
            for term in terms
        )
        return earliest(self.subscription_ends.get(subscription), *markets)
