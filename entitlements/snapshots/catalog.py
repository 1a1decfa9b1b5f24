"""The catalog as the resolver sees it: features with their rules, versions with every term that can speak."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from catalog.domain.availability import Limit, shared, windows_in
from catalog.domain.groups import heard, measure_of
from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.tails import SubLimits
from catalog.domain.values import (
    AddOnEffect,
    Amount,
    AtTrialEnd,
    Enforcement,
    PlanKind,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.domain.window import ALWAYS, Window
from catalog.models import (
    Feature,
    FeatureGroup,
    FeatureRevision,
    Market,
    MarketWindow,
    Plan,
    PlanTerm,
    PlanVersion,
    Rollout,
    SubLimit,
)
from catalog.models.market import MarketUse, limit_of
from catalog.models.term import term_value
from catalog.queries.term_rows import part_amount
from entitlements.domain.facts import FeatureFact, Phase, TermFact, VersionFact
from entitlements.snapshots.features import feature_facts, read_dimensions
from entitlements.snapshots.reading import Reader

Said: TypeAlias = tuple[TermState, Value | None]


@dataclass(slots=True)
class CatalogSnapshot:
    """The catalog's rows, read once and shared by every account that is resolved from them.

    Terms are read for the versions asked for, and kept: published versions don't change.
    """

    reader: Reader
    features: Mapping[int, Any]
    groups: Mapping[int, Any]
    facts: Mapping[str, FeatureFact]
    plans: Mapping[int, Any]
    versions: Mapping[int, Any]
    markets: Mapping[int, Any]
    provided: Mapping[tuple[str, int], list[Limit]]
    rollouts: tuple[RolloutFact, ...]
    since: Mapping[int, datetime]  # when each feature was declared
    sold: Mapping[tuple[str, int], list[Limit]] = field(default_factory=dict)
    choices: Mapping[int, str] = field(default_factory=dict)  # "dimension.choice" by the choice's id
    terms: dict[int, list[Any]] = field(default_factory=dict)
    parts: dict[int, SubLimits] = field(default_factory=dict)
    compiled: dict[tuple[int, int | None], VersionFact] = field(default_factory=dict)

    def versions_for(self, pinned: Iterable[int], *, market: int | None) -> dict[str, VersionFact]:
        """Every version an account with these pins can come to have, by rollouts and after trials."""
        wanted = self._reachable(set(pinned))
        self._read_terms(wanted)
        return {str(pk): self._compile(pk, market) for pk in wanted}

    def _reachable(self, pinned: set[int]) -> set[int]:
        reached: set[int] = set()
        waiting = set(pinned)
        while waiting:
            pk = waiting.pop()
            reached.add(pk)
            waiting |= set(self._leads_to(pk)) - reached
        return reached

    def _leads_to(self, pk: int) -> Iterator[int]:
        for rollout in self.rollouts:
            if rollout.moves_holders and str(pk) in rollout.moves_from:
                yield int(rollout.version)
        fallback = self.versions[pk].after_trial_id
        if fallback is not None:
            yield from (int(r.version) for r in self.rollouts if r.sells and r.plan == self.plans[fallback].key)

    def _read_terms(self, wanted: set[int]) -> None:
        missing = {pk for version in wanted for pk in self._ladder(version)} - self.terms.keys()
        if not missing:
            return
        found: dict[int, list[Any]] = {pk: [] for pk in missing}
        for term in self.reader.rows(PlanTerm, version_id__in=missing):
            found[term.version_id].append(term)
        if self.choices:
            self._read_parts([term.id for terms in found.values() for term in terms])
        # Only now, all at once: a snapshot that is kept is read by several threads, and a version whose terms are on
        # their way would give nothing to everybody.
        self.terms |= found

    def _read_parts(self, terms: list[int]) -> None:
        """How the terms' amounts are divided; asked only where any feature's use is told apart."""
        found: dict[int, list[tuple[str, Amount | None]]] = defaultdict(list)
        for row in self.reader.rows(SubLimit, term_id__in=terms):
            found[row.term_id].append((self.choices[row.choice_id], part_amount(row)))
        self.parts |= {term: tuple(sorted(parts, key=lambda part: part[0])) for term, parts in found.items()}

    def _ladder(self, pk: int) -> Iterator[int]:
        """The version and, below it, each version it includes."""
        step: int | None = pk
        while step is not None:
            yield step
            step = self.versions[step].includes_id

    def _compile(self, pk: int, market: int | None) -> VersionFact:
        if (pk, market) not in self.compiled:
            version = self.versions[pk]
            plan = self.plans[version.plan_id]
            after = version.after_trial_id
            self.compiled[pk, market] = VersionFact(
                id=str(pk),
                plan=plan.key,
                plan_name=plan.name,
                number=version.number,
                kind=PlanKind(plan.kind),
                effect=AddOnEffect(plan.effect),
                after_trial=None if after is None else self.plans[after].key,
                terms=tuple(self._terms_of(pk, plan.id, market)),
            )
        return self.compiled[pk, market]

    def _terms_of(self, pk: int, plan: int, market: int | None) -> Iterator[TermFact]:
        for depth, step in enumerate(self._ladder(pk)):
            for term in self.terms[step]:
                for feature, distance, said in self._reach(term):
                    yield self._term_fact(term, feature, said, plan=plan, market=market, depth=depth, distance=distance)

    def _reach(self, term: Any) -> Iterator[tuple[Any, int, Said]]:
        """The features a term speaks about, how many groups up it was written, and what each hears of it."""
        if term.feature_id is not None:
            feature = self.features[term.feature_id]
            yield feature, 0, (TermState(term.state), term_value(term, shape=self.facts[feature.key].shape))
            return
        members = [feature for feature in self.features.values() if self._distance(feature, term.group_id)]
        measure = measure_of(self.facts[feature.key].shape for feature in members)
        amount = None if term.amount is None else Decimal(term.amount)
        for feature in members:
            shape = self.facts[feature.key].shape
            said = heard(state=TermState(term.state), amount=amount, shape=shape, measure=measure)
            if said is not None:
                yield feature, self._distance(feature, term.group_id), said

    def _distance(self, feature: Any, group: int) -> int:
        """How many groups up from the feature this one stands; 0 where the feature isn't in it."""
        above = enumerate(self._groups_above(feature.group_id), start=1)
        return next((distance for distance, found in above if found == group), 0)

    def _groups_above(self, group: int | None) -> Iterator[int]:
        while group is not None:
            yield group
            group = self.groups[group].parent_id

    def _term_fact(
        self, term: Any, feature: Any, said: Said, *, plan: int, market: int | None, depth: int, distance: int
    ) -> TermFact:
        return TermFact(
            id=str(term.id),
            feature=feature.key,
            state=said[0],
            value=said[1],
            phase=Phase(term.phase) if term.phase else None,
            market=self.market_key(term.market_id),
            interval=term.interval or None,
            depth=depth,
            group_distance=distance,
            group_name=self.groups[term.group_id].name if distance else "",
            scaling=Scaling(term.scaling),
            seats_of=self.features[term.seats_of_id].key if term.seats_of_id else "",
            reset=Reset(term.reset) if term.reset else None,
            enforcement=Enforcement(term.enforcement),
            overage_percent=term.overage_percent,
            typed_unit=term.typed_unit,
            provided=self._provided(plan, feature.id, market, since=self.since.get(feature.id) if distance else None),
            sub_limits=self.parts.get(term.id, ()),
            at_trial_end=AtTrialEnd(term.at_trial_end),
            kept_days=term.kept_days,
        )

    def market_key(self, pk: int | None) -> str | None:
        return None if pk is None else self.markets[pk].key

    def _provided(self, plan: int, feature: int, market: int | None, *, since: datetime | None) -> tuple[Window, ...]:
        """The windows in which plan and feature are both provided in the market; unrestricted where none is set.

        What reaches a feature through its group reaches it from its declaration on: before, there was nothing to have.
        """
        mine, its = self.provided.get(("plan", plan), ()), self.provided.get(("feature", feature), ())
        windows = shared(windows_in(mine, market=market), windows_in(its, market=market)) if mine or its else (ALWAYS,)
        return windows if since is None else shared(windows, (Window(since, None),))


