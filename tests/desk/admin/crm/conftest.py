"""A CRM in memory with two won deals, and people signed in on a Monday morning."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.domain.crm.told import DealLine, DealState
from desk.integrations.crm import offering
from desk.integrations.crm.port import Kind, Offered
from entitlements.models import Account
from journal.models import Connection
from tests.desk.admin.conftest import *  # noqa: F403 — pytest finds fixtures by their names
from tests.desk.admin.conftest import _monday_morning  # noqa: F401
from tests.desk.integrations.crm.memory import Line, Memory, connected, registered
from tests.entitlements.world import AT, Catalog, account, catalog

PRODUCTS = [Offered("TEAM-SEAT", "Team seat"), Offered("DISK", "More storage")]


@dataclass
class Shop:
    """The memory as the CRM has it, what is sold here, and whose one of the deals is."""

    connection: Connection
    crm: Memory
    catalog: Catalog
    acme: Account


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    offering.forget_offers()
    monkeypatch.setattr(Line, "products", lambda self: list(PRODUCTS))
    monkeypatch.setattr(Line, "line_fields", lambda self: [Offered("ServiceDate", "Date", "date")])
    fields = {Kind.DEAL: [Offered("Start__c", "Start date", "date"), Offered("Region", "Region")]}
    monkeypatch.setattr(Line, "fields_of", lambda self, kind: fields.get(kind, []))
    with registered(Memory(clock=lambda: AT)) as memory:
        yield Shop(connected(name="Our CRM"), memory, catalog(), account("acme", country="NL"))
    offering.forget_offers()


def won(shop: Shop, id: str, *, closed_on: date = date(2026, 2, 20), company: str = "c1", **told: Any) -> None:
    """Somebody won it there, five days ago at the latest."""
    seats = (DealLine(f"{id}-1", "TEAM-SEAT", "Team seat", Decimal(5)),)
    shop.crm.skew = timedelta(days=-5)
    given = {"name": f"Deal of {id}", "company": company, "state": DealState.WON, "lines": seats, **told}
    shop.crm.deal(id, closed_on=closed_on, **given)
    shop.crm.skew = timedelta()
