"""Finance puts a bundle together, changes it and takes it off sale."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import Bundle
from catalog.queries.promotions import options_of
from tests.catalog.admin.conftest import SignIn
from tests.catalog.factories import AddOnFactory, PlanFactory, published_version
from tests.entitlements.admin.reading import complaints, text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def add_ons() -> list[Any]:
    return [published_version(plan=AddOnFactory(name=f"Add-on {letter}")).plan for letter in "ABC"]


def send(desk: Client, add_ons: list[Any], /, **given: Any) -> HttpResponse:
    told = {
        "name": "Starter", "key": "starter", "pick": "2", "add_ons": [plan.pk for plan in add_ons], "starts_at": "",
        "ends_at": "", "note": "",
    }  # fmt: skip
    return desk.post(reverse("admin:catalog_bundle_new"), told | given)


def test_it_is_put_together_and_shown_in_words(finance_desk: Client, add_ons: list[Any]) -> None:
    response = send(finance_desk, add_ons, ends_at="2026-03-31")
    said = text_of(finance_desk.get(response.url))
    assert "Any 2 of Add-on A, Add-on B, Add-on C" in said
    bundle = Bundle.objects.get()
    assert bundle.ends_at == datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # the end of that day in Amsterdam
    assert "Any 2 of Add-on A" in text_of(finance_desk.get(reverse("admin:catalog_bundle_changelist")))


def test_the_form_says_what_each_add_on_costs_and_does(finance_desk: Client, add_ons: list[Any]) -> None:
    said = text_of(finance_desk.get(reverse("admin:catalog_bundle_new")))
    assert "Add-on A: No price yet; it adds to what the plan gives" in said


def test_without_add_ons_it_says_what_to_do(finance_desk: Client) -> None:
    assert "Name one first." in text_of(finance_desk.get(reverse("admin:catalog_bundle_new")))


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"pick": "4"}, "pick", "can't choose 4 of 3"),
        ({"add_ons": []}, "add_ons", "Choose the add-ons"),
        ({"key": "Big Key"}, "key", "small letters"),
        ({"ends_at": "2026-03-01"}, "ends_at", "over already"),
        ({"ends_at": "9999-12-31"}, "ends_at", "can't be meant"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    finance_desk: Client, add_ons: list[Any], given: dict[str, Any], field: str, words: str
) -> None:
    response = send(finance_desk, add_ons, **given)
    assert response.status_code == 422
    assert words in complaints(response)[field][0]
    assert not Bundle.objects.exists()


def test_a_plan_is_not_among_what_can_be_chosen(finance_desk: Client, add_ons: list[Any]) -> None:
    response = send(finance_desk, [*add_ons, PlanFactory()])
    assert "add_ons" in complaints(response)


def edit_url(bundle: Bundle) -> str:
    return reverse("admin:catalog_bundle_edit", args=[bundle.pk])


def opened(desk: Client, bundle: Bundle) -> dict[str, Any]:
    form = desk.get(edit_url(bundle)).context["form"]
    values = {field.name: field.value() for field in form}
    add_ons = [getattr(plan, "pk", plan) for plan in values.pop("add_ons")]
    return {**{name: "" if value is None else value for name, value in values.items()}, "add_ons": add_ons}


def test_it_is_changed_from_what_stood_there(finance_desk: Client, add_ons: list[Any]) -> None:
    send(finance_desk, add_ons, ends_at="2026-03-31")
    bundle = Bundle.objects.get()
    finance_desk.post(edit_url(bundle), opened(finance_desk, bundle) | {"pick": "1", "add_ons": [add_ons[2].pk]})
    edited = Bundle.objects.get()
    assert (edited.pick, options_of(edited), edited.ends_at) == (1, [add_ons[2]], bundle.ends_at)


def test_of_two_who_change_it_the_second_is_told(finance_desk: Client, add_ons: list[Any]) -> None:
    send(finance_desk, add_ons)
    bundle = Bundle.objects.get()
    mine = opened(finance_desk, bundle)
    finance_desk.post(edit_url(bundle), mine | {"add_ons": [add_ons[0].pk, add_ons[1].pk]})
    response = finance_desk.post(edit_url(bundle), mine | {"name": "Mine"})
    assert "Someone else changed this" in complaints(response)[""][0]
    assert Bundle.objects.get().name == "Starter"


def test_it_is_taken_off_sale_for_a_reason(finance_desk: Client, add_ons: list[Any]) -> None:
    send(finance_desk, add_ons)
    bundle = Bundle.objects.get()
    address = reverse("admin:catalog_bundle_end", args=[bundle.pk])
    with time_machine.travel(NOW.replace(hour=10), tick=False):
        assert "Nobody can buy it from now on" in text_of(finance_desk.get(address))
        finance_desk.post(address, {"reason": ""})
        assert Bundle.objects.get().ends_at is None
        finance_desk.post(address, {"reason": "Nobody buys it"})
    assert Bundle.objects.get().ends_at == NOW.replace(hour=10)


def test_an_end_in_the_middle_of_a_day_survives_an_edit(finance_desk: Client, add_ons: list[Any]) -> None:
    send(finance_desk, add_ons)
    bundle = Bundle.objects.get()
    with time_machine.travel(NOW.replace(hour=10), tick=False):
        finance_desk.post(reverse("admin:catalog_bundle_end", args=[bundle.pk]), {"reason": "Over"})
        finance_desk.post(edit_url(bundle), opened(finance_desk, bundle) | {"note": "Was popular"})
    edited = Bundle.objects.get()
    assert (edited.note, edited.ends_at) == ("Was popular", NOW.replace(hour=10))


def test_its_history_tells_who_put_it_together(finance_desk: Client, add_ons: list[Any]) -> None:
    send(finance_desk, add_ons)
    said = text_of(finance_desk.get(reverse("admin:catalog_bundle_history", args=[Bundle.objects.get().pk])))
    assert "Create bundle" in said


@pytest.mark.parametrize("role", ["sales", "auditor"])
def test_other_roles_only_look(sign_in: SignIn, finance_desk: Client, add_ons: list[Any], role: str) -> None:
    send(finance_desk, add_ons)
    bundle, desk = Bundle.objects.get(), sign_in(role)
    assert desk.get(reverse("admin:catalog_bundle_change", args=[bundle.pk])).status_code == 200
    for address in ("bundle_edit", "bundle_end"):
        assert desk.post(reverse(f"admin:catalog_{address}", args=[bundle.pk])).status_code == 403
    assert send(desk, add_ons, key="other").status_code == 403
