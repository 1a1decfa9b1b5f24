"""What is limited to which market and when, and what a change of it would do to whom."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db.models import Q, QuerySet

from catalog.domain.availability import (
    Limit,
    Limits,
    Place,
    first_gap,
    lifted,
    open_at,
    set_in,
    windows_in,
)
from catalog.domain.values import TermState
from catalog.domain.window import Window
from catalog.domain.withdrawal import token_of
from catalog.holders import accounts_by_market
from catalog.models import Feature, FeatureGroup, Market, MarketWindow, Plan, PlanTerm, PlanVersion, Rollout
from catalog.models.market import MarketUse, limit_of
from catalog.models.plan import VersionState
from catalog.queries.instants import say_instant

Thing: TypeAlias = Plan | Feature
Affected: TypeAlias = tuple[tuple[datetime, tuple[str, ...]], ...]

NO_MARKET = "accounts without a market"


def windows_of(thing: Thing) -> QuerySet[MarketWindow]:
    """Every window of the thing, in both uses."""
    return MarketWindow.objects.filter(_about(thing)).select_related("market").order_by("starts_at", "pk")


def limits_of(thing: Thing, *, use: MarketUse) -> tuple[Limit, ...]:
    return tuple(limit_of(row) for row in MarketWindow.objects.filter(_about(thing), use=use).order_by("pk"))


def sold_limits() -> Mapping[int, Limits]:
    """By plan: the windows in which it may be offered. One read; a plan that isn't here is sold everywhere."""
    found: dict[int, list[Limit]] = defaultdict(list)
    for row in MarketWindow.objects.filter(use=MarketUse.SOLD, plan__isnull=False):
        assert row.plan_id is not None  # the filter says so
        found[row.plan_id].append(limit_of(row))
    return found


def windows_token(thing: Thing) -> str:
    """The token of every form about the thing's windows, in both uses."""
    return token_of(limit_of(row) for row in MarketWindow.objects.filter(_about(thing)))


def _about(thing: Thing) -> Q:
    return Q(plan=thing) if isinstance(thing, Plan) else Q(feature=thing)


def given(thing: Thing, *, at: datetime) -> bool:
    """Whether a version in force at the moment gives the thing to whoever holds it."""
    in_force = _in_force(at)
    if isinstance(thing, Plan):
        return PlanVersion.objects.filter(plan=thing, pk__in=in_force).exists()
    gives = PlanTerm.objects.filter(version__in=_with_included(in_force))
    gives = gives.filter(state__in=[TermState.VALUE, TermState.UNLIMITED])
    return gives.filter(Q(feature=thing) | Q(group__in=_groups_above(thing))).exists()


def _in_force(at: datetime) -> set[int]:
    rollouts = Rollout.objects.filter(effective_at__lte=at, cancelled_at__isnull=True)
    return set(rollouts.values_list("version_id", flat=True))


def _with_included(versions: Collection[int]) -> set[int]:
    """The versions and, below each, every version it includes."""
    published = PlanVersion.objects.exclude(state=VersionState.DRAFT)
    below = dict(published.filter(includes__isnull=False).values_list("pk", "includes_id"))
    found: set[int] = set()
    for version in versions:
        step: int | None = version
        while step is not None and step not in found:
            found.add(step)
            step = below.get(step)
    return found


def _groups_above(feature: Feature) -> list[int]:
    parents = dict(FeatureGroup.objects.values_list("pk", "parent_id"))
    found: list[int] = []
    step: int | None = feature.group_id
    while step is not None and step not in found:
        found.append(step)
        step = parents.get(step)
    return found


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of a thing's windows does: which places gain or lose it, each from its first instant on."""

    use: MarketUse
    given: bool
    before: tuple[Limit, ...]
    after: tuple[Limit, ...]
    gains: Affected
    losses: Affected

    @property
    def lowers(self) -> bool:
        """Whether anybody who has it goes without it; what is only offered can be withdrawn from nobody."""
        return self.use is MarketUse.PROVIDED and self.given and bool(self.losses)


def places_of(market: Market | None, but: Market | None = None) -> tuple[Place, ...]:
    """Where a window is set: in one market, everywhere (None), or in each market there is but one."""
    if but is None:
        return (None if market is None else market.pk,)
    return tuple(Market.objects.exclude(pk=but.pk).order_by("pk").values_list("pk", flat=True))


