"""What is granted, used and reset: the three kinds of fact a balance is made of.

Amounts are `Decimal`s in the feature's smallest unit, or UNLIMITED; instants are aware UTC; stretches are half-open.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from catalog.domain.values import UNLIMITED, Amount
from entitlements.domain.credits.recurrence import Repeats

ZERO = Decimal(0)
FIRST_PRIORITY, LAST_PRIORITY = 1, 255  # 1 is the most urgent
LATEST = datetime.max.replace(tzinfo=UTC)
EARLIEST = datetime.min.replace(tzinfo=UTC)

BurnOrder: TypeAlias = tuple[bool, int, datetime, datetime, int, str]


class UnfitGrant(ValueError):
    """A grant that contradicts itself; the message says how, in the reader's words."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An amount that may be used from `effective_at` on, until it expires or is voided.

    With a recurrence its balance is *set* to the amount again each time; nothing is added up. At a reset
    `min(max_rollover, max(min_rollover, what is left))` stays; without a `max_rollover` all of it does. `amounts` says
    from which instants on it is another amount (a plan's credits): what is left is then that amount less what was used
    of it since it was last set, never below zero.
    """

    id: str
    amount: Amount
    effective_at: datetime
    expires_at: datetime | None = None
    voided_at: datetime | None = None
    priority: int = FIRST_PRIORITY
    created_at: datetime = EARLIEST
    recurrence: Repeats | None = None
    min_rollover: Decimal = ZERO
    max_rollover: Decimal | None = None
    amounts: tuple[tuple[datetime, Amount], ...] = ()

    def __post_init__(self) -> None:
        if self.amount is not UNLIMITED and self.amount < 0:
            raise UnfitGrant("A grant is of more than nothing.")
        if self.min_rollover < 0 or (self.max_rollover is not None and self.max_rollover < self.min_rollover):
            raise UnfitGrant("At a reset at most as much stays as may stay at least, and neither is less than nothing.")

    @property
    def ends_at(self) -> datetime | None:
        """Its expiry or its voiding, whichever comes first."""
        return min((at for at in (self.expires_at, self.voided_at) if at is not None), default=None)

    @property
    def was_voided(self) -> bool:
        """Whether it is the voiding that ends it; at its very expiry there is nothing left to void."""
        return self.voided_at is not None and (self.expires_at is None or self.voided_at < self.expires_at)

    def is_active(self, at: datetime) -> bool:
        return self.effective_at <= at and (self.ends_at is None or at < self.ends_at)

    def amount_at(self, at: datetime) -> Amount:
        """How much it is of at the instant."""
        begun = [amount for since, amount in self.amounts if since <= at]
        return begun[-1] if begun else self.amount

    def burn_order(self, *, at: datetime) -> BurnOrder:
        """Who burns before whom: the smaller first.

        What has no limit comes first, for nothing is lost by using it. Then by priority, earliest expiry (none last),
        creation, id; ids are counted up, so "10" is later than "9".
        """
        limited = self.amount_at(at) is not UNLIMITED
        return (limited, self.priority, self.expires_at or LATEST, self.created_at, len(self.id), self.id)


@dataclass(frozen=True, slots=True)
class Use:
    """So much was used at the instant; `id` names the usage event."""

    at: datetime
    amount: Decimal
    id: str = ""

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise UnfitGrant("Nobody uses less than nothing.")


@dataclass(frozen=True, slots=True)
class Reset:
    """A new period begins: what is left rolls over within its bounds, and use counts from nothing.

    What was used beyond all grants is forgotten, or with `preserve_overage` taken from what rolled over.
    """

    at: datetime
    preserve_overage: bool = False
