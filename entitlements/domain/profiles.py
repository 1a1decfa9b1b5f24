"""What many accounts have in common: a *profile* is all that decides what an account may do in a stretch of time.

An account's facts are read at an instant t; up to `until`, the next instant at which anything of its own changes,
everything that cannot matter is taken out of them: who it is, what its items are called (they are numbered by age),
dates (a window or a phase that lasts all the stretch is always), what has passed and what is still to come. Two
accounts that differ in nothing else have **equal** profiles, so that a million of them share a few, and each profile
is worked out once by the one resolver (`terms_by_profile`). This is no second resolver: a profile *is* facts.

Only what is the account's own is folded in. Publications, rules of features and market windows stay outside, and are
brought in when a profile is worked out: when the catalog changes, profiles are worked out again and no account is read.

- **Sold before or after**: an item remembers when it was sold, because publications in force by then have chosen its
  version. All that counts is *between which publications* that was: the instant becomes that of the era's beginning.
  The same holds for the beginning of a hold. `latest` is the newest instant that was so rounded off.
- **At renewal**: each item has its own instant, so that the stretch ends there; those that have come by t are kept as
  one instant, for whatever moves later has also been published later (`Place`).
- **After a trial** stands what the resolver says follows it: `after_trial` and what is kept become items. They depend
  on the catalog as it was at the lapse, so the versions that were tried are remembered.
- **Young**: what is younger than `settling` is not shared yet. A publication that is being written at this moment
  bears an instant a little in the past; so it can only part those accounts that have a profile to themselves.

For which profiles a change of the catalog asks to read accounts again is in `outdating`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

from catalog.domain.fallbacks import AccountState, fallback_for
from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.values import AtTrialEnd
from catalog.domain.window import ALWAYS, MOMENT, Window
from entitlements.domain.facts import (
    BilledFeatureFact,
    Facts,
    FeatureFact,
    Hold,
    ItemFact,
    OverrideFact,
    Phase,
    Standing,
    VersionFact,
)
from entitlements.domain.periods import Periods
from entitlements.domain.phases import hold_began, instant_of, phase_at, pin_at, rule_at, standing_at
from entitlements.domain.resolution import BEGINNING, earliest, recency
from entitlements.domain.safeguards import account_state
from entitlements.domain.trials import UNMOVED, stretches
from entitlements.domain.usage.terms import UseTerms, use_terms

NEVER = datetime.max.replace(tzinfo=UTC)
AT_ONCE = timedelta()
NO_SUBSCRIPTION = "gone"  # it gives nothing in this stretch
Billing: TypeAlias = tuple[tuple[Periods | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Place(Periods):
    """Whose periods they are (how many accounts up, and which of its items), instead of the periods themselves.

    `reached` is the instant of the last publication at renewal that has come to the item.
    """

    level: int = 0
    number: int = 0
    reached: datetime | None = None

    def renewal(self, *, since: datetime) -> datetime:
        return since if self.reached is not None and since <= self.reached else NEVER


@dataclass(frozen=True, slots=True)
class Profile:
    """`account` is empty but for a parent, whom its children's reasons name."""

    market: str | None
    standing: Standing
    state: AccountState
    items: tuple[ItemFact, ...]
    overrides: tuple[OverrideFact, ...] = ()
    billed: tuple[BilledFeatureFact, ...] = ()
    tried: frozenset[str] = frozenset()
    young: datetime | None = None
    account: str = ""
    parent: "Profile | None" = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An account seen at an instant: its profile, the stretch in which it has it, and what is its own beside it.

    `billing` are the periods of its items in the order in which a `Place` numbers them, the parent's after its own.
    """

    profile: Profile
    since: datetime | None
    until: datetime | None
    latest: datetime
    billing: Billing


class CatalogFacts(Protocol):
    """What of the catalog a profile is worked out with."""

    @property
    def features(self) -> Mapping[str, FeatureFact]: ...
    @property
    def rollouts(self) -> tuple[RolloutFact, ...]: ...
    def versions_of(self, pinned: Iterable[str], *, market: str | None) -> Mapping[str, VersionFact]: ...


def sight(facts: Facts, *, at: datetime, settling: timedelta = AT_ONCE) -> Sighting:
    """The account's profile at the instant, and until when nothing of its own changes it."""
    seen = _Seen(facts, at, level=0)
    young = seen.latest if seen.latest > at - settling and seen.latest > BEGINNING else None
    until = seen.until if young is None else earliest(seen.until, max(young + settling, at + MOMENT))
    since = max((instant for instant in seen.instants if instant <= at), default=None)
    return Sighting(replace(seen.profile, young=young), since, until, seen.latest, seen.billing)


