"""The order in which plans, features and groups stand on the sheet."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from catalog.actions.drafts import EDIT
from catalog.models import Feature, FeatureGroup, Plan
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Stale

Row = TypeVar("Row", Plan, Feature, FeatureGroup)


@transaction.atomic
def order_plans(*, plans: Sequence[int], was: Sequence[int], by: Actor, at: datetime) -> None:
    """Plans or add-ons were put into another order. `was` is the order the person saw."""
    by.require(EDIT)
    _arrange(Plan.objects.all(), "plan:order", wanted=plans, was=was, by=by, at=at)


@transaction.atomic
def order_features(
    *, group: FeatureGroup, features: Sequence[int], was: Sequence[int], by: Actor, at: datetime
) -> None:
    """The features of a group were put into another order."""
    by.require("catalog.change_feature")
    _arrange(Feature.objects.filter(group=group), "feature:order", wanted=features, was=was, by=by, at=at)


@transaction.atomic
def order_groups(*, groups: Sequence[int], was: Sequence[int], by: Actor, at: datetime) -> None:
    """Groups of features were put into another order."""
    by.require("catalog.change_feature")
    _arrange(FeatureGroup.objects.all(), "feature_group:order", wanted=groups, was=was, by=by, at=at)


def _arrange(
    rows: QuerySet[Row], verb: str, *, wanted: Sequence[int], was: Sequence[int], by: Actor, at: datetime
) -> None:
    """Put the rows named into their new order, in the places they held together; the others stay where they are."""
    standing = list(rows.select_for_update().order_by("position", "pk"))
    named = set(wanted)
    places = [place for place, row in enumerate(standing) if row.pk in named]
    before = [standing[place] for place in places]
    if [row.pk for row in before] != list(was) or sorted(wanted) != sorted(was):
        raise Stale("Someone else changed the order since you opened it. Reload to see how it stands now.")
    by_key = {row.pk: row for row in before}
    after = [by_key[pk] for pk in wanted]
    if after == before:
        return
    for place, row in zip(places, after, strict=True):
        standing[place] = row
    deed = begin(by=by, at=at)
    moved = [(place, row) for place, row in enumerate(standing) if row.position != place]
    for place, row in moved:
        row.position = place
        keep(row, deed=deed)
    names = [", ".join(str(row) for row in order) for order in (before, after)]
    record(deed, verb, subject=moved[0][1], label="The order of the plan sheet", changes={"order": names})
