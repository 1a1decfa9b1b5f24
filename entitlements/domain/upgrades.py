"""What an account would have if it bought something else: the same resolver on facts with one item swapped or added.

A plan takes the place of the plan of the subscription begun last; other subscriptions, add-ons and overrides stay as
they are. It is bought outright: a trial of that subscription, its grace or its pause is over with it. An add-on comes
beside what is there, once more where the account has it already. Nothing is bought here: whether it may be sold in the
account's market is asked before.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.values import PlanKind, TermState
from catalog.domain.window import Window
from entitlements.domain.facts import Facts, ItemFact, Phase, VersionFact
from entitlements.domain.figures import Direction, FeatureEffect
from entitlements.domain.hearing import Live
from entitlements.domain.holdings import Holdings
from entitlements.domain.impact import effects_between
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve_some
from entitlements.domain.saying import in_words

OFFERED = "offer"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One version the account could buy, what it would have then, and how that differs from today."""

    version: VersionFact
    instead_of: str  # the version whose place it takes; empty where it comes besides
    held: int  # how many of it the account has already
    answers: Mapping[str, Resolution]
    effects: tuple[FeatureEffect, ...]

    @property
    def gains(self) -> tuple[FeatureEffect, ...]:
        return self._of(Direction.BETTER)

    @property
    def losses(self) -> tuple[FeatureEffect, ...]:
        return self._of(Direction.WORSE)

    @property
    def others(self) -> tuple[FeatureEffect, ...]:
        return self._of(Direction.OTHER)

    def _of(self, direction: Direction) -> tuple[FeatureEffect, ...]:
        return tuple(effect for effect in self.effects if effect.direction is direction)


def upgrade(
    facts: Facts,
    version: VersionFact,
    *,
    answers: Mapping[str, Resolution],
    at: datetime,
    features: Collection[str] | None = None,
) -> Upgrade | None:
    """What buying the version would change of today's `answers`; None where the account has just that plan already.

    `features`: of these alone, for less work.
    """
    held = Holdings(facts, at).live
    known = replace(facts, versions={**facts.versions, version.id: version})
    if version.kind is PlanKind.PLAN:
        replaced = _replaced(held)
        if replaced is not None and replaced.version.id == version.id and replaced.phase is Phase.ACTIVE:
            return None
        wanted = _with_plan(known, version, replaced, at=at)
    else:
        replaced = None
        wanted = _with_add_on(known, version, held, at=at)
    then = resolve_some(wanted, facts.features if features is None else features, at=at)
    return Upgrade(
        version,
        instead_of="" if replaced is None else f"{replaced.version.plan_name} v{replaced.version.number}",
        held=sum(one.item.quantity for one in held if one.version.plan == version.plan),
        answers=then,
        effects=tuple(_said(effect, answers, then) for effect in effects_between(answers, then)),
    )


def _said(effect: FeatureEffect, answers: Mapping[str, Resolution], then: Mapping[str, Resolution]) -> FeatureEffect:
    """In the words of the account's page, unless it differs in something those leave out.

    What is agreed with each customer is no loss yet.
    """
    was, is_then = answers[effect.feature], then[effect.feature]
    before, after = in_words(was), in_words(is_then)
    if before == after:
        return effect
    agreed = not is_then.granted and is_then.state is TermState.SET_PER_CUSTOMER
    return replace(effect, before=before, after=after, direction=Direction.OTHER if agreed else effect.direction)


def alone(
    facts: Facts, version: VersionFact, *, at: datetime, features: Collection[str] | None = None
) -> Mapping[str, Resolution]:
    """What the version would give to an account that has nothing else; `features`: of these alone, for less work."""
    bare = replace(
        facts,
        versions={version.id: version},
        rollouts=(),
        items=(_item(version, at=at),),
        overrides=(),
        billed=(),
        standings=(),
        parent=None,
    )
    return resolve_some(bare, bare.features if features is None else features, at=at)


def _replaced(held: list[Live]) -> Live | None:
    """The plan of the subscription begun last; a lent plan is nobody's to replace."""
    return next((one for one in held if one.version.kind is PlanKind.PLAN and not one.item.lent), None)


def _with_plan(facts: Facts, version: VersionFact, replaced: Live | None, *, at: datetime) -> Facts:
    if replaced is None:
        return replace(facts, items=(*facts.items, _item(version, at=at)))
    own, subscription = _row(replaced.item), replaced.item.subscription
    others = tuple(_outright(item, subscription) for item in facts.items if _row(item) != own)
    bought = _item(version, at=at, subscription=subscription, interval=replaced.item.interval)
    return replace(facts, items=(*others, bought))


def _row(item: ItemFact) -> str:
    """One item may be several facts: a stretch for each time it was paid for."""
    return item.id.partition(":")[0]


def _outright(item: ItemFact, subscription: str) -> ItemFact:
    if item.subscription != subscription:
        return item
    return replace(item, phases=(), trial_lapses_at=None)


def _with_add_on(facts: Facts, version: VersionFact, held: list[Live], *, at: datetime) -> Facts:
    base = _replaced(held)
    if base is None:
        return replace(facts, items=(*facts.items, _item(version, at=at)))
    beside = replace(
        _item(version, at=at, subscription=base.item.subscription, interval=base.item.interval),
        phases=base.item.phases,
        trial_lapses_at=base.item.trial_lapses_at,
    )
    return replace(facts, items=(*facts.items, beside))


def _item(version: VersionFact, *, at: datetime, subscription: str = OFFERED, interval: str | None = None) -> ItemFact:
    return ItemFact(
        id=OFFERED,
        subscription=subscription,
        plan=version.plan,
        pinned=version.id,
        quantity=1,
        window=Window(at, None),
        recorded_at=at,
        interval=interval,
    )
