"""A dry run says what the desk itself would refuse, in the words of the refusal, and nothing of trying it stays."""

import pytest
from django.apps import apps
from django.test import Client

from desk.actions.crm.rehearsing import refusal_of
from desk.models import CrmCompany, CrmDeal, DealMapping
from desk.queries.crm.dry_runs import rows_of
from desk.queries.crm.judging import ReadMapping
from journal.models import AuditEvent
from tests.catalog.factories import MarketFactory, MarketWindowFactory
from tests.desk.admin.crm.conftest import Shop, won
from tests.desk.admin.crm.reading import url
from tests.desk.admin.crm.test_mapping_try_pages import run
from tests.desk.crm import World, crm, deal, hear, line, mapped
from tests.desk.mapped import drafted, longer, team
from tests.entitlements.admin.reading import text_of
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
NOT_SOLD = "Team is not sold to customers without a market at that time."


@pytest.fixture
def elsewhere(shop: Shop) -> Shop:
    """Team is sold in the United States alone, and Acme has bought it."""
    CrmCompany.objects.create(connection=shop.connection, external_id="c1", account=shop.acme, told_at=AT, name="Acme")
    MarketWindowFactory(plan=shop.catalog.team, market=MarketFactory(key="us", countries=["US"]))
    won(shop, "1")
    return shop


def test_what_the_desk_would_refuse_is_said_in_its_own_words(elsewhere: Shop, finance_desk: Client) -> None:
    drafted(elsewhere.connection, team())
    job = run(finance_desk, elsewhere, days="90")
    (row,) = rows_of(job)
    assert (row["would"], row["because"], row["lines"]) == ("skip", f"Line 1: {NOT_SOLD}", [])
    assert NOT_SOLD in text_of(finance_desk.get(url(elsewhere.connection, "tried", job.pk)))


def test_what_could_be_done_is_counted_as_before(shop: Shop, finance_desk: Client) -> None:
    CrmCompany.objects.create(connection=shop.connection, external_id="c1", account=shop.acme, told_at=AT, name="Acme")
    won(shop, "1")
    drafted(shop.connection, team())
    (row,) = rows_of(run(finance_desk, shop, days="90"))
    assert (row["would"], row["because"], bool(row["lines"])) == ("create", "", True)


def test_a_deal_that_cant_be_read_for_certain_is_none_that_would_become_something(
    shop: Shop, finance_desk: Client
) -> None:
    CrmCompany.objects.create(connection=shop.connection, external_id="c1", account=shop.acme, told_at=AT, name="Acme")
    won(shop, "1", unsure="It doesn’t show one of its lines.")
    drafted(shop.connection, team())
    (row,) = rows_of(run(finance_desk, shop, days="90"))
    assert (row["would"], row["because"], row["lines"]) == ("skip", "It doesn’t show one of its lines.", [])


def test_a_trial_that_nobody_is_in_is_refused_before_it_is_switched_on(shop: Shop, finance_desk: Client) -> None:
    CrmCompany.objects.create(connection=shop.connection, external_id="c1", account=shop.acme, told_at=AT, name="Acme")
    won(shop, "1")
    drafted(shop.connection, longer())
    (row,) = rows_of(run(finance_desk, shop, days="90"))
    assert (row["would"], row["approved"]) == ("skip", False)
    assert row["because"] == f"{shop.acme} is in no trial, so there is none to make longer."


# Done and undone ----------------------------------------------------------------------------------------------------
def refused(world: World, said: object, mapping: DealMapping) -> str:
    return refusal_of(deal=said, mapping=mapping, read=ReadMapping.of(mapping), by=world.by, at=AT + DAY)  # type: ignore[arg-type]


def test_nothing_of_a_deal_that_became_something_is_touched() -> None:
    world = crm()
    hear(world, deal(line()))
    tried = mapped(world.connection, world.catalog, number=2, state="draft", in_force_at=None, months={"written": "24"})
    models = list(apps.get_models(include_auto_created=True))
    before = {model: model._base_manager.count() for model in models}
    rows, heads = list(CrmDeal.objects.values()), list(AuditEvent.objects.values())
    more = deal(line(quantity="9"), line("l2", "SEATS", "1", Seats="7"), fields={"Kind": "trial", "TrialDays": "7"})
    assert refused(world, deal(line(quantity="9")), tried) == ""
    assert "is in no trial" in refused(world, more, tried)
    assert {model: model._base_manager.count() for model in models} == before
    assert (list(CrmDeal.objects.values()), list(AuditEvent.objects.values())) == (rows, heads)


def test_what_the_desk_would_not_even_try_is_not_refused() -> None:
    world = crm()
    mapping = DealMapping.objects.get()
    assert refused(world, deal(line(), company="c9"), mapping) == ""
    assert refused(world, deal(line(quantity="2.5")), mapping) == ""
    assert not CrmDeal.objects.exists()
