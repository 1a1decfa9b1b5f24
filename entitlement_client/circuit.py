"""Whether it is worth asking the desk now, so that a dead one isn't hammered and nobody waits for it twice."""

import random
import threading
import time
from collections.abc import Callable

SOON, LATEST = 0.5, 10.0  # seconds until the next try: doubled each time, and never more
ODD_ANSWERS = 3  # broken answers in a row, which one broken account doesn't make
GRACE = 3.0  # after this long without a try by the background, whoever asks may try


class Circuit:
    """Open: the desk is taken for dead until `again_at`, when one try is made. A good answer closes it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._lock = threading.Lock()
        self._odd = self._tries = 0
        self.again_at: float | None = None
        self.because = ""

    def forked(self) -> None:
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        return self.again_at is not None

    def lets_through(self, *, grace: float = 0.0) -> bool:
        """Whether to ask now. Where it is open this lets one through when its time has come, and moves the time on."""
        if self.again_at is None:
            return True
        with self._lock:
            now = self.monotonic()
            if self.again_at is None:
                return True
            if now < self.again_at + grace:
                return False
            self.again_at = now + self._pause()
            return True

    def worked(self) -> bool:
        """The desk has answered; whether it was taken for dead until now."""
        if self.again_at is None and not self._odd:
            return False
        with self._lock:
            was_open = self.again_at is not None
            self.again_at, self._odd, self._tries, self.because = None, 0, 0, ""
            return was_open

    def failed(self, because: str, *, dead: bool, retry_after: float | None = None) -> bool:
        """It hasn't; whether it is taken for dead only from now on."""
        with self._lock:
            self._odd += 1
            was_open = self.again_at is not None
            if not (dead or was_open or retry_after is not None or self._odd >= ODD_ANSWERS):
                return False
            self._tries += 1
            self.because = because
            self.again_at = self.monotonic() + max(self._pause(), min(retry_after or 0.0, 60.0))
            return not was_open

    def wait(self) -> float:
        """Seconds until the next try."""
        return 0.0 if self.again_at is None else max(self.again_at - self.monotonic(), 0.0)

    def _pause(self) -> float:
        longest: float = min(SOON * 2 ** min(max(self._tries - 1, 0), 10), LATEST)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 — so that many clients don't come at once