def without_overrides(profile: Profile) -> Profile:
    """What the account shares with those that were promised nothing."""
    items = tuple(replace(item, subscription="") for item in profile.items)
    return replace(profile, overrides=(), items=items)


def terms_by_profile(profile: Profile, catalog: CatalogFacts, *, at: datetime) -> dict[str, UseTerms]:
    """The terms of every feature, by the resolver. Zone and billing periods are the account's own: `in_person`."""
    found = use_terms(facts_of(profile, catalog), at=at)
    rules = {key: rule_at(fact, at=at) for key, fact in catalog.features.items()}
    return {
        key: replace(terms, reliance=fallback_for(rules[key].fallbacks, profile.state)) for key, terms in found.items()
    }


def in_person(terms: UseTerms, *, zone: str, billing: Billing) -> UseTerms:
    """The terms as one account has them: in its zone, and by its own billing periods."""
    place = terms.periods
    periods = billing[place.level][place.number] if isinstance(place, Place) else place
    return replace(terms, zone=zone, periods=periods)


def facts_of(profile: Profile, catalog: CatalogFacts) -> Facts:
    """A profile as the resolver reads it."""
    return Facts(
        account=profile.account,
        market=profile.market,
        features=catalog.features,
        versions=catalog.versions_of((item.pinned for item in profile.items), market=profile.market),
        rollouts=catalog.rollouts,
        items=profile.items,
        overrides=profile.overrides,
        billed=profile.billed,
        standings=() if profile.standing is Standing.OPEN else ((BEGINNING, profile.standing),),
        parent=None if profile.parent is None else facts_of(profile.parent, catalog),
    )


def keeps_after_trial(version: VersionFact) -> bool:
    return any(term.at_trial_end is not AtTrialEnd.ENDS for term in version.terms)


