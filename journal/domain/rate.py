"""How often a key may ask: at most so many requests in any minute, decided by counting seconds.

The rule: a request counts in the whole second it came in, and in the 60 that follow; it is let in while fewer than the
limit count. So no 60 seconds, wherever they begin, ever hold more than the limit, and what is refused would have been
one too many among the seconds counted. A token bucket would be shorter to write, but lets twice the limit through in
the first minute, while `q=6000;w=60` says 6,000.

`now` is in seconds, from any clock; one that goes back is taken to stand still. The headers are those of
draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy: "minute";q=6000;w=60`, `RateLimit: "minute";r=5999;t=61`.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from journal.domain.refusal import Refusal

WINDOW = 60  # seconds, the `w` of the policy
REMEMBERED = WINDOW + 1  # the second a request came in is only partly past
MOST = 100_000_000  # requests a minute: beyond anything one process can answer, so as good as no limit

Headers = tuple[tuple[bytes, bytes], ...]


class Taken(NamedTuple):
    """What came of asking for one more request.

    `left` is how many more fit now; `wait` the whole seconds until more fit than now (the `t` of the header, and
    Retry-After where this one didn't); `headers` are ready for a raw ASGI answer.
    """

    allowed: bool
    limit: int
    left: int
    wait: int
    headers: Headers


class RateLimited(Refusal):
    """The key asked more often than it may."""

    code = "rate_limited"

    def __init__(self, taken: Taken) -> None:
        super().__init__(
            f"This key may make {taken.limit} requests a minute here. Try again in {taken.wait} seconds, "
            "ask for several things in one request, or have an administrator raise the key's limit."
        )
        self.taken = taken


class RateWindow:
    """The requests of one key in the seconds that still count. Not safe for threads by itself."""

    __slots__ = ("_latest", "_policy", "_seconds", "_used")

    def __init__(self) -> None:
        self._latest = -1
        self._seconds: deque[list[int]] = deque()  # [second, requests], the oldest first, at most REMEMBERED of them
        self._used = 0
        self._policy = (0, (b"", b""))

    def take(self, limit: int, now: float) -> Taken:
        """Let one more in, or say when to come back; what is refused doesn't count."""
        second = self._move_on(now)
        used = self._used
        if used >= limit:
            return self._refused(limit, second=second)
        self._used = used = used + 1
        seconds = self._seconds
        if seconds and seconds[-1][0] == second:
            seconds[-1][1] += 1
        else:
            seconds.append([second, 1])
        left, wait = limit - used, seconds[0][0] + REMEMBERED - second
        told = (b"ratelimit", b'"minute";r=%d;t=%d' % (left, wait))
        return Taken(True, limit, left, wait, (self._policy_of(limit), told))

    def _refused(self, limit: int, *, second: int) -> Taken:
        wait = self._until_below(limit, second=second)
        left = (b"ratelimit", b'"minute";r=0;t=%d' % wait)
        return Taken(False, limit, 0, wait, (self._policy_of(limit), left, (b"retry-after", b"%d" % wait)))

    def _policy_of(self, limit: int) -> tuple[bytes, bytes]:
        """Written once, for it is the same with every answer until the limit changes."""
        written_for, policy = self._policy
        if written_for != limit:
            policy = b"ratelimit-policy", b'"minute";q=%d;w=%d' % (limit, WINDOW)
            self._policy = limit, policy
        return policy

    def is_idle(self, *, now: float) -> bool:
        """Whether nothing counts any more, so that a new window would answer the same."""
        self._move_on(now)
        return not self._used

    def _move_on(self, now: float) -> int:
        """The second that `now` stands in, with all forgotten that no longer counts in it."""
        second = int(now)
        if second <= self._latest:
            return self._latest
        self._latest = second
        seconds, oldest = self._seconds, second - REMEMBERED
        while seconds and seconds[0][0] <= oldest:
            self._used -= seconds.popleft()[1]
        return second

    def _until_below(self, limit: int, *, second: int) -> int:
        """Seconds until fewer than the limit count; more than one of them may have to pass after a limit was cut."""
        counted = self._used
        for came_in, requests in self._seconds:
            counted -= requests
            if counted < limit:
                return came_in + REMEMBERED - second
        return REMEMBERED


def share_of(limit: int, *, processes: int) -> int:
    """What one of several processes lets in, rounded down so that all together never pass the limit; at least 1."""
    return max(1, limit // max(1, processes))


def named(headers: Headers) -> Iterator[tuple[str, str]]:
    """The same headers as frameworks spell them."""
    spelled = {b"ratelimit-policy": "RateLimit-Policy", b"ratelimit": "RateLimit", b"retry-after": "Retry-After"}
    return ((spelled[name], value.decode()) for name, value in headers)
