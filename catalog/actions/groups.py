"""Groups: the headings of the plan sheet, and what a package sells as a whole."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.actions.features import EDIT, refuse_move
from catalog.models import FeatureGroup
from catalog.queries.uses import groups_above
from journal.actions.deeds import begin, keep, pending_changes, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal


@transaction.atomic
def create_group(
    *,
    key: str,
    name: str,
    by: Actor,
    at: datetime,
    parent: FeatureGroup | None = None,
    after: FeatureGroup | None = None,
) -> FeatureGroup:
    """A group of features was made."""
    by.require(EDIT)
    if FeatureGroup.objects.filter(key=key).exists():
        raise Invalid(f"There is already a group with the key {key}. Choose another key.", field="key")
    group = FeatureGroup(key=key, name=name, parent=parent, position=FeatureGroup.objects.count())
    _refuse_name_twice(group)
    deed = begin(by=by, at=at)
    changes = pending_changes(group)
    keep(group, deed=deed)
    if after is not None:
        _stand_after(group, after, deed=deed)
    record(deed, "feature_group:create", subject=group, changes=changes)
    return group


@transaction.atomic
def edit_group(
    *,
    group: FeatureGroup,
    name: str,
    parent: FeatureGroup | None,
    by: Actor,
    at: datetime,
    after: FeatureGroup | None = None,
    reason: str = "",
) -> FeatureGroup:
    """A group was renamed, put into another group, or moved behind another one."""
    by.require(EDIT)
    held = FeatureGroup.objects.select_for_update(of=("self",)).select_related("parent").get(pk=group.pk)
    if parent is not None and held.pk in groups_above(parent):
        raise Invalid(f"{parent} stands in {held} itself, so {held} can't go into it.", field="parent")
    if (parent.pk if parent else None) != held.parent_id:
        refuse_move(what=str(held), old=held.parent, new=parent, field="parent")
    held.name, held.parent = name, parent
    _refuse_name_twice(held)
    changes = pending_changes(held)
    deed = begin(by=by, at=at)
    if changes:
        keep(held, deed=deed)
    was = held.position
    if after is not None:
        _stand_after(held, after, deed=deed)
    if not changes and held.position == was:
        raise Refusal(f"Nothing would change: {held} stands there already.")
    changes |= {} if held.position == was else {"position": [was, held.position]}
    record(deed, "feature_group:edit", subject=held, reason=reason, changes=changes)
    return held


@transaction.atomic
def remove_group(*, group: FeatureGroup, by: Actor, at: datetime, reason: str = "") -> None:
    """An empty group was removed."""
    by.require(EDIT)
    held = FeatureGroup.objects.select_for_update().get(pk=group.pk)
    inside = [*held.children.all(), *held.features.all()]
    if inside:
        raise Refusal(f"{held} isn't empty: {_named(inside)} in it. Move that elsewhere first.")
    term = held.terms.select_related("version__plan").first()
    if term is not None:
        raise Refusal(f"{held} has to stay: {term.version} says something for it as a whole.")
    deed = begin(by=by, at=at)
    record(deed, "feature_group:remove", subject=held, reason=reason, changes={"key": (held.key, None)})
    remove(held, deed=deed)


def _stand_after(group: FeatureGroup, after: FeatureGroup, *, deed: Deed) -> None:
    """Count the groups anew with this one behind the other; only those whose place changes are written."""
    if after.pk == group.pk:
        raise Invalid(f"{group} can't stand behind itself.", field="after")
    order = [row for row in FeatureGroup.objects.select_for_update() if row.pk != group.pk]
    order.insert([row.pk for row in order].index(after.pk) + 1, group)
    for position, row in enumerate(order):
        if row.position != position:
            row.position = position
            keep(row, deed=deed)


def _refuse_name_twice(group: FeatureGroup) -> None:
    if FeatureGroup.objects.filter(name__iexact=group.name).exclude(pk=group.pk).exists():
        raise Invalid(f"There is already a group called {group.name}. Choose another name.", field="name")


def _named(rows: Sequence[object]) -> str:
    """ "SSO and 2 more are", for the middle of a sentence."""
    more = len(rows) - 1
    return f"{rows[0]} is" if not more else f"{rows[0]} and {more} more are"
