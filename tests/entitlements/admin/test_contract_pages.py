"""Contracts on the screen: drafted line by line, looked at before they are signed, amended without touching the past."""

from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.models import Contract, ContractLine, ContractVersion, Subscription
from entitlements.models.contract import ContractState, Renewal
from tests.as_opened import as_opened
from tests.entitlements.admin.conftest import Customer, SignIn
from tests.entitlements.admin.filling import opened
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.agreed import agreed, amended, drafted, plan_line, signed, storage_line
from tests.entitlements.factories import ContractVersionFactory, ReasonCodeFactory
from tests.entitlements.world import AT, GB, value

pytestmark = pytest.mark.django_db
TAB = "/admin/account/acme/contracts/"


def page(version: ContractVersion, name: str, *args: Any) -> tuple[Any, ...]:
    return (f"contract_{name}", version.contract_id, *args)


def sent(desk: Client, where: tuple[Any, ...], *, asked: dict[str, Any] | None = None, **given: Any) -> HttpResponse:
    """Open the form, fill in what is given, and press its button."""
    return desk.post(url(*where), {**opened(desk, where, **(asked or {})), **given})


@pytest.fixture
def draft(acme: Customer) -> ContractVersion:
    return drafted(acme.account, key="C-1")


# Opening


def test_one_is_opened_and_leads_to_its_draft(sales_desk: Client, acme: Customer) -> None:
    response = sent(sales_desk, ("contract_open", "acme"), name="Framework", key="F-7", link="https://deals.example/7")
    contract = Contract.objects.get()
    assert response.url == url("contract_draft", contract.pk)
    assert (contract.key, contract.name, contract.link) == ("F-7", "Framework", "https://deals.example/7")
    said = text_of(sales_desk.get(response.url))
    assert "It gives nothing before it is signed." in said
    assert "None yet. A line gives a plan or an add-on" in said
    assert "Look at what it does" not in said


def test_without_a_number_it_gets_the_next(sales_desk: Client, acme: Customer) -> None:
    sent(sales_desk, ("contract_open", "acme"), name="Framework")
    assert Contract.objects.get().key == "C-2026-0001"


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": ""}, "name", "Give it a name"),
        ({"key": "C-1"}, "key", "There is a contract C-1 already"),
        ({"key": "7/3"}, "key", "stands in addresses"),
        ({"link": "no link"}, "link", "valid URL"),
    ],
)
def test_what_cannot_be_opened_is_said_beside_its_field(
    sales_desk: Client, draft: ContractVersion, given: dict[str, str], field: str, words: str
) -> None:
    response = sent(sales_desk, ("contract_open", "acme"), **{"name": "Framework", **given})
    assert response.status_code == 422
    assert words in complaints(response)[field][0]
    assert Contract.objects.count() == 1


def test_it_is_renamed(sales_desk: Client, draft: ContractVersion) -> None:
    sent(sales_desk, page(draft, "rename"), name="Other words")
    assert Contract.objects.get().name == "Other words"


# The draft


def test_its_terms_are_said(sales_desk: Client, draft: ContractVersion) -> None:
    ReasonCodeFactory(key="win_back", name="Win-back")
    given = {"effective_on": "2026-04-01", "term_months": "24", "renewal_months": "6", "notice_days": "90"}
    sent(sales_desk, page(draft, "terms"), **given, reason_code="win_back", reason="Two years")
    draft.refresh_from_db()
    assert (draft.effective_on, draft.term_months, draft.renewal) == (date(2026, 4, 1), 24, Renewal.RENEWS)
    assert (draft.renewal_months, draft.notice_days, str(draft.reason_code)) == (6, 90, "Win-back")
    said = text_of(sales_desk.get(url(*page(draft, "draft"))))
    assert "From 1 April 2026 (Europe/Amsterdam) Runs 24 months, then 6 months each time" in said


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"term_months": ""}, "term_months", "what renews has a term"),
        ({"renewal_months": ""}, "renewal_months", "Say how many months each renewal is"),
        ({"notice_days": "-1"}, "notice_days", "whole number from 0"),
        ({"effective_on": "2999-01-01"}, "effective_on", "can't be meant"),
    ],
)
def test_terms_that_cannot_be_are_said_beside_their_field(
    sales_desk: Client, draft: ContractVersion, given: dict[str, str], field: str, words: str
) -> None:
    response = sent(sales_desk, page(draft, "terms"), **given)
    assert response.status_code == 422
    assert words in complaints(response)[field][0]


