"""HubSpot as the flows know it: the port, answered by what stands beside this."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from desk.domain.crm.outgoing import Outgoing
from desk.domain.crm.told import Company, Deal
from desk.integrations.crm.asking import asking
from desk.integrations.crm.port import FieldsRead, Kind, Need, Offered, Page, Written
from desk.integrations.hubspot import portal, reading, setting_up, writing
from desk.integrations.hubspot.client import Line, line_of
from desk.integrations.hubspot.names import KINDS, LINES, WORDS
from journal.models import Connection


@dataclass(frozen=True, slots=True)
class HubSpot:
    """`desk.integrations.crm.port.Crm`, over one open line."""

    line: Line

    def now(self) -> datetime:
        return reading.clock(self.line)

    def changed(self, kind: Kind, *, since: datetime | None, until: datetime, after: str = "") -> Page:
        return reading.changed(self.line, kind, since=since, until=until, after=after)

    def count(self, kind: Kind) -> int | None:
        return reading.count(self.line, kind)

    def companies(self, ids: Collection[str]) -> Mapping[str, Company]:
        return reading.companies(self.line, ids)

    def deals(self, ids: Collection[str], *, fields: FieldsRead) -> Mapping[str, Deal]:
        return reading.deals(self.line, ids, fields)

    def deals_of_lines(self, ids: Collection[str]) -> list[str]:
        """Beyond the port: which deals lines are of, since a push names the line alone."""
        return reading.deals_of_lines(self.line, ids)

    def write(self, rows: Sequence[Outgoing]) -> list[Written]:
        return writing.write(self.line, rows)

    def standing(self, keys: Mapping[str, Collection[str]]) -> frozenset[str] | None:
        return writing.standing(self.line, keys)

    def needs(self) -> list[Need]:
        return setting_up.needs(self.line)

    def set_up(self) -> list[Need]:
        return setting_up.set_up(self.line)

    def fields_of(self, kind: Kind) -> list[Offered]:
        return portal.offered(self.line, KINDS[kind])

    def line_fields(self) -> list[Offered]:
        return portal.offered(self.line, LINES)

    def products(self) -> list[Offered]:
        return portal.products(self.line)


@contextmanager
def opened(connection: Connection, at: datetime) -> Iterator[HubSpot]:
    """A line to the portal of a connection, for the length of a `with`."""
    with asking(connection, words=WORDS, at=at) as calls:
        line = line_of(connection, calls, at=at)
        line.learn_calls()
        portal.refuse_another(line)
        yield HubSpot(line)
