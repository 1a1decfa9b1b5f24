"""Editing a customer's own data, its people and what it is found by: seen first, never overwritten unseen."""

from typing import Any

import pytest
from django.test import Client

from catalog.models.market import MarketUse
from entitlements.actions.contacts import add_contact, edit_contact
from entitlements.actions.identifiers import add_identifier
from entitlements.models import Account, Contact, Identifier
from entitlements.models.account import IdentifierKind
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent, Staff
from tests.catalog.factories import MarketFactory, MarketWindowFactory
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.filling import send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, account, answer

pytestmark = pytest.mark.django_db
EDIT = ("account_edit", "acme")


def bea(acme: Customer, **more: Any) -> Contact:
    told = {"name": "Bea", "email": "bea@acme.example"} | more
    return add_contact(account=acme.account, **told, by=SYSTEM, at=AT)


# The account itself


def test_old_and_new_are_shown_and_nothing_is_written(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk, EDIT, name="Acme Holding"))
    assert "Name Acme → Acme Holding" in said
    assert Account.objects.get().name == "Acme"


def test_then_it_is_saved(sales_desk: Client, acme: Customer) -> None:
    owner = Staff.objects.get()
    response = send(sales_desk, EDIT, "confirm", name="Acme Holding", country="be", owner=owner.pk)
    assert response.status_code == 302
    row = Account.objects.get()
    assert (row.name, row.country, row.owner) == ("Acme Holding", "BE", owner)


def test_another_market_shows_what_it_gives_and_takes(sales_desk: Client, acme: Customer) -> None:
    asia = MarketFactory(name="Asia")
    elsewhere = MarketFactory(name="Europe")
    MarketWindowFactory(plan=None, feature=acme.catalog.sso, market=asia, use=MarketUse.PROVIDED)
    said = text_of(send(sales_desk, EDIT, market=asia.pk, reason="They moved"))
    assert "Market nothing → Asia" in said
    assert "Single sign-on not included on more" in said
    send(sales_desk, EDIT, "confirm", market=asia.pk, reason="They moved")
    assert answer(acme.account, "sso", AT).granted
    assert AuditEvent.objects.get(verb="account:edit").reason == "They moved"
    assert "Single sign-on on not included less" in text_of(send(sales_desk, EDIT, market=elsewhere.pk, reason="Back"))


def test_a_market_is_changed_for_a_reason(sales_desk: Client, acme: Customer) -> None:
    response = send(sales_desk, EDIT, market=MarketFactory().pk)
    assert "Say why" in complaints(response)["reason"][0]


def test_a_country_of_another_market_is_pointed_out(sales_desk: Client, acme: Customer) -> None:
    MarketFactory(name="Benelux", countries=["BE", "NL"])
    assert "BE belongs to the market Benelux" in text_of(send(sales_desk, EDIT, country="BE"))


def test_another_zone_says_what_moves_and_what_does_not(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk, EDIT, zone="America/New_York", reason="They moved"))
    assert "Time zone Europe/Amsterdam → America/New_York" in said
    assert "ends with that day in Amsterdam, as it was said" in said
    # In New York clocks have sprung forward by 20 March, in Amsterdam not yet: its four o'clock comes an hour earlier.
    assert "renews on 20 March 2026 04:00 (New York) instead of 20 March 2026 10:00 (Amsterdam)" in said


def test_a_parent_is_found_by_its_key_and_makes_no_loop(sales_desk: Client, acme: Customer) -> None:
    child = account("child", parent=acme.account)
    said = complaints(send(sales_desk, EDIT, parent=child.key, reason="A group", step="confirm"))
    assert "Child belongs to Acme already" in said["parent"][0]
    assert "No account has the key" in complaints(send(sales_desk, EDIT, parent="nobody", reason="x"))["parent"][0]
    account("holding")
    send(sales_desk, EDIT, "confirm", parent="holding", reason="A group")
    assert Account.objects.get(key="acme").parent.key == "holding"


def test_pressed_in_a_stale_tab_nothing_is_overwritten(sales_desk: Client, acme: Customer) -> None:
    form = sales_desk.get(url(*EDIT)).context["form"]
    stale = {field.name: field.value() or "" for field in form}
    send(sales_desk, EDIT, "confirm", name="Second")
    again = sales_desk.post(url(*EDIT), {**stale, "name": "Third", "step": "confirm"})
    assert "Someone else changed what is known of" in complaints(again)[""][0]
    assert Account.objects.get().name == "Second"


