"""Which version of a plan an item has at a moment (DESIGN.md §3): publishing moves a pointer, never a row.

An item pins the version that was on sale when it was recorded. The version at t is the target of the **last
published** rollout that was not called off, moves the pinned version, reaches the item and whose instant for the item
is ≤ t. What the audiences mean for an item (`plain_instant` here, `entitlements.domain.phases.instant_of` in full):

- `now`, `on_date`: the instant is the same for everybody.
- `at_renewal`: the item's own first renewal from the instant on.
- `cohort`: only the items of accounts in the frozen cohort, and what is on sale stays as it is.
- `new_customers`: only what is on sale, never an item.

A rollout never moves an item recorded after its instant: a new item has what was on sale when it was sold, also where
a former version was put on sale again.

Two publications of a plan *meet* where both change what is on sale (all but `cohort`) or both move holders (all but
`new_customers`). Publishing over one that meets and hasn't begun is refused until that one is called off or has begun,
so "last published" and "last effective" never contradict each other. One at renewal has begun at its instant, though
some customers renew a year later: a publication after that instant supersedes it for whoever hasn't renewed by then,
and they never come to have the version in between.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias


class Audience(StrEnum):
    NEW_CUSTOMERS = "new_customers"
    NOW = "now"
    ON_DATE = "on_date"
    AT_RENEWAL = "at_renewal"
    COHORT = "cohort"

    @property
    def sells(self) -> bool:
        """Whether it changes what a new customer gets."""
        return self is not Audience.COHORT

    @property
    def moves(self) -> bool:
        """Whether it changes what anybody has who holds the plan already."""
        return self is not Audience.NEW_CUSTOMERS

    def meets(self, other: "Audience") -> bool:
        """Whether two publications of one plan, for these, both answer the same question."""
        return (self.sells and other.sells) or (self.moves and other.moves)


@dataclass(frozen=True, slots=True)
class RolloutFact:
    """One publication: `order` is the total order of publishing, `moves_from` the versions whose holders it moves.

    `sold_until` is the instant its version was retired: whoever has it keeps it, nobody new gets it. One that was
    called off (always before its instant) has never moved anything.
    """

    id: str
    plan: str
    version: str
    audience: Audience
    effective_at: datetime
    order: int
    moves_from: frozenset[str] = frozenset()
    sold_until: datetime | None = None
    cohort: str = ""
    cancelled_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.cancelled_at is None

    @property
    def moves_holders(self) -> bool:
        return self.stands and self.audience.moves

    @property
    def sells(self) -> bool:
        return self.stands and self.audience.sells


InstantOf: TypeAlias = Callable[[RolloutFact], datetime | None]


def plain_instant(rollout: RolloutFact) -> datetime | None:
    """When a rollout moves an item of which nothing is known but its pin: cohorts and renewals are then unknown too."""
    return rollout.effective_at if rollout.audience in {Audience.NOW, Audience.ON_DATE} else None


@dataclass(frozen=True, slots=True)
class Move:
    """A rollout that reaches an item, at the item's own instant."""

    at: datetime
    rollout: RolloutFact


def moves_of(
    *, pinned: str, rollouts: Iterable[RolloutFact], instant_of: InstantOf = plain_instant
) -> tuple[Move, ...]:
    """Every rollout that ever reaches an item pinned to the version, earliest first."""
    found = [
        Move(at, rollout)
        for rollout in rollouts
        if rollout.moves_holders and pinned in rollout.moves_from and (at := instant_of(rollout)) is not None
    ]
    return tuple(sorted(found, key=lambda move: (move.at, move.rollout.order)))


def version_at(
    *, pinned: str, rollouts: Iterable[RolloutFact], at: datetime, instant_of: InstantOf = plain_instant
) -> tuple[str, RolloutFact | None]:
    """The version an item pinned to `pinned` has at the instant, and the rollout that gave it (None: its own pin).

    `instant_of` says when a rollout reaches the item; holds are the item's own affair and not looked at here.
    """
    moves = moves_of(pinned=pinned, rollouts=rollouts, instant_of=instant_of)
    last = last_published(move.rollout for move in moves if move.at <= at)
    return (pinned, None) if last is None else (last.version, last)


def last_published(rollouts: Iterable[RolloutFact]) -> RolloutFact | None:
    return max(rollouts, key=lambda rollout: rollout.order, default=None)


def version_on_sale(*, plan: str, rollouts: Iterable[RolloutFact], at: datetime) -> str | None:
    """The version a new customer of the plan gets at the instant; None before the first, and once it is retired."""
    last = last_published(r for r in rollouts if r.plan == plan and r.sells and r.effective_at <= at)
    if last is None or (last.sold_until is not None and last.sold_until <= at):
        return None
    return last.version


def moving_instants(
    *, pinned: str, rollouts: Iterable[RolloutFact], instant_of: InstantOf = plain_instant
) -> tuple[datetime, ...]:
    """Every instant at which an item pinned to this version may change its version."""
    return tuple(move.at for move in moves_of(pinned=pinned, rollouts=rollouts, instant_of=instant_of))


@dataclass(frozen=True, slots=True)
class Publication:
    """What was asked for: who gets a version and from when, as the draft stood after so many edits."""

    audience: Audience
    effective_at: datetime | None
    edits: int
    cohort_key: str = ""


def publication_payload(
    *, audience: Audience, effective_at: datetime | None, edits: int, cohort_key: str = ""
) -> dict[str, Any]:
    """A publication as a request for approval carries it; `parse_publication` reads it back."""
    return {
        "audience": audience.value,
        "effective_at": None if effective_at is None else effective_at.isoformat(),
        "edits": edits,
        "cohort_key": cohort_key,
    }


def parse_publication(payload: Mapping[str, Any]) -> Publication:
    """The publication a request for approval was made for; other keys of the payload are passed over."""
    effective_at = payload["effective_at"]
    return Publication(
        audience=Audience(payload["audience"]),
        effective_at=None if effective_at is None else datetime.fromisoformat(effective_at),
        edits=int(payload["edits"]),
        cohort_key=str(payload.get("cohort_key", "")),
    )
