"""Editing an override: another takes its place, once it was seen what that becomes and who has to agree."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.actions.overrides import grant
from entitlements.domain.facts import Mode
from entitlements.models import Override
from entitlements.models.override import OverrideState
from journal.models import Approval, Staff
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.filling import opened, send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import ReasonCodeFactory, overridden
from tests.entitlements.world import AT, DAY, GB, value

pytestmark = pytest.mark.django_db
WHY = "They need more"


@pytest.fixture
def more(acme: Customer) -> Override:
    """20 GB more, through 31 March, for the subscription."""
    end = {"through_on": date(2026, 3, 31), "subscription": acme.subscription}
    return overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, **end)


def change(desk: Client, override: Override, step: str = "preview", **given: Any) -> HttpResponse:
    return send(desk, ("override_edit", override.pk), step, reason=WHY, **given)


def asked_by_sales(desk: Client, acme: Customer) -> Override:
    """900 GB more, which waits."""
    by = Staff.objects.get(username="sales").as_actor()
    told = {"value": 900 * GB, "through_on": date(2026, 3, 31), "reason": "Big deal", "typed_unit": "GB"}
    return grant(account=acme.account, feature=acme.catalog.storage, mode=Mode.ADD, by=by, at=AT - DAY, **told)


def test_the_form_is_filled_with_what_there_is(sales_desk: Client, more: Override) -> None:
    form = opened(sales_desk, ("override_edit", more.pk))
    assert (form["mode"], form["value"], form["scope"]) == ("add", "20 GB", "1")
    assert form["through_on"] == date(2026, 3, 31)
    assert "from_on" not in form
    page = sales_desk.get(url("override_edit", more.pk)).content.decode()
    assert 'value="2026-03-31"' in page  # as a browser reads a day: else it would be sent back empty


def test_it_shows_what_it_becomes_and_writes_nothing(sales_desk: Client, more: Override) -> None:
    said = text_of(change(sales_desk, more, value="30 GB"))
    assert "Instead of + 20 GB through 31 March 2026" in said
    assert "Now 120 GB It becomes 130 GB" in said
    assert "You may do this alone." in said
    assert Override.objects.count() == 1


def test_within_policy_another_takes_its_place(sales_desk: Client, acme: Customer, more: Override) -> None:
    response = change(sales_desk, more, "confirm", value="30 GB")
    assert response.url == address("overrides")
    assert value(acme.account, "storage", AT) == 130 * GB
    successor = Override.objects.get(follows=more)
    assert (successor.reason, successor.through_on) == (WHY, date(2026, 3, 31))
    assert f"#{successor.pk} edits #{more.pk}" in read(sales_desk, "overrides")


def test_beyond_policy_the_old_one_stays_until_someone_approves(
    sales_desk: Client, acme: Customer, more: Override
) -> None:
    said = text_of(change(sales_desk, more, value="900 GB"))
    assert "Someone else has to approve it; until then the old one stays as it is." in said
    change(sales_desk, more, "confirm", value="900 GB")
    assert value(acme.account, "storage", AT) == 120 * GB
    assert Approval.objects.filter(state=Approval.State.PENDING).count() == 1
    assert "instead of + 20 GB" in read(sales_desk, "overrides")


def test_one_s_own_request_is_asked_for_anew(sales_desk: Client, acme: Customer) -> None:
    waiting = asked_by_sales(sales_desk, acme)
    assert "Your earlier request is withdrawn." in text_of(change(sales_desk, waiting, value="800 GB"))
    change(sales_desk, waiting, "confirm", value="800 GB")
    waiting.refresh_from_db()
    assert waiting.state == OverrideState.WITHDRAWN
    assert Approval.objects.filter(state=Approval.State.PENDING).count() == 1


def test_somebody_else_s_request_offers_no_form(sales_desk: Client, sign_in: Any, acme: Customer) -> None:
    waiting = asked_by_sales(sales_desk, acme)
    Override.objects.filter(pk=waiting.pk).update(requested_by_key="staff:0")
    page = sales_desk.get(url("override_edit", waiting.pk))
    assert "nobody else can edit the request" in text_of(page)
    assert "Show what it becomes" not in text_of(page)


def test_only_the_link_is_changed_in_place(sales_desk: Client, more: Override) -> None:
    change(sales_desk, more, "confirm", link="https://crm.example/deal/2")
    more.refresh_from_db()
    assert more.link == "https://crm.example/deal/2"
    assert Override.objects.count() == 1


def test_it_is_denied_instead(sales_desk: Client, acme: Customer, more: Override) -> None:
    change(sales_desk, more, "confirm", mode="deny")
    assert value(acme.account, "storage", AT) in (None, 0)


def test_nothing_changed_is_said(sales_desk: Client, more: Override) -> None:
    assert "Nothing would change" in complaints(change(sales_desk, more))[""][0]


def test_changed_meanwhile_it_is_refused_in_words(sales_desk: Client, acme: Customer, more: Override) -> None:
    stale = opened(sales_desk, ("override_edit", more.pk))["seen"]
    change(sales_desk, more, "confirm", link="https://crm.example/deal/2")
    response = change(sales_desk, more, "confirm", value="30 GB", seen=stale)
    assert "since you opened it" in complaints(response)[""][0]
    assert value(acme.account, "storage", AT) == 120 * GB


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("value", "fifty", "“fifty” is no amount"),
        ("through_on", "2026-03-01", "over already"),
        ("mode", "sideways", "not one of the available choices"),
        ("reason", "", "Give a reason"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, more: Override, field: str, typed: str, words: str
) -> None:
    response = send(sales_desk, ("override_edit", more.pk), **{"reason": WHY, field: typed})
    assert words in complaints(response)[field][0]


def test_going_back_keeps_what_was_typed(sales_desk: Client, more: Override) -> None:
    assert change(sales_desk, more, "change", value="30 GB").context["form"]["value"].value() == "30 GB"


def test_its_own_reason_can_stay_though_it_was_retired(sales_desk: Client, acme: Customer, more: Override) -> None:
    code = ReasonCodeFactory(key="old", name="Old times")
    ReasonCodeFactory(key="deal", name="Negotiated deal")
    coded = overridden(acme.account, acme.catalog.seats, Mode.ADD, Decimal(2), at=AT - DAY, reason_code=code)
    type(code).objects.filter(pk=code.pk).update(retired_at=AT)
    assert "Old times" in text_of(sales_desk.get(url("override_edit", coded.pk)))


def test_an_ended_one_offers_no_form(sales_desk: Client, acme: Customer) -> None:
    long_ago = {"at": AT - 9 * DAY, "through_on": (AT - 5 * DAY).date()}
    ended = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, **long_ago)
    assert "Renew it, or grant another" in text_of(sales_desk.get(url("override_edit", ended.pk)))


@pytest.mark.parametrize("role", ["finance", "support", "auditor", "administrator"])
def test_other_roles_are_turned_away(sign_in: Any, more: Override, role: str) -> None:
    desk = sign_in(role)
    assert desk.get(url("override_edit", more.pk)).status_code == 403
    assert desk.post(url("override_edit", more.pk), {"reason": WHY, "step": "confirm"}).status_code == 403


def test_an_unknown_one_is_not_found(sales_desk: Client) -> None:
    assert sales_desk.get(url("override_edit", 999)).status_code == 404
