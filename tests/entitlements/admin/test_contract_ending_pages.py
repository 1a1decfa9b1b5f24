"""The end of a contract on the screen: notice, notice taken back, an end before its time; what ends stands first."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from entitlements.models import Contract
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.filling import send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.agreed import agreed, amended
from tests.entitlements.world import AT, value

pytestmark = pytest.mark.django_db
END = datetime(2027, 3, 1, 23, 0, tzinfo=UTC)


@pytest.fixture
def contract(acme: Customer) -> Contract:
    return agreed(acme.account, acme.catalog.team)


def test_notice_says_what_ends_and_when_before_it_is_given(
    sales_desk: Client, acme: Customer, contract: Contract
) -> None:
    said = text_of(sales_desk.get(url("contract_notice", contract.pk)))
    assert "C-2026-0001 lasts through 1 March 2027 (Amsterdam)" in said
    assert "last day for notice: 30 January 2027 (Europe/Amsterdam)" in said
    assert "Ends with it: 1 × Team." in said
    send(sales_desk, ("contract_notice", contract.pk), "confirm", said_by="Bea Buyer")
    contract.refresh_from_db()
    assert (contract.ends_at, contract.notice_by) == (END, "Bea Buyer")


def test_who_gave_notice_is_asked(sales_desk: Client, contract: Contract) -> None:
    response = send(sales_desk, ("contract_notice", contract.pk), "confirm", said_by="")
    assert "Say who gave notice" in complaints(response)["said_by"][0]


def test_notice_is_taken_back(sales_desk: Client, contract: Contract) -> None:
    send(sales_desk, ("contract_notice", contract.pk), "confirm", said_by="Bea Buyer")
    said = text_of(sales_desk.get(url("contract_notice_back", contract.pk)))
    assert "Notice given by Bea Buyer Would last through 1 March 2027 (Amsterdam) Renews by itself" in said
    send(sales_desk, ("contract_notice_back", contract.pk), "confirm")
    contract.refresh_from_db()
    assert contract.ends_at is None
    shown = sales_desk.get(url("contract_notice_back", contract.pk), follow=True).content.decode()
    assert "Nobody has given notice" in shown


def test_given_twice_it_leads_back_with_the_reason(sales_desk: Client, contract: Contract) -> None:
    send(sales_desk, ("contract_notice", contract.pk), "confirm", said_by="Bea Buyer")
    shown = sales_desk.get(url("contract_notice", contract.pk), follow=True).content.decode()
    assert "Notice was given already: it lasts through 1 March 2027 (Amsterdam)" in shown


def test_ended_early_with_a_day(sales_desk: Client, acme: Customer, contract: Contract) -> None:
    given = {"through_on": "2026-05-31", "reason": "They close a branch"}
    said = text_of(send(sales_desk, ("contract_end", contract.pk), **given))
    assert "C-2026-0001 lasts through 31 May 2026 (Amsterdam)" in said
    assert "From 1 June 2026 (Amsterdam) on" in said
    assert Contract.objects.get().ends_at is None
    send(sales_desk, ("contract_end", contract.pk), "confirm", **given)
    assert Contract.objects.get().ends_at == datetime(2026, 5, 31, 22, 0, tzinfo=UTC)


def test_ended_at_once(sales_desk: Client, acme: Customer, contract: Contract) -> None:
    acme.subscription.account.subscriptions.get(number=1)
    send(sales_desk, ("contract_end", contract.pk), "confirm", reason="Fraud")
    assert Contract.objects.get().ends_at == AT
    assert value(acme.account, "storage", AT) is not None  # by its other subscription
    shown = sales_desk.get(url("contract_end", contract.pk), follow=True).content.decode()
    assert "has ended already" in shown


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"through_on": "2026-03-01", "reason": "Fraud"}, "through_on", "This day has passed"),
        ({"through_on": "2026-05-31", "reason": ""}, "reason", "Give a reason"),
        ({"through_on": "2999-05-31", "reason": "Fraud"}, "through_on", "can't be meant"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, contract: Contract, given: dict[str, str], field: str, words: str
) -> None:
    response = send(sales_desk, ("contract_end", contract.pk), **given)
    assert response.status_code == 422
    assert words in complaints(response)[field][0]


def test_while_a_version_is_open_nothing_is_ended(sales_desk: Client, contract: Contract) -> None:
    amended(contract)
    for name in ("contract_notice", "contract_end"):
        shown = sales_desk.get(url(name, contract.pk), follow=True).content.decode()
        assert "Sign it or give it up first" in shown


def test_what_changed_since_the_form_was_opened_is_not_overwritten(sales_desk: Client, contract: Contract) -> None:
    send(sales_desk, ("contract_notice", contract.pk), "confirm", said_by="Bea Buyer")
    response = sales_desk.post(url("contract_notice_back", contract.pk), {"seen": "old", "step": "confirm"})
    assert "was changed since you opened this form" in complaints(response)[""][0]
    assert Contract.objects.get().ends_at == END
