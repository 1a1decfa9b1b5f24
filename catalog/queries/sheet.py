"""The plan sheet: features in groups × plans, each cell in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from catalog.domain.values import PlanKind, TermState
from catalog.models import Feature, FeatureGroup, Plan, PlanTerm, PlanVersion, Rollout
from catalog.models.plan import VersionState
from catalog.queries.prices import say_plan_prices
from catalog.queries.terms import say_cell, say_cell_case, snapshot_term
from catalog.queries.versions import Stage, rollouts_of, stages_of


class Show(StrEnum):
    """Which edition of each plan the sheet shows."""

    NEWEST = "newest"  # the draft where there is one
    PUBLISHED = "published"  # what customers can have


@dataclass(frozen=True, slots=True)
class Column:
    """One plan, in the edition shown; a plan without such an edition keeps its column, empty."""

    plan: Plan
    version: PlanVersion | None
    stage: Stage | None
    price: str
    starts_at: datetime | None = None  # when a scheduled version begins
    has_draft: bool = False

    @property
    def editable(self) -> bool:
        return self.version is not None and self.version.is_draft


@dataclass(frozen=True, slots=True)
class Cell:
    """What one plan says of one feature. `was` is what the published version says, where a draft differs."""

    column: Column
    feature: Feature
    words: str
    state: TermState | None  # None: the version says nothing
    source_text: str = ""
    prices: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    sold_as: str = ""
    term_id: int | None = None
    changed: bool = False
    was: str = ""

    @property
    def quoted(self) -> bool:
        """Whether the page's own words must be seen beside the cell, because it is not settled what they mean."""
        return self.state is TermState.UNSETTLED and bool(self.source_text)

    @property
    def lacks_add_on(self) -> bool:
        return self.state is TermState.ADD_ON and not self.sold_as


@dataclass(frozen=True, slots=True)
class Row:
    feature: Feature
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """One group of features, under its heading."""

    group: FeatureGroup
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    columns: tuple[Column, ...]
    bands: tuple[Band, ...]
    show: Show
    kind: PlanKind


def sheet(*, at: datetime, show: Show = Show.NEWEST, kind: PlanKind = PlanKind.PLAN) -> Sheet:
    """The whole sheet, in eight queries however many plans and features there are."""
    plans = list(Plan.objects.filter(kind=kind))
    versions = list(PlanVersion.objects.filter(plan__in=plans).select_related("plan").prefetch_related("prices"))
    rollouts = rollouts_of(plans=plans)
    features = list(Feature.objects.select_related("group"))
    editions = _editions(versions)
    shown = {plan.pk: _choose(editions[plan.pk], show=show) for plan in plans}
    wanted = [version.pk for newest, published in editions.values() for version in (newest, published) if version]
    terms = list(
        PlanTerm.objects.filter(version__in=wanted)
        .select_related("feature__group", "group", "market", "sold_as", "seats_of")
        .prefetch_related("price_lines")
    )
    # Nothing below this line reads the database.
    columns = _columns(plans, shown, editions=editions, rollouts=rollouts, at=at)
    book = _Book(terms)
    rows = [
        Row(feature, tuple(book.cell(column, feature, editions[column.plan.pk][1]) for column in columns))
        for feature in features
    ]
    bands = tuple(Band(group, tuple(own)) for group, own in groupby(rows, key=lambda row: row.feature.group))
    return Sheet(columns, bands, show, kind)


Editions = tuple[PlanVersion | None, PlanVersion | None]  # the newest, and the newest that is published


def _editions(versions: Iterable[PlanVersion]) -> Mapping[int, Editions]:
    by_plan: dict[int, list[PlanVersion]] = defaultdict(list)
    for version in versions:
        by_plan[version.plan_id].append(version)
    found: dict[int, Editions] = defaultdict(lambda: (None, None))
    for plan_id, own in by_plan.items():
        newest_first = sorted(own, key=lambda version: -version.number)
        published = next((version for version in newest_first if version.state != VersionState.DRAFT), None)
        found[plan_id] = (newest_first[0], published)
    return found


def _choose(editions: Editions, *, show: Show) -> PlanVersion | None:
    newest, published = editions
    return newest if show is Show.NEWEST else published


def _columns(
    plans: Iterable[Plan],
    shown: Mapping[int, PlanVersion | None],
    *,
    editions: Mapping[int, Editions],
    rollouts: Sequence[Rollout],
    at: datetime,
) -> tuple[Column, ...]:
    stages = stages_of(versions=[v for v in shown.values() if v], rollouts=rollouts, at=at)
    starts = {r.version_id: r.effective_at for r in rollouts if r.effective_at > at}
    columns = []
    for plan in plans:
        version = shown[plan.pk]
        newest = editions[plan.pk][0]
        columns.append(
            Column(
                plan,
                version,
                stage=stages[version.pk] if version else None,
                price=say_plan_prices(version.prices.all()) if version else "",
                starts_at=starts.get(version.pk) if version else None,
                has_draft=newest is not None and newest.is_draft,
            )
        )
    return tuple(columns)


class _Book:
    """The terms at hand, found by version and feature."""

    def __init__(self, terms: Iterable[PlanTerm]) -> None:
        self._general: dict[tuple[int, int], PlanTerm] = {}
        self._cases: dict[tuple[int, int], list[PlanTerm]] = defaultdict(list)
        for term in terms:
            if term.feature_id is None:
                continue
            place = (term.version_id, term.feature_id)
            if term.phase or term.market_id or term.interval:
                self._cases[place].append(term)
            else:
                self._general[place] = term

    def cell(self, column: Column, feature: Feature, published: PlanVersion | None) -> Cell:
        if column.version is None:
            return Cell(column, feature, words="", state=None)
        place = (column.version.pk, feature.pk)
        term = self._general.get(place)
        changed, was = self._change(column, feature, published)
        cases = tuple(say_cell_case(case, feature=feature) for case in self._cases[place])
        if term is None:
            return Cell(column, feature, words="", state=None, cases=cases, changed=changed, was=was)
        return Cell(
            column,
            feature,
            words=say_cell(term, feature=feature),
            state=TermState(term.state),
            source_text=term.source_text,
            prices=tuple(line.note for line in term.price_lines.all()),
            cases=cases,
            sold_as=str(term.sold_as or ""),
            term_id=term.pk,
            changed=changed,
            was=was,
        )

    def _change(self, column: Column, feature: Feature, published: PlanVersion | None) -> tuple[bool, str]:
        if not column.editable or published is None or column.version is None:
            return False, ""
        now = self._general.get((column.version.pk, feature.pk))
        then = self._general.get((published.pk, feature.pk))
        before = snapshot_term(then, feature=feature) if then else None
        if (snapshot_term(now, feature=feature) if now else None) == before:
            return False, ""
        return True, say_cell(then, feature=feature) if then else "nothing"
