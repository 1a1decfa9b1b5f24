"""The rules of features by date: in force at an instant, past, and still to come."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.rules import FeatureRules, lowers, rules_of, say_rules
from catalog.models import Feature, FeatureRevision
from catalog.queries.uses import sold


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One revision as a person reads it."""

    revision: FeatureRevision
    stage: str  # scheduled, in_force, earlier
    words: str
    sentences: tuple[str, ...]


_STAGES = {"scheduled": "To come", "in_force": "In force", "earlier": "Earlier"}


def rules_of_features(*, features: Collection[Feature], at: datetime) -> Mapping[int, FeatureRules]:
    """The rules in force for each feature, in one read."""
    revisions: dict[int, list[FeatureRevision]] = defaultdict(list)
    for row in FeatureRevision.objects.filter(feature__in=features).order_by("effective_at"):
        revisions[row.feature_id].append(row)
    return {feature.pk: in_force(revisions[feature.pk], at=at) for feature in features}


def rules_at(*, feature: Feature, at: datetime) -> FeatureRules:
    return in_force(list(feature.revisions.order_by("effective_at")), at=at)


def rules_before(*, revision: FeatureRevision) -> FeatureRules:
    """What would go on to hold if the revision were struck."""
    earlier = FeatureRevision.objects.filter(feature=revision.feature_id, effective_at__lt=revision.effective_at)
    before = earlier.order_by("effective_at").last()
    return rules_of(before) if before else FeatureRules()


def losses_of_striking(*, revision: FeatureRevision) -> tuple[str, ...]:
    """What customers would have had by these rules and then never have; nothing where nobody has the feature."""
    lost = lowers(rules_of(revision), rules_before(revision=revision))
    return lost if lost and sold(feature=revision.feature) else ()


def in_force(revisions: list[FeatureRevision], *, at: datetime) -> FeatureRules:
    """Of revisions in order of their instants, the last that has begun; the earliest also holds before it begins."""
    begun = [row for row in revisions if row.effective_at <= at] or revisions[:1]
    return rules_of(begun[-1]) if begun else FeatureRules()


def rule_lines(*, feature: Feature, at: datetime) -> tuple[RuleLine, ...]:
    """Every revision of the feature, the latest first."""
    revisions = list(feature.revisions.order_by("effective_at"))
    begun = [row for row in revisions if row.effective_at <= at] or revisions[:1]
    holding = begun[-1] if begun else None
    return tuple(_line(row, holding, shape_of=feature, at=at) for row in reversed(revisions))


def _line(row: FeatureRevision, holding: FeatureRevision | None, *, shape_of: Feature, at: datetime) -> RuleLine:
    stage = "in_force" if row == holding else "scheduled" if row.effective_at > at else "earlier"
    return RuleLine(row, stage, _STAGES[stage], say_rules(rules_of(row), shape=shape_of.shape))
