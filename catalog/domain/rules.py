"""The rules of a feature: what may change about it, by date, and changes answers (DESIGN.md §3, FeatureRevision).

A rule never changes the past: the next one holds from its own instant on. A change *lowers* where somebody who has the
feature could have less of it afterwards: then it needs a reason and a second person. What the desk does when it can't
be reached, who is told at a threshold and when use starts again in default are choices of operation, not something
that was sold, so changing them never lowers; keeping a buffer back from a hard limit does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from catalog.domain.fallbacks import (
    LONGEST,
    USUAL_FALLBACKS,
    Fallback,
    Fallbacks,
    UseEffect,
    say_age,
    say_fallback,
    usual_thresholds,
)
from catalog.domain.values import BelowUse, Combine, FeatureShape, GivenBy, Kind, Nature, ParentRule, Reset, Squeeze
from catalog.domain.words import say_reset

MOST_THRESHOLDS = 6
HIGHEST_PERCENT = 500
Plain: TypeAlias = bool | int | str | list[list[int | str]] | None


class Told(StrEnum):
    """Who hears that a threshold was reached."""

    CUSTOMER = "customer"
    SALES = "sales"
    BOTH = "customer and sales"


@dataclass(frozen=True, slots=True)
class Threshold:
    percent: int
    told: Told


USUAL_THRESHOLDS = tuple(
    Threshold(int(str(percent)), Told(str(told)))  # the model's default is the one place where they are written
    for percent, told in usual_thresholds()
)


class OddRule(ValueError):
    """A rule that makes no sense for the feature; the message says why, `field` which part of it."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class FeatureRules:
    """Everything about a feature that may change by date."""

    given_by: GivenBy = GivenBy.PLANS
    combine: Combine = Combine.MOST_GENEROUS
    parent_rule: ParentRule = ParentRule.OWN
    default_reset: Reset | None = None
    kept_when_suspended: bool = False
    fallbacks: Fallbacks = USUAL_FALLBACKS
    thresholds: tuple[Threshold, ...] = USUAL_THRESHOLDS
    buffer_percent: int = 0
    below_use: BelowUse = BelowUse.ALLOW
    squeeze: Squeeze = Squeeze.KEEP


# A billing system tells that an account has something, and never how much of it.
ONLY_GATES = "{name} is more than on or off, so the plans have to say how much of it there is."


def seated(shape: FeatureShape) -> bool:
    """Whether it is held one by one, so that people may hold it by name: seats, and not gigabytes."""
    return shape.kind is Kind.CAPACITY and shape.scale == 1


def limited(shape: FeatureShape) -> bool:
    """Whether there is a limit that use can come near, so that thresholds and a buffer mean something."""
    return shape.kind in {Kind.METERED, Kind.CAPACITY, Kind.CREDIT}


def refuse_odd(rules: FeatureRules, *, shape: FeatureShape) -> None:
    """Raise OddRule for what this feature can't have."""
    if rules.given_by is GivenBy.BILLING and shape.kind is not Kind.GATE:
        raise OddRule(ONLY_GATES.format(name=shape.name), field="given_by")
    resets = shape.kind in {Kind.METERED, Kind.CREDIT}
    if resets and rules.default_reset is None:
        raise OddRule(f"{shape.name} is used up, so say when it starts again.", field="default_reset")
    if not resets and rules.default_reset is not None:
        raise OddRule(f"{shape.name} is not used up, so it never starts again; leave it empty.", field="default_reset")
    if rules.combine is Combine.ADD and shape.nature not in {Nature.QUANTITY, Nature.SET}:
        raise OddRule(f"{shape.name} has no amounts that could be added up.", field="combine")
    if rules.parent_rule is ParentRule.SHARED and not limited(shape):
        raise OddRule(f"{shape.name} has no use that could be shared; let the child inherit it.", field="parent_rule")
    age = rules.fallbacks.seconds
    if age is not None and not 0 < age <= LONGEST:
        raise OddRule(f"A last answer is kept for at least a second and at most {say_age(LONGEST)}.", field="seconds")
    if not 0 <= rules.buffer_percent < 100:
        raise OddRule("Keep back less than all of it: 0 to 99 percent.", field="buffer_percent")
    if rules.buffer_percent and not limited(shape):
        raise OddRule(f"{shape.name} has no limit to keep anything back from.", field="buffer_percent")
    if rules.below_use is BelowUse.REFUSE and not limited(shape):
        raise OddRule(f"Nothing of {shape.name} is ever counted as in use; let changes go ahead.", field="below_use")
    if rules.squeeze is not Squeeze.KEEP and not seated(shape):
        raise OddRule(f"Nobody holds a seat of {shape.name}, so nobody can lose one.", field="squeeze")
    _refuse_odd_thresholds(rules.thresholds)


