"""Features: what a plan can say something about."""

from datetime import datetime

from django.db import transaction

from catalog.domain.declarations import FeatureDeclaration, slug
from catalog.models import Feature, FeatureGroup, FeatureRevision
from catalog.queries.uses import first_use
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.changes import Changes
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal

SHAPE = ("kind", "unit", "scale", "aggregation", "config_type", "better", "choices")


@transaction.atomic
def declare(
    *,
    declaration: FeatureDeclaration,
    by: Actor,
    at: datetime,
    effective_at: datetime | None = None,
    position: int | None = None,
) -> Feature:
    """A feature was declared: its shape, frozen once a plan uses it, and its rules from an instant on."""
    if not by.may("catalog.import_catalog"):
        by.require("catalog.change_feature")
    starts_at = effective_at or at
    if starts_at < at:
        raise Invalid("Rules can't change the past; choose a moment that is still to come.", field="effective_at")
    deed = begin(by=by, at=at)
    feature, changes = write_feature(declaration=declaration, effective_at=starts_at, position=position, deed=deed)
    if changes:
        record(deed, "feature:declare", subject=feature, changes=changes)
    return feature


def write_feature(
    *, declaration: FeatureDeclaration, effective_at: datetime, position: int | None, deed: Deed
) -> tuple[Feature, Changes]:
    """The rows of a feature, only where they differ, and what differed; without an audit row of its own."""
    shape = declaration.shape
    feature = Feature.objects.filter(key=shape.key).first() or Feature(key=shape.key, position=Feature.objects.count())
    feature.name, feature.note = shape.name, declaration.note
    feature.kind, feature.unit, feature.scale = shape.kind.value, shape.unit, shape.scale
    feature.aggregation = shape.aggregation.value if shape.aggregation else ""
    feature.config_type = shape.config_type.value if shape.config_type else ""
    feature.better = shape.better.value
    feature.choices = [[choice.key, choice.label] for choice in shape.choices]
    feature.group = write_group(name=declaration.group, deed=deed)
    feature.sold_as_add_on = declaration.sold_as_add_on
    feature.position = feature.position if position is None else position
    changes = pending_changes(feature)
    _refuse_new_shape(feature, changes)
    if changes:
        keep(feature, deed=deed)
    return feature, changes | _write_rules(feature, declaration, effective_at=effective_at, deed=deed)


def write_group(*, name: str, deed: Deed) -> FeatureGroup:
    """The group of that name, put last where it is new."""
    key = slug(name)
    group = FeatureGroup.objects.filter(key=key).first()
    return group or keep(FeatureGroup(key=key, name=name, position=FeatureGroup.objects.count()), deed=deed)


def _refuse_new_shape(feature: Feature, changes: Changes) -> None:
    if feature.pk is None or not set(changes) & set(SHAPE):
        return
    used = first_use(feature=feature)
    if used is not None:
        what = ", ".join(name.replace("_", " ") for name in SHAPE if name in changes)
        raise Refusal(
            f"{feature} is used by {used}, so its {what} can't change any more. "
            "Declare a new feature with another key instead."
        )


def _write_rules(feature: Feature, declaration: FeatureDeclaration, *, effective_at: datetime, deed: Deed) -> Changes:
    reset = declaration.reset.value if declaration.reset else ""
    last = feature.revisions.filter(effective_at__lte=effective_at).order_by("-effective_at").first()
    if last is not None and (last.combine, last.default_reset) == (declaration.combine.value, reset):
        return {}
    revision = last if last is not None and last.effective_at == effective_at else None
    revision = revision or FeatureRevision(
        feature=feature,
        effective_at=effective_at,
        parent_rule=last.parent_rule if last else FeatureRevision().parent_rule,
        kept_when_suspended=last.kept_when_suspended if last else False,
    )
    before = [last.combine, last.default_reset] if last else None
    revision.combine, revision.default_reset = declaration.combine.value, reset
    keep(revision, deed=deed)
    return {"rules": [before, [revision.combine, revision.default_reset]]}
