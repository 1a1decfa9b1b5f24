"""How much the app may ask: a day, ten seconds, and each second for searches; and the headers that say what is left."""

from collections import deque

from tests.fakes.hubspot.clock import DAY, SECOND
from tests.fakes.hubspot.errors import rate_limited
from tests.fakes.hubspot.state import State

TEN = 10 * SECOND


class Limits:
    """Counted by the portal's clock. Of the short windows only what `settings.paced` says is enforced."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._day, self.used = 0, 0
        self._recent: deque[int] = deque()
        self._searches: deque[int] = deque()

    def count(self, request: str, search: bool) -> None:
        """One more request, or a refusal; a refused one counts too."""
        settings, now = self._state.settings, self._state.clock.now()
        self.spend(1)
        for times, length in ((self._recent, TEN), (self._searches, SECOND)):
            while times and times[0] <= now - length:
                times.popleft()
        if self.used > settings.daily_limit:
            raise rate_limited("DAILY", request)
        if not settings.paced:
            return
        if search and len(self._searches) >= settings.search_limit:
            raise rate_limited("SECONDLY", request)
        if not search and len(self._recent) >= settings.ten_second_limit:
            raise rate_limited("TEN_SECONDLY_ROLLING", request)
        (self._searches if search else self._recent).append(now)

    def spend(self, calls: int) -> None:
        today = self._state.clock.now() // DAY
        if today != self._day:
            self._day, self.used = today, 0
        self.used += calls

    @property
    def resets_at(self) -> int:
        return (self._state.clock.now() // DAY + 1) * DAY

    def headers(self, search: bool) -> dict[str, str]:
        """Searches say nothing of limits: so does HubSpot."""
        if search:
            return {}
        settings = self._state.settings
        left = settings.ten_second_limit - max(len(self._recent), 1)
        return {
            "X-HubSpot-RateLimit-Daily": str(settings.daily_limit),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(settings.daily_limit - self.used, 0)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(TEN),
            "X-HubSpot-RateLimit-Max": str(settings.ten_second_limit),
            "X-HubSpot-RateLimit-Remaining": str(max(left, 0)),
            "X-HubSpot-RateLimit-Secondly": str(settings.ten_second_limit // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(settings.ten_second_limit // 10 - 1, 0)),
        }
