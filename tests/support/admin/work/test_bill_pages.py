"""Work to bill: sums by currency, several settled at once after they were shown, and a table no spreadsheet runs."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from support.domain.case_events import EventKind
from support.models import Asset, Case, WorkItem
from tests.conftest import AT, actor
from tests.entitlements.admin.reading import complaints, text_of
from tests.support.admin.cases.desks import address, reader
from tests.support.factories import CaseEventFactory, CaseFactory, CasePromiseFactory, WorkItemFactory
from tests.support.worked import recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(pump: Asset) -> Client:
    return reader("finance")


@pytest.fixture
def items(pump: Asset) -> list[WorkItem]:
    by = actor("support")
    told: list[dict[str, Any]] = [
        {},
        {"currency": "USD"},
        {"amount_micros": None, "currency": "", "description": "=1+1"},
    ]
    return [recorded(pump.account, by, asset=pump, **more) for more in told]


def settle(client: Client, act: str, items: list[WorkItem], **more: Any) -> Any:
    return client.post(address("work"), {"act": act, "chosen": [item.pk for item in items], **more})


def test_sums_stand_above_the_list(finance: Client, items: list[WorkItem]) -> None:
    words = text_of(finance.get(address("work")))
    assert "3 pieces of work €80 $80 1 without a price" in words
    assert "Seal ring Part, 1 piece · NP-100" in words


def test_of_all_states_only_what_is_paid_is_summed_up(finance: Client, items: list[WorkItem], pump: Asset) -> None:
    WorkItemFactory(
        account=pump.account,
        customer_percent=0,
        billing="covered",
        customer_micros=0,
        amount_micros=5_000_000,
        currency="EUR",
    )
    settle(finance, "waive", items[1:2], reason="Goodwill.", sure="waive")
    words = text_of(finance.get(address("work"), {"billing": "any"}))
    assert "4 pieces of work €80 1 without a price to bill or handed over" in words


@pytest.mark.parametrize(
    ("asked", "number"),
    [({}, 3), ({"billing": "covered"}, 0), ({"billing": "any"}, 3), ({"kind": "labour"}, 0), ({"account": "acme"}, 3),
     ({"account": "nobody"}, 0), ({"billing": "x"}, 3), ({"kind": "\x00"}, 3)],
)  # fmt: skip
def test_it_is_narrowed_by_the_address(finance: Client, items: list[WorkItem], asked: Any, number: int) -> None:
    assert finance.get(address("work"), asked).context["number"] == number


def test_several_are_handed_over_after_they_were_shown(finance: Client, items: list[WorkItem]) -> None:
    words = text_of(settle(finance, "hand_over", items))
    assert "Nothing was done yet. For billing to charge: €80, $80, 1 without a price for 3 pieces of work." in words
    assert not WorkItem.objects.exclude(billing="open").exists()
    assert settle(finance, "hand_over", items, sure="hand_over").status_code == 302
    assert set(WorkItem.objects.values_list("billing", flat=True)) == {"handed_over"}


def test_all_that_is_shown_is_chosen_at_once(finance: Client, items: list[WorkItem]) -> None:
    every = finance.get(address("work")).context["every"]
    answer = finance.post(address("work"), {"act": "hand_over", "every": every, "sure": "hand_over"})
    assert answer.status_code == 302
    assert WorkItem.objects.filter(billing="handed_over").count() == 3


def test_a_waiver_needs_a_reason_and_a_second_press(finance: Client, items: list[WorkItem]) -> None:
    first = settle(finance, "waive", items[:1])
    assert (first.status_code, list(complaints(first))) == (422, ["reason"])
    shown = settle(finance, "waive", items[:1], reason="Goodwill.")
    assert "The customers don’t pay €80 for 1 piece of work." in text_of(shown)
    assert settle(finance, "waive", items[:1], reason="Goodwill.", sure="hand_over").status_code == 200
    assert settle(finance, "waive", items[:1], reason="Goodwill.", sure="waive").status_code == 302
    assert WorkItem.objects.get(billing="waived").settle_reason == "Goodwill."


def test_nothing_chosen_and_nonsense_are_refused(finance: Client, items: list[WorkItem]) -> None:
    for told in ({"act": "hand_over"}, {"act": "hand_over", "chosen": ["x", "-1"]}):
        answer = finance.post(address("work"), told)
        assert (answer.status_code, list(complaints(answer))) == (422, ["chosen"])
    gone = finance.post(address("work"), {"act": "hand_over", "chosen": ["999999"], "sure": "hand_over"})
    assert "isn’t there any more" in text_of(gone)


def test_nobody_waives_their_own(pump: Asset, finance: Client) -> None:
    from journal.models import Staff

    own = WorkItemFactory(account=pump.account, recorded_by_key=Staff.objects.get(username="finance").as_actor().key)
    answer = settle(finance, "waive", [own], reason="So.", sure="waive")
    assert "somebody else has to decide" in text_of(answer)


def test_no_cell_of_the_table_starts_a_formula(finance: Client, items: list[WorkItem]) -> None:
    answer = finance.get(address("work"), {"format": "csv"})
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert [row["Description"] for row in rows] == ["'=1+1", "Seal ring", "Seal ring"]
    assert {(row["Customer"], row["Customer pays"], row["Currency"]) for row in rows} == {
        ("acme", "", ""), ("acme", "80", "USD"), ("acme", "80", "EUR"),
    }  # fmt: skip


def test_support_reads_and_finance_settles(items: list[WorkItem], pump: Asset) -> None:
    support = reader("support")
    assert "Hand over to billing" not in text_of(support.get(address("work")))
    assert settle(support, "hand_over", items).status_code == 403


def test_a_price_is_stated_later(finance: Client, items: list[WorkItem]) -> None:
    item = items[2]
    form = finance.get(address("work_item", item.pk)).context["forms"]["price"]
    told = {"act": "price", "price-version_token": form["version_token"].value(), "price-amount_micros": "12.50"}
    wrong = finance.post(address("work_item_act", item.pk), {**told, "price-currency": "EU"})
    assert (wrong.status_code, list(complaints(wrong))) == (422, ["currency"])
    assert finance.post(address("work_item_act", item.pk), {**told, "price-currency": "EUR"}).status_code == 302
    item.refresh_from_db()
    assert item.customer_micros == 12_500_000
    stale = finance.post(address("work_item_act", item.pk), {**told, "price-currency": "USD"})
    assert "Someone else changed this" in text_of(stale)


def test_a_mistake_is_withdrawn(finance: Client, items: list[WorkItem]) -> None:
    item = items[0]
    form = finance.get(address("work_item", item.pk)).context["forms"]["withdraw"]
    told = {"act": "withdraw", "withdraw-version_token": form["version_token"].value()}
    assert finance.post(address("work_item_act", item.pk), told).status_code == 422
    told["withdraw-reason"] = "Wrong customer."
    assert finance.post(address("work_item_act", item.pk), told).status_code == 302
    words = text_of(finance.get(address("work_item", item.pk)))
    assert "Seal ring Withdrawn" in words
    assert "by finance: Wrong customer." in words
    assert finance.get(address("work_item_act", item.pk)).status_code == 302


def test_lists_and_rows_lead_to_the_pages(finance: Client, items: list[WorkItem]) -> None:
    row = items[0]
    assert finance.get(address("workitem_changelist"))["Location"] == address("work")
    assert finance.get(address("workitem_change", row.pk))["Location"] == address("work_item", row.pk)
    assert finance.get(address("workitem_history", row.pk)).status_code == 200


def _a_case(**more: Any) -> Case:
    case = CaseFactory(opened_at=AT, **more)
    CaseEventFactory(case=case, kind=EventKind.OPENED, to=case.severity.key, at=AT, recorded_at=AT)
    CasePromiseFactory(case=case, starts_at=AT, recorded_at=AT, holidays_known_at=AT)
    return case


def test_the_case_shows_who_pays_and_what_was_recorded(pump: Asset) -> None:
    case, nobodys = (_a_case(account=account) for account in (pump.account, None))
    recorded(pump.account, actor("support"), case=case)
    words = text_of(reader("support").get(address("case", case.pk)))
    assert "Work and parts Labour: Covered Maintenance Parts: The customer pays" in words
    assert "To bill: €80" in words
    assert "Record work or a part" in words
    assert "Say whose case it is first" in text_of(reader("support").get(address("case", nobodys.pk)))


def test_the_customers_page_shows_work_and_visits(finance: Client, items: list[WorkItem]) -> None:
    words = text_of(finance.get("/admin/account/acme/coverage/"))
    assert "To bill: €80, $80, 1 without a price." in words
    assert "Maintenance: 2 of 2 visits left this year." in words
