"""An account's overrides sorted by where they stand at a moment, as known now or as known then."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from catalog.models import Feature
from entitlements.models import Override
from entitlements.models.override import OverrideState, override_window
from entitlements.snapshots import Reader


class Place(StrEnum):
    """Where an override stands; in the order in which a person reads them."""

    WAITING = "waiting"
    IN_FORCE = "in_force"
    TO_COME = "to_come"
    ENDED = "ended"
    REVOKED = "revoked"
    REJECTED = "rejected"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ").capitalize() if self is not Place.WAITING else "Waiting for approval"


@dataclass(frozen=True, slots=True)
class PlacedOverride:
    row: Override
    place: Place

    @property
    def revocable(self) -> bool:
        return self.place in {Place.IN_FORCE, Place.TO_COME}


def placed_overrides(
    *, account_id: int, at: datetime, known_at: datetime | None = None, newest: int = 100
) -> list[PlacedOverride]:
    """The newest overrides of the account by place, then by start; two reads."""
    rows = Reader(known_at).rows(Override, account_id=account_id)[-newest:]
    features = {feature.pk: feature for feature in Feature.objects.filter(pk__in={row.feature_id for row in rows})}
    placed = []
    for row in rows:
        row.feature = features[row.feature_id]
        placed.append(PlacedOverride(row, place_of(row, at=at)))
    order = list(Place)
    return sorted(placed, key=lambda found: (order.index(found.place), found.row.starts_at, found.row.pk))


def place_of(row: Any, *, at: datetime) -> Place:
    if row.state == OverrideState.REQUESTED:
        return Place.WAITING
    if row.state == OverrideState.REJECTED:
        return Place.REJECTED
    if row.revoked_at is not None and row.revoked_at <= at:
        return Place.REVOKED
    window = override_window(row)
    if window is None or (window.end is not None and window.end <= at):
        return Place.ENDED
    return Place.IN_FORCE if window.contains(at) else Place.TO_COME


def override_ids(*, account_id: int, feature_id: int) -> Collection[int]:
    """Every override the account ever had, or asked for, of the feature."""
    rows = Override.objects.filter(account_id=account_id, feature_id=feature_id)
    return frozenset(rows.values_list("pk", flat=True))
