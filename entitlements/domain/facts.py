"""Everything the resolver may know about one account: rows turned into values by `entitlements/snapshots.py`.

Everything sold or promised is one of two facts (DESIGN.md §4): an **item** (a plan or add-on version × quantity, with
its dates and phases) or an **override** (a mode and a window). Nothing below reads a database or a clock; every
instant is an aware UTC `datetime`, every stretch of time a half-open `Window`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from catalog.domain.fallbacks import USUAL_FALLBACKS, Fallbacks
from catalog.domain.rollouts import RolloutFact
from catalog.domain.rules import USUAL_THRESHOLDS, Threshold
from catalog.domain.tails import SubLimits
from catalog.domain.values import (
    AddOnEffect,
    AtTrialEnd,
    BelowUse,
    Combine,
    Enforcement,
    FeatureShape,
    GivenBy,
    ParentRule,
    PlanKind,
    Reset,
    Scaling,
    Squeeze,
    TermState,
    Value,
)
from catalog.domain.window import ALWAYS, Window
from entitlements.domain.periods import Periods


class Phase(StrEnum):
    """Where an item stands in its life; of several at once, the earliest in this list speaks."""

    PAUSED = "paused"
    WINDING_DOWN = "winding_down"
    GRACE = "grace"
    TRIAL = "trial"
    ACTIVE = "active"


class Standing(StrEnum):
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Mode(StrEnum):
    """What an override does to the value below it, applied in this order."""

    REPLACE = "replace"
    ADD = "add"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class FeatureFact:
    """A feature with the rules in force for it; `revisions` are its dated rules, earliest first.

    `weights` name every choice by which use is told apart, with how much one unit of it counts, in thousandths
    ("model.premium": 5000).
    """

    shape: FeatureShape
    revisions: "tuple[FeatureRule, ...]"
    weights: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureRule:
    """What may change about a feature and changes answers; in force from `effective_at` until the next one."""

    effective_at: datetime
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


@dataclass(frozen=True, slots=True)
class TermFact:
    """One cell of a plan version, as it concerns one feature.

    `depth` is how far up the ladder of included versions the term was written (0 = the version itself);
    `group_distance` is 0 for a term written for the feature itself, 1 for its group, 2 for the group above.
    `provided` are the windows in which the term's plan and feature are both provided in the account's market;
    an empty tuple means never.
    """

    id: str
    feature: str
    state: TermState
    value: Value | None = None
    phase: Phase | None = None
    market: str | None = None
    interval: str | None = None
    depth: int = 0
    group_distance: int = 0
    group_name: str = ""
    scaling: Scaling = Scaling.FLAT
    seats_of: str = ""
    reset: Reset | None = None
    enforcement: Enforcement = Enforcement.HARD
    overage_percent: int | None = None
    typed_unit: str = ""
    provided: tuple[Window, ...] = (ALWAYS,)
    sub_limits: SubLimits = ()  # how much of the amount may fall to one choice of a dimension
    at_trial_end: AtTrialEnd = AtTrialEnd.ENDS
    kept_days: int | None = None  # calendar days after a trial, in the account's zone


@dataclass(frozen=True, slots=True)
class VersionFact:
    """An immutable plan version with every term that can speak in it, its own and the included ones."""

    id: str
    plan: str
    plan_name: str
    number: int
    kind: PlanKind
    effect: AddOnEffect = AddOnEffect.ADDS
    after_trial: str | None = None  # the plan an unconverted trial falls back to; None: it ends
    terms: tuple[TermFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch of time in which the item keeps the version it began with, and why."""

    window: Window
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ItemFact:
    """A plan or add-on a subscription holds. `pinned` is the version on sale when it was recorded."""

    id: str
    subscription: str
    plan: str
    pinned: str
    quantity: int
    window: Window
    phases: tuple[tuple[Phase, Window], ...] = ()
    trial_lapses_at: datetime | None = None  # the end of a trial nobody has converted
    interval: str | None = None
    lent: bool = False  # a lent plan always combines by the most generous
    holds: tuple[Hold, ...] = ()  # while one lasts, rollouts pass the item by
    recorded_at: datetime | None = None  # what took effect before it was sold has chosen its version; None: nothing
    cohorts: frozenset[str] = frozenset()  # the frozen cohorts its account is in
    periods: Periods | None = None  # None: nothing is known of its renewals, so it has none
    note: str = ""  # e.g. "after the trial of Pro"
    used_in_trial: frozenset[str] = frozenset()  # the features it was noted of that they were used before the lapse
    only: frozenset[str] | None = None  # the features it speaks about; None: all that its version does


@dataclass(frozen=True, slots=True)
class OverrideFact:
    """A promise to one account. Only approved ones are facts; `scope_subscription` None means the whole account."""

    id: str
    feature: str
    mode: Mode
    window: Window
    value: Value | None = None
    scope_subscription: str | None = None
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class BilledFeatureFact:
    """That the system billing the account says it has a feature, from when we were told until it said no longer.

    `system` is the sort of system that says so, `label` what the reader calls it. Markets don't limit it: what the
    billing gives, it gives wherever the customer is.
    """

    id: str
    feature: str
    window: Window
    system: str
    label: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One account, all of it, with its parent's facts where a feature's parent rule needs them."""

    account: str
    market: str | None
    features: Mapping[str, FeatureFact]
    versions: Mapping[str, VersionFact]
    rollouts: tuple[RolloutFact, ...] = ()
    items: tuple[ItemFact, ...] = ()
    overrides: tuple[OverrideFact, ...] = ()
    billed: tuple[BilledFeatureFact, ...] = ()  # heard only about features that the billing gives
    standings: tuple[tuple[datetime, Standing], ...] = ()  # from this instant on; open before the first
    parent: "Facts | None" = field(default=None)
    zone: str = "UTC"  # whose calendar counts the days that something is kept after a trial
