"""Lists of work and what they come to; one device by its serial number."""

from datetime import date, timedelta
from typing import Any

import pytest

from entitlements.models import Account
from journal.domain.refusal import NotFound
from support.domain.cover_terms import Billing, WorkKind
from support.queries.work.listing import (
    SeveralDevices,
    WantedWork,
    device_with,
    listed_work,
    open_work_of,
    totals,
    visit_numbered,
    work_page,
)
from tests.conftest import AT, actor
from tests.entitlements.factories import AccountFactory
from tests.support.factories import CaseFactory
from tests.support.worked import EURO, a_pump, recorded

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def acme(db: None) -> Account:
    return AccountFactory(key="acme", name="Acme", zone="UTC")


def test_sums_by_currency_and_what_has_no_price(acme: Account) -> None:
    by = actor("support")
    for more in ({}, {}, {"currency": "USD"}, {"amount_micros": None, "currency": ""}):
        recorded(acme, by, **more)
    assert [(one.words, one.number) for one in totals(open_work_of(acme))] == [
        ("€160", 2), ("$80", 1), ("1 without a price", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({}, 3),
        ({"kind": WorkKind.PARTS}, 2),
        ({"billing": Billing.COVERED}, 0),
        ({"from_on": date(2026, 3, 2)}, 2),
        ({"through_on": date(2026, 3, 1)}, 1),
    ],
)
def test_a_list_is_narrowed(acme: Account, wanted: dict[str, Any], number: int) -> None:
    by = actor("support")
    recorded(acme, by)
    recorded(acme, by, done_at=AT - DAY)
    recorded(acme, by, kind=WorkKind.LABOUR)
    assert listed_work(WantedWork(account=acme, **wanted)).count() == number


def test_pages_for_programs(acme: Account) -> None:
    case = CaseFactory(account=acme)
    items = [recorded(acme, actor("support"), case=case) for _ in range(3)]
    first = work_page(WantedWork(case=case), after=0, most=2)
    assert list(first) == items[:2]
    assert list(work_page(WantedWork(case=case), after=first[-1].pk, most=2)) == items[2:]


def test_one_device_by_its_number(acme: Account) -> None:
    pump = a_pump(acme)
    assert device_with("np100") == pump
    retired = a_pump(acme, product="old", retired_at=AT, retire_reason="Broken.")
    assert device_with("NP-100") == pump
    assert device_with("NP-100", product="old") == retired
    a_pump(AccountFactory(), product="valve")
    with pytest.raises(SeveralDevices, match="Name the product"):
        device_with("NP-100")
    assert device_with("NP-100", account=acme) == pump
    for serial in ("XX", "", "NP\x00-999"):
        with pytest.raises(NotFound):
            device_with(serial)
    with pytest.raises(NotFound):
        visit_numbered(1)
    assert EURO == 1_000_000
