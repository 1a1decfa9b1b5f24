"""The page of a contract names the deal that it came of, here and in the CRM, to whoever may see deals."""

import pytest
from django.test import Client
from django.urls import reverse

from desk.domain.crm.kept import keep_deal
from desk.domain.crm.told import Deal, DealState
from entitlements.admin.contracts.pages import contract_url
from entitlements.models import Account, Contract
from tests.desk.admin.crm.conftest import Shop
from tests.desk.synced import deal
from tests.entitlements.admin.reading import text_of
from tests.entitlements.ending import contract
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
LINK = "https://crm.example/deals/1"


@pytest.fixture
def agreed(shop: Shop) -> Contract:
    return contract(shop.acme)


def test_it_leads_to_the_deal_and_to_the_crms_own_record(shop: Shop, agreed: Contract, sales_desk: Client) -> None:
    told = keep_deal(Deal("memory", "d1", "Forty seats", "c1", DealState.WON, AT, link=LINK))
    row = deal(shop.connection, name="Forty seats", contract=agreed, told=told)
    page = sales_desk.get(contract_url(agreed))
    assert "It came of a deal in Memory · Forty seats" in text_of(page)
    assert reverse("admin:desk_crmdeal_change", args=[row.pk]) in page.content.decode()
    assert f'<a href="{LINK}">Open it in Memory</a>' in page.content.decode()


def test_a_contract_of_no_deal_says_nothing_of_one(shop: Shop, agreed: Contract, sales_desk: Client) -> None:
    deal(shop.connection, contract=contract(Account.objects.get(key="acme")))
    assert "It came of a deal" not in text_of(sales_desk.get(contract_url(agreed)))
