"""The desk connected with a counterpart of HubSpot's over HTTP; the desk's clock stands where the counterpart's does."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from desk.integrations.crm.port import FieldsRead, Kind
from desk.integrations.hubspot.client import _parts
from desk.integrations.hubspot.crm import HubSpot, opened
from journal.actions.connections import set_up
from journal.domain.actor import SYSTEM
from journal.domain.connection import Mode
from journal.integrations.receiving import take
from journal.models import Connection, Inbound
from journal.queries.connections import address_of
from tests.entitlements.world import AT
from tests.fakes.hubspot import Counterpart, hubspot_counterpart, signing
from tests.fakes.hubspot.demo import LISTENED

SECRET = "client-secret-1"
NO_FIELDS = FieldsRead()


@dataclass
class Portal:
    """A portal, its connection, and an open line."""

    fake: Counterpart
    connection: Connection
    web: Client = field(default_factory=Client)
    sent: int = 0

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.fake.now / 1000, AT.tzinfo)

    def open(self, at: datetime = AT) -> Any:
        return opened(self.connection, at)

    def asked(self, path: str = "", method: str = "") -> list[Any]:
        """What was asked of it, at addresses that hold this."""
        return [one for one in self.fake.requests if path in one.path and method in one.method]

    def changed(self, crm: HubSpot, kind: Kind, *, since: datetime | None = None) -> list[tuple[str, datetime]]:
        """All pages, each read when the one before was."""
        found, after = [], ""
        while True:
            page = crm.changed(kind, since=since, until=self.now + timedelta(seconds=1), after=after)
            assert len(page.hints) <= 200
            found += [(hint.id, hint.changed_at) for hint in page.hints]
            after = page.after
            if not after:
                return found

    def listen(self, *events: str) -> None:
        """Set up as docs/hubspot.md says, but that this test delivers."""
        self.fake.listen("http://127.0.0.1:9/", *(events or LISTENED), secret=SECRET)

    def post(self, *events: dict[str, Any], secret: str = SECRET, at: int = 0) -> int:
        """One message, as HubSpot sends it."""
        body, url = json.dumps(list(events)).encode(), address_of(self.connection)
        signed = signing.headers(secret, "POST", url, body, at or self.fake.now)
        signed |= {"host": "127.0.0.1"}
        return self.web.post(
            f"/hooks/{self.connection.key}", body, content_type="application/json", headers=signed
        ).status_code

    def deliver(self) -> list[Inbound]:
        """All that was told since this was asked last arrives in one message, and is taken."""
        told = [notice.event for notice in self.fake.notices[self.sent :]]
        self.sent += len(told)
        assert self.post(*told) == 200
        take(clock=lambda: self.now, jitter=lambda: 0.0)
        return list(Inbound.objects.filter(connection=self.connection).order_by("seq"))

    def sold(self, *lines: dict[str, Any], stage: str = "closedwon", **values: Any) -> Any:
        """A deal of a company of its own, with its lines."""
        company = self.fake.add("companies", name="Halden", domain="halden.example")
        deal = self.fake.add("deals", (company,), dealname="Team", dealstage=stage, **values)
        for line in lines:
            self.fake.add("line_items", (deal,), **line)
        return deal


@pytest.fixture
def fake() -> Iterator[Counterpart]:
    with hubspot_counterpart(seed=12) as counterpart:
        yield counterpart
    _parts.cache_clear()


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def portal(db: None, fake: Counterpart, clock: Any) -> Portal:
    return Portal(fake, connected(fake))


def connected(fake: Counterpart, **settings: str) -> Connection:
    return set_up(
        vendor="hubspot",
        name="HubSpot",
        mode=Mode.TEST,
        settings={"portal": str(fake.settings.portal), "base": fake.base, **settings},
        secrets={"access_token": fake.token, "client_secret": SECRET},
        by=SYSTEM,
        at=AT - timedelta(days=1),
    )