def test_the_day_its_terms_are_opened_with_stays(sales_desk: Client, draft: ContractVersion) -> None:
    sent(sales_desk, page(draft, "terms"), effective_on="2026-04-01", notice_days="90")
    where = url(*page(draft, "terms"))
    sales_desk.post(where, as_opened(sales_desk.get(where), asks="effective_on") | {"notice_days": "30"})
    draft.refresh_from_db()
    assert (draft.effective_on, draft.notice_days) == (date(2026, 4, 1), 30)


def test_a_plan_is_added(sales_desk: Client, acme: Customer, draft: ContractVersion) -> None:
    assert "Team: No price yet" in text_of(sales_desk.get(url(*page(draft, "line_plan"))))
    given = {"plan": "team", "quantity": "5", "interval": "year", "note": "For the group"}
    assert sent(sales_desk, page(draft, "line_plan"), **given).url == url(*page(draft, "draft"))
    said = text_of(sales_desk.get(url(*page(draft, "draft"))))
    assert "5 × Team, paid by the year" in said
    assert "For the group" in said


def test_a_change_to_a_feature_is_added_as_people_say_it(sales_desk: Client, draft: ContractVersion) -> None:
    where = page(draft, "line_feature")
    assert "Go on" in text_of(sales_desk.get(url(*where)))
    address = url(*where) + "?feature=storage"
    form = sales_desk.get(address).context["form"]
    sales_desk.post(address, {"seen": form["seen"].value(), "mode": "at_least", "value": "500 GB"})
    line = ContractLine.objects.get()
    assert (line.value, line.typed_unit) == (500 * GB, "GB")
    assert "Storage: at least 500 GB" in text_of(sales_desk.get(url(*page(draft, "draft"))))


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"mode": "at_least", "value": "lots"}, "value", "“lots” is no amount"),
        ({"mode": "at_least", "value": ""}, "value", "Say how much"),
        ({"mode": ""}, "mode", "Choose what to do"),
        (
            {"mode": "add", "value": "5 GB", "starts_on": "2026-05-02", "through_on": "2026-05-01"},
            "through_on",
            "before",
        ),
    ],
)
def test_a_promise_nobody_can_read_is_said_beside_its_field(
    sales_desk: Client, draft: ContractVersion, given: dict[str, str], field: str, words: str
) -> None:
    response = sales_desk.post(url(*page(draft, "line_feature")) + "?feature=storage", given)
    assert response.status_code == 422
    assert words in complaints(response)[field][0]
    assert not ContractLine.objects.exists()


def test_a_line_is_changed_as_it_was_typed(sales_desk: Client, acme: Customer, draft: ContractVersion) -> None:
    storage_line(draft, acme.catalog.storage)
    where = page(draft, "line_edit", 1)
    assert opened(sales_desk, where)["value"] == "500 GB"
    sent(sales_desk, where, value="2 TB")
    assert ContractLine.objects.get().value == 2000 * GB


def test_a_line_is_taken_out(sales_desk: Client, acme: Customer, draft: ContractVersion) -> None:
    plan_line(draft, acme.catalog.team)
    where = page(draft, "line_remove", 1)
    assert "1 × Team." in text_of(sales_desk.get(url(*where)))
    sent(sales_desk, where)
    assert not ContractLine.objects.exists()


def test_what_another_hand_changed_meanwhile_is_not_overwritten(
    sales_desk: Client, acme: Customer, draft: ContractVersion
) -> None:
    seen = opened(sales_desk, page(draft, "terms"))
    plan_line(draft, acme.catalog.team)
    response = sales_desk.post(url(*page(draft, "terms")), {**seen, "term_months": "36"})
    assert response.status_code == 422
    assert "Someone else changed this" in complaints(response)[""][0]


def test_the_draft_is_given_up(sales_desk: Client, draft: ContractVersion) -> None:
    sent(sales_desk, page(draft, "discard"))
    assert ContractVersion.objects.get().state == ContractState.DISCARDED
    assert "Nothing is drafted of C-1" in sales_desk.get(url(*page(draft, "draft")), follow=True).content.decode()


# Signing


def test_what_it_does_stands_before_the_button(sales_desk: Client, acme: Customer, draft: ContractVersion) -> None:
    plan_line(draft, acme.catalog.free)
    storage_line(draft, acme.catalog.storage, 120)
    said = text_of(sales_desk.get(url(*page(draft, "sign"))))
    assert "Lasts Until notice is given" in said
    assert "Storage 100 GB 120 GB more" in said
    assert "New Line 1: 1 × Free" in said
    assert "Line 2, Storage" in said
    assert not Contract.objects.get().subscription


