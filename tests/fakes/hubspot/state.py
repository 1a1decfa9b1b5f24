"""All that the portal remembers: records by kind and id, properties, pipelines, who belongs to whom, and its settings."""

import random
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.hubspot.clock import Clock
from tests.fakes.hubspot.errors import not_found
from tests.fakes.hubspot.ids import Ids

Row = dict[str, Any]  # as HubSpot shows it; keys that begin with "_" are ours and are never shown


@dataclass
class Settings:
    """What differs between portals, and what is not known for certain of HubSpot."""

    portal: int = 48_151_623
    index_lag: float = 0  # seconds until search knows of a write
    search_cap: int = 10_000
    daily_limit: int = 650_000
    ten_second_limit: int = 190
    search_limit: int = 5  # a second
    paced: bool = False  # whether the two short limits are enforced
    merge_makes_new: bool = True  # since 2025; False: the primary record keeps its id
    lines_touch_deal: bool = False  # whether a line that changes moves its deal's stamp
    links_touch: bool = False  # whether being associated moves the stamps of both
    first_company_is_primary: bool = True
    item_details: bool = False  # errors of a 207 also with `links` and `errors`, as the client's class has them
    item_ids: bool = True  # … and with `context.ids`; where not, only `objectWriteTraceId` tells whose they are
    scopes: set[str] | None = None  # None: all of them
    delivery_retries: tuple[int, ...] = (60, 300, 900, 3600, 7200, 10800, 14400, 14400, 14400, 14400)
    batch_of_events: int = 100


@dataclass
class Change:
    """One value that a property has had."""

    value: str
    at: int
    source: str


@dataclass
class Record:
    """A company, deal, line item …: its values, what they were, and what search knows of it."""

    kind: str  # the object type's id, such as 0-3
    id: str
    created: int
    updated: int
    values: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    archived: int | None = None
    merged_into: str = ""
    seen: list[tuple[int, dict[str, str], bool]] = field(default_factory=list)  # since when, values, whether shown

    @property
    def alive(self) -> bool:
        return self.archived is None and not self.merged_into


@dataclass
class State:
    seed: int
    clock: Clock
    settings: Settings = field(default_factory=Settings)
    base: str = ""
    records: dict[str, dict[str, Record]] = field(default_factory=lambda: defaultdict(dict))
    kinds: dict[str, Any] = field(default_factory=dict)  # object types by id
    properties: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    groups: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    unique: dict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    pipelines: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    owners: dict[str, Row] = field(default_factory=dict)
    labels: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    links: dict[tuple[str, str], dict[tuple[str, str], list[int]]] = field(default_factory=lambda: defaultdict(dict))
    apps: dict[int, Any] = field(default_factory=dict)
    notices: list[Any] = field(default_factory=list)
    source: str = "INTEGRATION"  # what a change is said to come from
    changes: int = 0  # how many requests and buttons may have changed something
    lock: Any = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.ids = Ids(self.seed)
        self.drawn = random.Random(f"{self.seed}:faults")

    def resolved(self, kind: str, key: str) -> str:
        """The id under which a record lives on after merges."""
        row = self.records[kind].get(key)
        while row is not None and row.merged_into:
            row = self.records[kind].get(row.merged_into)
        return row.id if row is not None else key

    def find(self, kind: str, key: str, archived: bool = False) -> Record | None:
        row = self.records[kind].get(self.resolved(kind, key))
        return row if row is not None and (row.archived is not None) == archived else None

    def get(self, kind: str, key: str, archived: bool = False) -> Record:
        row = self.find(kind, key, archived)
        if row is None:
            raise not_found()
        return row

    def alive(self, kind: str) -> list[Record]:
        return [row for row in self.records[kind].values() if row.alive]
