"""Granting an override: what it becomes is seen before it is asked for."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.actions.policies import set_policy
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession
from entitlements.models import Override
from entitlements.models.override import OverrideState
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.catalog.factories import RolesFactory
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import ReasonCodeFactory, overridden
from tests.entitlements.world import AT, DAY, GB, value

pytestmark = pytest.mark.django_db
GIVEN = {
    "feature": "storage", "mode": "add", "value": "20 GB", "through_on": "2026-03-31", "scope": "1", "seen": "",
    "reason": "Migration",
}  # fmt: skip


def send(desk: Client, step: str = "preview", **given: Any) -> HttpResponse:
    return desk.post(url("account_override", "acme"), {**GIVEN, "step": step, **given})


def test_without_a_feature_it_asks_which_one(sales_desk: Client, acme: Customer) -> None:
    said = text_of(sales_desk.get(url("account_override", "acme")))
    assert "Feature" in said
    assert "Go on" in said


def test_the_form_shows_what_it_is_now_and_names_the_zone(sales_desk: Client, acme: Customer) -> None:
    said = text_of(sales_desk.get(url("account_override", "acme"), {"feature": "storage"}))
    assert "Now: 100 GB" in said
    assert "through the end of this day in Europe/Amsterdam" in said


def test_first_it_shows_what_it_becomes_and_writes_nothing(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk))
    assert "Now 100 GB It becomes 120 GB" in said
    assert "You may grant this alone." in said
    assert not Override.objects.exists()


def test_then_it_is_in_force(sales_desk: Client, acme: Customer) -> None:
    shown = send(sales_desk).context["form"]
    response = send(sales_desk, "confirm", seen=shown["seen"].value() or "")
    assert response.url == address("overrides")
    assert value(acme.account, "storage", AT) == 120 * GB
    assert Override.objects.get().subscription == acme.subscription


def test_beyond_policy_it_waits_for_somebody_else(sales_desk: Client, acme: Customer) -> None:
    assert "Someone else has to approve it" in text_of(send(sales_desk, value="Unlimited"))
    send(sales_desk, "confirm", value="Unlimited", mode="replace")
    assert Override.objects.get().state == OverrideState.REQUESTED
    assert Approval.objects.get().kind == "override"
    assert value(acme.account, "storage", AT) == 100 * GB


def test_it_says_whose_role_has_to_approve(sales_desk: Client, acme: Customer) -> None:
    told = {"role": "sales", "concession": Concession.OVERRIDE, "max_days": 1, "max_percent": 1, "max_times": 1}
    set_policy(**told, approver_role="finance", reason="Dear", by=SYSTEM, at=AT - DAY)
    assert "Finance has to approve it" in text_of(send(sales_desk))
    send(sales_desk, "confirm")
    assert "Finance has to approve it" in read(sales_desk, "overrides")


def test_while_there_is_a_list_a_reason_of_it_is_chosen(sales_desk: Client, acme: Customer) -> None:
    ReasonCodeFactory(key="deal", name="Negotiated deal", note="Signed by both.")
    ReasonCodeFactory(key="old", name="Old times", retired_at=AT - DAY)
    said = text_of(sales_desk.get(url("account_override", "acme"), {"feature": "storage"}))
    assert "Negotiated deal Signed by both." in said
    assert "Old times" not in said
    assert complaints(send(sales_desk))["reason_code"] == ["Choose a reason from the list."]
    assert "Reason Negotiated deal" in text_of(send(sales_desk, reason_code="deal"))
    send(sales_desk, "confirm", reason_code="deal")
    assert "Negotiated deal: Migration" in read(sales_desk, "overrides")


@pytest.mark.parametrize("field", ["from_on", "through_on", "review_on"])
def test_a_year_that_cannot_be_meant_is_said_beside_its_day(sales_desk: Client, acme: Customer, field: str) -> None:
    response = send(sales_desk, **{field: "0026-04-01"})
    assert "The year 26 can't be meant" in complaints(response)[field][0]


def test_pressed_twice_it_is_granted_once(sales_desk: Client, acme: Customer) -> None:
    send(sales_desk, "confirm")
    response = send(sales_desk, "confirm")
    assert Override.objects.count() == 1
    assert "have changed since you opened this form" in complaints(response)[""][0]


def test_a_feature_is_denied_from_its_own_line(sales_desk: Client, acme: Customer) -> None:
    opened = sales_desk.get(url("account_override", "acme"), {"feature": "sso", "mode": "deny"})
    assert opened.context["form"]["mode"].value() == "deny"
    send(sales_desk, "confirm", feature="sso", mode="deny")
    assert value(acme.account, "sso", AT) is False


def test_for_the_whole_account_from_a_day_to_come(sales_desk: Client, acme: Customer) -> None:
    given = {"scope": "account", "from_on": "2026-03-10", "link": "https://crm.example/deal/1"}
    send(sales_desk, "confirm", **given)
    override = Override.objects.get()
    assert override.subscription is None
    assert override.starts_at.isoformat() == "2026-03-09T23:00:00+00:00"  # midnight in Amsterdam


def test_choices_are_ticked(sales_desk: Client, acme: Customer) -> None:
    RolesFactory(key="roles", name="Roles")
    send(sales_desk, "confirm", feature="roles", mode="replace", value=["owner", "billing"])
    assert value(acme.account, "roles", AT) == frozenset({"owner", "billing"})


def test_a_ranked_choice_is_chosen(sales_desk: Client, acme: Customer) -> None:
    send(sales_desk, "confirm", feature="tier", mode="at_most", value="basic")
    assert value(acme.account, "tier", AT) == "basic"


def test_what_changes_nothing_says_so(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.DENY, at=AT - DAY)
    seen = str(Override.objects.get().pk)
    assert "It changes nothing for the customer" in text_of(send(sales_desk, seen=seen))


def test_going_back_keeps_what_was_typed(sales_desk: Client, acme: Customer) -> None:
    form = send(sales_desk, "change", value="30 GB").context["form"]
    assert form["value"].value() == "30 GB"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("value", "fifty", "“fifty” is no amount"),
        ("value", "", "Say how much"),
        ("value", "20", "needs its unit"),
        ("value", "7 days", "not a unit of Storage"),
        ("value", "-5 GB", "is no amount"),
        ("value", "no", "to take it away, deny it"),
        ("value", "8 GB, then $1 per GB", "is no amount"),
        ("through_on", "2026-03-01", "over already"),
        ("mode", "", "Choose what to do"),
        ("reason", "", "Give a reason"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, acme: Customer, field: str, typed: str, words: str
) -> None:
    response = send(sales_desk, **{field: typed})
    assert response.status_code == 422
    assert words in complaints(response)[field][0]
    assert response.context["form"]["link"].value() == response.context["form"].data.get("link")
    assert not Override.objects.exists()


def test_the_whole_account_needs_an_end_or_a_review(sales_desk: Client, acme: Customer) -> None:
    response = send(sales_desk, scope="account", through_on="")
    assert "needs a last day or a day of review" in complaints(response)["through_on"][0]


def test_the_last_day_is_not_before_the_first(sales_desk: Client, acme: Customer) -> None:
    response = send(sales_desk, from_on="2026-04-02")
    assert "before the first day" in complaints(response)["through_on"][0]


def test_the_summary_links_to_the_field(sales_desk: Client, acme: Customer) -> None:
    assert 'href="#id_value"' in send(sales_desk, value="fifty").content.decode()


@pytest.mark.parametrize("role", ["support", "finance", "auditor", "administrator"])
def test_other_roles_are_turned_away(sign_in: Any, acme: Customer, role: str) -> None:
    desk = sign_in(role)
    assert desk.get(url("account_override", "acme")).status_code == 403
    assert send(desk, "confirm").status_code == 403
    assert not Override.objects.exists()


@pytest.mark.parametrize(("key", "feature"), [("nobody", "storage"), ("acme", "nothing")])
def test_what_is_unknown_is_not_found(sales_desk: Client, acme: Customer, key: str, feature: str) -> None:
    assert sales_desk.get(url("account_override", key), {"feature": feature}).status_code == 404
