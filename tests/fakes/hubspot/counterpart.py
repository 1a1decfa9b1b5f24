"""The counterpart as tests hold it: where it stands, what it was asked, and the strings to pull."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from tests.fakes.faults import Fault
from tests.fakes.hubspot import associations, kinds, merging, owners, people, standard, subscriptions
from tests.fakes.hubspot.api import PREFIXES, Api
from tests.fakes.hubspot.clock import SECOND, Clock
from tests.fakes.hubspot.delivery import deliver
from tests.fakes.hubspot.events import App, Notice
from tests.fakes.hubspot.pages import Pages
from tests.fakes.hubspot.state import Record, Row, Settings, State
from tests.fakes.pushing import Choice, Manner
from tests.fakes.serving import Serving
from tests.fakes.standing import BEGAN, Standing, standing


class Counterpart(Standing):
    def __init__(
        self, seed: int = 0, *, clock: Callable[[], float] | None = None, settings: Settings | None = None,
        signs_at: Callable[[], float] = time.time, port: int = 0, told: Callable[[], None] | None = None,
        token: str = "",
    ) -> None:  # fmt: skip
        self.token, self.developer_key = token or f"pat-eu1-counterpart-{seed}", f"eu1-developer-{token or seed}"
        self.state = State(seed, Clock(clock or (lambda: BEGAN)), settings or Settings())
        standard.furnished(self.state)
        associations.furnished(self.state)
        self._api = Api(self.state, self.token, self.developer_key)
        self._drawn = random.Random(f"{seed}:delivery")
        self._signs_at = signs_at
        self._serving = Serving(self._api.answer, Pages(self.state, told), PREFIXES, port)
        self.base = self.state.base = self._serving.base

    @property
    def now(self) -> int:
        """The portal's time, in milliseconds."""
        return self.state.clock.now()

    @property
    def ignored(self) -> list[tuple[str, str]]:
        """Properties that were asked for and do not exist: HubSpot says nothing of them either."""
        return [(asked.path, name) for asked in self.requests for name in asked.unheeded]

    @property
    def notices(self) -> list[Notice]:
        return self.state.notices

    def client(self, **options: Any) -> Any:
        """The official client, as everybody would set it up. Its `api_request()` always calls the real HubSpot."""
        from hubspot import Client

        return Client.create(**{"access_token": self.token, "host": self.base} | options)

    def developer(self, **options: Any) -> Any:
        """The official client with the developer's key: subscriptions are made with nothing else."""
        from hubspot import Client

        return Client.create(**{"api_key": self.developer_key, "host": self.base} | options)

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> None:
        self.state.clock.add(round((days * 86400 + hours * 3600 + seconds) * SECOND))

    def skew(self, seconds: float) -> None:
        """The portal's clock is this far ahead of everybody else's."""
        self.state.clock.skew = round(seconds * SECOND)

    def employ(self, first: str, last: str, email: str) -> Row:
        with self.state.lock:
            return owners.employed(self.state, first, last, email)

    def add(self, kind: str, to: tuple[Record, ...] = (), **values: Any) -> Record:
        """Somebody types a record in, and says whom it belongs to."""
        with self.state.lock:
            return people.added(self.state, kinds.kind_of(self.state, kind).id, values, to)

    def edit(self, row: Record, **values: Any) -> Record:
        with self.state.lock:
            return people.edited(self.state, row, values)

    def delete(self, row: Record) -> None:
        with self.state.lock:
            people.deleted(self.state, row)

    def restore(self, row: Record) -> None:
        with self.state.lock:
            people.restored(self.state, row)

    def merge(self, primary: Record, other: Record) -> Record:
        with self.state.lock, people.at_work(self.state):
            return merging.merged(self.state, primary, other)

    def relate(self, one: Record, other: Record, *numbers: int) -> None:
        with self.state.lock, people.at_work(self.state):
            associations.linked(self.state, one, other, list(numbers))

    def app(self, *, url: str = "", secret: str = "", signed_as: str = "") -> App:
        """An app that listens to nothing yet; `signed_as` is its address as HubSpot sees it, before any proxy."""
        with self.state.lock:
            key = self.state.ids.number("app")
            app = self.state.apps[key] = App(key, secret or f"secret-{key}", url, signed_as)
            return app

    def listen(self, url: str, *events: str, secret: str = "", signed_as: str = "") -> App:
        """As somebody would set it up in a private app: `deal.creation`, `deal.propertyChange:dealstage`,
        `object.propertyChange:name@companies`."""
        app = self.app(url=url, secret=secret, signed_as=signed_as)
        with self.state.lock:
            for event in events:
                said, _, kind = event.partition("@")
                name, _, prop = said.partition(":")
                subscriptions.listening(self.state, app, name, prop, kind)
        return app

    def inject(
        self, kind: str, *, next: int | None = 1, path: str = "", method: str = "", seconds: float = 0.2, **more: Any
    ) -> Fault:
        """The next requests fail (`next=None`: for good): 401, 403 (`scopes`), 429 (`policy`, `retry_after`), 500, 502,
        503, 500_after, 502_after, timeout, reset, slow, 207 (`share` of a batch's items)."""
        return self._api.injectors.add(kind, next=next, path=path, method=method, seconds=seconds, **more)

    def revoke_token(self) -> None:
        """Nothing is answered but 401, for good."""
        self._api.revoked = True

    def spend(self, calls: int) -> None:
        """Somebody else with the same token has used up some of the day."""
        with self.state.lock:
            self._api.limits.spend(calls)

    def deliver(
        self, *, drop: Choice = (), duplicate: Choice = (), delay: Choice = (), shuffle: bool = False,
        delay_seconds: int = 600,
    ) -> list[Notice]:  # fmt: skip
        """One round of deliveries of all that is due. What is dropped is lost."""
        return deliver(self.state, Manner(drop, duplicate, delay, shuffle, delay_seconds), self._drawn, self._signs_at)


def hubspot_counterpart(seed: int = 0, **options: Any) -> AbstractContextManager[Counterpart]:
    """A counterpart for the length of a test; a fault of its own is the test's failure."""
    return standing(Counterpart(seed, **options))
