"""What a customer could upgrade to."""

import pytest
from django.test import Client

from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Standing
from journal.domain.actor import SYSTEM
from tests.catalog.factories import MarketWindowFactory
from tests.desk.admin.reading import address
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.world import AT, DAY, GB, add_on

pytestmark = pytest.mark.django_db


def page(desk: Client, **asked: str) -> str:
    return text_of(desk.get(url("account_offers", "acme"), asked))


def test_the_account_page_leads_there(support_desk: Client, acme: Customer) -> None:
    shown = support_desk.get(address()).content.decode()
    assert url("account_offers", "acme") in shown
    assert f"{url('compare')}?left=acme" in shown


def test_each_offer_tells_gains_and_losses_in_words(support_desk: Client, acme: Customer) -> None:
    add_on("storage_pack", {acme.catalog.storage: 50 * GB})
    said = page(support_desk)
    assert "no market, so only what is sold everywhere" in said
    assert "Free v1 No price yet In place of Team v1 Loses Storage: 100 GB → becomes 1 GB" in said
    assert "Beside what there is Gains Storage: 100 GB → becomes 150 GB" in said


def test_only_what_gives_more_of_one_feature(support_desk: Client, acme: Customer) -> None:
    add_on("storage_pack", {acme.catalog.storage: 50 * GB})
    said = page(support_desk, feature="storage")
    assert "150 GB" in said
    assert "Free v1" not in said


def test_where_nothing_helps_it_says_what_does(support_desk: Client, acme: Customer) -> None:
    said = page(support_desk, feature="sso")
    assert "Nothing on sale here would give more of Single sign-on." in said
    assert "An override can lend it" in said


def test_what_changes_nothing_says_so(support_desk: Client, acme: Customer) -> None:
    add_on("sign_on", {acme.catalog.sso: True})
    assert "Changes nothing for this customer." in page(support_desk)


def test_nothing_on_sale_says_who_can_help(support_desk: Client, acme: Customer) -> None:
    MarketWindowFactory(plan=acme.catalog.free)
    assert "Nothing on sale here would change anything." in page(support_desk)


def test_a_suspended_customer_is_offered_nothing(support_desk: Client, acme: Customer) -> None:
    set_standing(account=acme.account, standing=Standing.SUSPENDED, reason="x", by=SYSTEM, at=AT - DAY)
    assert "The account is suspended, so nothing is offered to it." in page(support_desk)


def test_a_feature_that_isnt_there_is_not_found(support_desk: Client, acme: Customer) -> None:
    assert support_desk.get(url("account_offers", "acme"), {"feature": "nothing"}).status_code == 404
