"""Features: what a plan can say something about."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from catalog.domain.declarations import FeatureDeclaration, slug
from catalog.domain.rules import FeatureRules, OddRule, fitting, lowers, plain_rules, refuse_odd, rules_of
from catalog.domain.values import FeatureShape, InvalidFeature
from catalog.models import Feature, FeatureGroup, FeatureRevision
from catalog.queries.uses import first_use, groups_above, published_for_groups, sold, uses_of
from journal.actions.deeds import begin, keep, pending_changes, record, remove
from journal.domain.actor import Actor
from journal.domain.changes import Changes, plain_changes
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal

EDIT = "catalog.change_feature"
PUBLISH = "catalog.publish_plan"
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
        by.require(EDIT)
    starts_at = effective_at or at
    if starts_at < at:
        raise Invalid("Rules can't change the past; choose a moment that is still to come.", field="effective_at")
    deed = begin(by=by, at=at)
    feature, changes = write_feature(declaration=declaration, effective_at=starts_at, position=position, deed=deed)
    if changes:
        record(deed, "feature:declare", subject=feature, changes=changes)
    return feature


@transaction.atomic
def create_feature(
    *,
    shape: FeatureShape,
    group: FeatureGroup,
    by: Actor,
    at: datetime,
    note: str = "",
    rules: FeatureRules | None = None,
    sold_as_add_on: bool = False,
) -> Feature:
    """A new feature was declared, with its rules from this moment on."""
    by.require(EDIT)
    rules = rules or fitting(FeatureRules(), shape=shape)
    check_feature(shape=shape, group=group, rules=rules)
    if Feature.objects.filter(key=shape.key).exists():
        raise Invalid(f"There is already a feature with the key {shape.key}. Choose another key.", field="key")
    if published_for_groups(groups=groups_above(group)):
        by.require(PUBLISH)  # who has the group gets the feature at once, without a further publication
    deed = begin(by=by, at=at)
    feature = Feature(key=shape.key, position=Feature.objects.count())
    spell_shape(feature, shape)
    feature.group, feature.note, feature.sold_as_add_on = group, note, sold_as_add_on
    _refuse_name_twice(feature)
    changes = pending_changes(feature)
    keep(feature, deed=deed)
    keep(spell_rules(FeatureRevision(feature=feature, effective_at=at), rules), deed=deed)
    record(deed, "feature:declare", subject=feature, changes=changes)
    return feature


@transaction.atomic
def edit_feature(
    *,
    feature: Feature,
    shape: FeatureShape,
    group: FeatureGroup,
    by: Actor,
    at: datetime,
    note: str = "",
    sold_as_add_on: bool = False,
    reason: str = "",
) -> Feature:
    """A feature was renamed, moved to another group, or given another shape before anything used it."""
    by.require(EDIT)
    held = Feature.objects.select_for_update(of=("self",)).select_related("group").get(pk=feature.pk)
    if shape.key != held.key:
        raise Invalid(f"The key of a feature never changes; it stays {held.key}.", field="key")
    refuse_move(what=str(held), old=held.group, new=group)
    spell_shape(held, shape)
    held.group, held.note, held.sold_as_add_on = group, note, sold_as_add_on
    changes = pending_changes(held)
    if not changes:
        raise Refusal(f"Nothing would change: {held} is as you describe it already.")
    _refuse_new_shape(held, changes)
    _refuse_name_twice(held)
    deed = begin(by=by, at=at)
    if set(changes) & set(SHAPE):
        check_feature(shape=shape, group=group, rules=fitting(FeatureRules(), shape=shape))
        _fit_rules(held, shape, deed=deed)
    keep(held, deed=deed)
    record(deed, "feature:edit", subject=held, reason=reason, changes=changes)
    return held


@transaction.atomic
def remove_feature(*, feature: Feature, by: Actor, at: datetime, reason: str = "") -> None:
    """A feature that nothing uses was removed, with its rules and dimensions."""
    by.require(EDIT)
    held = Feature.objects.select_for_update().get(pk=feature.pk)
    uses = uses_of(feature=held)
    if uses:
        raise Refusal(f"{held} can't be removed, because it is used. {'; '.join(map(str, uses))}.")
    deed = begin(by=by, at=at)
    record(deed, "feature:remove", subject=held, reason=reason, changes={"key": (held.key, None)})
    # Row by row and from the leaves up: a cascade would leave no history of what went with it.
    for dimension in held.dimensions.all():
        for row in (*dimension.choices.all(), dimension):
            remove(row, deed=deed)
    for row in (*held.revisions.all(), *held.billing_links.all(), *held.market_windows.all(), held):
        remove(row, deed=deed)


def check_feature(*, shape: FeatureShape, group: FeatureGroup, rules: FeatureRules) -> None:
    """Refuse what contradicts itself, before anything is written."""
    try:
        refuse_odd(rules, shape=shape)
        FeatureDeclaration(shape, group=group.name, reset=rules.default_reset, combine=rules.combine)
    except OddRule as odd:
        raise Invalid(str(odd), field=odd.field) from odd
    except InvalidFeature as mistake:
        raise Invalid(str(mistake)) from mistake


def refuse_move(*, what: str, old: FeatureGroup | None, new: FeatureGroup | None, field: str = "group") -> None:
    """Moving in or out of a group a published plan speaks for would change what customers have, past every review."""
    parted = set(groups_above(old)) ^ set(groups_above(new))
    speaking = published_for_groups(groups=parted)
    if speaking:
        named = ", ".join(map(str, speaking[:3]))
        raise Refusal(
            f"{what} can't move: {named} says something for a whole group that it would leave or join, so customers "
            "would gain or lose it without a publication. Say it for the feature itself in a new version first.",
            field=field,
        )


def write_feature(
    *, declaration: FeatureDeclaration, effective_at: datetime, position: int | None, deed: Deed
) -> tuple[Feature, Changes]:
    """The rows of a feature, only where they differ, and what differed; without an audit row of its own."""
    shape = declaration.shape
    feature = Feature.objects.filter(key=shape.key).first() or Feature(key=shape.key, position=Feature.objects.count())
    spell_shape(feature, shape)
    group = write_group(name=declaration.group, deed=deed)
    if feature.pk is not None:
        refuse_move(what=str(feature), old=feature.group, new=group)
    elif published_for_groups(groups=groups_above(group)):
        deed.by.require(PUBLISH)  # who has the group gets the feature at once, without a further publication
    feature.group, feature.note = group, declaration.note
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


def spell_shape(feature: Feature, shape: FeatureShape) -> None:
    feature.name, feature.kind, feature.unit, feature.scale = shape.name, shape.kind.value, shape.unit, shape.scale
    feature.aggregation = shape.aggregation.value if shape.aggregation else ""
    feature.config_type = shape.config_type.value if shape.config_type else ""
    feature.better = shape.better.value
    feature.choices = [[choice.key, choice.label] for choice in shape.choices]


def spell_rules(revision: FeatureRevision, rules: FeatureRules) -> FeatureRevision:
    for column, value in plain_rules(rules).items():
        setattr(revision, column, value)
    return revision


def _refuse_name_twice(feature: Feature) -> None:
    if Feature.objects.filter(name__iexact=feature.name).exclude(pk=feature.pk).exists():
        raise Invalid(f"There is already a feature called {feature.name}. Choose another name.", field="name")


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


def _fit_rules(feature: Feature, shape: FeatureShape, *, deed: Deed) -> None:
    """The rules of a feature nobody uses are brought into line with its new shape."""
    for revision in feature.revisions.all():
        rules = rules_of(revision)
        if fitting(rules, shape=shape) != rules:
            keep(spell_rules(revision, fitting(rules, shape=shape)), deed=deed)


def _write_rules(feature: Feature, declaration: FeatureDeclaration, *, effective_at: datetime, deed: Deed) -> Changes:
    """What a declaration says of the rules; whatever else they hold stays as it stands."""
    last = feature.revisions.filter(effective_at__lte=effective_at).order_by("-effective_at").first()
    before = rules_of(last) if last else None
    after = replace(before or FeatureRules(), combine=declaration.combine, default_reset=declaration.reset)
    if before == after:
        return {}
    if before is not None and lowers(before, after) and sold(feature=feature):
        raise Refusal(
            f"{feature}: {'; '.join(lowers(before, after))}. That takes something away from customers, so it needs a "
            "second person: change it on the page of the feature's rules."
        )
    revision = last if last is not None and last.effective_at == effective_at else None
    keep(spell_rules(revision or FeatureRevision(feature=feature, effective_at=effective_at), after), deed=deed)
    said = [before.combine, before.default_reset] if before else None
    return {"rules": plain_changes({"rules": (said, [after.combine, after.default_reset])})["rules"]}
