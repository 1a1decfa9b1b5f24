"""Finance makes codes, one or hundreds, changes and stops them, and sees who used them."""

import csv
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import PromoCode
from catalog.queries.promotions import say_gift
from entitlements.actions.redemptions import redeem
from journal.domain.actor import SYSTEM
from journal.models import Staff
from tests.as_opened import as_opened
from tests.catalog.admin.conftest import SignIn
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    MarketFactory,
    PlanFactory,
    RolesFactory,
    StorageFactory,
    TierFactory,
    published_version,
)
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import account

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROOT = "/admin/catalog/promocode/"
NEW, CAMPAIGN, LIST, CSV = f"{ROOT}new/", f"{ROOT}campaign/", ROOT, f"{ROOT}codes.csv"
LIMITS = {"days": "14", "starts_at": "", "ends_at": "", "max_redemptions": "", "max_per_account": "1", "market": ""}


@pytest.fixture(autouse=True)
def _monday_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def trial(**given: Any) -> dict[str, Any]:
    plan = given.pop("plan", None) or published_version(plan=PlanFactory(name="Pro")).plan
    return {"gives": "trial", "code": "spring 26", "name": "Spring", "plan": plan.pk, **LIMITS} | given


def storage(**given: Any) -> dict[str, Any]:
    feature = given.pop("feature", None) or StorageFactory(key="storage", name="Storage")
    told = {
        "gives": "override",
        "feature": feature.key,
        "code": "MORE",
        "name": "More",
        "mode": "add",
        "value": "20 GB",
    }
    return told | LIMITS | given


def send(desk: Client, given: dict[str, Any], address: str = NEW) -> HttpResponse:
    return desk.post(address, given)


def test_first_it_asks_what_the_code_gives(finance_desk: Client) -> None:
    said = text_of(finance_desk.get(NEW))
    assert "First, what does it give?" in said
    assert "How many" not in said


def test_of_a_feature_it_asks_which(finance_desk: Client) -> None:
    StorageFactory(key="storage", name="Storage")
    asked = finance_desk.get(NEW, {"gives": "override"})
    assert "Choose the feature" in complaints(asked)["feature"][0]
    said = text_of(finance_desk.get(NEW, {"gives": "override", "feature": "storage"}))
    assert "It gives: More of one feature, Storage" in said
    assert "500 MB or 1.5 GB" in said


def test_a_trial_is_made_and_shown_in_words(finance_desk: Client) -> None:
    response = send(finance_desk, trial(max_redemptions="100", ends_at="2026-03-31"))
    said = text_of(finance_desk.get(response.url))
    assert "14 days of Pro to try" in said
    assert "0 of 100" in said
    assert PromoCode.objects.get().ends_at == datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    assert "SPRING-26" in text_of(finance_desk.get(LIST))


def test_more_of_a_feature_is_typed_in_its_words(finance_desk: Client) -> None:
    send(finance_desk, storage())
    assert say_gift(PromoCode.objects.get()) == "Storage: 20 GB more for 14 days"


@pytest.mark.parametrize(
    ("factory", "mode", "typed", "words"),
    [
        (TierFactory, "at_least", "Smart", "at least Smart"),
        (RolesFactory, "add", "Owner, Billing", "Owner, Billing more"),
        (StorageFactory, "at_least", "Unlimited", "at least Unlimited"),
        (FeatureFactory, "replace", "", "on"),
    ],
)
def test_every_kind_of_feature_has_its_way_to_be_said(
    finance_desk: Client, factory: Any, mode: str, typed: str, words: str
) -> None:
    feature = factory(key="thing", name="Thing")
    send(finance_desk, storage(feature=feature, mode=mode, value=typed))
    assert say_gift(PromoCode.objects.get()) == f"Thing: {words} for 14 days"


def test_an_add_on_in_a_quantity_for_a_market(finance_desk: Client) -> None:
    add_on, market = published_version(plan=AddOnFactory(name="IPv4")).plan, MarketFactory(name="Europe")
    send(finance_desk, trial(gives="add_on", plan=add_on, quantity="3", market=market.pk))
    made = PromoCode.objects.get()
    assert (say_gift(made), made.market) == ("3 × IPv4 for 14 days", market)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"value": "20"}, "value", "needs its unit"),
        ({"value": "no"}, "value", "no value Storage can have"),
        ({"value": "0 GB"}, "value", "nothing"),
        ({"mode": "deny"}, "mode", "Select a valid choice"),
        ({"days": "0"}, "days", "whole number from 1"),
        ({"code": "ab"}, "code", "can't be a code"),
        ({"starts_at": "2026-03-10", "ends_at": "2026-03-05"}, "ends_at", "before the first day"),
        ({"max_per_account": ""}, "max_per_account", "required"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    finance_desk: Client, given: dict[str, Any], field: str, words: str
) -> None:
    response = send(finance_desk, storage(**given))
    assert response.status_code == 422
    assert words in complaints(response)[field][0]
    assert not PromoCode.objects.exists()


def test_a_campaign_makes_its_codes_and_gives_them_as_a_file(finance_desk: Client) -> None:
    given = {"campaign": "Fair 26", "begins_with": "fair", "number": "25", "max_redemptions": "1"}
    response = send(finance_desk, trial(**given), CAMPAIGN)
    said = text_of(finance_desk.get(response.url))
    assert "Download the codes of Fair 26" in said
    answer = finance_desk.get(CSV, {"campaign": "Fair 26"})
    head, *lines = csv.reader(b"".join(answer.streaming_content).decode().splitlines())
    assert head == ["Code", "Gives", "Redeemed", "State"]
    assert len({line[0] for line in lines}) == 25
    assert set(map(tuple, (line[1:] for line in lines))) == {("14 days of Pro to try", "0 of 1", "In use")}