def _refuse_odd_thresholds(thresholds: Sequence[Threshold]) -> None:
    percents = [threshold.percent for threshold in thresholds]
    if len(percents) > MOST_THRESHOLDS:
        raise OddRule(f"At most {MOST_THRESHOLDS} thresholds; more of them are noise.", field="thresholds")
    if any(not 1 <= percent <= HIGHEST_PERCENT for percent in percents):
        raise OddRule(f"A threshold lies between 1 and {HIGHEST_PERCENT} percent.", field="thresholds")
    if len(set(percents)) != len(percents):
        raise OddRule("The same percentage stands there twice; say once who is told.", field="thresholds")
    if percents != sorted(percents):
        raise OddRule("Write the thresholds in order, the lowest first.", field="thresholds")


def fitting(rules: FeatureRules, *, shape: FeatureShape) -> FeatureRules:
    """The rules with only those parts replaced that the feature can't have; a used-up feature starts again by bill."""
    resets = shape.kind in {Kind.METERED, Kind.CREDIT}
    addable = shape.nature in {Nature.QUANTITY, Nature.SET}
    shared = rules.parent_rule is ParentRule.SHARED and not limited(shape)
    return replace(
        rules,
        given_by=rules.given_by if shape.kind is Kind.GATE else GivenBy.PLANS,
        default_reset=(rules.default_reset or Reset.BILLING) if resets else None,
        combine=Combine.MOST_GENEROUS if rules.combine is Combine.ADD and not addable else rules.combine,
        parent_rule=ParentRule.INHERIT if shared else rules.parent_rule,
        buffer_percent=rules.buffer_percent if limited(shape) else 0,
        below_use=rules.below_use if limited(shape) else BelowUse.ALLOW,
        squeeze=rules.squeeze if seated(shape) else Squeeze.KEEP,
    )


_GENEROSITY = (Combine.MOST_RESTRICTIVE, Combine.MOST_GENEROUS, Combine.ADD)
_FROM_PARENT = (ParentRule.OWN, ParentRule.SHARED, ParentRule.INHERIT)


def lowers(before: FeatureRules, after: FeatureRules) -> tuple[str, ...]:
    """What customers could lose by the change, a sentence for each part of it; empty where nobody loses."""
    return tuple(_losses(before, after))


def _losses(before: FeatureRules, after: FeatureRules) -> Iterator[str]:
    if after.given_by is not before.given_by:
        yield _LOST_TO[after.given_by]
    if _GENEROSITY.index(after.combine) < _GENEROSITY.index(before.combine):
        yield f"who holds several plans gets {say_combine(after.combine)} instead of {say_combine(before.combine)}"
    if _FROM_PARENT.index(after.parent_rule) < _FROM_PARENT.index(before.parent_rule):
        yield f"a child account {say_parent_rule(after.parent_rule)}; so far it {say_parent_rule(before.parent_rule)}"
    if before.kept_when_suspended and not after.kept_when_suspended:
        yield "a suspended account no longer keeps it"
    if after.buffer_percent > before.buffer_percent:
        yield f"{after.buffer_percent} % of each hard limit is kept back, so far {before.buffer_percent} %"
    if before.squeeze is Squeeze.KEEP and after.squeeze is not Squeeze.KEEP:
        yield "where more seats are taken than a customer has, some lose theirs; so far all keep them"


_LOST_TO = {
    GivenBy.BILLING: "whoever has it by a plan or an add-on loses it, unless the billing system names it for them",
    GivenBy.PLANS: "whoever has it because the billing system says so loses it, unless a plan or an add-on gives it",
}
_COMBINE_WORDS = {
    Combine.MOST_GENEROUS: "the most generous of them",
    Combine.ADD: "all of them together",
    Combine.MOST_RESTRICTIVE: "the most restrictive of them",
}
_PARENT_WORDS = {
    ParentRule.OWN: "gets nothing from its parent",
    ParentRule.INHERIT: "gets what its parent has",
    ParentRule.SHARED: "shares what its parent has, use counted together",
}


def say_combine(combine: Combine) -> str:
    """What an account with several plans has: "the most generous of them"."""
    return _COMBINE_WORDS[combine]


def say_parent_rule(rule: ParentRule) -> str:
    """What a child account does with it: "gets what its parent has"."""
    return _PARENT_WORDS[rule]


