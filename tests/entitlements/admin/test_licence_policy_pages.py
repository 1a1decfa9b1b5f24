"""How licences behave: read as sentences, changed with a look at who feels it; releases told and withdrawn."""

from typing import Any

import pytest
from django.test import Client

from entitlements.admin.licences.words import say_seconds
from entitlements.models import LicencePolicy, Release
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
NEW = {"key": "press", "name": "Press", "bound_to": "device", "overage": "none", "activation_limit": "2"}


def page(row: LicencePolicy, name: str = "change", *more: Any) -> str:
    return url(f"licencepolicy_{name}", row.pk, *more)


@pytest.mark.parametrize(
    ("seconds", "words"), [(60, "1 minute"), (5400, "90 minutes"), (86400, "1 day"), (61, "61 seconds")]
)
def test_a_time_is_said_in_the_largest_unit_that_fits(seconds: int, words: str) -> None:
    assert say_seconds(seconds) == words


def test_one_is_set_up_and_read_as_sentences(finance_desk: Client, acme: Customer) -> None:
    team = acme.catalog.team
    told = {**NEW, "plan": team.pk, "overage": "half", "heartbeat_seconds": "3600", "offline_days": "14"}
    finance_desk.post(url("licencepolicy_new"), {**told, "validations_a_month": "500", "maintenance_months": "12"})
    said = text_of(finance_desk.get(page(LicencePolicy.objects.get())))
    for sentence in (
        "A purchase of Team issues one and sends its key to the customer.",
        "One may be active on 2 devices; beyond that, up to half more is let in, and told so.",
        "What wasn’t heard of for 1 hour gives its place free.",
        "A signed file lets the software run for 14 days without asking.",
        "One may be validated 500 times in a calendar month (UTC).",
        "Versions that come out in the first 12 months are covered.",
    ):
        assert sentence in said


@pytest.mark.parametrize(
    ("field", "typed"), [("key", "a b"), ("name", ""), ("activation_limit", "0"), ("offline_days", "-1")]
)
def test_what_cannot_be_right_is_said_beside_its_field(finance_desk: Client, field: str, typed: str) -> None:
    refused = finance_desk.post(url("licencepolicy_new"), {**NEW, field: typed})
    assert complaints(refused).keys() == {field}
    assert not LicencePolicy.objects.exists()


def test_a_change_shows_what_becomes_of_whom_before_it_is_saved(finance_desk: Client, acme: Customer) -> None:
    row = policy_of(None, at=AT)
    licensed(acme.account, row, at=AT)
    form = finance_desk.get(page(row, "edit")).context["form"]
    told = {field.name: field.value() or "" for field in form} | {"activation_limit": "5", "reason": "As sold"}
    said = text_of(finance_desk.post(page(row, "edit"), told))
    assert (
        "One may be active on 2 devices; beyond that, the next one is refused. One may be active on 5 devices" in said
    )
    assert "This touches 1 licence of 1 customer from the second you save" in said
    assert LicencePolicy.objects.get().activation_limit == 2
    assert finance_desk.post(page(row, "edit"), {**told, "step": "confirm"}).url == page(row)
    assert LicencePolicy.objects.get().activation_limit == 5
    assert finance_desk.post(page(row, "edit"), {**told, "step": "confirm"}).status_code == 422


def test_releases_are_told_and_withdrawn(finance_desk: Client, acme: Customer) -> None:
    row = policy_of(None, at=AT)
    finance_desk.post(page(row, "release"), {"version": "4.2", "released_on": "2026-02-01"})
    assert "4.2 1 February 2026 Withdraw" in text_of(finance_desk.get(page(row)))
    where = page(row, "withdraw", Release.objects.get().pk)
    assert finance_desk.post(where, {"reason": ""}).status_code == 422
    finance_desk.post(where, {"reason": "A mistake"})
    assert not Release.objects.exists()


def test_one_is_retired_and_no_licence_is_issued_under_it(finance_desk: Client, acme: Customer) -> None:
    row = policy_of(acme.catalog.team, at=AT)
    finance_desk.post(page(row, "retire"), {"reason": "Replaced"})
    assert "Retired" in text_of(finance_desk.get(page(row)))
    said = text_of(finance_desk.get(f"{url('licence_issue')}?account=acme"))
    assert "There is no policy yet." in said
