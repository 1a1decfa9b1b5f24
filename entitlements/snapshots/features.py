"""Features as they are at every moment: their shape, the rules in force by date, and what their choices weigh."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from catalog.domain.rules import rules_of
from catalog.domain.values import FeatureShape
from catalog.models import Dimension, DimensionChoice
from catalog.models.feature import shape_of
from entitlements.domain.facts import FeatureFact, FeatureRule
from entitlements.snapshots.reading import Reader

Weights: TypeAlias = Mapping[int, tuple[tuple[str, int], ...]]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def feature_facts(features: Mapping[int, Any], revisions: Iterable[Any], weights: Weights) -> dict[str, FeatureFact]:
    rules: dict[int, list[FeatureRule]] = defaultdict(list)
    for row in sorted(revisions, key=lambda row: row.effective_at):
        rules[row.feature_id].append(_rule(row))
    return {row.key: _feature_fact(shape_of(row), rules[pk], weights.get(pk, ())) for pk, row in features.items()}


def _feature_fact(shape: FeatureShape, rules: list[FeatureRule], weights: tuple[tuple[str, int], ...]) -> FeatureFact:
    """The earliest rule also holds for the time before it: a feature never has none."""
    first = rules[0] if rules else FeatureRule(effective_at=BEGINNING)
    opening = replace(first, effective_at=BEGINNING)
    return FeatureFact(shape=shape, revisions=(opening, *(rules[1:] if rules else ())), weights=weights)


def _rule(row: Any) -> FeatureRule:
    rules = rules_of(row)
    return FeatureRule(
        effective_at=row.effective_at,
        given_by=rules.given_by,
        combine=rules.combine,
        parent_rule=rules.parent_rule,
        default_reset=rules.default_reset,
        kept_when_suspended=rules.kept_when_suspended,
        fallbacks=rules.fallbacks,
        thresholds=rules.thresholds,
        buffer_percent=rules.buffer_percent,
        below_use=rules.below_use,
        squeeze=rules.squeeze,
    )


def read_dimensions(reader: Reader) -> tuple[dict[int, str], Weights]:
    """The name of each choice by its id, and of each feature its choices with what one unit counts, in thousandths."""
    dimensions = {row.id: row for row in reader.rows(Dimension)}
    names: dict[int, str] = {}
    weights: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in reader.rows(DimensionChoice) if dimensions else ():
        dimension = dimensions[row.dimension_id]
        names[row.id] = f"{dimension.key}.{row.key}"
        weights[dimension.feature_id].append((names[row.id], row.weight_thousandths))
    return names, {feature: tuple(sorted(found)) for feature, found in weights.items()}
