"""Editing what is known of a customer: itself, its people, and what it is found by."""

from typing import Any

import pytest

from catalog.domain.values import ParentRule
from catalog.models.market import MarketUse
from entitlements.actions.accounts import FamilyLoop, edit_account
from entitlements.actions.contacts import add_contact, edit_contact, remove_contact
from entitlements.actions.identifiers import add_identifier, remove_identifier
from entitlements.models import Account, Contact, EntitlementChange, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import find_accounts
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import FeatureRevisionFactory, MarketFactory, MarketWindowFactory
from tests.entitlements.world import AT, account, answer, catalog, subscribed
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db
EXTERNAL, DOMAIN = IdentifierKind.EXTERNAL, IdentifierKind.DOMAIN


def ana(held_by: Account, sales: Actor, **more: Any) -> Contact:
    told = {"name": "Ana Costa", "email": "ana@acme.example"} | more
    return add_contact(account=held_by, **told, by=sales, at=AT)


# The account itself


def test_a_changed_market_changes_what_the_customer_has_and_tells_it(sales: Actor) -> None:
    sold, acme = catalog(), account()
    asia = MarketFactory(name="Asia")
    subscribed(acme, sold.team)
    MarketWindowFactory(plan=None, feature=sold.sso, market=asia, use=MarketUse.PROVIDED)
    assert not answer(acme, "sso", AT).granted
    edit_account(account=acme, market=asia, reason="They moved", by=sales, at=AT)
    assert answer(acme, "sso", AT).granted
    assert EntitlementChange.objects.filter(account=acme, feature_key="sso", effective_at=AT).exists()
    event = AuditEvent.objects.get(verb="account:edit")
    assert (event.reason, event.changes) == ("They moved", {"market": ["", "Asia"]})


def test_of_a_parent_it_inherits_at_once(sales: Actor) -> None:
    sold = catalog()
    FeatureRevisionFactory(feature=sold.sso, parent_rule=ParentRule.INHERIT)
    parent, child = account("parent"), account("child")
    subscribed(parent, sold.team)
    assert not answer(child, "sso", AT).granted
    edit_account(account=child, parent=parent, by=sales, at=AT)
    assert answer(child, "sso", AT).granted
    assert EntitlementChange.objects.filter(account=child, feature_key="sso", cause="The account was changed").exists()


def test_nobody_belongs_to_itself(sales: Actor) -> None:
    acme = account()
    with pytest.raises(FamilyLoop, match="can't belong to itself"):
        edit_account(account=acme, parent=acme, by=sales, at=AT)


def test_nobody_belongs_to_their_own_grandchild(sales: Actor) -> None:
    top = account("top")
    middle = account("middle", parent=top)
    low = account("low", parent=middle)
    with pytest.raises(FamilyLoop, match="Low belongs to Top already") as refused:
        edit_account(account=top, parent=low, by=sales, at=AT)
    assert refused.value.field == "parent"
    edit_account(account=low, parent=top, by=sales, at=AT)
    assert Account.objects.get(key="low").parent == top


def test_what_differs_in_nothing_is_refused(sales: Actor) -> None:
    with pytest.raises(Refusal, match="Nothing differs"):
        edit_account(account=account(), name="Acme", by=sales, at=AT)
    assert not AuditEvent.objects.filter(verb="account:edit").exists()


def test_support_only_reads(support_agent: Actor, sales: Actor) -> None:
    acme = account()
    contact = ana(acme, sales)
    for act, told in (
        (edit_account, {"account": acme, "name": "Other"}),
        (add_contact, {"account": acme, "name": "Bo", "email": "bo@acme.example"}),
        (edit_contact, {"contact": contact, "name": "Bo", "email": "bo@acme.example", "told": True}),
        (remove_contact, {"contact": contact, "reason": "Left"}),
        (add_identifier, {"account": acme, "kind": DOMAIN, "value": "acme.example"}),
        (remove_identifier, {"identifier": acme.identifiers.first(), "reason": "Wrong"}),
    ):
        with pytest.raises(NotAllowed):
            act(**told, by=support_agent, at=AT)


# Its people


def test_with_another_address_it_is_found_by_that_one(sales: Actor) -> None:
    acme = account()
    edit_contact(contact=ana(acme, sales), name="Ana C.", email="ana@beta.example", told=False, by=sales, at=AT)
    row = Contact.objects.get()
    assert (row.name, row.email, row.told) == ("Ana C.", "ana@beta.example", False)
    assert find_accounts(text="ana@beta.example") == [acme]
    assert find_accounts(text="ana@acme.example") == []
    assert AuditEvent.objects.get(verb="contact:edit").changes["told"] == ["yes", "no"]


