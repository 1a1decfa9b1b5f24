"""The lines by which a balance moves, and what they come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from entitlements.domain.credits.grants import ZERO


class Kind(StrEnum):
    """Why a balance moved."""

    GRANT = "grant"  # a grant took effect
    RECUR = "recur"  # a recurring grant was filled again
    LAPSE = "lapse"  # what was left of it when it was filled again
    CHANGE = "change"  # a plan's credits became more or fewer
    USE = "use"
    OVERAGE = "overage"  # used beyond all grants (−), or taken by a grant afterwards (+)
    GIVEN_BACK = "given_back"  # what one use had taken, of a grant or beyond all of them
    RESET = "reset"  # what didn't roll over (−), what was topped up to the least that stays (+), overage forgotten (+)
    EXPIRE = "expire"
    VOID = "void"
    CORRECTION = "correction"  # something told late changed what had been written


@dataclass(frozen=True, slots=True)
class Movement:
    """One line: by how much the balance moved at the instant, of which grant, by which use.

    The balance is what is left of all grants less the overage. What is used of a grant without limit (`unlimited`), or
    given back to one, is written too, and moves no balance. `grant` is empty for overage.
    """

    at: datetime
    kind: Kind
    amount: Decimal
    grant: str = ""
    use: str = ""
    unlimited: bool = False

    @property
    def moves(self) -> Decimal:
        return ZERO if self.kind in {Kind.USE, Kind.GIVEN_BACK} and self.unlimited else self.amount


@dataclass(frozen=True, slots=True)
class Totals:
    """Where all that was granted went: `granted == used + expired + voided + lost` and what is left."""

    granted: Decimal = ZERO
    used: Decimal = ZERO
    expired: Decimal = ZERO
    voided: Decimal = ZERO
    lost: Decimal = ZERO  # at a reset, when filled again, or when a plan's credits became fewer

    @property
    def left(self) -> Decimal:
        return self.granted - self.used - self.expired - self.voided - self.lost


def totals(movements: Iterable[Movement]) -> Totals:
    """What the lines of grants come to; overage and unlimited use stand outside."""
    granted = used = expired = voided = lost = ZERO
    for line in movements:
        if not line.grant or not line.moves:
            continue
        match line.kind:
            case Kind.USE | Kind.GIVEN_BACK:
                used -= line.amount
            case Kind.EXPIRE:
                expired -= line.amount
            case Kind.VOID:
                voided -= line.amount
            case _ if line.amount > 0:
                granted += line.amount
            case _:
                lost -= line.amount
    return Totals(granted, used, expired, voided, lost)
