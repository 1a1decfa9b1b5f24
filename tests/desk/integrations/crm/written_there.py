"""A CRM in memory that is only written to: what stands there, what was sent, and what goes wrong with it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from desk.domain.crm.faults import FaultKind
from desk.domain.crm.outgoing import COMPANY, UNCOUNTED, Out, Outgoing, plain
from desk.integrations.crm import port
from desk.integrations.crm.port import CrmSystem, Written
from desk.models import CrmCompany
from entitlements.models import Account
from journal.models import Connection
from tests.journal.factories import ConnectionFactory

VENDOR = "written-there"
Fields = Mapping[str, Out]


class Killed(BaseException):
    """The worker was killed just here."""


@dataclass
class There:
    """`companies` and `records` are what stands there, by id and by key; `calls` what was sent, call by call.

    `faults` are raised or answered for records by name, as often as they stand there; `before` and `after` are called
    with each call's rows.
    """

    companies: dict[str, Fields] = field(default_factory=dict)
    records: dict[str, tuple[str, Fields]] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)
    faults: dict[str, list[tuple[FaultKind, str]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    before: Any = None
    after: Any = None

    def write(self, rows: Sequence[Outgoing]) -> list[Written]:
        names = Counter((one.company, one.name) for one in rows)
        assert not [name for name, times in names.items() if times > 1]
        self.calls.append([one.name for one in rows])
        if self.before is not None:
            self.before(rows)
        told = [self._write(one) for one in rows]
        if self.after is not None:
            self.after(rows)
        return told

    def _write(self, one: Outgoing) -> Written:
        if self.faults.get(one.name):
            fault, words = self.faults[one.name].pop(0)
            if fault is FaultKind.GONE:
                self.records.pop(one.key, None)
            return Written(one.key, fault=fault, words=words)
        if one.company in self.gone:
            return Written(one.key, fault=FaultKind.GONE, words="entity is deleted")
        if one.part == COMPANY:
            self.companies[one.company] = one.fields
        elif one.removed:
            self.records.pop(one.key, None)
        else:
            self.records[one.key] = (one.company, one.fields)
        return Written(one.key, id=f"there-{one.key}")

    @property
    def sent(self) -> int:
        return sum(len(call) for call in self.calls)

    def says(self) -> dict[str, Any]:
        """All that stands there, without the moments of writing."""
        companies = {key: counted(fields) for key, fields in self.companies.items() if any(counted(fields).values())}
        return companies | {key: (company, counted(fields)) for key, (company, fields) in self.records.items()}


def counted(fields: Fields) -> dict[str, Any]:
    return {name: plain(value) for name, value in fields.items() if name not in UNCOUNTED}


_lines: dict[int, There] = {}


@contextmanager
def _opened(connection: Connection, at: datetime) -> Iterator[There]:
    yield _lines[connection.pk]


def _page(connection: Connection, kind: port.Kind, id: str) -> str:
    return f"https://there.example/{kind}/{id}"


SYSTEM = CrmSystem("There", _opened, _page)  # type: ignore[arg-type]  # of the whole line only writing is asked


def connected() -> tuple[Connection, There]:
    """A connection, and what stands at its other end."""
    port.register(VENDOR, SYSTEM)
    connection = ConnectionFactory(vendor=VENDOR)
    _lines[connection.pk] = There()
    return connection, _lines[connection.pk]


def company_of(account: Account | None, connection: Connection, *, id: str = "", **more: Any) -> CrmCompany:
    key = id or f"there-{account.key if account else CrmCompany.objects.count()}"
    name = account.name if account else key
    return CrmCompany.objects.create(connection=connection, external_id=key, account=account, name=name, **more)
