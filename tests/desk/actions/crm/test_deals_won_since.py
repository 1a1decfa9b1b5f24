"""A deal that somebody won under a mapping is the mapping's, whatever day stands in it and whatever was in between."""

from datetime import date, timedelta

import pytest

from desk.domain.crm.told import DealState
from desk.models import CrmCompany, DealMapping, MappingState
from tests.desk.crm import AT, TODAY, World, crm, deal, hear, holds, line, mapped, row_of
from tests.entitlements.world import DAY

pytestmark = pytest.mark.django_db
LONG_AGO = date(2026, 1, 1)


def another_mapping(world: World, *, days: int) -> None:
    DealMapping.objects.update(state=MappingState.FORMER)
    mapped(world.connection, world.catalog, number=2, in_force_at=AT + days * DAY)


@pytest.mark.parametrize("between", [DealState.GONE, DealState.OPEN, DealState.LOST])
def test_won_again_under_another_mapping_it_becomes_a_contract_again(between):
    world = crm()
    hear(world, deal(line()))
    hear(world, deal(line(), state=between), at=AT + DAY)
    another_mapping(world, days=5)
    hear(world, deal(line()), at=AT + 6 * DAY)
    assert holds(AT + 6 * DAY) == ["5 × team"]


def test_seen_open_under_the_mapping_before_and_won_under_the_next_with_an_earlier_day():
    world = crm()
    hear(world, deal(line(), state=DealState.OPEN))
    another_mapping(world, days=5)
    hear(world, deal(line(), closed_on=TODAY + timedelta(days=4)), at=AT + 6 * DAY)
    assert holds(AT + 6 * DAY) == ["5 × team"]


def test_a_company_that_is_looked_at_after_its_deal_was_won_loses_nothing():
    world = crm()
    CrmCompany.objects.update(told_at=None)
    hear(world, deal(line(), state=DealState.OPEN))
    hear(world, deal(line(), closed_on=LONG_AGO), at=AT + DAY)
    assert row_of().outcome == "Its company hasn’t been looked at yet"
    CrmCompany.objects.update(told_at=AT)
    hear(world, deal(line(), closed_on=LONG_AGO), at=AT + 2 * DAY)
    assert holds(AT + 2 * DAY) == ["5 × team"]


def test_seen_open_before_any_mapping_spoke_says_nothing_of_when_it_was_won():
    world = crm()
    hear(world, deal(line(), state=DealState.OPEN), at=AT - 30 * DAY)
    hear(world, deal(line(), closed_on=LONG_AGO))
    assert holds() == []