def say_place(market: Market | None, but: Market | None = None) -> str:
    """ "in Europe", "everywhere", "in every market except Europe"."""
    if but is not None:
        return f"in every market except {but}"
    return "everywhere" if market is None else f"in {market}"


def effect_of_setting(
    thing: Thing, *, market: Market | None, use: MarketUse, window: Window, at: datetime, but: Market | None = None
) -> Effect:
    """What it would do to set this window, in a market, (None) everywhere, or in every market but one."""
    before, has_it = limits_of(thing, use=use), given(thing, at=at)
    after = before
    for place in places_of(market, but):
        after = set_in(after, market=place, window=window, given=has_it, at=at)
    return _effect(use, before, after, has_it, at)


def effect_of_lifting(window: MarketWindow, *, at: datetime) -> Effect:
    """What it would do to lift this window."""
    thing, use = thing_of(window), MarketUse(window.use)
    before = limits_of(thing, use=use)
    return _effect(use, before, lifted(before, id=window.pk, at=at), given(thing, at=at), at)


def thing_of(window: MarketWindow) -> Thing:
    thing = window.plan or window.feature
    assert thing is not None  # a constraint of the table says so
    return thing


def _effect(use: MarketUse, before: Limits, after: Limits, has_it: bool, at: datetime) -> Effect:
    places: dict[Place, str] = {**dict(Market.objects.values_list("pk", "name")), None: NO_MARKET}
    gains = _affected(places, lambda place: _gap(after, before, place, at))
    losses = _affected(places, lambda place: _gap(before, after, place, at))
    return Effect(use, has_it, tuple(before), tuple(after), gains, losses)


def _gap(had: Limits, has: Limits, place: Place, at: datetime) -> datetime | None:
    return first_gap(windows_in(had, market=place), by=windows_in(has, market=place), since=at)


def _affected(places: Mapping[Place, str], instant_of: Callable[[Place], datetime | None]) -> Affected:
    """The names of the places by the first instant at which each is affected, earliest first."""
    found: dict[datetime, list[str]] = defaultdict(list)
    for place, name in places.items():
        if (instant := instant_of(place)) is not None:
            found[instant].append(name)
    return tuple((instant, tuple(found[instant])) for instant in sorted(found))


def say_effect(effect: Effect, *, zone: str, at: datetime) -> list[str]:
    """What will happen and for whom, a sentence each."""
    word = effect.use.value
    said = [_say_one(f"it is {word}", where, instant, zone=zone, at=at) for instant, where in effect.gains]
    if effect.given or effect.use is MarketUse.SOLD:
        said += [_say_one(f"it is no longer {word}", where, i, zone=zone, at=at) for i, where in effect.losses]
    elif effect.losses:
        said.append(f"Nobody has it yet, so nobody loses anything; it is {word} only where and while a window says so.")
    return said or [f"Nothing changes about where it is {word}."]


def say_accounts(effects: Iterable[Effect], *, at: datetime) -> str:
    """How many accounts there are now in the places that gain or lose: "Accounts there now: Europe 12, Asia 3." """
    named = {name for effect in effects for _, names in (*effect.gains, *effect.losses) for name in names}
    places: dict[Place, str] = {**dict(Market.objects.values_list("pk", "name")), None: NO_MARKET}
    counted = accounts_by_market(at=at)
    told = [
        f"{'without a market' if pk is None else name} {counted.get(pk, 0)}"
        for pk, name in places.items()
        if name in named
    ]
    return f"Accounts there now: {', '.join(told)}." if told else ""


def _say_one(what: str, where: Iterable[str], instant: datetime, *, zone: str, at: datetime) -> str:
    names = list(where)
    markets = [name for name in names if name != NO_MARKET]
    parts = [f"in {', '.join(markets)}"] if markets else []
    if NO_MARKET in names:
        parts.append(f"for {NO_MARKET}")
    begin = "From now on" if instant <= at else f"From {say_instant(instant, zone=zone)} on"
    return f"{begin} {what} {', and '.join(parts)}."


def available(thing: Thing, *, use: MarketUse, market: Market | None, at: datetime) -> bool:
    limits = limits_of(thing, use=use)
    return open_at(windows_in(limits, market=None if market is None else market.pk), at=at)
