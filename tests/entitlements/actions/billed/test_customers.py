"""Whose a purchase is: found by any id, by the only address, opened, or confirmed by a person; never doubled."""

from dataclasses import replace

import pytest

from entitlements.actions.billed.customers import confirm_customer
from entitlements.actions.contacts import add_contact
from entitlements.actions.identifiers import add_identifier
from entitlements.models import Account, BillingFinding, Identifier, Subscription
from entitlements.models.account import IdentifierKind
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed, Stale
from tests.catalog.factories import MarketFactory
from tests.entitlements.billing import BEA, BY, NOW, bought, look, says, shop
from tests.entitlements.domain.billed.told import day
from tests.entitlements.world import account, subscribed

pytestmark = pytest.mark.django_db


def known_by_customer(found: Account) -> bool:
    return Identifier.objects.filter(account=found, kind="external", system="console", value="cus_1").exists()


def test_nobody_known_is_opened_with_what_is_known_there() -> None:
    market = MarketFactory(countries=["NL", "BE"])
    look(shop(), says())
    opened = Account.objects.get()
    assert (opened.key, opened.name, opened.country, opened.market) == ("acme-bv", "Acme BV", "NL", market)
    assert (opened.sales_channel, opened.contacts.get().email) == ("self_service", "bea@acme.example")
    assert known_by_customer(opened)


def test_another_purchase_of_the_customer_is_of_the_same_account() -> None:
    world = shop()
    look(world, says())
    look(world, says(id="sub_2"), who=replace(BEA, name="Acme Holding", email="finance@acme.example"))
    assert [row.account.key for row in Subscription.objects.all()] == ["acme-bv", "acme-bv"]


def test_our_key_that_was_written_there_leads_to_the_account() -> None:
    world, acme = shop(), account("acme")
    look(world, says(), who=replace(BEA, own_id="acme"))
    assert bought().account == acme
    assert known_by_customer(acme)


def test_any_other_id_of_ours_does_too() -> None:
    world, acme = shop(), account("acme")
    crm = {"kind": IdentifierKind.EXTERNAL, "value": "001X", "system": "salesforce"}
    add_identifier(account=acme, **crm, by=SYSTEM, at=NOW)
    look(world, says(), who=replace(BEA, own_id="salesforce:001X"))
    assert bought().account == acme


def test_the_only_account_with_a_contact_of_that_address_is_it() -> None:
    world, acme = shop(), account("acme")
    add_contact(account=acme, name="Bea", email="Bea@Acme.example", by=SYSTEM, at=NOW)
    look(world, says())
    assert (bought().account, Account.objects.count(), known_by_customer(acme)) == (acme, 1, True)


def test_what_staff_began_under_its_id_is_found_by_that() -> None:
    world, acme = shop(), account("acme")
    sub = subscribed(acme, world.catalog.team, interval="month", billed_by="console", billing_id="sub_1")
    look(world, says())
    assert (bought(), sub.items.get().billing_id) == (sub, "si_1")
    assert (Subscription.objects.count(), known_by_customer(acme)) == (1, True)


def test_the_same_address_at_several_accounts_is_a_doubt_and_gives_nothing() -> None:
    world = shop()
    for key in ("acme", "beta"):
        add_contact(account=account(key), name="Bea", email="bea@acme.example", by=SYSTEM, at=NOW)
    followed = look(world, says())
    assert followed.findings == ("bea@acme.example is a contact of several accounts: acme, beta.",)
    assert (Subscription.objects.count(), Account.objects.count()) == (0, 2)
    assert BillingFinding.objects.get().evidence["ours"] == ["acme", "beta"]


def test_a_key_that_leads_nowhere_is_a_doubt() -> None:
    look(shop(), says(), who=replace(BEA, own_id="gone"))
    assert (Account.objects.count(), BillingFinding.objects.get().kind) == (0, "doubtful")


def test_a_person_says_whose_it_is_and_then_it_is_given() -> None:
    world, beta = shop(), account("beta")
    look(world, says(), who=replace(BEA, own_id="gone"))
    finding = BillingFinding.objects.get()
    confirm_customer(finding=finding, account=beta, reason="They called", by=SYSTEM, at=NOW)
    look(world, says(), who=replace(BEA, own_id="gone"), at=day(1))
    finding.refresh_from_db()
    assert (bought().account, finding.state, finding.reason) == (beta, "mended", "They called")
    assert BillingFinding.objects.count() == 1


def test_a_person_says_it_is_a_new_one() -> None:
    world = shop()
    look(world, says(), who=replace(BEA, own_id="gone"))
    opened = confirm_customer(finding=BillingFinding.objects.get(), account=None, by=SYSTEM, at=NOW)
    look(world, says(), who=replace(BEA, own_id="gone"), at=day(1))
    assert (bought().account, Account.objects.get()) == (opened, opened)


def test_a_doubt_is_settled_once_and_by_whoever_may() -> None:
    world, beta = shop(), account("beta")
    look(world, says(), who=replace(BEA, own_id="gone"))
    told = {"finding": BillingFinding.objects.get(), "account": beta, "at": NOW}
    with pytest.raises(NotAllowed):
        confirm_customer(**told, by=BY)
    confirm_customer(**told, by=SYSTEM)
    with pytest.raises(Stale):
        confirm_customer(**told, by=SYSTEM)


def test_two_customers_of_one_name_have_keys_of_their_own() -> None:
    world = shop()
    look(world, says())
    other = replace(BEA, id="cus_2", email="ann@other.example")
    look(world, says(id="sub_2", customer="cus_2"), who=other)
    assert sorted(Account.objects.values_list("key", flat=True)) == ["acme-bv", "acme-bv-2"]
