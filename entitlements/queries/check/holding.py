"""What stands in memory: accounts, each a few bytes that point to a profile, and profiles, shared and worked out once.

A *held* account is read without a lock. It is forgotten by pointing it to `GONE`, which has no answers, so that nobody
needs to know under which names it was asked for.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.db import OperationalError
from django.db.models import Model

from catalog.domain.fallbacks import AccountState
from catalog.domain.rollouts import RolloutFact
from catalog.domain.values import ParentRule
from entitlements.domain.facts import FeatureFact, Standing, VersionFact
from entitlements.domain.outdating import Edition
from entitlements.domain.profiles import Billing, Profile, keeps_after_trial
from entitlements.domain.resolution import BEGINNING
from entitlements.queries.check.answers import Ruling
from entitlements.snapshots import CatalogSnapshot, Reader

FOREVER = float("inf")
NEVER_WORKED_OUT = -1


class Compiled(msgspec.Struct, frozen=True):
    """A profile's rulings by one edition of the catalog, for the stretch `[since, until)`.

    Where promises were made, `rulings` are only those that differ; `base` has the rest.
    """

    number: int
    since: float
    until: float
    rulings: dict[str, Ruling]
    base: "Compiled | None" = None
    kept: dict[str, Any] = {}

    def ruling(self, feature: str) -> Ruling | None:
        found = self.rulings.get(feature)
        return found if found is not None or self.base is None else self.base.rulings.get(feature)

    def all(self) -> Mapping[str, Ruling]:
        """Every feature; the map is made once."""
        if self.base is None:
            return self.rulings
        found: Mapping[str, Ruling] | None = self.kept.get("all")
        if found is None:
            found = self.kept["all"] = {**self.base.rulings, **self.rulings}
        return found


UNKNOWN = Compiled(NEVER_WORKED_OUT, FOREVER, -FOREVER, {})


class Shared:
    """A profile and what it comes to now. `latest` is the newest instant rounded off in any account that has it.

    `gone`: it tells its accounts apart no longer, so that each of them has to be read again.
    """

    __slots__ = ("__weakref__", "base", "compiled", "gone", "latest", "profile")

    def __init__(self, profile: Profile, base: "Shared | None" = None, *, latest: datetime = BEGINNING) -> None:
        self.profile, self.base, self.latest = profile, base, latest
        self.compiled, self.gone = UNKNOWN, False


GONE = Shared(Profile(None, Standing.CLOSED, AccountState.PAYING, ()))
GONE.gone = True


class Use(msgspec.Struct, frozen=True, gc=False):
    """What an account's own counter says in the period `[start, end)`, as it was at `as_of`."""

    start: float
    end: float
    taken: int
    as_of: float


class Ahead(NamedTuple):
    """What an account will have for `[since, until)` if nobody changes anything: asked only when no row can be read."""

    since: float
    until: float
    shared: Shared


class Asked(msgspec.Struct):
    """What is kept of an account only where it is needed: its billing periods and what it has in use once somebody asked
    for them, and what follows where its profile ends within a month."""

    billing: Billing | None = None
    uses: dict[str, Use] = {}
    ahead: tuple[Ahead, ...] = ()


class Held(msgspec.Struct, gc=False):
    """An account: its profile for `[since, until)`. There may be a million, so every word counts (plan_edit.py)."""

    shared: Shared
    id: int
    since: float
    until: float
    zone: str
    asked: Asked | None = None


class CutOff(OperationalError):
    """The database can't be asked, and what was asked isn't known by heart."""


class NoReader(Reader):
    """In place of the rows while they can't be read."""

    def rows(self, model: type[Model], **filters: Any) -> list[Any]:
        raise CutOff(f"{model.__name__} can't be read now.")


class CatalogView:
    """One edition of the catalog, as profiles are worked out with it."""

    def __init__(self, snapshot: CatalogSnapshot) -> None:
        self.snapshot = snapshot
        self.features: Mapping[str, FeatureFact] = snapshot.facts
        self.rollouts: tuple[RolloutFact, ...] = snapshot.rollouts
        self.market_ids = {market.key: pk for pk, market in snapshot.markets.items()} | {None: None}
        self.feature_ids = {feature.key: pk for pk, feature in snapshot.features.items()}
        self.asks_parents = any(
            rule.parent_rule is not ParentRule.OWN for fact in self.features.values() for rule in fact.revisions
        )

    def by_heart(self) -> "CatalogView":
        """The same, for when no row can be read: what it hasn't read yet is a `CutOff`."""
        heart = copy(self)
        heart.snapshot = replace(self.snapshot, reader=NoReader())
        return heart

    def versions_of(self, pinned: Iterable[str], *, market: str | None) -> Mapping[str, VersionFact]:
        return self.snapshot.versions_for((int(version) for version in pinned), market=self.market_ids[market])


def editions(before: CatalogView, after: CatalogView) -> list[Edition]:
    """The publications that differ, as they were and as they are."""
    old = {rollout.id: rollout for rollout in before.rollouts}
    new = {rollout.id: rollout for rollout in after.rollouts}
    return [(old.get(key), new.get(key)) for key in old.keys() | new.keys() if old.get(key) != new.get(key)]


def retold(profile: Profile, before: CatalogView, after: CatalogView) -> set[str]:
    """The versions it tried of which what they keep, or what follows them, is told in another way now."""
    found = set() if profile.parent is None else retold(profile.parent, before, after)
    if not profile.tried:
        return found
    if profile.market not in after.market_ids:
        return found | profile.tried
    was, now = (view.versions_of(profile.tried, market=profile.market) for view in (before, after))
    return found | {key for key in profile.tried if _differ(was[key], now[key])}


def _differ(was: VersionFact, now: VersionFact) -> bool:
    kept = keeps_after_trial(was) or keeps_after_trial(now)
    return was.after_trial != now.after_trial or (kept and was.terms != now.terms)