def test_where_nothing_differs_there_is_nothing_to_press(sales_desk: Client, acme: Customer) -> None:
    response = send(sales_desk, EDIT)
    assert "Nothing differs" in text_of(response)
    assert 'value="confirm"' not in response.content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [("name", "", "required"), ("country", "XX", "country"), ("zone", "Mars/Olympus", "No time zone has this name")],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, acme: Customer, field: str, typed: str, words: str
) -> None:
    response = send(sales_desk, EDIT, **{field: typed})
    assert response.status_code == 422
    assert words in complaints(response)[field][0]


# Its people


def test_a_contact_is_added(sales_desk: Client, acme: Customer) -> None:
    where = url("contact_add", "acme")
    given = {"name": "Bea", "email": "bea@acme.example", "told": "no"}
    assert sales_desk.post(where, given).status_code == 302
    assert not Contact.objects.get().told
    assert "address of Bea already" in complaints(sales_desk.post(where, given))["email"][0]


def test_a_contact_is_edited_but_not_over_what_nobody_saw(sales_desk: Client, acme: Customer) -> None:
    contact = bea(acme)
    where = ("contact_edit", "acme", contact.pk)
    form = sales_desk.get(url(*where)).context["form"]
    stale = {field.name: field.value() for field in form}
    edit_contact(contact=contact, name="Bea B.", email="bea@acme.example", told=True, by=SYSTEM, at=AT)
    refused = sales_desk.post(url(*where), {**stale, "name": "Beatrix"})
    assert "Someone else changed" in complaints(refused)[""][0]
    send(sales_desk, where, name="Beatrix")
    assert Contact.objects.get().name == "Beatrix"


def test_before_the_last_contact_goes_it_says_that_nobody_is_told(sales_desk: Client, acme: Customer) -> None:
    where = ("contact_remove", "acme", bea(acme).pk)
    assert "Nobody else at Acme gets its notices" in text_of(sales_desk.get(url(*where)))
    assert "Give a reason" in complaints(send(sales_desk, where, reason=""))["reason"][0]
    send(sales_desk, where, reason="She left")
    assert not Contact.objects.exists()


def test_an_id_is_added_and_removed(sales_desk: Client, acme: Customer) -> None:
    sales_desk.post(url("identifier_add", "acme"), {"system": "stripe", "value": "cus_9"})
    row = Identifier.objects.get(kind=IdentifierKind.EXTERNAL)
    where = ("identifier_remove", "acme", row.pk)
    assert "What Stripe sends about it finds no account" in text_of(sales_desk.get(url(*where)))
    send(sales_desk, where, reason="Wrong one")
    assert not Identifier.objects.filter(kind=IdentifierKind.EXTERNAL).exists()


def test_a_domain_is_refused_beside_its_field(sales_desk: Client, acme: Customer) -> None:
    response = sales_desk.post(url("identifier_add", "acme"), {"system": "domain", "value": "acme"})
    assert "domain alone" in complaints(response)["value"][0]


def test_what_belongs_to_another_account_is_not_found(sales_desk: Client, acme: Customer) -> None:
    contact, of_it = bea(acme), {"by": SYSTEM, "at": AT}
    domain = add_identifier(account=acme.account, kind=IdentifierKind.DOMAIN, value="acme.example", **of_it)
    account("other")
    for name, pk in (("contact_edit", contact.pk), ("contact_remove", contact.pk), ("identifier_remove", domain.pk)):
        assert sales_desk.get(url(name, "other", pk)).status_code == 404
        assert sales_desk.post(url(name, "other", pk), {}).status_code == 404


@pytest.mark.parametrize("role", ["finance", "support", "auditor"])
def test_other_roles_only_read(sign_in: Any, acme: Customer, role: str) -> None:
    desk, contact = sign_in(role), bea(acme)
    for where in (EDIT, ("contact_add", "acme"), ("contact_edit", "acme", contact.pk), ("identifier_add", "acme")):
        assert desk.post(url(*where), {"step": "confirm"}).status_code == 403
