"""An org for each test, asked through simple-salesforce only; a fault of its own fails the test that met it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceError

from tests.fakes.salesforce import Counterpart, salesforce_counterpart


@pytest.fixture
def fake() -> Iterator[Counterpart]:
    with salesforce_counterpart(seed=7) as counterpart:
        yield counterpart


@pytest.fixture
def sf(fake: Counterpart) -> Any:
    """The client, logged in; what it asked for that is not counted among the test's requests."""
    client = fake.client("app")
    fake.requests.clear()
    return client


@dataclass
class Org:
    """The world of the demo, with a field of ours on its accounts."""

    fake: Counterpart
    sf: Any
    ids: dict[str, str]

    def __getitem__(self, short: str) -> str:
        return self.ids[short]

    def names(self, soql: str, **more: Any) -> list[str]:
        return [row["Name"] for row in self.sf.query(soql, **more)["records"]]


@pytest.fixture
def org(fake: Counterpart, sf: Any) -> Org:
    ids = fake.world()
    fake.custom_field("Account.Desk_Key__c", length=40, externalId=True, unique=True)
    return Org(fake, sf, ids)


def code(refused: pytest.ExceptionInfo[SalesforceError]) -> tuple[int, str]:
    """The status, and Salesforce's own word for what is wrong."""
    return refused.value.status, said(refused)["errorCode"]


def said(refused: pytest.ExceptionInfo[SalesforceError]) -> dict[str, Any]:
    """The first error, as Salesforce's JSON has it."""
    content: Any = refused.value.content
    first: dict[str, Any] = content[0]
    return first
