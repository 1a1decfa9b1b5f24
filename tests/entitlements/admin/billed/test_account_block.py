"""What is billed for an account, on its page: how it stands there, what wants a look, and looking again."""

import pytest
from django.test import Client

from entitlements.admin.billed.block import billed_block
from tests.entitlements.admin.billed.finds import found
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import BilledSubscriptionFactory
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db
TAB = "/admin/account/acme/subscriptions/"


def test_it_says_how_each_stands_there_and_when_that_was_told(finance_desk: Client, acme: Customer) -> None:
    told = {"subscription": acme.subscription, "billing_id": "sub_7", "customer": "cus_7"}
    BilledSubscriptionFactory(account=acme.account, state="past_due", told_at=AT - DAY, **told)
    said = text_of(finance_desk.get(TAB))
    assert "Billed elsewhere sub_7 A payment failed, and is tried again" in said
    assert "here subscription 1" in said
    assert "Told 1 day ago; customer cus_7" in said
    assert url("billed_look", "acme") in finance_desk.get(TAB).content.decode()


def test_what_wants_a_look_leads_to_its_page(finance_desk: Client, acme: Customer) -> None:
    row = found(account=acme.account)
    page = finance_desk.get(TAB)
    assert "To look at Of drift, 7 × Team is billed found 3 days ago" in text_of(page)
    assert url("billingfinding_change", row.pk) in page.content.decode()
    assert url("billed_look", "acme") not in page.content.decode()


def test_what_was_sold_to_one_that_was_merged_is_shown_where_it_went(acme: Customer, finance_desk: Client) -> None:
    BilledSubscriptionFactory(account=account("former"), subscription=acme.subscription, billing_id="sub_7")
    assert "sub_7" in text_of(finance_desk.get(TAB))


def test_where_nothing_is_billed_nothing_is_said(finance_desk: Client, acme: Customer) -> None:
    assert "Billed elsewhere" not in text_of(finance_desk.get(TAB))


def test_who_only_reads_has_no_button_and_who_may_not_read_sees_nothing(support_desk: Client, acme: Customer) -> None:
    BilledSubscriptionFactory(account=acme.account, billing_id="<i>sub</i>", customer="<i>cus</i>")
    page = support_desk.get(TAB).content.decode()
    assert "Billed elsewhere" in page
    assert url("billed_look", "acme") not in page
    assert "<i>sub" not in page

    class Nobody:
        def has_perm(self, name: str) -> bool:
            return False

    assert billed_block(acme.account, at=AT, user=Nobody()) is None
