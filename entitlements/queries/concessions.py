"""An account's overrides: where each stands at a moment, what it says, and which one it follows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from catalog.domain.words import say_value
from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.domain.facts import Mode
from entitlements.models import Override
from entitlements.models.override import OverrideState, override_window
from entitlements.snapshots import Reader
from journal.models import Approval


class Place(StrEnum):
    """Where an override stands; in the order in which a person reads them."""

    WAITING = "waiting"
    IN_FORCE = "in_force"
    TO_COME = "to_come"
    ENDED = "ended"
    REVOKED = "revoked"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

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
    if row.state == OverrideState.WITHDRAWN:
        return Place.WITHDRAWN
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


def words_of(override: Override) -> str:
    """What the override does, as a person would say it: "+ 20 GB through 31 March 2026 (Europe/Amsterdam)"."""
    shape = override.feature.shape
    value = override.value
    said = "" if value is None else say_value(value, shape=shape, typed_unit=override.typed_unit)
    what = {
        Mode.REPLACE: f"becomes {said}",
        Mode.ADD: f"+ {said}",
        Mode.AT_LEAST: f"at least {said}",
        Mode.AT_MOST: f"at most {said}",
        Mode.DENY: "denied",
    }[Mode(override.mode)]
    return f"{what}, no end" if override.ends_at is None else f"{what} {end_of(override)}"


def end_of(override: Override) -> str:
    """ "through 31 March 2026 (Europe/Amsterdam)"; "until …" where no day was said; "without an end"."""
    if override.ends_at is None:
        return "without an end"
    if override.through_on is None:  # what a promotional code gave
        return f"until {say_instant(override.ends_at, zone=override.zone or 'UTC')}"
    return f"through {override.through_on.day} {override.through_on:%B %Y} ({override.zone})"


def token_of(override: Override) -> str:
    """Differs as soon as any column of the row does: a form that was made for an older version is found out."""
    columns = sorted((column.attname, getattr(override, column.attname)) for column in override._meta.concrete_fields)
    spelled = "\n".join(f"{name} {_spell(value)}" for name, value in columns)
    return sha256(spelled.encode()).hexdigest()[:32]


def _spell(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def renews(override: Override) -> bool:
    """Whether it begins where the one it follows ends, or later; one that edits takes its place before."""
    old = override.follows
    return old is not None and old.ends_at is not None and override.starts_at >= old.ends_at


def edits(override: Override) -> bool:
    return override.follows_id is not None and not renews(override)


def chain_of(override: Override) -> tuple[Override, ...]:
    """The overrides it follows, from the first, and itself as the last; one read for each."""
    found = [override]
    while found[-1].follows is not None:
        found.append(found[-1].follows)
    return tuple(reversed(found))


def number_in_chain(override: Override) -> int:
    """The first is 1; each renewal counts, an edit doesn't."""
    return 1 + sum(renews(one) for one in chain_of(override))


def stretch_start(override: Override) -> datetime:
    """Since when the customer has had what this one is the latest edit of."""
    while edits(override) and override.follows is not None:
        override = override.follows
    return override.starts_at


def outdated_override(approval: Approval) -> str:
    """Why an override that was asked for can't be approved any more; empty while it can."""
    override = Override.objects.select_related("follows").filter(pk=int(approval.subject_key)).first()
    if override is None or override.state != OverrideState.REQUESTED:
        return "This override is no longer waiting for a decision."
    old = override.follows
    if old is None or old.revoked_at is None:
        return ""
    verb = "renews" if renews(override) else "edits"
    return f"{old.revoked_by} has changed or revoked the override it {verb} since this was asked for."
