"""A deal that goes over to another company takes what it made along, also where nothing of it could be done at first."""

import pytest

from desk.actions.crm.linking import link_company
from desk.domain.crm.told import DealState
from desk.models import CrmCompany, DealMapping, MappingState
from entitlements.models import Contract
from journal.domain.actor import SYSTEM
from tests.desk.crm import AT, crm, deal, hear, holds, line, mapped, row_of
from tests.entitlements.world import DAY, account, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = crm()
    CrmCompany.objects.create(connection=made.connection, external_id="c9", account=account("beta"), told_at=AT)
    hear(made, deal(line()))
    return made


def moved(*lines, **more):
    return deal(*lines, company="c9", **more)


def accounts_that_hold(at):
    live = [one for one in Contract.objects.order_by("pk") if one.ends_at is None or one.ends_at > at]
    return [one.account.key for one in live]


def test_read_again_after_it_could_not_be_read(world):
    hear(world, moved(line(quantity="2.5")), at=AT + DAY)
    assert (accounts_that_hold(AT + DAY), row_of().account) == (["acme"], world.acme)
    hear(world, moved(line()), at=AT + 2 * DAY)
    assert (accounts_that_hold(AT + 2 * DAY), holds(AT + 2 * DAY)) == (["beta"], ["5 × team"])
    assert value(world.acme, "storage", AT + 2 * DAY) is None


def test_once_a_mapping_is_switched_on_again(world):
    DealMapping.objects.update(state=MappingState.FORMER)
    hear(world, moved(line()), at=AT + DAY)
    mapped(world.connection, world.catalog, number=2)
    hear(world, moved(line()), at=AT + 2 * DAY)
    assert accounts_that_hold(AT + 2 * DAY) == ["beta"]


def test_lost_after_it_could_not_be_read_it_ends_for_whom_it_was_made(world):
    hear(world, moved(line(quantity="2.5")), at=AT + DAY)
    hear(world, moved(line(), state=DealState.LOST), at=AT + 2 * DAY)
    assert holds(AT + 2 * DAY) == []


def test_its_company_is_another_account_by_now_and_another_mapping_was_switched_on_meanwhile(world):
    DealMapping.objects.update(state=MappingState.FORMER)
    mapped(world.connection, world.catalog, number=2, in_force_at=AT + DAY)
    beta = CrmCompany.objects.get(external_id="c9").account
    link_company(company=CrmCompany.objects.get(external_id="c1"), account=beta, by=SYSTEM, at=AT + DAY)
    hear(world, deal(line()), at=AT + 2 * DAY)
    assert accounts_that_hold(AT + 2 * DAY) == ["beta"]
