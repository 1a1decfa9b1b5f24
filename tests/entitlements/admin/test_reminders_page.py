from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.actions.reminders import install_usual
from entitlements.models import Reminder
from entitlements.models.reminder import EndOf
from journal.models import Staff
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import ContactFactory, ReminderFactory
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def line(**given: Any) -> dict[str, Any]:
    return {"end_of": "trial", "days_before": 5, "tells_owner": "on", "version_token": ""} | given


def change(client: Client, row: Reminder, **given: Any) -> HttpResponse:
    address = url("reminder_change", row.pk)
    token = client.get(address).context["adminform"].form["version_token"].initial
    return client.post(address, line(version_token=token) | given)


def test_finance_adds_a_line(finance_desk: Client) -> None:
    finance_desk.post(url("reminder_add"), line(tells_customer="on"))
    row = Reminder.objects.get()
    assert (row.end_of, row.days_before, row.tells_customer, row.tells_owner) == ("trial", 5, True, True)


def test_a_line_is_changed_and_keeps_what_it_is_about(finance_desk: Client) -> None:
    row = ReminderFactory(end_of=EndOf.GRACE, days_before=9)
    change(finance_desk, row, days_before=4, end_of="item")
    row.refresh_from_db()
    assert (row.end_of, row.days_before) == ("grace", 4)


def test_a_line_is_struck_after_a_question(finance_desk: Client) -> None:
    row = ReminderFactory()
    asked = finance_desk.get(url("reminder_delete", row.pk))
    assert asked.status_code == 200
    finance_desk.post(url("reminder_delete", row.pk), {"post": "yes"})
    assert not Reminder.objects.exists()


def test_a_second_line_for_the_same_day_is_refused_beside_the_field(finance_desk: Client) -> None:
    ReminderFactory(end_of=EndOf.TRIAL, days_before=5)
    answer = finance_desk.post(url("reminder_add"), line())
    assert "This end is announced so many days before it already" in text_of(answer)
    assert Reminder.objects.count() == 1


def test_a_line_that_tells_nobody_is_refused(finance_desk: Client) -> None:
    given = line()
    del given["tells_owner"]
    answer = finance_desk.post(url("reminder_add"), given)
    assert "Choose whom it tells" in text_of(answer)
    assert not Reminder.objects.exists()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(finance_desk: Client) -> None:
    row = ReminderFactory(end_of=EndOf.TRIAL, days_before=9)
    answer = finance_desk.post(url("reminder_change", row.pk), line(version_token="of-yesterday"))
    assert "Someone else changed this" in text_of(answer)
    row.refresh_from_db()
    assert row.days_before == 9


def test_sales_reads_the_list_and_changes_nothing(sales_desk: Client) -> None:
    row = ReminderFactory(end_of=EndOf.TRIAL, days_before=1)
    shown = text_of(sales_desk.get(url("reminder_changelist")))
    assert "A trial" in shown
    assert "1 day before" in shown
    assert "The account’s owner" in shown
    assert sales_desk.post(url("reminder_change", row.pk), line()).status_code == 403


def test_what_goes_out_in_the_next_days_is_shown(finance_desk: Client, tried: Customer) -> None:
    install_usual(at=AT)
    ContactFactory(account=tried.account, email="bea@tried.example")
    shown = text_of(finance_desk.get(url("reminders_ahead")))
    assert "The trial of Team lasts until 6 March 2026 10:00 (Amsterdam)" in shown
    assert "The customer: bea@tried.example" in shown
    assert "The account’s owner: nobody, for there is none" in shown
    assert "5 March 2026 09:00 (Amsterdam)" in shown


def test_the_owner_is_named_and_whoever_has_no_contact_is_said(finance_desk: Client, tried: Customer) -> None:
    install_usual(at=AT)
    owner = Staff.objects.create(username="ana", email="ana@desk.example")
    type(tried.account).objects.filter(pk=tried.account.pk).update(owner=owner)
    shown = text_of(finance_desk.get(url("reminders_ahead")))
    assert "The account’s owner: ana@desk.example" in shown
    assert "The customer: nobody, for no contact gets notices" in shown


def test_without_any_end_nearby_the_page_says_so(finance_desk: Client) -> None:
    assert "Nothing will be announced in the next 7 days." in text_of(finance_desk.get(url("reminders_ahead")))
