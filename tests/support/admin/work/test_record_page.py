"""Recording work: covered work at once, what the customer pays only after it was shown."""

from typing import Any

import pytest
from django.test import Client

from support.models import Asset, Cover, Visit, WorkItem
from tests.entitlements.admin.reading import complaints, text_of
from tests.support.admin.cases.desks import address, reader
from tests.support.factories import CaseFactory
from tests.support.world import kept

pytestmark = pytest.mark.django_db
LABOUR = {"token": "desk:one", "kind": "labour", "description": "Bearing replaced", "quantity": "90"}
PART = {
    "token": "desk:two", "kind": "parts", "description": "Bearing", "quantity": "2", "amount_micros": "93.50",
    "currency": "eur", "part_number": "B-6204",
}  # fmt: skip


@pytest.fixture
def support() -> Client:
    return reader("support")


def send(client: Client, asked: str, told: dict[str, Any]) -> Any:
    return client.post(f"{address('work_record')}?{asked}", told)


def test_the_form_says_who_pays_before_anything_is_typed(support: Client, pump: Asset) -> None:
    words = text_of(support.get(address("work_record"), {"asset": pump.pk}))
    assert "Labour Covered Maintenance Parts The customer pays Travel The customer pays 50 % Maintenance" in words


def test_covered_work_is_recorded_at_once(support: Client, pump: Asset) -> None:
    answer = send(support, f"asset={pump.pk}", LABOUR)
    assert answer.status_code == 302
    item = WorkItem.objects.get()
    assert (item.asset, item.billing, item.quantity, item.recorded_by) == (pump, "covered", 90, "support")


def test_what_the_customer_pays_is_shown_first(support: Client, pump: Asset) -> None:
    asked = f"asset={pump.pk}"
    words = text_of(send(support, asked, PART))
    assert "Nothing was recorded yet. The customer pays for this: €93.50" in words
    assert not WorkItem.objects.exists()
    assert send(support, asked, {**PART, "step": "change"}).status_code == 200
    for _ in range(2):  # the button pressed twice
        assert send(support, asked, {**PART, "step": "record"}).status_code == 302
    item = WorkItem.objects.get()
    assert (item.customer_micros, item.currency, item.part_number) == (93_500_000, "EUR", "B-6204")


def test_without_a_price_the_percent_is_shown(support: Client, pump: Asset) -> None:
    told = {**PART, "kind": "travel", "amount_micros": "", "currency": ""}
    assert "50 % of a price that whoever bills it states" in text_of(send(support, f"asset={pump.pk}", told))


def test_on_a_case_and_on_a_visit(support: Client, pump: Asset) -> None:
    case = CaseFactory(account=pump.account, asset=pump)
    answer = send(support, f"case={case.pk}", LABOUR)
    assert answer["Location"].endswith("#work")
    assert WorkItem.objects.get().case == case
    visit = Visit.objects.get(number=1)
    told = {**LABOUR, "token": "desk:three", "kind": "travel"}
    refused = send(support, f"visit={visit.pk}", told)
    assert "Mark the visit as done first" in text_of(refused)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-2"}, "quantity"),
        ({"quantity": "x"}, "quantity"),
        ({"kind": ""}, "kind"),
        ({"description": " "}, "description"),
        ({"amount_micros": "x"}, "amount_micros"),
        ({"amount_micros": "0.001"}, "amount_micros"),
        ({"currency": ""}, "currency"),
        ({"currency": "EU"}, "currency"),
        ({"done_at": "2030-01-01T10:00"}, "done_at"),
        ({"done_at": "soon"}, "done_at"),
    ],
)
def test_what_cannot_be_right_stands_beside_its_field(
    support: Client, pump: Asset, wrong: dict[str, str], field: str
) -> None:
    answer = send(support, f"asset={pump.pk}", {**PART, **wrong, "step": "record"})
    assert answer.status_code == 422
    assert field in complaints(answer)
    assert answer.context["form"]["part_number"].value() == "B-6204"
    assert not WorkItem.objects.exists()


def test_authorisation_is_asked_for_beside_its_field(support: Client, pump: Asset) -> None:
    cover = Cover.objects.get()
    cover.authorisation = "The plant manager approves."
    kept(cover)
    answer = send(support, f"asset={pump.pk}", LABOUR)
    assert "authorised_by" in complaints(answer)
    assert send(support, f"asset={pump.pk}", {**LABOUR, "authorised_by": "J. de Boer"}).status_code == 302


def test_without_a_customer_it_leads_to_finding_one(support: Client, pump: Asset) -> None:
    for asked in ("", "account=nobody"):
        assert send(support, asked, LABOUR).status_code == 302
    assert support.get(address("work_record"), {"asset": "999999"}).status_code == 404
    assert support.get(address("work_record"), {"case": "x"}).status_code == 404
    assert not WorkItem.objects.exists()