class _Seen:
    """One account at one instant, and those above it."""

    profile: Profile
    until: datetime | None
    billing: Billing

    def __init__(self, facts: Facts, at: datetime, *, level: int) -> None:
        self.facts, self.at, self.level = facts, at, level
        self.instants: list[datetime] = [instant for instant, _standing in facts.standings]
        self.latest = BEGINNING
        self.tried: set[str] = set()
        found = [one for item in facts.items if not _over(item, at) for one in self._stretches(item)]
        self.live = sorted(found, key=lambda one: recency(one.window.start, one.id))
        self.overrides = tuple(self._overrides())
        self.names = self._subscriptions()
        above = None if facts.parent is None else _Seen(facts.parent, at, level=level + 1)
        self.instants += [] if above is None else above.instants
        self.profile = Profile(
            market=facts.market,
            standing=standing_at(facts, at=at),
            state=account_state(facts, at=at),
            items=tuple(self._item(number, item) for number, item in enumerate(self.live)),
            overrides=tuple(replace(one, scope_subscription=self._scope(one)) for one in self.overrides),
            billed=tuple(self._billed()),
            tried=frozenset(self.tried),
            account=facts.account if level else "",
            parent=None if above is None else above.profile,
        )
        self.until = earliest(*(instant for instant in self.instants if instant > at))
        self.latest = self.latest if above is None else max(self.latest, above.latest)
        own_periods = tuple(item.periods for item in self.live)
        self.billing = (own_periods, *(() if above is None else above.billing))

    def _stretches(self, item: ItemFact) -> Iterator[ItemFact]:
        """What of the item is alive; the instants of its life are noted."""
        lapse = item.trial_lapses_at
        if lapse is not None:
            self.instants.append(lapse)
            if lapse <= self.at:
                self.tried.add(pin_at(item, rollouts=self.facts.rollouts, at=lapse))
                self.latest = max(self.latest, lapse)
        for one in stretches(item, facts=self.facts):
            windows = (one.window, *(window for _, window in one.phases), *(hold.window for hold in one.holds))
            self.instants += [edge for window in windows for edge in window.edges()]
            if one.window.contains(self.at):
                yield one

    def _item(self, number: int, item: ItemFact) -> ItemFact:
        phase = phase_at(item, at=self.at)
        moving = [r for r in self.facts.rollouts if r.moves_holders and item.pinned in r.moves_from]
        began = hold_began(item, at=self.at)
        placed = replace(
            item,
            phases=() if phase is Phase.ACTIVE else ((phase, ALWAYS),),
            trial_lapses_at=None,
            holds=() if began is None else (Hold(Window(self._era(began, moving), None)),),
            recorded_at=None if item.recorded_at is None else self._era(item.recorded_at, moving),
            cohorts=item.cohorts & {rollout.cohort for rollout in moving if rollout.audience is Audience.COHORT},
            periods=self._place(number, item, moving, began),
            subscription=self.names.get(item.subscription, ""),
            used_in_trial=frozenset(),
            window=ALWAYS,
        )
        if item.window.start is None:
            return placed  # it is as old as the parent's word, and only their names tell which speaks
        age = BEGINNING + (number + 1) * MOMENT
        return replace(placed, id=f"#{number}", window=Window(age, None))

    def _era(self, instant: datetime, moving: Iterable[RolloutFact]) -> datetime | None:
        """The same for all instants with the same publications before them; None: with none of them before it."""
        if instant == UNMOVED:
            return instant
        self.latest = max(self.latest, instant)
        before = [rollout.effective_at for rollout in moving if rollout.effective_at < instant]
        return max(before) + MOMENT if before else None

    def _place(self, number: int, item: ItemFact, moving: Iterable[RolloutFact], began: datetime | None) -> Place:
        reached = None
        for rollout in moving:
            if rollout.audience is not Audience.AT_RENEWAL:
                continue
            renewed = instant_of(item, rollout)
            if renewed is None:
                continue
            self.instants.append(renewed)
            if renewed <= self.at and (began is None or renewed < began):
                reached = rollout.effective_at if reached is None else max(reached, rollout.effective_at)
        return Place(BEGINNING, BEGINNING, level=self.level, number=number, reached=reached)

    def _overrides(self) -> Iterator[OverrideFact]:
        for override in self.facts.overrides:
            self.instants += override.window.edges()
            if override.window.contains(self.at):
                yield override

    def _billed(self) -> Iterator[BilledFeatureFact]:
        """What the billing says then, each feature once for each that says so, whichever rule the catalog has for it."""
        self.instants += [edge for said in self.facts.billed for edge in said.window.edges()]
        live = (one for one in self.facts.billed if one.window.contains(self.at))
        told = {replace(one, id="", window=ALWAYS) for one in live}
        yield from sorted(told, key=lambda one: (one.feature, one.system, one.label))

    def _subscriptions(self) -> Mapping[str, str]:
        """Names by age, where any promise hangs on one of them."""
        if all(override.scope_subscription is None for override in self.overrides):
            return {}
        return {name: str(n) for n, name in enumerate(dict.fromkeys(item.subscription for item in self.live))}

    def _scope(self, override: OverrideFact) -> str | None:
        scope = override.scope_subscription
        return None if scope is None else self.names.get(scope, NO_SUBSCRIPTION)


def _over(item: ItemFact, at: datetime) -> bool:
    return item.window.end is not None and item.window.end <= at
