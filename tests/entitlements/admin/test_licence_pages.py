"""Licences on screen: found, read, issued with a key shown once, suspended, moved, handed over."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from entitlements.actions.contacts import add_contact
from entitlements.actions.licences.activating import activate
from entitlements.actions.licences.standing import revoke, suspend
from entitlements.models import Licence, LicenceFile, LicenceMonth
from journal.domain.actor import SYSTEM
from journal.models import Outbound
from tests.desk.admin.reading import address
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.licensing import DEVICE, licensed, policy_of
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(acme: Customer) -> Licence:
    """Press at Acme: two devices at most, active on one; files for 14 days."""
    policy = policy_of(None, at=AT - DAY, maintenance_months=12)
    licence = licensed(acme.account, policy, at=AT - DAY, name="Plant in Graz").licence
    activate(licence=licence, fingerprint=DEVICE, name="Line 3", by=SYSTEM, at=AT - DAY)
    return licence


def page(row: Licence, name: str = "change", *more: Any) -> str:
    return url(f"licence_{name}", row.pk, *more)


def test_the_list_says_where_each_stands_and_finds_it(support_desk: Client, row: Licence) -> None:
    said = text_of(support_desk.get(url("licence_changelist")))
    assert f"el_{row.prefix}_… Plant in Graz Acme Press Good 1 of 2 devices No end of its own" in said
    for typed in (f"el_{row.prefix}_…", row.prefix[:5], "acme", DEVICE):
        assert row.prefix in text_of(support_desk.get(url("licence_changelist"), {"q": typed})), typed
    assert row.prefix not in text_of(support_desk.get(url("licence_changelist"), {"q": "elsewhere"}))


@pytest.mark.parametrize(
    ("standing", "is_there"), [("running", True), ("suspended", False), ("revoked", False), ("nowhere", False)]
)
def test_the_list_is_narrowed_by_standing(support_desk: Client, row: Licence, standing: str, is_there: bool) -> None:
    found = support_desk.get(url("licence_changelist"), {"standing": standing, "policy": "press"})
    assert (row.prefix in text_of(found)) == is_there


def test_one_licence_is_read_on_one_page(support_desk: Client, row: Licence) -> None:
    said = text_of(support_desk.get(page(row)))
    assert "Good: The licence is good. ok" in said
    assert f"Where it runs: 1 of 2 devices Device Active since Last heard of File until Acts Line 3 {DEVICE}" in said
    assert "Covers versions released through 28 February 2027" in said
    assert f"Activate licence (device {DEVICE}) by The desk" in said
    assert "Revoke" not in said


def test_validations_are_shown_against_the_cap(support_desk: Client, acme: Customer) -> None:
    row = licensed(acme.account, policy_of(None, at=AT, validations_a_month=1000), at=AT).licence
    for month, number in ((2, 1000), (3, 12)):
        LicenceMonth.objects.create(licence=row, starts_on=date(2026, month, 1), validations=number)
    said = text_of(support_desk.get(page(row)))
    assert "Validated this month 12 of 1,000 times Earlier months February 2026: 1,000" in said


def test_the_tab_of_the_account_says_why_one_is_not_good(sales_desk: Client, row: Licence) -> None:
    suspend(licence=row, reason="Leaked", by=SYSTEM, at=AT)
    said = text_of(sales_desk.get(address("licences")))
    assert f"el_{row.prefix}_… Plant in Graz Suspended The licence is suspended." in said
    assert url("licence_issue") in sales_desk.get(address("licences")).content.decode()


def issue(desk: Client, **told: Any) -> Any:
    where = f"{url('licence_issue')}?account=acme"
    form = desk.get(where).context["form"]
    return desk.post(where, {"seen": form["seen"].value(), "hand_over": "show", "policy": "", **told})


def test_a_key_is_shown_once_and_is_not_made_twice(sales_desk: Client, acme: Customer) -> None:
    policy = policy_of(None, at=AT)
    told = {"policy": policy.pk, "subscription": acme.subscription.pk, "through_on": "2026-12-31", "name": "Lab"}
    shown = issue(sales_desk, **told)
    made = Licence.objects.get()
    assert f"el_{made.prefix}_" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert (made.subscription, str(made.through_on), made.name) == (acme.subscription, "2026-12-31", "Lab")
    again = sales_desk.post(f"{url('licence_issue')}?account=acme", {**told, "seen": "", "hand_over": "show"})
    assert (again.status_code, Licence.objects.count()) == (422, 1)
    assert f"el_{made.prefix}_" not in text_of(sales_desk.get(page(made))).replace(f"el_{made.prefix}_…", "")


def test_whose_it_is_is_asked_first_and_found_by_name(sales_desk: Client, acme: Customer) -> None:
    led = sales_desk.post(url("licence_issue"), {"account": "Acme"})
    assert led.url == f"{url('licence_issue')}?account=acme"
    nobody = sales_desk.post(url("licence_issue"), {"account": "nobody"})
    assert "account" in complaints(nobody)


def test_a_key_may_go_out_by_mail_without_anybody_here_reading_it(sales_desk: Client, acme: Customer) -> None:
    add_contact(account=acme.account, name="Ana", email="ana@acme.example", by=SYSTEM, at=AT)
    sent = issue(sales_desk, policy=policy_of(None, at=AT).pk, hand_over="send")
    assert sent.url == page(Licence.objects.get())
    assert Outbound.objects.get().destination == "ana@acme.example"


def test_a_new_key_is_shown_once_and_the_page_can_not_be_sent_again(sales_desk: Client, row: Licence) -> None:
    seen = sales_desk.get(page(row, "renew_key")).context["form"]["seen"].value()
    told = {"seen": seen, "hand_over": "show", "reason": "Lost"}
    assert f"el_{row.prefix}_" in sales_desk.post(page(row, "renew_key"), told).content.decode()
    digest = Licence.objects.get().digest
    assert digest != row.digest
    story = text_of(sales_desk.get(url("licence_history", row.pk)))
    assert "Renew key Lost" in story
    assert digest not in story
    assert sales_desk.post(page(row, "renew_key"), told).status_code == 422
    assert Licence.objects.get().digest == digest


def test_suspended_let_go_on_and_revoked_each_with_a_reason(finance_desk: Client, row: Licence) -> None:
    assert finance_desk.post(page(row, "suspend"), {"reason": ""}).status_code == 422
    assert finance_desk.post(page(row, "suspend"), {"reason": "Leaked"}).url == page(row)
    assert "Suspended: The licence is suspended. Leaked suspended" in text_of(finance_desk.get(page(row)))
    assert "Why Leaked" in text_of(finance_desk.get(page(row, "resume")))
    finance_desk.post(page(row, "resume"), {"reason": ""})
    finance_desk.post(page(row, "revoke"), {"reason": "Refunded"})
    assert Licence.objects.get().revoke_reason == "Refunded"
    assert page(row, "suspend") not in finance_desk.get(page(row)).content.decode()


def test_dates_are_edited_by_whoever_saw_them_last(sales_desk: Client, row: Licence) -> None:
    seen = sales_desk.get(page(row, "edit")).context["form"]["seen"].value()
    told = {
        "seen": seen,
        "name": "Plant in Linz",
        "through_on": "2026-06-30",
        "maintenance_until": "",
        "environment": "",
    }
    assert sales_desk.post(page(row, "edit"), told).url == page(row)
    found = Licence.objects.get()
    assert (found.name, str(found.through_on), found.maintenance_until) == ("Plant in Linz", "2026-06-30", None)
    assert sales_desk.post(page(row, "edit"), told).status_code == 422


def test_it_is_handed_to_another_customer(sales_desk: Client, row: Licence) -> None:
    account("beta")
    assert sales_desk.post(page(row, "transfer"), {"account": "nobody", "reason": "Sold"}).status_code == 422
    sales_desk.post(page(row, "transfer"), {"account": "beta", "reason": "The plant was sold"})
    assert Licence.objects.get().account.key == "beta"


def test_places_are_taken_moved_and_released(support_desk: Client, row: Licence) -> None:
    support_desk.post(page(row, "activate"), {"fingerprint": "second"})
    full = support_desk.post(page(row, "activate"), {"fingerprint": "third"})
    assert "as many places as it may" in str(complaints(full))
    place = row.activations.get(fingerprint="second")
    support_desk.post(page(row, "move", place.pk), {"fingerprint": "third", "name": "Line 9"})
    place = row.activations.get(fingerprint="third")
    assert "Line 9" in text_of(support_desk.get(page(row, "release", place.pk)))
    support_desk.post(page(row, "release", place.pk), {"reason": "Scrapped"})
    assert [one.fingerprint for one in row.activations.filter(released_at=None)] == [DEVICE]
    assert support_desk.get(page(row, "release", place.pk)).status_code == 404


def test_a_file_is_downloaded_and_whoever_revokes_is_told_that_it_is_out(finance_desk: Client, row: Licence) -> None:
    assert "lets the software there run for 14 days" in text_of(finance_desk.get(page(row, "file")))
    got = finance_desk.post(page(row, "file"), {"fingerprint": DEVICE})
    assert got.headers["Content-Disposition"] == f'attachment; filename="{row.prefix}-{DEVICE.lower()}.licence"'
    assert got.content.startswith(b"-----BEGIN LICENCE FILE-----")
    assert LicenceFile.objects.get().given_to == "Finance"
    assert "A file is out." in text_of(finance_desk.get(page(row, "revoke")))
    assert "Line 3 runs by one until 16 March 2026" in text_of(finance_desk.get(page(row)))
    revoke(licence=row, reason="Refunded", by=SYSTEM, at=AT)
    refused = finance_desk.post(page(row, "file"), {"fingerprint": DEVICE})
    assert "revoked for good" in str(complaints(refused))
