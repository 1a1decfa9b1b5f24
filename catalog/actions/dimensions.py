"""Dimensions: what use of a feature is told apart by, and how much each choice counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from catalog.actions.features import EDIT
from catalog.domain.choice_lines import ONE, Weighed, say_weight
from catalog.domain.values import Kind
from catalog.models import Dimension, DimensionChoice, Feature, SubLimit
from catalog.queries.uses import counted_by, sold
from journal.actions.deeds import begin, keep, pending_changes, record, remove
from journal.domain.actor import Actor
from journal.domain.changes import Changes
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal


@transaction.atomic
def add_dimension(
    *, feature: Feature, key: str, name: str, choices: Sequence[Weighed], by: Actor, at: datetime, reason: str = ""
) -> Dimension:
    """Use of a feature is told apart by one more thing from now on."""
    by.require(EDIT)
    held = _take(feature)
    if held.kind not in {Kind.METERED, Kind.CREDIT}:
        raise Refusal(f"{held} is not used up, so there is no use to tell apart.")
    if held.dimensions.filter(key=key).exists():
        raise Invalid(f"{held} has a dimension with the key {key} already. Choose another key.", field="key")
    _demand_choices(choices)
    _refuse_dearer(held, dict.fromkeys((choice.key for choice in choices), ONE), choices)
    deed = begin(by=by, at=at)
    dimension = Dimension(feature=held, key=key, name=name, position=held.dimensions.count())
    keep(dimension, deed=deed)
    changes: Changes = {"name": [None, name]}
    for position, choice in enumerate(choices):
        changes |= _write(DimensionChoice(dimension=dimension, key=choice.key), choice, position, deed=deed)
    record(deed, "dimension:add", subject=dimension, reason=reason, changes=changes)
    return dimension


@transaction.atomic
def edit_dimension(
    *, dimension: Dimension, name: str, choices: Sequence[Weighed], by: Actor, at: datetime, reason: str = ""
) -> Dimension:
    """A dimension was renamed, or its choices were added to, renamed, weighed or struck."""
    by.require(EDIT)
    feature = _take(dimension.feature)
    held = Dimension.objects.get(pk=dimension.pk)
    _demand_choices(choices)
    standing = {row.key: row for row in held.choices.all()}
    gone = [row for key, row in standing.items() if key not in {choice.key for choice in choices}]
    _refuse_reweighing(held, standing, choices, gone=gone)
    _demand_reason(feature, standing, choices, gone=gone, reason=reason)
    _refuse_dearer(feature, {key: row.weight_thousandths for key, row in standing.items()}, choices)
    held.name = name
    changes = pending_changes(held)
    deed = begin(by=by, at=at)
    if changes:
        keep(held, deed=deed)
    for row in gone:
        changes[row.key] = [_say(row), None]
        remove(row, deed=deed)
    for position, choice in enumerate(choices):
        row = standing.get(choice.key) or DimensionChoice(dimension=held, key=choice.key)
        changes |= _write(row, choice, position, deed=deed)
    if not changes:
        raise Refusal(f"Nothing would change: {held} is as you describe it already.")
    record(deed, "dimension:edit", subject=held, reason=reason, changes=changes)
    return held


@transaction.atomic
def remove_dimension(*, dimension: Dimension, by: Actor, at: datetime, reason: str = "") -> None:
    """A dimension that nothing relies on was removed."""
    by.require(EDIT)
    _take(dimension.feature)
    choices = list(dimension.choices.all())
    if any(_relied_on(choice) for choice in choices):
        raise Refusal(f"{dimension} has to stay: plans limit it, or use was counted by it.")
    deed = begin(by=by, at=at)
    record(deed, "dimension:remove", subject=dimension, reason=reason, changes={"name": (dimension.name, None)})
    for row in (*choices, dimension):
        remove(row, deed=deed)


def _take(feature: Feature) -> Feature:
    return Feature.objects.select_for_update().get(pk=feature.pk)


def _demand_choices(choices: Sequence[Weighed]) -> None:
    if not choices:
        raise Invalid("Write at least one choice, such as Large model = 5.", field="choices")


def _relied_on(choice: DimensionChoice) -> bool:
    """Also a draft's sub-limit keeps a choice from being struck: it would lose its meaning."""
    return SubLimit.objects.filter(choice=choice).exists() or counted_by(choices=[choice]) is not None


def _refuse_dearer(feature: Feature, standing: Mapping[str, int], choices: Sequence[Weighed]) -> None:
    """Use that counts more than it did, of a feature somebody has, would take away from what was bought."""
    dearer = next((one for one in choices if one.thousandths > standing.get(one.key, one.thousandths)), None)
    if dearer is not None and sold(feature=feature):
        raise Invalid(
            f"{feature} is sold already, and {dearer.name} counting as {say_weight(dearer.thousandths)} would take away "
            f"from what customers bought. Let it count at most {say_weight(standing[dearer.key])}, or declare a new "
            "feature for a new version.",
            field="choices",
        )


def _refuse_reweighing(
    dimension: Dimension,
    standing: Mapping[str, DimensionChoice],
    choices: Sequence[Weighed],
    *,
    gone: Sequence[DimensionChoice],
) -> None:
    """Once a sub-limit was published or use was counted, a weight would count again what was counted already."""
    struck = next((row for row in gone if _relied_on(row)), None)
    if struck is not None:
        raise Invalid(f"{struck.name} has to stay: plans limit it, or use was counted by it.", field="choices")
    reweighed = [c for c in choices if c.key in standing and standing[c.key].weight_thousandths != c.thousandths]
    used = counted_by(choices=list(standing.values())) if reweighed else None
    if used is not None:
        choice = reweighed[0]
        weight = say_weight(standing[choice.key].weight_thousandths)
        raise Invalid(
            f"{choice.name} counts as {weight} and stays so: {used} relies on it, and what was sold by this weight "
            "would suddenly be worth more or less. Add another choice with the new weight instead.",
            field="choices",
        )


def _demand_reason(
    feature: Feature,
    standing: Mapping[str, DimensionChoice],
    choices: Sequence[Weighed],
    *,
    gone: Sequence[DimensionChoice],
    reason: str,
) -> None:
    known = [c for c in choices if c.key in standing]
    heavier = gone or any(standing[c.key].weight_thousandths != c.thousandths for c in known)
    if heavier and not reason.strip() and sold(feature=feature):
        raise Invalid(f"{feature} is sold already: say why its use is to count differently.", field="reason")


def _write(row: DimensionChoice, choice: Weighed, position: int, *, deed: Deed) -> Changes:
    before = _say(row) if row.pk else None
    row.name, row.weight_thousandths, row.position = choice.name, choice.thousandths, position
    if not pending_changes(row):
        return {}
    keep(row, deed=deed)
    return {} if before == _say(row) else {choice.key: [before, _say(row)]}


def _say(row: DimensionChoice) -> str:
    return f"{row.name} counts as {say_weight(row.weight_thousandths)}"
