"""Work that comes on an invoice: said before it is handed over, and how it stands on its page and in the list."""

from typing import Any

import pytest
from django.test import Client

from entitlements.models import BilledSubscription
from journal.models import Connection, Outbound
from support.models import Asset, WorkItem
from tests.conftest import AT, actor
from tests.entitlements.admin.reading import text_of
from tests.journal.factories import ConnectionFactory
from tests.support.admin.cases.desks import address, reader
from tests.support.factories import WorkItemFactory
from tests.support.worked import recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def biller(pump: Asset) -> Connection:
    """A connected system that takes work, and bills the pump's owner."""
    made: Connection = ConnectionFactory(vendor="biller", name="Biller", settings={"work": "yes"})
    BilledSubscription.objects.create(
        connection=made, billing_id="s1", customer="c1", account=pump.account, state="active", told_at=AT
    )
    return made


@pytest.fixture
def finance(biller: Connection) -> Client:
    return reader("finance")


@pytest.fixture
def item(pump: Asset) -> WorkItem:
    return recorded(pump.account, actor("support"), asset=pump)


def hand_over(client: Client, *items: WorkItem) -> Any:
    told = {"act": "hand_over", "chosen": [item.pk for item in items], "sure": "hand_over"}
    return client.post(address("work"), told, follow=True)


def page(client: Client, item: WorkItem) -> str:
    return text_of(client.get(address("work_item", item.pk)))


def test_before_the_second_press_it_is_said_what_becomes_of_each(finance: Client, item: WorkItem, pump: Asset) -> None:
    unpriced = recorded(pump.account, actor("support"), amount_micros=None, currency="")
    told = {"act": "hand_over", "chosen": [item.pk, unpriced.pk]}
    words = text_of(finance.post(address("work"), told))
    assert "1 on the next invoice of Biller 1 by hand: no price was stated." in words
    assert "on the next invoice of Biller where that bills the customer" in words
    assert "Handed over to billing: 2. 1 on the next invoice. 1 to be billed by hand" in text_of(
        hand_over(finance, item, unpriced)
    )
    assert "To be billed by hand: no price was stated." in page(finance, unpriced)
    assert "On an invoice By hand" in page(finance, unpriced)


def test_the_list_says_how_it_stands(finance: Client, item: WorkItem) -> None:
    hand_over(finance, item)
    words = text_of(finance.get(address("work"), {"billing": "handed_over"}))
    assert "Handed over Waits to be told to Biller" in words
    table = finance.get(address("work"), {"billing": "handed_over", "format": "csv"}).content.decode()
    assert table.splitlines()[0].endswith("Billed by")
    assert table.splitlines()[1].endswith(",biller")


def test_what_was_refused_says_why_and_leads_to_sending_it_again(finance: Client, item: WorkItem) -> None:
    hand_over(finance, item)
    Outbound.objects.filter(kind="billing").update(state="dead", last_error="Declined: Another currency.")
    assert "Not on an invoice: Biller refused it Another currency." in page(finance, item)
    row = Outbound.objects.get(kind="billing")
    delivery = f"/journal/outbound/{row.pk}/change/"
    assert delivery in reader("auditor").get(address("work_item", item.pk)).content.decode()


def test_finance_takes_it_back_and_support_does_not(finance: Client, item: WorkItem) -> None:
    hand_over(finance, item)
    support = reader("support")
    assert "Take it back" not in page(support, item)
    assert "Take it back" in page(finance, item)
    form = finance.get(address("work_item", item.pk)).context["forms"]["withdraw"]
    told = {"act": "withdraw", "withdraw-version_token": form["version_token"].value(), "withdraw-reason": "Our fault."}
    assert support.post(address("work_item_act", item.pk), told).status_code == 422
    assert finance.post(address("work_item_act", item.pk), told).status_code == 302
    assert "Waits to be taken off the next invoice of Biller" in page(finance, item)


def test_by_hand_it_is_for_good(finance: Client, item: WorkItem) -> None:
    BilledSubscription.objects.update(state="ended")
    hand_over(finance, item)
    assert "Biller bills nothing of" in page(finance, item)
    assert "Take it back" not in page(finance, item)


def test_without_such_a_system_nothing_is_said_of_one(biller: Connection, finance: Client, item: WorkItem) -> None:
    Connection.objects.filter(pk=biller.pk).update(settings={})
    words = text_of(finance.get(address("work")))
    assert "the desk writes no invoice" in words
    hand_over(finance, item)
    assert "To be billed by hand" not in page(finance, item)


def test_a_full_list_reads_no_more_for_more_work(
    finance: Client, pump: Asset, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        WorkItemFactory(account=pump.account, billing="handed_over", billed_by="biller", settled_at=AT, settled_by="F")
    with django_assert_max_num_queries(40):
        finance.get(address("work"), {"billing": "handed_over"})
