"""The desk's time, reckoned here.

Ages and ends are told by the desk's own clock: its last word, and what has passed since. What has passed is the longer
of what the monotonic clock and the wall clock say: a machine that slept doesn't make an answer younger, and a wall
clock set back doesn't either. Until the desk has spoken, the wall clock is believed.
"""

import time
from collections.abc import Callable

Read = Callable[[], float]
SLACK = 5.0  # seconds
SURE = 60.0  # seconds after its last word: so long nobody asks the desk what time it is


class DeskClock:
    """Seconds since 1970, which never run back but for the desk's own word."""

    __slots__ = ("_heard", "_monotonic", "_passed", "_said", "_then", "_wall", "_wall_then")

    def __init__(self, wall: Read = time.time, monotonic: Read = time.monotonic) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._then, self._wall_then = monotonic(), wall()
        self._said, self._passed, self._heard = self._wall_then, 0.0, False

    def now(self) -> float:
        self._passed = passed = max(self._monotonic() - self._then, self._wall() - self._wall_then, self._passed)
        return self._said + passed

    def hear(self, said: float) -> None:
        """The desk has just told the time; it may have taken it from an answer it wrote a moment ago."""
        now = self.now()
        if now - SLACK < said <= now:
            said = now
        self._then, self._wall_then = self._monotonic(), self._wall()
        self._said, self._passed, self._heard = said, 0.0, True

    @property
    def unsure(self) -> bool:
        """Whether the desk should tell the time again: it hasn't lately, or a clock here has leapt ahead."""
        return not self._heard or self.now() - self._said > SURE

    def remembered(self) -> dict[str, float]:
        """To go on from after a restart."""
        return {"desk": self.now(), "wall": self._wall()}

    def go_on_from(self, desk: float, wall: float) -> bool:
        """Take up what was remembered; False where the wall clock was set back since, so that no age can be told."""
        passed = self._wall() - wall
        self._then, self._wall_then = self._monotonic(), self._wall()
        self._said, self._passed, self._heard = desk + max(passed, 0.0), 0.0, False
        return passed >= 0
