"""Opening accounts, their contacts and standing."""

import pytest

from entitlements.actions.accounts import edit_account, open_account, set_standing
from entitlements.actions.contacts import add_contact
from entitlements.domain.facts import Standing
from entitlements.models import Account, EntitlementChange, Identifier
from entitlements.queries.accounts import account_by_key, find_accounts
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, NotFound, Refusal, Stale
from journal.models import AuditEvent
from tests.entitlements.world import AT, DAY, account, answer, catalog, subscribed

pytestmark = pytest.mark.django_db


def test_opened_it_is_found_by_all_its_names(sales: Actor) -> None:
    acme = open_account(
        key="acme-bv",
        name="Acme B.V.",
        zone="Europe/Amsterdam",
        country="nl",
        domains=["acme.example"],
        external_ids=[("own", "C-1001")],
        by=sales,
        at=AT,
    )
    add_contact(account=acme, name="Ana Costa", email="Ana@acme.example", by=sales, at=AT)
    for text in ("acme-bv", "ACME B.V.", "acme", "acme.example", "ana@acme.example", "C-1001", "someone@acme.example"):
        assert find_accounts(text=text) == [acme], text
    assert account_by_key("own:C-1001") == acme


def test_it_is_audited(sales: Actor) -> None:
    acme = account()
    event = AuditEvent.objects.get(verb="account:open")
    assert (event.account_key, event.subject_label) == (acme.key, "Acme")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"key": "Acme BV"}, "key"),
        ({"zone": "Amsterdam"}, "zone"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_input_is_refused_beside_its_field(sales: Actor, more: dict[str, str], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        open_account(**({"key": "acme", "name": "Acme", "zone": "UTC"} | more), by=sales, at=AT)
    assert refused.value.field == field
    assert not Account.objects.exists()


def test_a_key_is_taken_once(sales: Actor) -> None:
    account("acme")
    with pytest.raises(Refusal):
        open_account(key="acme", name="Another", zone="UTC", by=sales, at=AT)


def test_an_external_id_leads_to_one_account(sales: Actor) -> None:
    account("acme", external_ids=[("own", "C-1")])
    with pytest.raises(Refusal):
        open_account(key="other", name="Other", zone="UTC", external_ids=[("own", "C-1")], by=sales, at=AT)
    assert not Account.objects.filter(key="other").exists()


def test_renamed_it_is_found_by_its_new_name_only(sales: Actor) -> None:
    acme = account(name="Old Name")
    edit_account(account=acme, seen={"name": "Old Name"}, name="New Name", by=sales, at=AT)
    assert find_accounts(text="new name") == [acme]
    assert find_accounts(text="old name") == []


def test_a_change_that_was_overtaken_overwrites_nothing(sales: Actor) -> None:
    acme = account(name="First")
    edit_account(account=acme, seen={"name": "First"}, name="Second", by=sales, at=AT)
    with pytest.raises(Stale):
        edit_account(account=acme, seen={"name": "First"}, name="Third", by=sales, at=AT)
    assert Account.objects.get().name == "Second"


def test_closed_it_has_nothing_and_reopened_it_has_everything_again(finance: Actor) -> None:
    acme = account()
    subscribed(acme, catalog().team)
    set_standing(account=acme, standing=Standing.CLOSED, reason="Gone", by=finance, at=AT)
    assert not answer(acme, "storage", AT).granted
    set_standing(account=acme, standing=Standing.OPEN, reason="Back", by=finance, at=AT + DAY)
    assert answer(acme, "storage", AT + DAY).granted
    assert not answer(acme, "storage", AT + DAY - DAY / 2).granted
    assert EntitlementChange.objects.filter(effective_at=AT, after="not included").exists()


def test_sales_may_not_close(sales: Actor) -> None:
    with pytest.raises(NotAllowed):
        set_standing(account=account(), standing=Standing.CLOSED, reason="Gone", by=sales, at=AT)


def test_an_unknown_key_is_not_found() -> None:
    with pytest.raises(NotFound):
        account_by_key("nobody")
    assert not Identifier.objects.exists()
