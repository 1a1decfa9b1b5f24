"""All that the org remembers: objects, rows by id, sessions, cursors, jobs, rules, and its settings."""

import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.salesforce import ids, standard
from tests.fakes.salesforce.access import Access
from tests.fakes.salesforce.clock import Clock
from tests.fakes.salesforce.errors import Refused, Wrong, over_limit
from tests.fakes.salesforce.schema import SObject

Row = dict[str, Any]  # fields by their right names, in Python's types; never changed in place


@dataclass
class Settings:
    """What an org has, and what its administrator chose."""

    name: str = "Demo Software"
    sandbox: bool = False
    external_client_app: bool = False  # the newer kind of app: it is known at the org's own domain only
    domain: str = "demo-dev-ed.my"
    daily_limit: int = 15000  # requests in 24 hours
    batch_size: int = 2000  # records on a page of a query, unless the request says otherwise
    session_minutes: int = 120  # without use
    lock_after: int = 10  # refused passwords
    trusted_network: bool = False  # then passwords need no security token
    bulk_polls: int = 0  # how often a finished job still says "InProgress"
    new_fields_hidden: bool = True  # as made through the API: until a permission set grants them
    push_retries: tuple[int, ...] = (60, 300, 900, 3600, 7200)  # seconds; the last again and again, for a day


@dataclass
class Rule:
    """A validation rule: refuses a record for which it is true."""

    object: str
    when: Callable[[Row], bool]
    message: str
    field: str = ""


@dataclass
class Spoiling:
    """What an injector does to single records of one request."""

    wrongs: tuple[Wrong, ...]
    share: float
    places: tuple[int, ...] | None
    drawn: random.Random
    met: int = 0

    def wrong(self) -> Wrong | None:
        """For the next record that is written."""
        place, self.met = self.met, self.met + 1
        hit = place in self.places if self.places is not None else self.drawn.random() < self.share
        return self.drawn.choice(self.wrongs) if hit else None


@dataclass
class State:
    seed: int
    clock: Clock
    access: Access
    settings: Settings = field(default_factory=Settings)
    base: str = ""
    schema: dict[str, SObject] = field(default_factory=standard.objects)
    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    shown: dict[str, dict[str, Row]] | None = None  # what queries see while a transaction elsewhere is open
    sessions: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # token: user, last use
    cursors: dict[str, Any] = field(default_factory=dict)
    jobs: dict[str, Any] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    pushes: list[Any] = field(default_factory=list)
    watchers: list[Callable[[SObject, Row, Row | None], None]] = field(default_factory=list)
    requests_at: deque[datetime] = field(default_factory=deque)
    spoiling: Spoiling | None = None
    changes: int = 0  # how many requests and buttons may have changed something
    lock: Any = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.ids = ids.Ids(self.seed)
        self.drawn = random.Random(f"{self.seed}:tokens")

    @property
    def host(self) -> str:
        return f"{self.settings.domain}.salesforce.com"

    @property
    def org(self) -> Row:
        return next(iter(self.tables["Organization"].values()))

    def sobject(self, name: str, *, tooling: bool = False) -> SObject | None:
        found = self.schema.get(name.lower())
        return found if found and (tooling or not found.tooling) else None

    def put(self, sobject: SObject, row: Row) -> Row:
        self.tables[sobject.name][row["Id"]] = row
        return row

    def rows(self, name: str, *, deleted: bool = False) -> list[Row]:
        return [row for row in self.tables[name].values() if deleted or not row["IsDeleted"]]

    def readable(self, name: str) -> list[Row]:
        """What a query finds: writes of a transaction that is still open are not among it."""
        tables = self.tables if self.shown is None else self.shown
        return list(tables.get(name, {}).values())

    def readable_row(self, name: str, key: str) -> Row | None:
        tables = self.tables if self.shown is None else self.shown
        return tables.get(name, {}).get(key)

    def find(self, name: str, key: str | None) -> Row | None:
        """The row of an id of 15 or 18 letters, deleted or not."""
        known = ids.whole(key) if key else None
        return self.tables[name].get(known) if known else None

    def by(self, sobject: SObject, name: str, value: Any) -> list[Row]:
        """The rows that have this value in an external id."""
        one = sobject.find(name)
        folded = same(value, one.cased if one else False)
        return [row for row in self.rows(sobject.name) if one and same(row[one.name], one.cased) == folded]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; what is told to others waits in the same list."""
        tables, pushes = {name: dict(rows) for name, rows in self.tables.items()}, len(self.pushes)
        try:
            yield
        except BaseException:
            self.tables.clear()
            self.tables.update(tables)
            del self.pushes[pushes:]
            raise

    def count(self) -> None:
        """One request more, unless the day's are spent."""
        if self.used() >= self.settings.daily_limit:
            raise over_limit()
        self.requests_at.append(self.clock.now())

    def used(self) -> int:
        """Requests of the last 24 hours, by the org's clock."""
        since = self.clock.now() - timedelta(hours=24)
        while self.requests_at and self.requests_at[0] <= since:
            self.requests_at.popleft()
        return len(self.requests_at)

    def opened(self, user: str) -> str:
        """A new session's token."""
        letters = "".join(self.drawn.choices(ids.LETTERS + "._", k=80))
        token = f"{self.org['Id'][:15]}!AQ{letters}"
        self.sessions[token] = (user, self.clock.now())
        return token

    def session(self, token: str) -> Row | None:
        """Whose it is, while it lasts; using it makes it last longer."""
        user, used = self.sessions.get(token, ("", self.clock.now()))
        if not user or self.clock.now() - used > timedelta(minutes=self.settings.session_minutes):
            self.sessions.pop(token, None)
            return None
        self.sessions[token] = (user, self.clock.now())
        row = self.find("User", user)
        return row if row and row["IsActive"] else None


def same(value: Any, cased: bool) -> Any:
    """What texts are compared by."""
    return value.casefold() if isinstance(value, str) and not cased else value


def named(state: State, name: str, *, tooling: bool = False) -> SObject:
    """The object that an address names."""
    found = state.sobject(name, tooling=tooling)
    if found is None or (tooling and not found.tooling):
        raise Refused(Wrong("NOT_FOUND", "The requested resource does not exist"), status=404)
    return found
