"""Random walks: whatever is done in whatever order, reads, lists, search and associations say the same."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.hubspot import Counterpart, Settings, hubspot_counterpart
from tests.fakes.hubspot.state import Record
from tests.fakes.hubspot_tests.conftest import misshapen

STAGES = ("qualifiedtobuy", "contractsent", "closedwon", "closedlost")


class Walk:
    def __init__(self, fake: Counterpart, drawn: random.Random) -> None:
        self.fake, self.drawn, self.hubspot = fake, drawn, fake.client()
        self.companies = [fake.add("companies", name=f"Company {number}") for number in range(4)]
        self.deals: list[Record] = []
        self.gone: list[Record] = []

    def step(self) -> None:
        self.fake.advance(seconds=self.drawn.choice((0, 0, 1, 30)))
        deeds: tuple[Callable[[], Any], ...] = (
            self.sell,
            self.move,
            self.relate,
            self.delete,
            self.restore,
            self.merge,
        )
        self.drawn.choices(deeds, weights=(4, 4, 3, 1, 1, 1))[0]()

    def sell(self) -> None:
        given = {"dealname": f"Deal {len(self.deals)}", "dealstage": self.drawn.choice(STAGES), "amount": "5"}
        made = self.hubspot.crm.deals.basic_api.create({"properties": given})
        self.deals.append(self.fake.state.get("0-3", made.id))

    def move(self) -> None:
        if self.deals:
            deal = self.drawn.choice(self.deals)
            given = {"properties": {"dealstage": self.drawn.choice(STAGES)}}
            self.hubspot.crm.deals.basic_api.update(deal.id, given)

    def relate(self) -> None:
        if self.deals:
            deal, company = self.drawn.choice(self.deals), self.drawn.choice(self.companies)
            number = self.drawn.choice((341, 5))
            spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}
            basic = self.hubspot.crm.associations.v4.basic_api
            basic.create("deals", deal.id, "companies", company.id, [spec])

    def delete(self) -> None:
        if self.deals:
            deal = self.deals.pop(self.drawn.randrange(len(self.deals)))
            self.gone.append(deal)
            self.hubspot.crm.deals.basic_api.archive(deal.id)

    def restore(self) -> None:
        if self.gone:
            deal = self.gone.pop()
            self.fake.restore(deal)
            self.deals.append(deal)

    def merge(self) -> None:
        if len(self.companies) > 2:
            one, other = self.drawn.sample(self.companies, 2)
            left = self.fake.merge(one, other)
            self.companies = [row for row in self.companies if row.id not in (one.id, other.id)] + [left]


def _agree(walk: Walk) -> None:
    """Three ways to ask who has been won, and both ends of every association."""
    api = walk.hubspot.crm.deals
    listed = {one.id for one in api.basic_api.get_page(limit=100).results}
    assert listed == {deal.id for deal in walk.deals}
    where = {"propertyName": "hs_is_closed_won", "operator": "EQ", "value": "true"}
    found = api.search_api.do_search({"filterGroups": [{"filters": [where]}], "limit": 200})
    won = {deal.id for deal in walk.deals if deal.values["dealstage"] == "closedwon"}
    assert {one.id for one in found.results} == won
    basic = walk.hubspot.crm.associations.v4.basic_api
    for deal in walk.deals:
        ends = basic.get_page("deals", deal.id, "companies").results
        primary = [one for one in ends if 5 in {spec.type_id for spec in one.association_types}]
        assert len(primary) == (1 if ends else 0)
        assert {one.to_object_id for one in ends} <= {company.id for company in walk.companies}
    back = [len(basic.get_page("companies", company.id, "deals").results) for company in walk.companies]
    there = [len(basic.get_page("deals", deal.id, "companies").results) for deal in walk.deals]
    assert sum(back) == sum(there)


@pytest.mark.parametrize("seed", range(6))
def test_walks(seed: int) -> None:
    print("seed", seed)
    settings = Settings(merge_makes_new=bool(seed % 2))
    with hubspot_counterpart(seed=seed, settings=settings) as fake:
        walk = Walk(fake, random.Random(f"walk:{seed}"))
        for _ in range(50):
            walk.step()
        _agree(walk)
        assert not misshapen(fake)
