"""The desk connected with a counterpart of Salesforce's over HTTP."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from desk.integrations.salesforce import client
from desk.integrations.salesforce.crm import Salesforce, opened
from journal.actions.connections import set_up
from journal.domain.actor import SYSTEM
from journal.domain.connection import Mode
from journal.models import Connection, ConnectionHealth
from tests.entitlements.world import AT
from tests.fakes.salesforce import Counterpart, salesforce_counterpart

PUSHES = "a-token-of-pushes-that-nobody-else-knows"
DATA = "/services/data/"
LOGINS = ("/services/oauth2/token", "/services/Soap/")


@dataclass
class Org:
    """A counterpart with the usual few records, and the desk's connection with it."""

    fake: Counterpart
    connection: Connection
    ids: dict[str, str]
    since: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __getitem__(self, short: str) -> str:
        return self.ids[short]

    def open(self, at: datetime | None = None) -> AbstractContextManager[Salesforce]:
        return opened(self.connection, at=at or datetime.now(UTC))

    def asked(self) -> list[Any]:
        """What it was asked since this was asked last."""
        new, self.since = self.fake.requests[self.since :], len(self.fake.requests)
        return new

    def calls(self) -> list[str]:
        return [one.path for one in self.asked() if one.path.startswith(DATA)]

    def logins(self) -> int:
        return sum(one.path.startswith(LOGINS) for one in self.asked())

    def rested(self) -> None:
        """Whatever it rested for is over."""
        ConnectionHealth.objects.filter(connection=self.connection).update(resume_at=None, failing_since=None)


def connected(fake: Counterpart, how: str = "jwt", **changed: str) -> Connection:
    """Set up as a person would; what is changed to nothing wasn't entered."""
    access = fake.state.access
    password, token = access.passwords["integration@demo.example"]
    every = {
        "private_key": fake.private_key, "consumer_secret": access.consumer_secret, "password": password,
        "security_token": token,
    }  # fmt: skip
    needed = {
        "jwt": ["private_key"],
        "client_credentials": ["consumer_secret"],
        "password": ["password", "security_token"],
    }
    secrets = {name: every[name] for name in needed[how]} | {"push_token": PUSHES}
    settings = {
        "login": how, "domain": "demo-dev-ed.my.salesforce.com", "organisation": fake.state.org["Id"][:15],
        "user": "integration@demo.example", "consumer_key": access.consumer_key, "base": fake.base,
    }  # fmt: skip
    for name, text in changed.items():
        (settings if name in settings else secrets)[name] = text
    at = AT - timedelta(days=1)
    return set_up(
        vendor="salesforce", name="Sales", mode=Mode.TEST, settings=settings, secrets=secrets, by=SYSTEM, at=at,
        key="salesforce-test-0123456789",
    )  # fmt: skip


@pytest.fixture
def fake() -> Iterator[Counterpart]:
    with salesforce_counterpart(seed=7) as counterpart:
        yield counterpart


@pytest.fixture
def clock(fake: Counterpart) -> Iterator[Any]:
    """The desk's clock stands where the counterpart's does, and no session is remembered from another test."""
    client.close()
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller
    client.close()


@pytest.fixture
def org(fake: Counterpart, clock: Any, db: Any) -> Org:
    return Org(fake, connected(fake), fake.world())