def snapshot_catalog(reader: Reader) -> CatalogSnapshot:
    """Everything of the catalog but its terms, in nine reads, and one more where use is told apart."""
    features = _by_id(reader.rows(Feature))
    versions = _by_id(reader.rows(PlanVersion))
    plans = _by_id(reader.rows(Plan))
    revisions = sorted(reader.rows(FeatureRevision), key=lambda row: row.effective_at, reverse=True)
    choices, weights = read_dimensions(reader)
    windows = reader.rows(MarketWindow)
    return CatalogSnapshot(
        reader=reader,
        since={row.feature_id: row.effective_at for row in revisions},
        features=features,
        groups=_by_id(reader.rows(FeatureGroup)),
        facts=feature_facts(features, revisions, weights),
        plans=plans,
        versions=versions,
        markets=_by_id(reader.rows(Market)),
        provided=_windows(windows, use=MarketUse.PROVIDED),
        sold=_windows(windows, use=MarketUse.SOLD),
        choices=choices,
        rollouts=tuple(rollout_fact(row, versions=versions, plans=plans) for row in reader.rows(Rollout)),
    )


def _by_id(rows: Iterable[Any]) -> dict[int, Any]:
    return {row.id: row for row in rows}


def _windows(rows: Iterable[Any], *, use: MarketUse) -> dict[tuple[str, int], list[Limit]]:
    """The windows of everything that is limited in this; the rest is so everywhere (`catalog/domain/availability.py`)."""
    windows: dict[tuple[str, int], list[Limit]] = defaultdict(list)
    for row in rows:
        if row.use == use:
            windows["plan" if row.plan_id else "feature", row.plan_id or row.feature_id].append(limit_of(row))
    return dict(windows)


def rollout_fact(row: Any, *, versions: Mapping[int, Any], plans: Mapping[int, Any]) -> RolloutFact:
    return RolloutFact(
        id=str(row.id),
        plan=plans[versions[row.version_id].plan_id].key,
        version=str(row.version_id),
        audience=Audience(row.audience),
        effective_at=row.effective_at,
        order=row.id,
        moves_from=frozenset(str(pk) for pk in row.moves_from),
        sold_until=versions[row.version_id].retired_at,
        cohort=row.cohort_key,
        cancelled_at=row.cancelled_at,
    )
