"""The counterpart as tests hold it: where it stands, what it was asked, and the strings to pull."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from tests.fakes.pushing import Choice, Manner
from tests.fakes.serving import Serving
from tests.fakes.standing import BEGAN, Standing, standing
from tests.fakes.stripe import agenda, checkout, endpoints
from tests.fakes.stripe.api import PREFIXES, Api
from tests.fakes.stripe.clock import DAY, HOUR, Clock
from tests.fakes.stripe.delivery import Delivery, deliver
from tests.fakes.stripe.pages import Pages
from tests.fakes.stripe.state import Row, Settings, State


class Counterpart(Standing):
    def __init__(
        self, seed: int = 0, *, clock: Callable[[], float] | None = None, settings: Settings | None = None,
        signs_at: Callable[[], float] = time.time, port: int = 0, told: Callable[[], None] | None = None,
        api_key: str = "",
    ) -> None:  # fmt: skip
        self.api_key = api_key or f"sk_test_counterpart{seed}"
        self.state = State(seed, Clock(clock or (lambda: BEGAN)), settings or Settings())
        self._api = Api(self.state, self.api_key)
        self._drawn = random.Random(f"{seed}:delivery")
        self._signs_at = signs_at
        self._serving = Serving(self._api.answer, Pages(self._api, self.advance, told), PREFIXES, port)
        self.base = self.state.base = self._serving.base

    @property
    def now(self) -> int:
        return self.state.clock.now()

    @property
    def ignored(self) -> list[tuple[str, str]]:
        """Parameters that were accepted and made no difference: what a test must not rest on."""
        return [(asked.path, name) for asked in self.requests for name in asked.ignored]

    @property
    def events(self) -> list[Row]:
        return self.state.all("event")

    def client(self, **options: Any) -> Any:
        """The official client, as everybody would set it up."""
        import stripe

        return stripe.StripeClient(self.api_key, base_addresses={"api": self.base}, **options)

    def advance(self, *, days: float = 0, hours: float = 0, seconds: int = 0) -> None:
        """Lets time pass for all that hangs on no test clock, and does what falls due."""
        passed = int(days * DAY + hours * HOUR + seconds)
        with self.state.lock:
            agenda.run(self.state, None, self.now + passed)
            self.state.clock.hold(None)
            self.state.clock.add(passed)

    def listen(self, url: str, events: tuple[str, ...] = ("*",), *, secret: str = "", thin: bool = False) -> Row:
        """An endpoint, as somebody would add one in the dashboard; its secret is `secret(endpoint)`."""
        with self.state.lock:
            return endpoints.opened(
                self.state, url, list(events), secret=secret, payload="thin" if thin else "snapshot"
            )

    def secret(self, endpoint: Row) -> str:
        return str(self.state.get("webhook_endpoint", endpoint["id"])["_secrets"][0][0])

    def roll_secret(self, endpoint: Row, *, keep_hours: int = 24) -> str:
        with self.state.lock:
            return endpoints.roll(self.state, self.state.get("webhook_endpoint", endpoint["id"]), keep_hours)

    def pay(self, session: Any, *, card: str = "pm_card_visa", email: str = "") -> Row:
        """Somebody fills in the checkout page; a refused card raises as the page would say."""
        with self.state.lock:
            return checkout.completed(self.state, self.state.get("checkout.session", _key(session)), card, email)

    def expire(self, session: Any) -> None:
        with self.state.lock:
            checkout.expired(self.state, self.state.get("checkout.session", _key(session)))

    def fail_next_payment(self, customer: Any, times: int = 1) -> None:
        self.state.failing[_key(customer)] += times

    def inject(
        self,
        kind: str,
        *,
        next: int = 1,
        path: str = "",
        method: str = "",
        seconds: float = 0.2,
        should_retry: bool | None = None,
    ) -> None:
        """The next requests fail: 429, 409, 500, 503, 500_after, timeout, reset, slow."""
        self._api.injectors.add(kind, next=next, path=path, method=method, seconds=seconds, should_retry=should_retry)

    def deliver(
        self,
        *,
        drop: Choice = (),
        duplicate: Choice = (),
        delay: Choice = (),
        shuffle: bool = False,
        delay_seconds: int = 600,
    ) -> list[Delivery]:
        """One round of deliveries of all that is due. What is dropped is lost, and `delivery_success` stays false."""
        manner = Manner(drop, duplicate, delay, shuffle, delay_seconds)
        return deliver(self.state, manner, self._drawn, self._signs_at)

    def tick(self) -> None:
        with self.state.lock:
            self._api.tick()


def _key(named: Any) -> str:
    return named if isinstance(named, str) else str(named["id"])


def stripe_counterpart(seed: int = 0, **options: Any) -> AbstractContextManager[Counterpart]:
    """A counterpart for the length of a test; a fault of its own is the test's failure."""
    return standing(Counterpart(seed, **options))
