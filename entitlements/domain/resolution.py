"""The answer for one feature at one instant, with every reason for it.

*Entitlement* is an answer, never a stored truth: a `Resolution` is worked out each time it is asked for. It holds on
`[t, valid_until)`: until then neither the answer nor its reasons change, as far as is known. `because` lists every
candidate that was alive at t in the order of application, kept or lost, each with the rule in words; folding the
kept ones gives the answer again (`explain.replay`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from catalog.domain.rollouts import Audience
from catalog.domain.values import Amount, Enforcement, FeatureShape, Reset, TermState, Value

Recency: TypeAlias = tuple[datetime, int, str]

BEGINNING = datetime.min.replace(tzinfo=UTC)


class Op(StrEnum):
    """What a kept candidate does to the value below it; the overrides' modes keep their names."""

    GIVES = "gives"
    NARROW = "narrow"  # of a set, only what this one holds too
    REPLACE = "replace"
    ADD = "add"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    DENY = "deny"
    NOTHING = "nothing"  # the account's standing ends every answer


class Layer(StrEnum):
    """Where a candidate speaks; applied in this order."""

    STANDING = "standing"
    BASE = "base"
    ADD_ON = "add_on"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class VersionCause:
    """Why an item has a version other than by its purchase: the publication that moved it, the hold that keeps it."""

    audience: Audience | None = None
    moved_at: datetime | None = None
    held: bool = False
    held_until: datetime | None = None
    held_because: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One source that spoke about the feature at the instant: what it said, and whether and why it counts.

    `path` says how a plan comes to speak ("through Gold support", "included"); `reason` and `by` are an override's.
    """

    layer: Layer
    kind: str  # plan, add_on, billing, parent, override, account
    id: str
    name: str
    op: Op
    value: Value | None
    kept: bool
    rule: str
    until: datetime | None = None
    typed_unit: str = ""
    path: str = ""
    by: str = ""
    reason: str = ""
    cause: VersionCause | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an account has of one feature: absent is `value` None, and is not zero.

    `granted` is false where the feature is absent, off or denied, whatever the value. `state` is VALUE or UNLIMITED
    where it is granted, and otherwise what the plan says in its place ("set per customer"). Reset, enforcement and
    overage are those of the base term that won, also where overrides changed the value: ask `granted` first. So are
    `sub_limits`, which bound what may fall to one choice ("model.large"; zero: nothing of it), and `each_of`: the feature
    for each seat of which the value is had by itself. `source` and `term` name the item (or the parent account, or
    what the billing says) and the plan's term whose conditions these are; both are empty where no base term won.
    """

    shape: FeatureShape
    value: Value | None
    granted: bool
    state: TermState
    reset: Reset | None
    enforcement: Enforcement
    overage_percent: int | None
    typed_unit: str
    valid_until: datetime | None
    because: tuple[Candidate, ...] = ()
    sub_limits: Mapping[str, Amount] = field(default_factory=dict)
    each_of: FeatureShape | None = None
    source: str = ""
    term: str = ""

    @property
    def feature(self) -> str:
        return self.shape.key


def recency(start: datetime | None, source_id: str) -> Recency:
    """Latest to start, then id, as a key that grows: ids are counted up, so "10" is newer than "9"."""
    return (start or BEGINNING, len(source_id), source_id)


def earliest(*instants: datetime | None) -> datetime | None:
    """The first of the instants; None is an instant that never comes."""
    return min((instant for instant in instants if instant is not None), default=None)
