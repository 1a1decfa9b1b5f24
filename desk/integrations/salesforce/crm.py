"""Salesforce as the desk's flows know it (`desk.integrations.crm.port`)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from desk.domain.crm.outgoing import Outgoing
from desk.domain.crm.told import Company, Deal
from desk.integrations.crm.asking import asking
from desk.integrations.crm.port import CrmSystem, FieldsRead, Kind, Need, Offered, Page, Written
from desk.integrations.salesforce import needed, reading, setting_up, writing
from desk.integrations.salesforce.addresses import page_of
from desk.integrations.salesforce.client import Line
from desk.integrations.salesforce.names import KINDS, LINE, PRODUCT, WORDS, selected
from journal.models import Connection

MOST_PRODUCTS = 1000
UNREAD = frozenset({"address", "location", "base64", "complexvalue"})  # sorts of fields that no mapping could read


class Salesforce:
    """An open line to the organisation of one connection."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def now(self) -> datetime:
        return self.line.now()

    def changed(self, kind: Kind, *, since: datetime | None, until: datetime, after: str = "") -> Page:
        return reading.changed(self.line, kind, since=since, until=until, after=after)

    def count(self, kind: Kind) -> int | None:
        return reading.count(self.line, kind)

    def companies(self, ids: Collection[str]) -> dict[str, Company]:
        return reading.companies(self.line, ids)

    def deals(self, ids: Collection[str], *, fields: FieldsRead) -> dict[str, Deal]:
        return reading.deals(self.line, ids, fields=fields)

    def write(self, rows: Sequence[Outgoing]) -> list[Written]:
        return writing.write(self.line, rows)

    def standing(self, keys: Mapping[str, Collection[str]]) -> frozenset[str] | None:
        return writing.standing(self.line, keys)

    def needs(self) -> list[Need]:
        self.line.forget()
        return needed.needs(self.line)

    def set_up(self) -> list[Need]:
        return setting_up.set_up(self.line)

    def fields_of(self, kind: Kind) -> list[Offered]:
        return self._offered(KINDS[kind])

    def line_fields(self) -> list[Offered]:
        return self._offered(LINE)

    def products(self) -> list[Offered]:
        """Those that are sold; by their ids where they have no code, as a deal's lines name them then."""
        fields = ("Id", "Name", "ProductCode")
        soql = selected(fields, PRODUCT, where="IsActive = true", order="Name, Id", limit=MOST_PRODUCTS)
        return [Offered(one["ProductCode"] or one["Id"], one["Name"], "") for one in self.line.query(soql)]

    def _offered(self, kind: str) -> list[Offered]:
        found = (self.line.fields(kind) or {}).values()
        listed = [Offered(one["name"], one["label"], one["type"]) for one in found if one["type"] not in UNREAD]
        return sorted(listed, key=lambda one: (one.words.casefold(), one.name))


@contextmanager
def opened(connection: Connection, at: datetime) -> Iterator[Salesforce]:
    """For the length of a `with`; nothing is asked before something is wanted."""
    with asking(connection, words=WORDS, at=at) as calls:
        yield Salesforce(Line(connection, calls, at=at))


SALESFORCE = CrmSystem(words=WORDS, opened=opened, page_of=page_of)