def say_thresholds(thresholds: Sequence[Threshold]) -> str:
    """ "80 %: customer; 90 %: customer and sales", or "nobody is told"."""
    return "; ".join(f"{step.percent} %: {step.told}" for step in thresholds) or "nobody is told"


def say_rules(rules: FeatureRules, *, shape: FeatureShape) -> tuple[str, ...]:
    """The rules as sentences finance would say, only those that mean something for this feature."""
    return tuple(_sentences(rules, shape))


def _sentences(rules: FeatureRules, shape: FeatureShape) -> Iterator[str]:
    if rules.given_by is GivenBy.BILLING:
        yield "The billing system decides who has it: those whose active entitlements name it, whatever their plan says."
    yield f"An account with several plans has {say_combine(rules.combine)}."
    yield f"A child account {say_parent_rule(rules.parent_rule)}."
    if rules.default_reset is not None:
        yield _starts_again(rules.default_reset)
    yield f"A suspended account {'keeps' if rules.kept_when_suspended else 'loses'} it."
    yield say_fallback(rules.fallbacks)
    if not limited(shape):
        return
    yield f"As use nears the limit: {say_thresholds(rules.thresholds)}."
    if rules.buffer_percent:
        yield f"Of a hard limit {rules.buffer_percent} % is kept back, because use arrives late."
    yield f"Where a change leaves less than is in use: {_continued(rules.below_use.words)}."
    if seated(shape):
        yield f"Where more seats are taken than are left: {_continued(rules.squeeze.words)}."


def _continued(words: str) -> str:
    return words[0].lower() + words[1:]


def _starts_again(reset: Reset) -> str:
    if reset is Reset.NEVER:
        return "It never starts again: so much in all."
    return f"Unless a plan says otherwise, it is so much {say_reset(reset)}."


def plain_rules(rules: FeatureRules) -> dict[str, Plain]:
    """The rules as a request can keep them; `read_rules` reads them back."""
    fallbacks = rules.fallbacks
    return {
        "given_by": rules.given_by.value,
        "combine": rules.combine.value,
        "parent_rule": rules.parent_rule.value,
        "default_reset": rules.default_reset.value if rules.default_reset else "",
        "kept_when_suspended": rules.kept_when_suspended,
        "effect": fallbacks.effect.value,
        "fallback_paying": fallbacks.paying.value if fallbacks.paying else "",
        "fallback_trial": fallbacks.trial.value if fallbacks.trial else "",
        "fallback_unpaid": fallbacks.unpaid.value if fallbacks.unpaid else "",
        "fallback_seconds": fallbacks.seconds,
        "thresholds": [[step.percent, step.told.value] for step in rules.thresholds],
        "buffer_percent": rules.buffer_percent,
        "below_use": rules.below_use.value,
        "squeeze": rules.squeeze.value,
    }


class _Columns:
    """The keys of a request's rules, named as a row's columns are."""

    def __init__(self, values: dict[str, Plain]) -> None:
        self.__dict__.update(values)


def read_rules(values: dict[str, Plain]) -> FeatureRules:
    return rules_of(_Columns(plain_rules(FeatureRules()) | values))  # one asked for before a part was known lacks it


def rules_of(row: object) -> FeatureRules:
    """The rules a revision's row spells: today's row, one as history had it, or a request's."""
    said = {name: getattr(row, name) for name in _COLUMNS}
    return FeatureRules(
        given_by=GivenBy(said["given_by"]),
        combine=Combine(said["combine"]),
        parent_rule=ParentRule(said["parent_rule"]),
        default_reset=Reset(said["default_reset"]) if said["default_reset"] else None,
        kept_when_suspended=bool(said["kept_when_suspended"]),
        fallbacks=Fallbacks(
            effect=UseEffect(said["effect"]),
            paying=Fallback(said["fallback_paying"]) if said["fallback_paying"] else None,
            trial=Fallback(said["fallback_trial"]) if said["fallback_trial"] else None,
            unpaid=Fallback(said["fallback_unpaid"]) if said["fallback_unpaid"] else None,
            seconds=said["fallback_seconds"],
        ),
        thresholds=tuple(Threshold(int(percent), Told(told)) for percent, told in said["thresholds"]),
        buffer_percent=int(said["buffer_percent"]),
        below_use=BelowUse(said["below_use"]),
        squeeze=Squeeze(said["squeeze"]),
    )


_COLUMNS = tuple(plain_rules(FeatureRules()))
