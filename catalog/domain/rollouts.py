"""Which version of a plan an item has at a moment (DESIGN.md §3): publishing moves a pointer, never a row.

An item pins the version that was on sale when it was recorded. The version at t is the target of the **last
published** rollout that moves the pinned version and whose instant for the item is ≤ t. `new_customers` moves only
what is on sale, so it never moves an item. Publishing over a scheduled rollout of the same items is refused until
that one is cancelled or has happened, so "last published" and "last effective" never contradict each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Audience(StrEnum):
    NEW_CUSTOMERS = "new_customers"
    NOW = "now"
    ON_DATE = "on_date"


@dataclass(frozen=True, slots=True)
class RolloutFact:
    """One publication: `order` is the total order of publishing, `moves_from` the versions whose holders it moves.

    `sold_until` is the instant its version was retired: whoever has it keeps it, nobody new gets it.
    """

    id: str
    plan: str
    version: str
    audience: Audience
    effective_at: datetime
    order: int
    moves_from: frozenset[str] = frozenset()
    sold_until: datetime | None = None

    @property
    def moves_holders(self) -> bool:
        return self.audience is not Audience.NEW_CUSTOMERS


def version_at(*, pinned: str, rollouts: Iterable[RolloutFact], at: datetime) -> tuple[str, RolloutFact | None]:
    """The version an item pinned to `pinned` has at the instant, and the rollout that gave it (None: its own pin)."""
    moving = [r for r in rollouts if r.moves_holders and pinned in r.moves_from and r.effective_at <= at]
    last = max(moving, key=lambda r: r.order, default=None)
    return (pinned, None) if last is None else (last.version, last)


def version_on_sale(*, plan: str, rollouts: Iterable[RolloutFact], at: datetime) -> str | None:
    """The version a new customer of the plan gets at the instant; None before the first, and once it is retired."""
    selling = [r for r in rollouts if r.plan == plan and r.effective_at <= at]
    last = max(selling, key=lambda r: r.order, default=None)
    if last is None or (last.sold_until is not None and last.sold_until <= at):
        return None
    return last.version


def moving_instants(*, pinned: str, rollouts: Iterable[RolloutFact]) -> tuple[datetime, ...]:
    """Every instant at which an item pinned to this version may change its version."""
    return tuple(sorted(r.effective_at for r in rollouts if r.moves_holders and pinned in r.moves_from))
