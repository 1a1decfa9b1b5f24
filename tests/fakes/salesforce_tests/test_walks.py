"""Random walks: nonsense never makes the counterpart itself fail, and sums hold whatever is done."""

import random
from contextlib import suppress
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceError

from tests.fakes.salesforce import Counterpart, salesforce_counterpart
from tests.fakes.salesforce.addresses import ALL
from tests.fakes.salesforce.derived import lines_of
from tests.fakes.salesforce.errors import Refused
from tests.fakes.salesforce.routes import ROUTES

WORDS = (
    "Account",
    "Opportunity",
    "CustomField",
    "Id",
    "Name",
    "Desk_Key__c",
    "001D000000IqhSLIAZ",
    "nobody",
    "%00",
    "é",
)
BODIES: tuple[Any, ...] = (
    None, 5, "text", [], [1], {}, {"records": 5}, {"records": [5]}, {"records": [{}]}, {"Name": {}}, {"Name": [1]},
    {"records": [{"attributes": 5}]}, {"records": [{"attributes": {"type": "Account"}, "Name": {"a": 1}}]},
    {"compositeRequest": 5}, {"compositeRequest": [{}]}, {"compositeRequest": [{"method": "GET", "url": "/", "referenceId": 1}]},
    {"batchRequests": [{"method": "GET", "url": ""}]}, {"ids": 5, "fields": 5}, {"ids": ["a"], "fields": ["b"]},
    {"object": 5, "operation": "insert"}, {"object": "Account", "operation": "upsert"}, {"state": 5},
    {"operation": "query", "query": 5}, {"operation": "query", "query": "SELECT"}, {"FullName": 5, "Metadata": 5},
    {"FullName": "Account.A__c", "Metadata": {"type": "Text", "label": 5, "length": "x"}},
    {"FullName": "Account.A__c", "Metadata": {"type": "Picklist", "label": "A", "valueSet": 5}},
    {"FullName": "Account.A__c", "Metadata": {"type": [], "label": "A"}},
    {"AccountId": {"Desk_Key__c": "x"}}, {"Account": {"Desk_Key__c": {}}}, {"Account": {}}, {"Amount": True},
)  # fmt: skip


@pytest.mark.parametrize("place", range(len(ROUTES)))
def test_nonsense_is_refused_not_broken(fake: Counterpart, sf: Any, place: int) -> None:
    one = ROUTES[place]
    fake.custom_field("Account.Desk_Key__c", externalId=True)
    drawn = random.Random(f"walk {place}")
    for body in BODIES:
        path = "/".join(drawn.choice(WORDS) if part.startswith("{") else part for part in one.parts)
        params = {name: drawn.choice(["", "x", "-1", "SELECT", "2026-13-01"]) for name in one.params}
        with suppress(SalesforceError):
            sf.restful(path, params=params, method=one.method, json=body)
    assert ALL
    assert fake.faults == []
    assert {asked.status for asked in fake.requests} <= {200, 201, 204, 300, 400, 404}


def _step(fake: Counterpart, sf: Any, ids: dict[str, str], drawn: random.Random) -> None:
    """Something that somebody does; what is refused is no matter."""
    deals = [row["Id"] for row in fake.state.rows("Opportunity")]
    lines = [row["Id"] for row in fake.state.rows("OpportunityLineItem")]
    deal, line = drawn.choice(deals or ["x"]), drawn.choice(lines or ["x"])
    price = ids[drawn.choice(("price:team", "price:starter", "price:support"))]
    given = {"OpportunityId": deal, "PricebookEntryId": price, "Quantity": drawn.randint(1, 9), "UnitPrice": 10.5}
    stages = ("Closed Won", "Closed Lost", "Prospecting", "Nearly")
    deeds = (
        lambda: sf.OpportunityLineItem.create(given),
        lambda: sf.OpportunityLineItem.update(line, {"Quantity": drawn.randint(0, 99)}),
        lambda: sf.OpportunityLineItem.delete(line),
        lambda: sf.Opportunity.update(deal, {"StageName": drawn.choice(stages), "Amount": drawn.randint(0, 9)}),
        lambda: sf.Opportunity.delete(deal),
        lambda: fake.undelete(drawn.choice([row["Id"] for row in fake.state.rows("Opportunity", deleted=True)])),
        lambda: fake.advance(seconds=drawn.randint(0, 60)),
    )
    with suppress(SalesforceError, Refused):
        drawn.choice(deeds)()


@pytest.mark.parametrize("seed", range(3))
def test_sums_hold_whatever_is_done(seed: int) -> None:
    drawn = random.Random(seed)
    with salesforce_counterpart(seed) as fake:
        sf, ids = fake.client("app"), fake.world()
        for _ in range(60):
            _step(fake, sf, ids, drawn)
            for deal in fake.state.rows("Opportunity"):
                lines = lines_of(fake.state, deal["Id"])
                assert deal["HasOpportunityLineItem"] == bool(lines), seed
                if lines:
                    assert deal["Amount"] == round(sum(row["TotalPrice"] for row in lines), 2), seed
                assert not any(row["IsDeleted"] for row in lines), seed
