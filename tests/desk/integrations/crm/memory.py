"""A CRM that is a few dictionaries in memory, for tests of the flows: its own clock, pages of any size, records that are
seen late, and faults by order. It implements the port as its words ask for it, and nothing of a vendor's ways.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from desk.actions.crm.applied import NEEDS
from desk.domain.crm.outgoing import COMPANY, Outgoing
from desk.domain.crm.told import Company, Deal, DealLine, DealState
from desk.integrations.crm import port
from desk.integrations.crm.asking import asking
from desk.integrations.crm.port import CrmSystem, FieldsRead, Hint, Kind, Need, Offered, Page, Written
from journal import vendors
from journal.models import Connection
from journal.vendors import SecretKind, Vendor
from tests.journal.factories import ConnectionFactory

SYSTEM = "memory"


@dataclass
class Memory:
    """`skew`: how far its clock is ahead of ours; `late`: how long after its stamp a record is seen."""

    clock: Callable[[], datetime]
    skew: timedelta = timedelta(0)
    page_size: int = 200
    companies: dict[str, Company] = field(default_factory=dict)
    deals: dict[str, Deal] = field(default_factory=dict)
    stamps: list[tuple[datetime, str, Kind, datetime]] = field(default_factory=list)  # stamp, id, kind, seen from
    written: dict[tuple[str, str], Outgoing] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    has_records: bool = True
    faults: list[tuple[str, Exception]] = field(default_factory=list)  # by the name of what is asked, once each

    # What people there do ---------------------------------------------------------------------------------------------
    def company(self, id: str, *, late: timedelta = timedelta(0), **told: Any) -> None:
        known = self.companies.get(id) or Company(SYSTEM, id, f"Company {id}", self.now())
        self.companies[id] = replace(known, **told, changed_at=self.now())
        self._stamped(id, Kind.COMPANY, late)

    def deal(self, id: str, *, late: timedelta = timedelta(0), **told: Any) -> None:
        known = self.deals.get(id) or Deal(SYSTEM, id, f"Deal {id}", "", DealState.OPEN, self.now())
        self.deals[id] = replace(known, **told, changed_at=self.now())
        self._stamped(id, Kind.DEAL, late)

    def line(self, id: str, *lines: DealLine) -> None:
        """Its lines change, which leaves the deal's own stamp alone."""
        self.deals[id] = replace(self.deals[id], lines=lines)
        self._stamped(id, Kind.DEAL, timedelta(0))

    def fails(self, what: str, error: Exception) -> None:
        self.faults.append((what, error))

    def _stamped(self, id: str, kind: Kind, late: timedelta) -> None:
        self.stamps.append((self.now(), id, kind, self.now() + late))

    # What the desk asks -----------------------------------------------------------------------------------------------
    def now(self) -> datetime:
        return self.clock() + self.skew

    def changed(self, kind: Kind, *, since: datetime | None, until: datetime, after: str = "") -> Page:
        self._asked("changed", (kind, since, until, after))
        seen = {(stamp, id) for stamp, id, one, from_ in self.stamps if one is kind and from_ <= self.now()}
        last: dict[str, datetime] = {}
        for stamp, id in sorted(seen):
            last[id] = stamp  # a record bears its last stamp alone
        found = sorted((stamp, id) for id, stamp in last.items() if (since is None or stamp >= since) and stamp < until)
        rest = [one for one in found if not after or _place(*one) > after]
        page = rest[: self.page_size]
        more = _place(*page[-1]) if len(rest) > len(page) else ""
        return Page(tuple(Hint(id, stamp) for stamp, id in page), more)

    def count(self, kind: Kind) -> int | None:
        return len(self.companies if kind is Kind.COMPANY else self.deals)

    def companies_(self, ids: Collection[str]) -> Mapping[str, Company]:
        self._asked("companies", tuple(ids))
        return {id: self.companies.get(id) or Company(SYSTEM, id, "", self.now(), gone=True) for id in ids}

    def deals_(self, ids: Collection[str], *, fields: FieldsRead) -> Mapping[str, Deal]:
        self._asked("deals", tuple(ids))
        return {id: self.deals.get(id) or Deal(SYSTEM, id, "", "", DealState.GONE, self.now()) for id in ids}

    def write(self, rows: Sequence[Outgoing]) -> list[Written]:
        self._asked("write", tuple(row.key for row in rows))
        for row in rows:
            self.written[row.company, row.part] = row
        return [Written(row.key, f"id-{row.key}") for row in rows]

    def standing(self, keys: Mapping[str, Collection[str]]) -> frozenset[str] | None:
        self._asked("standing", tuple(keys))
        there = {(id, row.key) for (id, part), row in self.written.items() if part != COMPANY and not row.removed}
        stands = (key for id, some in keys.items() for key in some if (id, key) in there)
        return frozenset(stands) if self.has_records else None

    def _asked(self, what: str, about: Any) -> None:
        self.asked.append((what, about))
        for number, (name, error) in enumerate(self.faults):
            if name == what:
                del self.faults[number]
                raise error


@dataclass
class Line:
    """The memory as the port has it: its own names are those of its dictionaries."""

    memory: Memory

    def now(self) -> datetime:
        return self.memory.now()

    def changed(self, kind: Kind, *, since: datetime | None, until: datetime, after: str = "") -> Page:
        return self.memory.changed(kind, since=since, until=until, after=after)

    def count(self, kind: Kind) -> int | None:
        return self.memory.count(kind)

    def companies(self, ids: Collection[str]) -> Mapping[str, Company]:
        return self.memory.companies_(ids)

    def deals(self, ids: Collection[str], *, fields: FieldsRead) -> Mapping[str, Deal]:
        return self.memory.deals_(ids, fields=fields)

    def write(self, rows: Sequence[Outgoing]) -> list[Written]:
        return self.memory.write(rows)

    def standing(self, keys: Mapping[str, Collection[str]]) -> frozenset[str] | None:
        return self.memory.standing(keys)

    def needs(self) -> list[Need]:
        return []

    def set_up(self) -> list[Need]:
        return []

    def fields_of(self, kind: Kind) -> list[Offered]:
        return []

    def line_fields(self) -> list[Offered]:
        return []

    def products(self) -> list[Offered]:
        return []


@contextmanager
def registered(memory: Memory) -> Iterator[Memory]:
    """A vendor of its own, for as long as a test lasts."""

    @contextmanager
    def opened(connection: Connection, at: datetime) -> Iterator[Line]:
        with asking(connection, words="Memory", at=at):
            memory._asked("opened", connection.key)
            yield Line(memory)

    kept = dict(vendors._vendors), dict(port._systems)
    signing = SecretKind("signing", "Signing secret", "Signs.", verifies=True)
    vendors._vendors[SYSTEM] = Vendor(SYSTEM, "Memory", lambda *_, **__: (), (signing,), may=NEEDS)
    port._systems[SYSTEM] = CrmSystem("Memory", opened, lambda *_: "")
    try:
        yield memory
    finally:
        vendors._vendors.clear()
        vendors._vendors.update(kept[0])
        port._systems.clear()
        port._systems.update(kept[1])


def connected(**told: Any) -> Connection:
    return ConnectionFactory(vendor=SYSTEM, **told)


def _place(stamp: datetime, id: str) -> str:
    return f"{stamp.isoformat()} {id}"
