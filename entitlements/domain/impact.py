"""What a publication does to whom: every account it reaches, resolved before and after at the instant it reaches it.

Two worlds are compared. *Before* has the rollouts as they stand; *after* has one more, the proposed one. An account is
reached at the first instant at which an item of it has another version in the second world than in the first: at the
rollout's own instant, at its renewal, at the end of a hold. An item that begins only later gets what is on sale then,
like any new customer, and is not reached. A closed account has nothing to gain or lose.

The facts are those known at `moment`, so figures carry it: later ones may differ.

Thousands resolve fast because most are alike. What decides an answer at an instant, apart from overrides and the
parent, is the market, the standing, and of each live item its version, phase, quantity, payment interval and place in
the order of starts; and, of the catalog, which rules and market windows are in force. Accounts that share all of this
share one resolution. A property test holds the shared answers equal to resolving every account by itself.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from catalog.domain.rollouts import RolloutFact
from catalog.domain.version_diff import Change, ChangeKind, TermFacts, diff
from entitlements.domain.facts import Facts, ItemFact, Standing
from entitlements.domain.figures import Direction, Effects, FeatureEffect
from entitlements.domain.hearing import Live, live
from entitlements.domain.phases import item_instants, phase_at, pin_at, standing_at
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.domain.trials import stretches, version_named

HORIZON = timedelta(days=400)  # a renewal is at most a year away; thirteen months are looked ahead

Answers: TypeAlias = Mapping[str, Resolution]
Rollouts: TypeAlias = tuple[RolloutFact, ...]

_DIRECTIONS = {
    ChangeKind.ADDED: Direction.BETTER,
    ChangeKind.RAISED: Direction.BETTER,
    ChangeKind.REMOVED: Direction.WORSE,
    ChangeKind.LOWERED: Direction.WORSE,
}


@dataclass(slots=True)
class Comparison:
    """The two worlds of one proposed rollout. `edges` are the instants, sorted, at which the catalog itself changes."""

    proposed: RolloutFact
    before: Rollouts
    edges: Sequence[datetime] = ()
    shared: dict[tuple[object, ...], tuple[FeatureEffect, ...]] = field(default_factory=dict)

    def of(self, facts: Facts, *, in_use: Mapping[str, Decimal] | None = None) -> Effects | None:
        """What it does to one account; None where it does not reach it. The facts name the proposed version too.

        `in_use` is what the account uses, by feature, in its smallest unit.
        """
        was, will = _with(facts, self.before), _with(facts, (*self.before, self.proposed))
        own = self._instants(was, will)
        through_parent = set() if facts.parent is None else self._instants_above(was, will)
        open_at = [t for t in sorted(own | through_parent) if standing_at(facts, at=t) is not Standing.CLOSED]
        if not open_at:
            return None
        changes: dict[str, FeatureEffect] = {}
        bare: dict[str, FeatureEffect] = {}
        over: dict[str, str] = {}
        for instant in open_at:
            changes |= {effect.feature: effect for effect in self._effects(was, will, instant)}
            bare |= {effect.feature: effect for effect in self._without_overrides(was, will, instant)}
            over |= dict(_over(will, instant, in_use or {}, changes))
        if not own and not changes:
            return None
        kept = tuple(effect.name for key, effect in bare.items() if key not in changes)
        return Effects(instant=open_at[0], changes=tuple(changes.values()), overridden=kept, over=tuple(over.values()))

    def _instants(self, was: Facts, will: Facts) -> set[datetime]:
        """The first instant of each item at which its version differs between the two worlds."""
        others = {stretch.id: stretch for stretch in _stretches(was)}
        found = set()
        for stretch in _stretches(will):
            other = others.get(stretch.id)
            if other is not None and other.pinned == stretch.pinned and stretch.pinned in self.proposed.moves_from:
                found |= self._first(stretch, was.rollouts, will.rollouts)
        return found

    def _first(self, item: ItemFact, was: Rollouts, will: Rollouts) -> set[datetime]:
        begin, end = self.proposed.effective_at, self.proposed.effective_at + HORIZON
        instants = sorted({begin, *(i for i in item_instants(item, rollouts=will) if begin < i <= end)})
        moved = (
            instant
            for instant in instants
            if item.window.contains(instant)
            and pin_at(item, rollouts=was, at=instant) != pin_at(item, rollouts=will, at=instant)
        )
        first = next(moved, None)
        return set() if first is None else {first}

    def _instants_above(self, was: Facts, will: Facts) -> set[datetime]:
        found: set[datetime] = set()
        while was.parent is not None and will.parent is not None:
            was, will = was.parent, will.parent
            found |= self._instants(was, will)
        return found

    def _without_overrides(self, was: Facts, will: Facts, at: datetime) -> tuple[FeatureEffect, ...]:
        if not _overridden(will, at):
            return ()
        return self._effects(replace(was, overrides=()), replace(will, overrides=()), at)

    def _effects(self, was: Facts, will: Facts, at: datetime) -> tuple[FeatureEffect, ...]:
        if will.parent is not None or _overridden(will, at):
            return effects_between(resolve(was, at=at), resolve(will, at=at))
        situation = (
            will.market,
            standing_at(will, at=at),
            bisect_right(self.edges, at),
            _holding(was, at),
            _holding(will, at),
        )
        if situation not in self.shared:
            self.shared[situation] = effects_between(resolve(was, at=at), resolve(will, at=at))
        return self.shared[situation]


def _over(
    will: Facts, at: datetime, in_use: Mapping[str, Decimal], changes: Mapping[str, FeatureEffect]
) -> Iterator[tuple[str, str]]:
    """The features that are lowered below what is in use, with their names."""
    lowered = [key for key in in_use if key in changes and changes[key].direction is Direction.WORSE]
    answers = resolve(will, at=at) if lowered else {}
    for key in lowered:
        left = answers[key].value if answers[key].granted else None
        if left is None or (isinstance(left, Decimal) and in_use[key] > left):
            yield key, answers[key].shape.name


def effects_between(before: Answers, after: Answers) -> tuple[FeatureEffect, ...]:
    """Every feature that is otherwise than before, as better, worse or just different for the customer."""
    changed = [key for key in after if _differs(before[key], after[key])]
    if not changed:
        return ()
    found = diff(
        plan="",
        old={key: _facts(before[key]) for key in changed},
        new={key: _facts(after[key]) for key in changed},
        shapes={key: after[key].shape for key in changed},
    )
    return tuple(_effect(change, after[change.feature]) for change in found)


def _effect(change: Change, answer: Resolution) -> FeatureEffect:
    direction = _DIRECTIONS.get(change.kind, Direction.OTHER)
    return FeatureEffect(change.feature, answer.shape.name, direction, change.before, change.after)


def _differs(before: Resolution, after: Resolution) -> bool:
    return (before.granted or after.granted) and _facts(before) != _facts(after)


def _facts(answer: Resolution) -> TermFacts:
    """An answer as a term would say it, so that the one measure of better and worse judges both."""
    if not answer.granted:
        return TermFacts()
    return TermFacts(
        state=answer.state,
        value=answer.value,
        typed_unit=answer.typed_unit,
        reset=answer.reset,
        enforcement=answer.enforcement,
        overage_percent=answer.overage_percent,
    )


def _with(facts: Facts, rollouts: Rollouts) -> Facts:
    parent = None if facts.parent is None else _with(facts.parent, rollouts)
    return replace(facts, rollouts=rollouts, parent=parent)


def _stretches(facts: Facts) -> Iterable[ItemFact]:
    return (stretch for item in facts.items for stretch in stretches(item, facts=facts))


def _overridden(facts: Facts, at: datetime) -> bool:
    return any(override.window.contains(at) for override in facts.overrides)


def _holding(facts: Facts, at: datetime) -> tuple[object, ...]:
    """All of an account's live items that can decide an answer, the latest to start first."""
    found = [_live(stretch, facts, at) for stretch in _stretches(facts) if stretch.window.contains(at)]
    found.sort(key=lambda one: one.source.recency, reverse=True)
    return tuple(
        (one.version.id, one.phase, one.item.quantity, one.item.interval, one.item.lent, one.item.only) for one in found
    )


def _live(item: ItemFact, facts: Facts, at: datetime) -> Live:
    version = version_named(pin_at(item, rollouts=facts.rollouts, at=at), versions=facts.versions)
    return live(item, version=version, phase=phase_at(item, at=at))
