"""What customers of one market read before they buy: plans with their prices, and what each gives, feature by feature."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.availability import Limit, open_at, windows_in
from catalog.domain.cases import Case
from catalog.domain.values import AtTrialEnd, PlanKind, TermState
from catalog.models import Feature, FeatureGroup, Market, MarketWindow, Plan, PlanPrice, PlanVersion
from catalog.models.market import MarketUse, limit_of
from catalog.models.plan import Interval
from catalog.queries.effective import effective_of
from catalog.queries.prices import say_plan_price
from catalog.queries.sheet import Show, editions_of
from catalog.queries.terms import say_cell
from catalog.queries.versions import Stage, rollouts_of, stages_of


@dataclass(frozen=True, slots=True)
class OfferedPlan:
    """A plan or an add-on as it is offered: its price for the way of paying, and whether it can be tried first."""

    plan: Plan
    version: PlanVersion
    price: str
    contact: bool

    @property
    def trial_days(self) -> int | None:
        return self.version.trial_days


@dataclass(frozen=True, slots=True)
class OfferedCell:
    state: TermState | None
    words: str = ""
    yes: bool = False


@dataclass(frozen=True, slots=True)
class OfferedRow:
    feature: Feature
    cells: tuple[OfferedCell, ...]


@dataclass(frozen=True, slots=True)
class Offering:
    """Nothing is in it that isn't sold and provided there at the moment."""

    plans: tuple[OfferedPlan, ...]
    bands: tuple[tuple[FeatureGroup, tuple[OfferedRow, ...]], ...]
    add_ons: tuple[tuple[OfferedPlan, tuple[tuple[Feature, OfferedCell], ...]], ...]


def offering(*, at: datetime, show: Show, market: Market | None, interval: Interval) -> Offering:
    """The price page of a market, in twelve queries however long it is."""
    had = _Availability(MarketWindow.objects.all(), market=market, at=at)
    plans = [plan for plan in Plan.objects.all() if had.both(plan=plan.pk)]
    versions = {v.pk: v for v in PlanVersion.objects.select_related("plan").prefetch_related("prices")}
    shown = _on_offer(plans, versions, show=show, at=at)
    features = [row for row in Feature.objects.select_related("group") if had.both(feature=row.pk)]
    heard = _Heard(shown.values(), Case("", market.key if market else "", interval.value))
    # Nothing below this line reads the database.
    offered = [_offered(plan, shown[plan.pk], interval) for plan in plans if plan.pk in shown]
    main = tuple(one for one in offered if one.plan.kind == PlanKind.PLAN)
    rows = (OfferedRow(f, tuple(heard.cell(one.version, f) for one in main)) for f in features)
    said = [row for row in rows if any(cell.state is not None for cell in row.cells)]
    return Offering(
        main,
        _bands(said),
        tuple((one, heard.given(one.version, features)) for one in offered if one.plan.kind == PlanKind.ADD_ON),
    )


def _bands(rows: Iterable[OfferedRow]) -> tuple[tuple[FeatureGroup, tuple[OfferedRow, ...]], ...]:
    found: dict[int, list[OfferedRow]] = defaultdict(list)
    for row in rows:
        found[row.feature.group_id].append(row)
    return tuple((own[0].feature.group, tuple(own)) for own in found.values())


class _Availability:
    """Whether a thing may be offered, and is provided, in the market at the moment."""

    def __init__(self, windows: Iterable[MarketWindow], *, market: Market | None, at: datetime) -> None:
        self._market = market.pk if market else None
        self._at = at
        self._limits: dict[tuple[str, int | None, int | None], list[Limit]] = defaultdict(list)
        for window in windows:
            self._limits[window.use, window.plan_id, window.feature_id].append(limit_of(window))

    def both(self, *, plan: int | None = None, feature: int | None = None) -> bool:
        return all(
            open_at(windows_in(self._limits[use.value, plan, feature], market=self._market), at=self._at)
            for use in MarketUse
        )


def _on_offer(
    plans: Iterable[Plan], versions: Mapping[int, PlanVersion], *, show: Show, at: datetime
) -> dict[int, PlanVersion]:
    """By plan: its draft, if drafts are asked for, else what a new customer gets today."""
    stages = stages_of(versions=versions.values(), rollouts=rollouts_of(plans=plans), at=at)
    on_sale = {v.plan_id: v for v in versions.values() if stages[v.pk] is Stage.ON_SALE}
    editions = editions_of(versions.values())
    found = {}
    for plan in plans:
        newest = editions[plan.pk][0]
        version = newest if show is Show.NEWEST and newest and newest.is_draft else on_sale.get(plan.pk)
        if version is not None:
            found[plan.pk] = version
    return found


def _offered(plan: Plan, version: PlanVersion, interval: Interval) -> OfferedPlan:
    prices = list(version.prices.all())
    own = [price for price in prices if price.interval == interval]
    contact = any(price.contact for price in own or prices)
    return OfferedPlan(plan, version, _price(own, prices), contact)


def _price(own: Iterable[PlanPrice], every: Iterable[PlanPrice]) -> str:
    """The price for the way of paying, else those there are."""
    said = [say_plan_price(price) for price in own] or [say_plan_price(price) for price in every if not price.contact]
    return ", ".join(dict.fromkeys(said))


class _Heard:
    """What the versions say of each feature to a paying customer of that market."""

    def __init__(self, versions: Collection[PlanVersion], case: Case) -> None:
        self._effective = effective_of(versions)
        self._case = case

    def cell(self, version: PlanVersion, feature: Feature) -> OfferedCell:
        speaking = self._effective[version.pk].speaking(feature.pk, self._case)
        if speaking is None:
            return OfferedCell(None)
        facts, term = speaking.facts, speaking.term
        match facts.state:
            case TermState.VALUE | TermState.UNLIMITED:
                plain = facts.value is True and facts.at_trial_end is AtTrialEnd.ENDS
                return OfferedCell(facts.state, say_cell(term), yes=plain)
            case TermState.ADD_ON:
                return OfferedCell(facts.state, "; ".join(line.note for line in term.price_lines.all()))
            case _:
                return OfferedCell(facts.state, term.source_text if facts.state is TermState.UNSETTLED else "")

    def given(self, version: PlanVersion, features: Iterable[Feature]) -> tuple[tuple[Feature, OfferedCell], ...]:
        """What an add-on brings; of it, what it says no to needs no line."""
        cells = ((feature, self.cell(version, feature)) for feature in features)
        return tuple((feature, cell) for feature, cell in cells if cell.state in _BROUGHT)


_BROUGHT = {TermState.VALUE, TermState.UNLIMITED, TermState.SET_PER_CUSTOMER}
