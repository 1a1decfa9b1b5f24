"""All that the counterpart remembers: rows by kind and id, in the order they came, and the account's settings."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.stripe.clock import Clock
from tests.fakes.stripe.errors import missing
from tests.fakes.stripe.ids import Ids

Row = dict[str, Any]  # as Stripe shows it; keys that begin with "_" are ours and are never shown


@dataclass
class Settings:
    """What an account chooses in Stripe's dashboard."""

    after_retries: str = "cancel"  # or "unpaid", "pause", "past_due"
    retry_days: tuple[int, ...] = (3, 5, 7)  # after each failed attempt of an invoice
    finalize_after: int = 3600
    trial_warning_days: int = 3
    delivery_retries: tuple[int, ...] = (300, 1800, 7200, 18000, 36000, 43200, 43200, 43200, 43200)
    country: str = "NL"
    name: str = "Demo Software"
    desk: str = ""  # where a person who tries it out goes on to: the address of whoever listens


@dataclass
class Asking:
    """The request that is being answered: what events name as their cause."""

    id: str | None = None
    key: str | None = None


@dataclass
class State:
    seed: int
    clock: Clock
    settings: Settings = field(default_factory=Settings)
    base: str = ""
    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    deliveries: list[Any] = field(default_factory=list)
    asking: Asking = field(default_factory=Asking)
    failing: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # customer: payments that will fail
    lock: Any = field(default_factory=threading.RLock)
    changes: int = 0  # how many requests and buttons may have changed something
    on_event: Callable[[Row], None] | None = None

    def __post_init__(self) -> None:
        self.ids = Ids(self.seed)

    @property
    def added(self) -> int:
        """Seconds that the account's time is ahead; kept with the rest."""
        return self.clock.added

    @added.setter
    def added(self, seconds: int) -> None:
        self.clock.add(seconds - self.clock.added)

    def put(self, row: Row) -> Row:
        self.tables[row["object"]][row["id"]] = row
        return row

    def find(self, kind: str, key: str) -> Row | None:
        return self.tables[kind].get(key)

    def get(self, kind: str, key: str, param: str = "id", status: int = 404) -> Row:
        row = self.tables[kind].get(key)
        if row is None or (row.get("deleted") and kind != "customer"):
            raise missing(kind, key, param, status)
        return row

    def named(self, kind: str, key: str, param: str) -> Row:
        """A row that a parameter names: Stripe answers 400, not 404, and a deleted customer is none."""
        row = self.get(kind, key, param, status=400)
        if row.get("deleted"):
            raise missing(kind, key, param, 400)
        return row

    def all(self, kind: str) -> list[Row]:
        return [row for row in self.tables[kind].values() if not row.get("deleted")]

    def drop(self, row: Row) -> None:
        del self.tables[row["object"]][row["id"]]

    def now(self, row: Row | None = None) -> int:
        """The account's time, or that of the test clock which the row hangs on."""
        key = row.get("test_clock") if row else None
        return self.tables["test_helpers.test_clock"][key]["frozen_time"] if key else self.clock.now()
