"""Renewing an override: through which day, and why."""

from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.domain.facts import Mode
from entitlements.models import Override
from entitlements.models.override import OverrideState
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.filling import opened, send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def more(acme: Customer) -> Override:
    """20 GB more, through 31 March."""
    end = {"through_on": date(2026, 3, 31), "typed_unit": "GB"}
    return overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, **end)


def renew(desk: Client, override: Override, step: str = "preview", **given: Any) -> HttpResponse:
    told = {"through_on": "2026-04-30", "reason": "Migration takes longer", **given}
    return send(desk, ("override_renew", override.pk), step, **told)


def test_one_day_and_why_are_all_it_asks(sales_desk: Client, more: Override) -> None:
    assert set(opened(sales_desk, ("override_renew", more.pk))) == {"seen", "through_on", "reason"}


def test_it_shows_what_follows_and_writes_nothing(sales_desk: Client, more: Override) -> None:
    said = text_of(renew(sales_desk, more))
    assert "After + 20 GB through 31 March 2026" in said
    assert "Without it, from 1 April 2026 (Amsterdam) 100 GB It becomes 120 GB" in said
    assert "through 30 April 2026 (Amsterdam)" in said
    assert Override.objects.count() == 1


def test_it_begins_where_the_old_one_ends(sales_desk: Client, acme: Customer, more: Override) -> None:
    assert renew(sales_desk, more, "confirm").url == address("overrides")
    again = Override.objects.get(follows=more)
    assert again.starts_at == more.ends_at
    assert value(acme.account, "storage", AT + 40 * DAY) == 120 * GB
    assert f"#{again.pk} renews #{more.pk}" in read(sales_desk, "overrides")


def test_one_that_has_ended_begins_anew_now(sales_desk: Client, acme: Customer) -> None:
    long_ago = {"at": AT - 9 * DAY, "through_on": (AT - 5 * DAY).date()}
    ended = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, **long_ago)
    assert "Now 100 GB It becomes 120 GB" in text_of(renew(sales_desk, ended))
    renew(sales_desk, ended, "confirm")
    assert value(acme.account, "storage", AT) == 120 * GB


def test_beyond_policy_it_waits(sales_desk: Client, acme: Customer, more: Override) -> None:
    assert "has to approve it" in text_of(renew(sales_desk, more, through_on="2026-12-31"))
    renew(sales_desk, more, "confirm", through_on="2026-12-31")
    assert Override.objects.get(follows=more).state == OverrideState.REQUESTED
    assert value(acme.account, "storage", AT + 40 * DAY) == 100 * GB


def test_renewed_already_it_says_by_whom_and_offers_no_form(sales_desk: Client, more: Override) -> None:
    renew(sales_desk, more, "confirm")
    said = text_of(sales_desk.get(url("override_renew", more.pk)))
    assert "It is renewed already, through 30 April 2026" in said
    assert "Show what it becomes" not in said


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("through_on", "2026-03-31", "It lasts through 31 March 2026"),
        ("through_on", "", "Say through which day"),
        ("through_on", "0026-04-01", "can't be meant"),
        ("reason", "", "Give a reason"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, more: Override, field: str, typed: str, words: str
) -> None:
    assert words in complaints(renew(sales_desk, more, **{field: typed}))[field][0]


def test_changed_meanwhile_it_is_refused_in_words(sales_desk: Client, more: Override) -> None:
    response = renew(sales_desk, more, "confirm", seen="0")
    assert "since you opened it" in complaints(response)[""][0]
    assert Override.objects.count() == 1


def test_one_without_an_end_offers_no_form(sales_desk: Client, acme: Customer) -> None:
    endless = {"through_on": None, "subscription": acme.subscription}
    override = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, **endless)
    assert "has no end, so there is nothing to renew" in text_of(sales_desk.get(url("override_renew", override.pk)))


@pytest.mark.parametrize("role", ["finance", "support"])
def test_other_roles_are_turned_away(sign_in: Any, more: Override, role: str) -> None:
    desk = sign_in(role)
    assert desk.get(url("override_renew", more.pk)).status_code == 403
    assert desk.post(url("override_renew", more.pk), {"step": "confirm"}).status_code == 403
