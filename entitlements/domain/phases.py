"""Where things stand at an instant: an item's phase and version, an account's standing, a feature's rule.

Each is read from dates; nothing is stored that would have to be switched over when its time comes.
"""

from collections.abc import Iterable
from datetime import datetime

from catalog.domain.rollouts import RolloutFact, moving_instants, version_at
from catalog.domain.window import Window, next_edge
from entitlements.domain.facts import Facts, FeatureFact, FeatureRule, ItemFact, Phase, Standing
from entitlements.domain.resolution import BEGINNING, earliest

_PHASES = tuple(Phase)
_STANDINGS = tuple(Standing)
_NO_RULE_YET = FeatureRule(effective_at=BEGINNING)


def phase_at(item: ItemFact, *, at: datetime) -> Phase:
    """Paused > winding down > grace > trial > active, of those whose window covers the instant."""
    if not item.phases:
        return Phase.ACTIVE
    return min((p for p, window in item.phases if window.contains(at)), key=_PHASES.index, default=Phase.ACTIVE)


def pin_at(item: ItemFact, *, rollouts: Iterable[RolloutFact], at: datetime) -> str:
    """The version the item has at the instant.

    While a hold lasts, rollouts pass the item by: it keeps the version it had when the hold began, that is, the one
    by the rollouts whose instant came before it. When the hold ends, the item catches up at once.
    """
    if item.hold is None or not item.hold.contains(at):
        return version_at(pinned=item.pinned, rollouts=rollouts, at=at)[0]
    began = item.hold.start
    earlier = [r for r in rollouts if began is not None and r.effective_at < began]
    return version_at(pinned=item.pinned, rollouts=earlier, at=at)[0]


def versions_ahead(item: ItemFact, *, rollouts: Iterable[RolloutFact]) -> set[str]:
    """Every version the item may ever have."""
    return {item.pinned, *(r.version for r in rollouts if r.moves_holders and item.pinned in r.moves_from)}


def item_instants(item: ItemFact, *, rollouts: Iterable[RolloutFact]) -> set[datetime]:
    """Every instant of the item's life at which what it gives may change."""
    windows = [item.window, *(window for _, window in item.phases), *((item.hold,) if item.hold else ())]
    moves = moving_instants(pinned=item.pinned, rollouts=rollouts)
    within = Window(item.window.start, None)
    edges = {edge for window in windows for edge in window.edges()} | set(moves)
    return {i for i in edges if within.contains(i) and (item.window.end is None or i <= item.window.end)}


def next_in_life(item: ItemFact, *, rollouts: Iterable[RolloutFact], after: datetime) -> datetime | None:
    """The next instant at which what the item gives may change; before it begins, only its beginning counts."""
    start = item.window.start
    if start is not None and after < start:
        return start
    windows = [item.window, *(window for _, window in item.phases), *((item.hold,) if item.hold else ())]
    moves = (m for m in moving_instants(pinned=item.pinned, rollouts=rollouts) if m > after)
    return earliest(next_edge(windows, after=after), *moves)


def standing_at(facts: Facts, *, at: datetime) -> Standing:
    """The last standing recorded up to the instant; open before the first. Of two at one instant the stricter."""
    begun = [entry for entry in facts.standings if entry[0] <= at]
    last = max(begun, key=lambda entry: (entry[0], _STANDINGS.index(entry[1])), default=None)
    return Standing.OPEN if last is None else last[1]


def next_standing(facts: Facts, *, after: datetime) -> datetime | None:
    return min((instant for instant, _ in facts.standings if instant > after), default=None)


def rule_at(feature: FeatureFact, *, at: datetime) -> FeatureRule:
    """The feature's rule in force, of two of one instant the later in the list; the house's defaults before any."""
    begun = (rule for rule in reversed(feature.revisions) if rule.effective_at <= at)
    return max(begun, key=lambda rule: rule.effective_at, default=_NO_RULE_YET)


def next_rule(feature: FeatureFact, *, after: datetime) -> datetime | None:
    return min((rule.effective_at for rule in feature.revisions if rule.effective_at > after), default=None)