def test_within_policy_it_is_signed_at_once(sales_desk: Client, acme: Customer, draft: ContractVersion) -> None:
    plan_line(draft, acme.catalog.team)
    assert "You may sign this alone." in text_of(sales_desk.get(url(*page(draft, "sign"))))
    assert sent(sales_desk, page(draft, "sign")).url == url(*page(draft, "page"))
    assert Subscription.objects.get(contract__key="C-1").items.get().plan == acme.catalog.team
    said = text_of(sales_desk.get(url(*page(draft, "page"))))
    assert "Running First term, 2 March 2026 through 1 March 2027 (Europe/Amsterdam)" in said
    assert "Renews by itself on 2 March 2027; last day for notice: 30 January 2027 (Europe/Amsterdam)" in said


def test_beyond_policy_it_waits_as_a_whole(sales_desk: Client, acme: Customer, draft: ContractVersion) -> None:
    storage_line(draft, acme.catalog.storage, 900)
    assert "has to approve it, as a whole" in text_of(sales_desk.get(url(*page(draft, "sign"))))
    sent(sales_desk, page(draft, "sign"))
    assert value(acme.account, "storage", AT) == 100 * GB
    said = text_of(sales_desk.get(url(*page(draft, "page"))))
    assert "Version 1 waits for approval." in said
    assert "waits for approval" in sales_desk.get(url(*page(draft, "draft")), follow=True).content.decode()


def test_what_keeps_it_from_being_signed_is_said_and_there_is_no_button(sales_desk: Client, acme: Customer) -> None:
    version = drafted(acme.account, effective_on=date(2026, 3, 1))
    plan_line(version, acme.catalog.team)
    response = sales_desk.get(url(*page(version, "sign")))
    assert "This day has passed, and what was answered until now stays true." in text_of(response)
    assert ">Sign it<" not in response.content.decode()
    refused = complaints(
        sales_desk.post(url(*page(version, "sign")), {"seen": opened(sales_desk, page(version, "sign"))["seen"]})
    )
    assert "This day has passed" in refused[""][0]


# Amending


def test_an_amendment_says_what_was_and_what_becomes(sales_desk: Client, acme: Customer) -> None:
    contract = agreed(acme.account, acme.catalog.team)
    sales_desk.post(url("contract_amend", contract.pk))
    version = contract.versions.get(number=2)
    sent(sales_desk, page(version, "line_edit", 1), quantity="3")
    storage_line(version, acme.catalog.storage, 120)
    said = text_of(sales_desk.get(url(*page(version, "draft"))))
    assert "Until it is signed, version 1 goes on as it is." in said
    assert "3 × Team Changed Was: 1 × Team" in said
    assert "Storage: at least 120 GB New" in said


def test_the_contract_shows_its_versions_side_by_side(sales_desk: Client, acme: Customer) -> None:
    contract = agreed(acme.account, acme.catalog.team)
    signed(amended(contract))
    said = text_of(sales_desk.get(url("contract_page", contract.pk)))
    assert "Version 2 To come from 1 October 2026 (Amsterdam); signed" in said
    assert "Changed Line 1: 1 × Team → 3 × Team" in said
    assert "Version 1 In force" in said


def test_a_version_on_paper(support_desk: Client, acme: Customer) -> None:
    contract = agreed(acme.account, acme.catalog.team)
    said = text_of(support_desk.get(url("contract_print", contract.pk, 1)))
    assert "Contract C-2026-0001, version 1" in said
    assert "1 1 × Team –" in said
    assert support_desk.get(url("contract_print", contract.pk, 9)).status_code == 404


# Who may


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_readers_read_and_write_nothing(sign_in: SignIn, acme: Customer, role: str) -> None:
    contract = agreed(acme.account, acme.catalog.team)
    version = amended(contract)
    desk = sign_in(role)
    shown = desk.get(url("contract_page", contract.pk)).content.decode()
    assert "Give notice" not in shown
    for name in ("terms", "sign", "line_plan", "discard", "rename", "notice", "end"):
        assert desk.post(url(*page(version, name))).status_code == 403


def test_a_line_of_another_contract_is_not_there(sales_desk: Client, acme: Customer, draft: ContractVersion) -> None:
    other = ContractVersionFactory()
    plan_line(other, acme.catalog.team)
    assert sales_desk.get(url(*page(draft, "line_edit", 1))).status_code == 404
