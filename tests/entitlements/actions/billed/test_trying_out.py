"""What was bought to try out never lands on a real customer's account by chance, nor the other way round."""

from dataclasses import replace

import pytest

from entitlements.actions.contacts import add_contact
from entitlements.models import Account, BillingFinding, Subscription
from journal.domain.actor import SYSTEM
from tests.entitlements.billing import BEA, BY, NOW, Shop, bought, linked, look, says, shop
from tests.entitlements.domain.billed.told import item
from tests.entitlements.world import account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _real(settings):
    settings.DESK_TRYING_OUT = False


@pytest.fixture
def world() -> Shop:
    made = shop()
    type(made.connection).objects.filter(pk=made.connection.pk).update(mode="test", key=BY.key.split(":")[1])
    linked(made.catalog.team, interval="month", mode="live", external_id="price_team_live")
    return made


def real(key: str = "acme") -> Account:
    found = account(key)
    add_contact(account=found, name="Bea", email=BEA.email, by=SYSTEM, at=NOW)
    return found


def live(**more):
    return replace(says(replace(item(), price="price_team_live"), **more), live=True)


def test_the_same_address_opens_an_account_of_its_own(world: Shop) -> None:
    acme = real()
    look(world, says())
    assert bought().account != acme
    assert not Subscription.objects.filter(account=acme).exists()


def test_a_second_purchase_of_the_same_address_is_of_the_one_it_opened(world: Shop) -> None:
    real()
    look(world, says())
    look(world, says(id="sub_2", customer="cus_2"), who=replace(BEA, id="cus_2"))
    assert bought("sub_2").account == bought().account
    assert Account.objects.count() == 2


def test_a_real_accounts_key_is_a_doubt_that_a_person_settles(world: Shop) -> None:
    acme = real()
    followed = look(world, says(), who=replace(BEA, own_id="acme"))
    assert followed.findings == (
        "The billing says it is 'acme' here. The purchase is for trying out, and that account is not.",
    )
    assert BillingFinding.objects.get().evidence["ours"] == ["acme"]
    assert not Subscription.objects.filter(account=acme).exists()


def test_the_key_of_the_one_it_opened_leads_there(world: Shop) -> None:
    look(world, says())
    opened = bought().account
    look(world, says(id="sub_2", customer="cus_2"), who=replace(BEA, id="cus_2", own_id=opened.key))
    assert bought("sub_2").account == opened


def test_a_live_purchase_passes_over_what_was_opened_by_trying_out(world: Shop) -> None:
    look(world, says())
    acme = real()
    look(world, live(id="sub_2", customer="cus_2"), who=replace(BEA, id="cus_2"))
    assert bought("sub_2").account == acme
    followed = look(
        world, live(id="sub_3", customer="cus_3"), who=replace(BEA, id="cus_3", own_id=bought().account.key)
    )
    assert "was opened by trying out" in followed.words


def test_a_desk_that_is_for_trying_out_makes_no_difference(world: Shop, settings) -> None:
    settings.DESK_TRYING_OUT = True
    acme = real()
    look(world, says())
    assert bought().account == acme
