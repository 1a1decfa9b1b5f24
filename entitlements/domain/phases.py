"""Where things stand at an instant: an item's phase and version, an account's standing, a feature's rule.

Each is read from dates; nothing is stored that would have to be switched over when its time comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from catalog.domain.rollouts import Audience, Move, RolloutFact, moves_of
from catalog.domain.window import Window, next_edge
from entitlements.domain.facts import Facts, FeatureFact, FeatureRule, Hold, ItemFact, Phase, Standing
from entitlements.domain.resolution import BEGINNING, VersionCause, earliest

_PHASES = tuple(Phase)
_STANDINGS = tuple(Standing)
_NO_RULE_YET = FeatureRule(effective_at=BEGINNING)


@dataclass(frozen=True, slots=True)
class Reached:
    """The version an item has at an instant, the move that led to it (None: its own pin), and the hold that lasts."""

    version: str
    move: Move | None = None
    hold: Hold | None = None

    @property
    def cause(self) -> VersionCause | None:
        """Why it has this version, where it isn't simply the one that was bought."""
        if self.move is None and self.hold is None:
            return None
        return VersionCause(
            audience=None if self.move is None else self.move.rollout.audience,
            moved_at=None if self.move is None else self.move.at,
            held=self.hold is not None,
            held_until=None if self.hold is None else self.hold.window.end,
            held_because="" if self.hold is None else self.hold.reason,
        )


def phase_at(item: ItemFact, *, at: datetime) -> Phase:
    """Paused > winding down > grace > trial > active, of those whose window covers the instant."""
    if not item.phases:
        return Phase.ACTIVE
    return min((p for p, window in item.phases if window.contains(at)), key=_PHASES.index, default=Phase.ACTIVE)


def instant_of(item: ItemFact, rollout: RolloutFact) -> datetime | None:
    """When a rollout of its pinned version reaches the item, holds aside; None: never.

    What took effect before the item was sold has chosen its version then, and doesn't move it: that matters where a
    former version was put on sale again.
    """
    if item.recorded_at is not None and rollout.effective_at < item.recorded_at:
        return None
    match rollout.audience:
        case Audience.NOW | Audience.ON_DATE:
            return rollout.effective_at
        case Audience.COHORT:
            return rollout.effective_at if rollout.cohort in item.cohorts else None
        case Audience.AT_RENEWAL if item.periods is not None:
            return item.periods.renewal(since=rollout.effective_at)
    return None


def moves_to_come(item: ItemFact, *, rollouts: Iterable[RolloutFact]) -> tuple[Move, ...]:
    """Every rollout that ever reaches the item, at its instant for the item, earliest first."""
    return moves_of(pinned=item.pinned, rollouts=rollouts, instant_of=partial(instant_of, item))


def pin_at(item: ItemFact, *, rollouts: Iterable[RolloutFact], at: datetime) -> str:
    """The version the item has at the instant."""
    return reached_at(item, rollouts=rollouts, at=at).version


def reached_at(item: ItemFact, *, rollouts: Iterable[RolloutFact], at: datetime) -> Reached:
    """The version the item has at the instant, and how it came to have it.

    While a hold lasts, rollouts pass the item by: it keeps the version it had when the hold began, that is, the one
    by the rollouts whose instant came before it. When the hold ends, the item catches up at once.
    """
    moves = moves_to_come(item, rollouts=rollouts)
    hold = _hold_at(item, at)
    if hold is None:
        heard = [move for move in moves if move.at <= at]
    else:
        began = _held_since(item, hold)
        heard = [move for move in moves if move.at < began]
    last = max(heard, key=lambda move: move.rollout.order, default=None)
    return Reached(item.pinned if last is None else last.rollout.version, last, hold)


def hold_began(item: ItemFact, *, at: datetime) -> datetime | None:
    """When the holding began that lasts at the instant; None: nothing holds the item."""
    hold = _hold_at(item, at)
    return None if hold is None else _held_since(item, hold)


def _hold_at(item: ItemFact, at: datetime) -> Hold | None:
    """The hold that lasts at the instant; of several the one that ends last, then by its reason."""
    lasting = [hold for hold in item.holds if hold.window.contains(at)]
    return max(lasting, key=lambda hold: (hold.window.end is None, hold.window.end, hold.reason), default=None)


def _held_since(item: ItemFact, hold: Hold) -> datetime:
    """When the holding began: holds that overlap or touch are one."""
    began = hold.window.start or BEGINNING
    windows = [one.window for one in item.holds]
    while True:
        touching = [window.start or BEGINNING for window in windows if window.end is None or window.end >= began]
        first = min([began, *touching])
        if first == began:
            return began
        began = first


def versions_ahead(item: ItemFact, *, rollouts: Iterable[RolloutFact]) -> set[str]:
    """Every version the item may ever have."""
    return {item.pinned, *(move.rollout.version for move in moves_to_come(item, rollouts=rollouts))}


def _own_windows(item: ItemFact) -> list[Window]:
    return [item.window, *(window for _, window in item.phases), *(hold.window for hold in item.holds)]


def item_instants(item: ItemFact, *, rollouts: Iterable[RolloutFact]) -> set[datetime]:
    """Every instant of the item's life at which what it gives may change."""
    moves = {move.at for move in moves_to_come(item, rollouts=rollouts)}
    within = Window(item.window.start, None)
    edges = {edge for window in _own_windows(item) for edge in window.edges()} | moves
    return {i for i in edges if within.contains(i) and (item.window.end is None or i <= item.window.end)}


def next_in_life(item: ItemFact, *, rollouts: Iterable[RolloutFact], after: datetime) -> datetime | None:
    """The next instant at which what the item gives may change; before it begins, only its beginning counts."""
    start = item.window.start
    if start is not None and after < start:
        return start
    moves = (move.at for move in moves_to_come(item, rollouts=rollouts) if move.at > after)
    return earliest(next_edge(_own_windows(item), after=after), *moves)


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
