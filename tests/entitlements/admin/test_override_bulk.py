"""The list of overrides narrowed down, and many of them revoked alike."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.actions.overrides import grant, revoke
from entitlements.admin.overrides.bulk_page import bulk_url
from entitlements.domain.facts import Mode
from entitlements.models import Override
from journal.domain.actor import SYSTEM
from tests.conftest import actor
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import ReasonCodeFactory, overridden
from tests.entitlements.world import AT, DAY, GB, account, subscribed, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(acme: Customer) -> list[Override]:
    """Acme has 20 GB and 5 seats more, Beta 20 GB."""
    beta, sold = account("beta"), acme.catalog
    subscribed(beta, sold.team)
    storage = [overridden(held_by, sold.storage, Mode.ADD, 20 * GB, at=AT - DAY) for held_by in (acme.account, beta)]
    return [*storage, overridden(acme.account, sold.seats, Mode.ADD, Decimal(5), at=AT - DAY)]


def page(overrides: list[Override]) -> str:
    return bulk_url([override.pk for override in overrides])


def press(desk: Client, overrides: list[Override], seen: str | None = None, reason: str = "Over") -> HttpResponse:
    opened = seen or desk.get(page(overrides)).context["form"]["seen"].value()
    return desk.post(page(overrides), {"seen": opened, "reason": reason})


def test_the_list_leads_there_with_the_chosen(sales_desk: Client, given: list[Override]) -> None:
    chosen = {"action": "revoke_chosen", "_selected_action": [given[1].pk]}
    assert sales_desk.post(url("override_changelist"), chosen).url == page(given[1:2])


def test_each_is_shown_with_what_its_customer_has_and_will_have(sales_desk: Client, given: list[Override]) -> None:
    said = text_of(sales_desk.get(page(given)))
    assert "Acme Storage: + 20 GB through 31 December 2026 (Europe/Amsterdam) A deal 120 GB 100 GB" in said
    assert "Acme Seats: + 5 through 31 December 2026 (Europe/Amsterdam) A deal 15 10" in said
    assert "3 overrides stop speaking" in said
    assert not Override.objects.filter(revoked_at__isnull=False).exists()


def test_two_of_one_feature_are_told_as_both_gone(sales_desk: Client, acme: Customer, given: list[Override]) -> None:
    other = overridden(acme.account, acme.catalog.storage, Mode.ADD, 30 * GB, at=AT - DAY)
    assert text_of(sales_desk.get(page([given[0], other]))).count("150 GB 100 GB") == 2


def test_they_are_revoked(sales_desk: Client, acme: Customer, given: list[Override]) -> None:
    said = text_of(press(sales_desk, given))
    assert "3 overrides revoked." in said
    assert "Acme Storage: + 20 GB through 31 December 2026 (Europe/Amsterdam) Revoked" in said
    assert value(acme.account, "storage", AT) == 100 * GB


def test_one_that_is_refused_says_why_and_the_others_go_on(sales_desk: Client, acme: Customer) -> None:
    """What someone approved because it was beyond policy, sales can't lift."""
    long = {"at": AT - DAY, "through_on": date(2027, 12, 31), "subscription": acme.subscription, "reason": "Abuse"}
    cap = overridden(acme.account, acme.catalog.sso, Mode.DENY, **long)
    more = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    assert "You can’t revoke this alone." in text_of(sales_desk.get(page([cap, more])))
    said = text_of(press(sales_desk, [cap, more]))
    assert "1 override revoked, 1 not revoked." in said
    assert "Not revoked: Revoking this gives the customer something back" in said
    assert value(acme.account, "sso", AT) is False


def test_one_that_changed_meanwhile_is_left(sales_desk: Client, given: list[Override]) -> None:
    opened = sales_desk.get(page(given)).context["form"]["seen"].value()
    stale = json.dumps({**json.loads(opened), str(given[0].pk): "0"})
    said = text_of(press(sales_desk, given, seen=stale))
    assert "2 overrides revoked, 1 not revoked." in said
    assert "has changed since you opened this page" in said


def test_those_that_are_over_are_left_out(sales_desk: Client, given: list[Override]) -> None:
    revoke(override=given[0], reason="Over", by=SYSTEM, at=AT)
    assert f"#{given[0].pk} Storage of Acme (revoked)" in text_of(sales_desk.get(page(given)))
    assert "there is nothing to revoke" in text_of(sales_desk.get(page(given[:1])))


@pytest.mark.parametrize("seen", ["{", "[]", '{"x": 1}'])
def test_a_form_that_is_not_ours_is_refused(sales_desk: Client, given: list[Override], seen: str) -> None:
    assert "not as we made it" in complaints(press(sales_desk, given, seen=seen))[""][0]


def test_a_reason_is_asked_for(sales_desk: Client, given: list[Override]) -> None:
    assert "Give a reason" in complaints(press(sales_desk, given, reason=" "))["reason"][0]


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_other_roles_are_turned_away(sign_in: Any, given: list[Override], role: str) -> None:
    desk = sign_in(role)
    assert desk.get(page(given)).status_code == 403
    assert desk.post(page(given), {"reason": "x", "seen": "{}"}).status_code == 403


# The list


def listed(desk: Client, **asked: str) -> set[int]:
    return {row.pk for row in desk.get(url("override_changelist"), asked).context["cl"].result_list}


def test_it_is_narrowed_down_by_where_they_stand(sales_desk: Client, acme: Customer, given: list[Override]) -> None:
    revoke(override=given[0], reason="Over", by=SYSTEM, at=AT)
    sold, soon = acme.catalog, (AT + 5 * DAY).date()
    soon_over = overridden(acme.account, sold.tier, Mode.REPLACE, "basic", at=AT - DAY, through_on=soon)
    to_come = overridden(acme.account, sold.sso, Mode.REPLACE, True, at=AT - DAY, starts_at=AT + DAY)
    beyond = {"value": 900 * GB, "through_on": date(2026, 12, 31), "reason": "Big deal"}
    asked = grant(account=acme.account, feature=sold.storage, mode=Mode.ADD, by=actor("sales"), at=AT, **beyond)
    assert listed(sales_desk, place="waiting") == {asked.pk}
    assert listed(sales_desk, place="in_force") == {given[1].pk, given[2].pk, soon_over.pk}
    assert listed(sales_desk, place="soon") == {soon_over.pk}
    assert listed(sales_desk, place="to_come") == {to_come.pk}
    assert listed(sales_desk, place="revoked") == {given[0].pk}
    assert listed(sales_desk, place="ended") == listed(sales_desk, place="withdrawn") == set()


def test_by_feature_reason_who_asked_and_customer(sales_desk: Client, acme: Customer, given: list[Override]) -> None:
    code = ReasonCodeFactory(key="deal", name="Negotiated deal")
    coded = overridden(acme.account, acme.catalog.sso, Mode.REPLACE, True, at=AT - DAY, reason_code=code)
    assert listed(sales_desk, feature="seats") == {given[2].pk}
    assert listed(sales_desk, reason_code="deal") == {coded.pk}
    assert coded.pk not in listed(sales_desk, reason_code="none")
    assert listed(sales_desk, asked_by="The desk") == {coded.pk, *(one.pk for one in given)}
    assert listed(sales_desk, q="beta") == {given[1].pk}
