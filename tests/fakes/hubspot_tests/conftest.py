"""A counterpart for each test, and at the test's end: every answer in the client's shape, every property heeded."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes.hubspot import Counterpart, hubspot_counterpart
from tests.fakes.hubspot.state import Record
from tests.fakes.hubspot_tests import shapes
from tests.fakes.hubspot_tests.receiver import Receiver, receiving


@pytest.fixture
def fake() -> Iterator[Counterpart]:
    with hubspot_counterpart(seed=7) as counterpart:
        yield counterpart
    assert not misshapen(counterpart)
    assert not counterpart.ignored


def misshapen(counterpart: Counterpart) -> list[str]:
    found: list[str] = []
    for asked in counterpart.requests:
        if asked.answer is None:
            continue
        if asked.status >= 400:
            wrong = shapes.refusal(asked.answer)
        else:
            name = f"{asked.says}WithErrors" if asked.status == 207 else asked.says
            wrong = shapes.wrong(asked.answer, name) if name else []
        found += [f"{asked.method} {asked.path} {one}" for one in wrong]
    return found


@pytest.fixture
def hubspot(fake: Counterpart) -> Any:
    return fake.client()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


@dataclass
class Portal:
    """What most tests need: two companies, a product, and a deal of the first company with one line."""

    fake: Counterpart
    hubspot: Any
    company: Record
    other: Record
    product: Record
    deal: Record
    line: Record

    def props(self, *names: str) -> dict[str, str]:
        """What the deal's properties are now, asked over the wire."""
        return dict(self.hubspot.crm.deals.basic_api.get_by_id(self.deal.id, properties=list(names)).properties)

    def stage(self, stage: str) -> Any:
        return self.hubspot.crm.deals.basic_api.update(self.deal.id, {"properties": {"dealstage": stage}})


@pytest.fixture
def portal(fake: Counterpart, hubspot: Any) -> Portal:
    """Put there at once, past the wire: what it takes to ask for all that has tests of its own."""
    company = fake.add("companies", name="Halden Robotics", domain="halden.example")
    other = fake.add("companies", name="Marisol Foods", domain="marisol.example")
    product = fake.add("products", name="Team", price="990", hs_sku="team", hs_recurring_billing_period="P12M")
    deal = fake.add("deals", (company,), dealname="Team for the plant", dealstage="contractsent", amount="9900")
    line = fake.add("line_items", (deal,), hs_product_id=product.id, quantity="10")
    return Portal(fake, hubspot, company, other, product, deal, line)


def external_id(hubspot: Any, kind: str = "companies", name: str = "ent_account_id") -> None:
    """A property of our own by which records are found."""
    given = {"name": name, "label": "Account", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    group = hubspot.crm.properties.groups_api.get_all(kind).results[0].name
    hubspot.crm.properties.core_api.create(kind, given | {"groupName": group})
