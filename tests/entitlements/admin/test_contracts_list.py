"""The list of contracts: found by number or customer, and narrowed down to what is ahead."""

from collections.abc import Iterable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entitlements.models import Contract
from tests.conftest import actor
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.agreed import agreed, amended, drafted, signed, storage_line
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


def listed(desk: Client, **asked: str) -> Iterable[str]:
    found = desk.get(url("contract_changelist"), asked).context["cl"].result_list
    return {contract.key for contract in found}


def test_each_says_where_it_stands_and_what_is_next(sales_desk: Client, acme: Customer) -> None:
    agreed(acme.account, acme.catalog.team, key="C-1")
    said = text_of(sales_desk.get(url("contract_changelist")))
    assert "C-1 Framework agreement Acme In force First term, 2 March 2026 through 1 March 2027" in said
    assert "Renews by itself 2 March 2027 (Amsterdam); last day for notice: 30 January 2027" in said


def test_one_is_found_by_its_number_or_its_customer(sales_desk: Client, acme: Customer) -> None:
    for key, held_by in (("C-1", acme.account), ("F-7", account("other", name="Other"))):
        drafted(held_by, key=key)
    assert listed(sales_desk, q="F-7") == {"F-7"}
    assert listed(sales_desk, q="Acme") == {"C-1"}
    assert listed(sales_desk, q="other") == {"F-7"}


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        ("ends", {"SOON"}),
        ("renews", {"MONTHLY"}),
        ("draft", {"DRAFT", "AMENDED"}),
        ("waiting", {"WAITS"}),
        ("running", {"SOON", "MONTHLY", "AMENDED"}),
        ("ended", set()),
        ("nonsense", {"SOON", "MONTHLY", "AMENDED", "WAITS", "DRAFT"}),
    ],
)
def test_what_is_ahead_is_narrowed_down(sales_desk: Client, acme: Customer, standing: str, expected: set[str]) -> None:
    team = acme.catalog.team
    agreed(acme.account, team, key="SOON", months=2, renews=None)
    agreed(acme.account, team, key="MONTHLY", months=1, renews=1)
    amended(agreed(acme.account, team, key="AMENDED"), effective_on=date(2026, 10, 1))
    waits = drafted(acme.account, key="WAITS")
    storage_line(waits, acme.catalog.storage, 900)
    signed(waits, by=actor("sales"))
    drafted(acme.account, key="DRAFT")
    assert listed(sales_desk, standing=standing) == expected


def test_the_list_reads_the_same_for_any_number(sales_desk: Client, acme: Customer) -> None:
    def reads() -> int:
        sales_desk.get(url("contract_changelist"))
        with CaptureQueriesContext(connection) as captured:
            sales_desk.get(url("contract_changelist"))
        return len(captured)

    agreed(acme.account, acme.catalog.team)
    one = reads()
    for _number in range(4):
        agreed(acme.account, acme.catalog.team)
    assert reads() == one


def test_its_stock_page_reads_and_leads_to_its_own(support_desk: Client, acme: Customer) -> None:
    contract = agreed(acme.account, acme.catalog.team, at=AT - DAY)
    said = text_of(support_desk.get(url("contract_change", contract.pk)))
    assert "Open the contract" in said
    assert support_desk.post(url("contract_change", contract.pk), {"name": "Other"}).status_code == 403
    assert Contract.objects.get().name == "Framework agreement"
