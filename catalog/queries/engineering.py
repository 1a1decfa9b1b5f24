"""Features in the engineer's words: keys, kinds, units, how use adds up, and the rules in force at an instant."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.fallbacks import say_fallback
from catalog.domain.rules import FeatureRules, limited, say_thresholds, seated
from catalog.domain.units import smallest_unit
from catalog.domain.values import BelowUse, FeatureShape, Kind, Nature, Squeeze
from catalog.models import Dimension, Feature
from catalog.queries.rules import rules_of_features


@dataclass(frozen=True, slots=True)
class EngineeringLine:
    """One feature as an engineer reads it; every part is plain text, empty where it means nothing for the feature."""

    feature_id: int
    key: str
    kind: str
    unit: str
    aggregation: str
    given_by: str
    combine: str
    parent_rule: str
    reset: str
    fallback: str
    thresholds: str
    dimensions: str = ""


def engineering_lines(at: datetime) -> Mapping[int, EngineeringLine]:
    """The line of every feature by its id, with the rules in force at the instant, in three reads."""
    features = list(Feature.objects.all())
    rules = rules_of_features(features=features, at=at)
    dimensions = _dimensions(features)
    return {f.pk: _line(f.pk, f.shape, rules[f.pk], "; ".join(dimensions[f.pk])) for f in features}


def _dimensions(features: list[Feature]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Dimension.objects.filter(feature__in=features).values_list(
        "feature_id", "key", "choices__key", "choices__weight_thousandths"
    )
    by_dimension: dict[tuple[int, str], list[str]] = defaultdict(list)
    for feature_id, key, choice, weight in rows.order_by("position", "pk", "choices__position", "choices__pk"):
        by_dimension[feature_id, key] += [] if choice is None else [f"{choice} ×{weight / 1000:g}"]
    for (feature_id, key), choices in by_dimension.items():
        found[feature_id].append(f"{key}: {', '.join(choices)}")
    return found


def _line(pk: int, shape: FeatureShape, rules: FeatureRules, dimensions: str) -> EngineeringLine:
    return EngineeringLine(
        feature_id=pk,
        key=shape.key,
        kind=f"{shape.kind}: {shape.config_type}" if shape.config_type else shape.kind.value,
        unit=_unit(shape),
        aggregation=shape.aggregation.value if shape.aggregation else "",
        given_by=rules.given_by.value,
        combine=rules.combine.value,
        parent_rule=rules.parent_rule.value,
        reset=rules.default_reset.value if rules.default_reset else "",
        fallback=say_fallback(rules.fallbacks),
        thresholds=_limits(shape, rules),
        dimensions=dimensions,
    )


def _unit(shape: FeatureShape) -> str:
    """ "GB = 1,000,000,000 B" for an amount, the keys for a choice."""
    if shape.choices:
        joint = " < " if shape.nature is Nature.RANKED else ", "
        return joint.join(choice.key for choice in shape.choices)
    if shape.nature is not Nature.QUANTITY or shape.kind is Kind.GATE:
        return ""
    return shape.unit if shape.scale == 1 else f"{shape.unit} = {shape.scale:,} {smallest_unit(shape)}"


def _limits(shape: FeatureShape, rules: FeatureRules) -> str:
    if not limited(shape):
        return ""
    buffer = f"; {rules.buffer_percent} % kept back" if rules.buffer_percent else ""
    below = "; refuses a change below use" if rules.below_use is BelowUse.REFUSE else ""
    squeezed = f"; squeezes seats {rules.squeeze}" if seated(shape) and rules.squeeze is not Squeeze.KEEP else ""
    return say_thresholds(rules.thresholds) + buffer + below + squeezed