def test_no_spreadsheet_runs_what_stands_in_the_file(finance_desk: Client) -> None:
    plan = published_version(plan=PlanFactory(name="=cmd")).plan
    send(finance_desk, trial(plan=plan, campaign="C", begins_with="", number="1"), CAMPAIGN)
    answer = b"".join(finance_desk.get(CSV, {"campaign": "C"}).streaming_content).decode()
    assert all(not cell.startswith(("=", "+", "-", "@")) for line in csv.reader(answer.splitlines()) for cell in line)


def test_a_file_of_no_campaign_leads_back(finance_desk: Client) -> None:
    assert finance_desk.get(CSV).url == LIST
    assert finance_desk.get(CSV, {"campaign": "none"}).url == LIST


def edit_url() -> str:
    return reverse("admin:catalog_promocode_edit", args=[PromoCode.objects.get().pk])


def opened(desk: Client) -> dict[str, Any]:
    form = desk.get(edit_url()).context["form"]
    values = {field.name: field.value() for field in form}
    return {name: "" if value is None else getattr(value, "pk", value) for name, value in values.items()}


def test_it_is_changed_from_what_stood_there(finance_desk: Client) -> None:
    send(finance_desk, storage(ends_at="2026-03-31"))
    mine = opened(finance_desk)
    assert mine["value"] == "20 GB"
    finance_desk.post(edit_url(), mine | {"value": "30 GB", "max_redemptions": "5"})
    made = PromoCode.objects.get()
    assert (say_gift(made), made.max_redemptions) == ("Storage: 30 GB more for 14 days", 5)


def test_the_days_it_is_opened_with_stay(finance_desk: Client) -> None:
    send(finance_desk, storage(starts_at="2026-03-10", ends_at="2026-03-31"))
    before, shown = PromoCode.objects.get(), as_opened(finance_desk.get(edit_url()), asks="ends_at")
    assert (shown["starts_at"], shown["ends_at"]) == ("2026-03-10", "2026-03-31")
    finance_desk.post(edit_url(), shown | {"days": "7"})
    made = PromoCode.objects.get()
    assert (made.days, made.starts_at, made.ends_at) == (7, before.starts_at, before.ends_at)


def test_of_two_who_change_it_the_second_is_told(finance_desk: Client) -> None:
    send(finance_desk, storage())
    mine = opened(finance_desk)
    finance_desk.post(edit_url(), mine | {"days": "7"})
    response = finance_desk.post(edit_url(), mine | {"days": "30"})
    assert "Someone else changed this" in complaints(response)[""][0]
    assert PromoCode.objects.get().days == 7


def test_once_used_what_it_gives_stays(finance_desk: Client) -> None:
    send(finance_desk, storage())
    redeem(account=account("acme"), code="more", by=SYSTEM, at=NOW)
    assert "what it gives can’t change any more" in text_of(finance_desk.get(edit_url()))
    response = finance_desk.post(edit_url(), opened(finance_desk) | {"days": "30"})
    assert "was redeemed already" in str(complaints(response))
    finance_desk.post(edit_url(), opened(finance_desk) | {"name": "Summer"})
    assert PromoCode.objects.get().name == "Summer"


def test_the_page_says_how_often_and_by_whom(finance_desk: Client) -> None:
    send(finance_desk, storage(max_redemptions="100"))
    redeem(account=account("acme"), code="more", by=SYSTEM, at=NOW)
    said = text_of(finance_desk.get(reverse("admin:catalog_promocode_change", args=[PromoCode.objects.get().pk])))
    assert "1 of 100" in said
    assert "Acme 2 March 2026 09:00 (UTC) Counted" in said


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "In use"),
        ({"starts_at": "2026-04-01"}, "To come"),
        ({"max_redemptions": "1"}, "Used up"),
        ({"ends_at": "2026-03-02"}, "Expired"),
    ],
)
def test_its_state_is_a_word(finance_desk: Client, columns: dict[str, str], state: str) -> None:
    send(finance_desk, storage(**columns))
    if state == "Used up":
        redeem(account=account("acme"), code="more", by=SYSTEM, at=NOW)
    with time_machine.travel(NOW.replace(hour=23 if state == "Expired" else 9), tick=False):
        finance_desk.force_login(Staff.objects.get())  # a session doesn't last that long
        assert state in text_of(finance_desk.get(LIST))


def test_it_is_stopped_for_a_reason(finance_desk: Client) -> None:
    send(finance_desk, storage())
    address = reverse("admin:catalog_promocode_stop", args=[PromoCode.objects.get().pk])
    assert "it can't be started again" in text_of(finance_desk.get(address))
    finance_desk.post(address, {"reason": "Leaked"})
    assert PromoCode.objects.get().stopped_at == NOW
    assert "Stopped" in text_of(finance_desk.get(LIST))


@pytest.mark.parametrize("role", ["sales", "auditor"])
def test_other_roles_only_look(sign_in: SignIn, finance_desk: Client, role: str) -> None:
    send(finance_desk, storage())
    made, desk = PromoCode.objects.get(), sign_in(role)
    assert desk.get(LIST).status_code == 200
    assert desk.get(reverse("admin:catalog_promocode_change", args=[made.pk])).status_code == 200
    for address in (NEW, CAMPAIGN, edit_url(), reverse("admin:catalog_promocode_stop", args=[made.pk])):
        assert desk.post(address, {}).status_code == 403


def test_support_sees_no_codes(support_desk: Client) -> None:
    assert support_desk.get(LIST).status_code == 403
    assert support_desk.get(CSV).status_code == 403
