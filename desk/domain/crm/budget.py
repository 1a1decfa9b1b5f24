"""How many calls of a CRM the desk may still use: never the last fifth of what the organisation has.

Others use the same calls, and a desk that spends the last of them stops their work. `limit` and `used` are what the CRM
said last, of the day; None where it doesn't say, and then nothing is held back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT_PERCENT = 20
# The more of the day's calls are used, by whomever, the less often is looked without a push: from so many percent on.
PACES = ((60, timedelta(minutes=5)), (40, timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Budget:
    used: int | None = None
    limit: int | None = None
    resets_at: datetime | None = None

    @property
    def spendable(self) -> int | None:
        """How many calls are left to the desk; None: as many as it likes."""
        if self.used is None or not self.limit:  # nothing is what one says who doesn't count
            return None
        return max(self.limit * (100 - KEPT_PERCENT) // 100 - self.used, 0)

    def allows(self, calls: int = 1) -> bool:
        left = self.spendable
        return left is None or calls <= left

    @property
    def used_percent(self) -> int | None:
        """Of the whole, rounded up, for a reader who wants to know when it gets tight."""
        if self.used is None or not self.limit:
            return None
        return -(-self.used * 100 // self.limit)

    def pace(self, usual: timedelta) -> timedelta:
        """How long to wait until the next look: as usual while there are calls enough."""
        used = self.used_percent or 0
        return next((max(pace, usual) for percent, pace in PACES if used >= percent), usual)
