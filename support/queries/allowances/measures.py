"""Minutes of support ↔ the smallest units in which prepaid hours are kept."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from catalog.domain.units import Family, smallest_in, unit_named, unit_of
from catalog.domain.values import UNLIMITED, Amount, FeatureShape
from entitlements.domain.credits.telling import say_credits
from support.domain.time_entries import say_minutes

MINUTE = unit_named("minute")


@dataclass(frozen=True, slots=True)
class Measure:
    """How a credits feature is measured. Minutes that make no whole units take the next one."""

    shape: FeatureShape

    @property
    def is_time(self) -> bool:
        return unit_of(self.shape).family is Family.TIME

    @property
    def each(self) -> Fraction:
        """Smallest units in a minute."""
        assert MINUTE is not None
        return smallest_in(MINUTE, shape=self.shape)

    def units(self, minutes: int) -> Decimal:
        return Decimal(ceil(minutes * self.each))

    def minutes(self, units: Decimal) -> int:
        """Whole minutes, those that are full."""
        return floor(Fraction(int(units)) / self.each)

    def left(self, amount: Amount, *, owed: Decimal = Decimal(0)) -> int | None:
        return None if amount is UNLIMITED else self.minutes(amount - owed)

    def say(self, amount: Amount) -> str:
        """ "4 h 10 min" of hours, "3 incidents" of what is counted."""
        if amount is UNLIMITED or not self.is_time:
            return say_credits(amount, shape=self.shape)
        return say_minutes(self.minutes(amount))
