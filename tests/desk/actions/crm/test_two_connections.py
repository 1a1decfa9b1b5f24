"""Two CRMs of one vendor number their companies each for itself: the same number there is not the same customer."""

import pytest

from desk.models import CrmCompany
from entitlements.actions.identifiers import identify
from entitlements.models import Identifier
from entitlements.models.account import IdentifierKind
from journal.actions.deeds import begin
from journal.domain.actor import SYSTEM
from tests.desk.crm import AT, World, company, crm, deal, hear, holds, line, linked, mapped, open_findings
from tests.entitlements.world import DAY, account
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


def second(world: World) -> World:
    connection = ConnectionFactory()
    mapped(connection, world.catalog)
    return World(connection, world.catalog, world.acme)


def test_the_same_id_at_another_connection_of_the_vendor_is_a_doubt_and_its_deals_are_nobodys():
    world = crm()
    other = second(world)
    hear(world, company(own_key="acme"))
    assert Identifier.objects.filter(value="c2", account=world.acme).exists()
    hear(other, company(name="Somebody else"), at=AT + DAY)
    assert CrmCompany.objects.get(connection=other.connection).account is None
    hear(other, deal(line(), company="c2"), at=AT + DAY)
    assert holds(AT + DAY) == []
    assert {kind for kind, _ in open_findings()} == {"whose"}


def test_it_is_linked_by_the_rules_as_any_other():
    world = crm()
    other, beta = second(world), account("beta")
    hear(world, company(own_key="acme"))
    hear(other, company(own_key="beta"), at=AT + DAY)
    assert CrmCompany.objects.get(connection=other.connection).account == beta
    hear(world, company(own_key="acme"), at=AT + 2 * DAY)
    assert CrmCompany.objects.get(connection=world.connection, external_id="c2").account == world.acme


def test_an_id_that_somebody_wrote_at_the_account_still_finds_it():
    world = crm()
    deed = begin(by=SYSTEM, at=AT)
    identify(world.acme, IdentifierKind.EXTERNAL, "c2", system=world.connection.vendor, deed=deed)
    hear(world, company())
    assert linked().account == world.acme