def test_an_address_in_other_letters_is_the_same_address(sales: Actor) -> None:
    acme = account()
    edit_contact(contact=ana(acme, sales), name="Ana Costa", email="Ana@Acme.example", told=True, by=sales, at=AT)
    assert find_accounts(text="ana@acme.example") == [acme]


def test_one_address_is_one_contact(sales: Actor) -> None:
    acme = account()
    ana(acme, sales)
    with pytest.raises(Invalid, match="address of Ana Costa already") as refused:
        ana(acme, sales, name="Another", email="ANA@acme.example")
    assert refused.value.field == "email"
    bo = ana(acme, sales, name="Bo", email="bo@acme.example")
    with pytest.raises(Invalid):
        edit_contact(contact=bo, name="Bo", email="ana@acme.example", told=True, by=sales, at=AT)


def test_a_contact_as_it_stands_is_not_saved_again(sales: Actor) -> None:
    contact = ana(account(), sales)
    with pytest.raises(Refusal, match="Nothing differs"):
        edit_contact(contact=contact, name="Ana Costa", email="ana@acme.example", told=True, by=sales, at=AT)


def test_removed_it_is_found_by_that_address_no_longer(sales: Actor) -> None:
    acme = account()
    contact = ana(acme, sales)
    remove_contact(contact=contact, reason="She left", by=sales, at=AT)
    assert not acme.contacts.exists()
    assert find_accounts(text="ana@acme.example") == []
    event = AuditEvent.objects.get(verb="contact:remove")
    assert (event.reason, event.changes["email"]) == ("She left", ["ana@acme.example", None])
    with pytest.raises(Stale):
        remove_contact(contact=Contact(pk=contact.id or 1, account=acme, name="Ana"), reason="x", by=sales, at=AT)


# What it is found by


@pytest.mark.parametrize(
    ("kind", "system", "value", "text"),
    [(DOMAIN, "", "@Acme.example", "bo@acme.example"), (EXTERNAL, "stripe", " cus_1 ", "cus_1")],
)
def test_it_is_found_by_a_domain_and_by_an_id(
    sales: Actor, kind: IdentifierKind, system: str, value: str, text: str
) -> None:
    acme = account()
    row = add_identifier(account=acme, kind=kind, system=system, value=value, by=sales, at=AT)
    assert find_accounts(text=text) == [acme]
    remove_identifier(identifier=row, reason="Wrong", by=sales, at=AT)
    assert find_accounts(text=text) == []
    assert AuditEvent.objects.get(verb="identifier:remove").reason == "Wrong"


def test_an_id_belongs_to_one_account(sales: Actor) -> None:
    acme, beta = account("acme"), account("beta")
    add_identifier(account=acme, kind=EXTERNAL, system="stripe", value="cus_1", by=sales, at=AT)
    with pytest.raises(Invalid, match="Stripe CUS_1 is Acme") as refused:
        add_identifier(account=beta, kind=EXTERNAL, system="stripe", value="CUS_1", by=sales, at=AT)
    assert refused.value.field == "value"
    add_identifier(account=beta, kind=EXTERNAL, system="own", value="cus_1", by=sales, at=AT)


def test_a_domain_may_be_of_several_but_is_said_once(sales: Actor) -> None:
    acme, beta = account("acme"), account("beta")
    for held_by in (acme, beta):
        add_identifier(account=held_by, kind=DOMAIN, value="acme.example", by=sales, at=AT)
    with pytest.raises(Invalid, match=r"found by acme\.example already"):
        add_identifier(account=acme, kind=DOMAIN, value="ACME.example", by=sales, at=AT)


@pytest.mark.parametrize(
    ("kind", "system", "value", "field"),
    [
        (DOMAIN, "", "acme", "value"),
        (EXTERNAL, "stripe", "  ", "value"),
        (EXTERNAL, "elsewhere", "x1", "system"),
        (IdentifierKind.NAME, "", "Acme", None),
    ],
)
def test_what_cannot_be_is_refused(
    sales: Actor, kind: IdentifierKind, system: str, value: str, field: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        add_identifier(account=account(), kind=kind, system=system, value=value, by=sales, at=AT)
    assert refused.value.field == field


def test_by_its_key_it_is_always_found(sales: Actor) -> None:
    key = Identifier.objects.get(account=account(), kind=IdentifierKind.KEY)
    with pytest.raises(Refusal, match="always found by its key"):
        remove_identifier(identifier=key, reason="x", by=sales, at=AT)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_would_belong_to_each_other_one_is_refused(sales: Actor) -> None:
    first, second = account("first"), account("second")
    found = at_once(
        lambda: edit_account(account=first, parent=second, by=sales, at=AT),
        lambda: edit_account(account=second, parent=first, by=sales, at=AT),
    )
    assert sorted(isinstance(one, FamilyLoop) for one in found) == [False, True]
    assert Account.objects.filter(parent=None).count() == 1
