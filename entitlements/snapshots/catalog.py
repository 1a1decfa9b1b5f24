"""The catalog as the resolver sees it: features with their rules, versions with every term that can speak."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.values import (
    AddOnEffect,
    Combine,
    Enforcement,
    FeatureShape,
    ParentRule,
    PlanKind,
    Reset,
    Scaling,
    TermState,
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
)
from catalog.models.feature import shape_of
from catalog.models.market import MarketUse
from catalog.models.term import term_value
from entitlements.domain.facts import FeatureFact, FeatureRule, Phase, TermFact, VersionFact
from entitlements.snapshots.reading import Reader

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


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
    provided: Mapping[tuple[str, int], list[Any]]
    rollouts: tuple[RolloutFact, ...]
    terms: dict[int, list[Any]] = field(default_factory=dict)
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
            if str(pk) in rollout.moves_from:
                yield int(rollout.version)
        fallback = self.versions[pk].after_trial_id
        if fallback is not None:
            yield from (int(r.version) for r in self.rollouts if r.plan == self.plans[fallback].key)

    def _read_terms(self, wanted: set[int]) -> None:
        missing = {pk for version in wanted for pk in self._ladder(version)} - self.terms.keys()
        if not missing:
            return
        self.terms |= {pk: [] for pk in missing}
        for term in self.reader.rows(PlanTerm, version_id__in=missing):
            self.terms[term.version_id].append(term)

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
                for feature, distance in self._reach(term):
                    yield self._term_fact(term, feature, plan=plan, market=market, depth=depth, distance=distance)

    def _reach(self, term: Any) -> Iterator[tuple[Any, int]]:
        """The features a term speaks about, and how many groups up it was written."""
        if term.feature_id is not None:
            yield self.features[term.feature_id], 0
            return
        for feature in self.features.values():
            for distance, group in enumerate(self._groups_above(feature.group_id), start=1):
                if group == term.group_id:
                    yield feature, distance

    def _groups_above(self, group: int | None) -> Iterator[int]:
        while group is not None:
            yield group
            group = self.groups[group].parent_id

    def _term_fact(
        self, term: Any, feature: Any, *, plan: int, market: int | None, depth: int, distance: int
    ) -> TermFact:
        return TermFact(
            id=str(term.id),
            feature=feature.key,
            state=TermState(term.state),
            value=term_value(term, shape=self.facts[feature.key].shape),
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
            provided=self._provided(plan, feature.id, market),
        )

    def market_key(self, pk: int | None) -> str | None:
        return None if pk is None else self.markets[pk].key

    def _provided(self, plan: int, feature: int, market: int | None) -> tuple[Window, ...]:
        """The windows in which plan and feature are both provided in the market; unrestricted where none is set."""
        mine = _windows_in(self.provided.get(("plan", plan)), market)
        its = _windows_in(self.provided.get(("feature", feature)), market)
        shared = (a.intersection(b) for a in mine for b in its)
        return tuple(window for window in shared if window is not None)


def _windows_in(rows: list[Any] | None, market: int | None) -> tuple[Window, ...]:
    if rows is None:
        return (ALWAYS,)
    return tuple(Window(row.starts_at, row.ends_at) for row in rows if row.market_id == market)


def snapshot_catalog(reader: Reader) -> CatalogSnapshot:
    """Everything of the catalog but its terms, in eight reads."""
    features = _by_id(reader.rows(Feature))
    versions = _by_id(reader.rows(PlanVersion))
    plans = _by_id(reader.rows(Plan))
    return CatalogSnapshot(
        reader=reader,
        features=features,
        groups=_by_id(reader.rows(FeatureGroup)),
        facts=_feature_facts(features, reader.rows(FeatureRevision)),
        plans=plans,
        versions=versions,
        markets=_by_id(reader.rows(Market)),
        provided=_provided_windows(reader.rows(MarketWindow, use=MarketUse.PROVIDED)),
        rollouts=tuple(_rollout_fact(row, versions=versions, plans=plans) for row in reader.rows(Rollout)),
    )


def _by_id(rows: Iterable[Any]) -> dict[int, Any]:
    return {row.id: row for row in rows}


def _feature_facts(features: Mapping[int, Any], revisions: Iterable[Any]) -> dict[str, FeatureFact]:
    rules: dict[int, list[FeatureRule]] = defaultdict(list)
    for row in sorted(revisions, key=lambda row: row.effective_at):
        rules[row.feature_id].append(_rule(row))
    return {row.key: _feature_fact(shape_of(row), rules[pk]) for pk, row in features.items()}


def _feature_fact(shape: FeatureShape, rules: list[FeatureRule]) -> FeatureFact:
    """The earliest rule also holds for the time before it: a feature never has none."""
    first = rules[0] if rules else FeatureRule(effective_at=BEGINNING)
    opening = FeatureRule(
        effective_at=BEGINNING,
        combine=first.combine,
        parent_rule=first.parent_rule,
        default_reset=first.default_reset,
        kept_when_suspended=first.kept_when_suspended,
    )
    return FeatureFact(shape=shape, revisions=(opening, *(rules[1:] if rules else ())))


def _rule(row: Any) -> FeatureRule:
    return FeatureRule(
        effective_at=row.effective_at,
        combine=Combine(row.combine),
        parent_rule=ParentRule(row.parent_rule),
        default_reset=Reset(row.default_reset) if row.default_reset else None,
        kept_when_suspended=row.kept_when_suspended,
    )


def _provided_windows(rows: Iterable[Any]) -> dict[tuple[str, int], list[Any]]:
    windows: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in rows:
        windows["plan" if row.plan_id else "feature", row.plan_id or row.feature_id].append(row)
    return dict(windows)


def _rollout_fact(row: Any, *, versions: Mapping[int, Any], plans: Mapping[int, Any]) -> RolloutFact:
    return RolloutFact(
        id=str(row.id),
        plan=plans[versions[row.version_id].plan_id].key,
        version=str(row.version_id),
        audience=Audience(row.audience),
        effective_at=row.effective_at,
        order=row.id,
        moves_from=frozenset(str(pk) for pk in row.moves_from),
        sold_until=versions[row.version_id].retired_at,
    )
