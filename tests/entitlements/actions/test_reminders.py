from typing import Any

import pytest

from entitlements.actions.reminders import USUAL, add_reminder, change_reminder, install_usual, remove_reminder
from entitlements.models import Reminder
from entitlements.models.reminder import EndOf
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from tests.entitlements.factories import ReminderFactory
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


def asked(**more: Any) -> dict[str, Any]:
    return {"end_of": EndOf.TRIAL, "days_before": 5, "tells_customer": True, "tells_owner": False, "at": AT} | more


def test_an_announcement_is_added(finance: Actor) -> None:
    row = add_reminder(**asked(), by=finance)
    assert (row.end_of, row.days_before, row.tells_customer, row.tells_owner) == (EndOf.TRIAL, 5, True, False)
    assert AuditEvent.objects.get().verb == "reminder:add"


def test_an_announcement_is_changed_and_what_changed_is_recorded(finance: Actor) -> None:
    row = add_reminder(**asked(), by=finance)
    change_reminder(reminder=row, days_before=4, tells_customer=True, tells_owner=True, by=finance, at=AT + DAY)
    event = AuditEvent.objects.get(verb="reminder:change")
    assert event.changes == {"days_before": [5, 4], "tells_owner": [False, True]}


def test_saving_what_stands_already_writes_nothing(finance: Actor) -> None:
    row = add_reminder(**asked(), by=finance)
    change_reminder(reminder=row, days_before=5, tells_customer=True, tells_owner=False, by=finance, at=AT)
    assert row.history.count() == 1


def test_an_announcement_is_struck_and_stays_on_record(finance: Actor) -> None:
    row = add_reminder(**asked(), by=finance)
    remove_reminder(reminder=row, by=finance, at=AT + DAY)
    assert not Reminder.objects.exists()
    assert Reminder.history.filter(history_type="-").count() == 1
    assert AuditEvent.objects.get(verb="reminder:remove").actor_name == finance.name


def test_only_finance_keeps_the_table(sales: Actor) -> None:
    with pytest.raises(NotAllowed):
        add_reminder(**asked(), by=sales)
    with pytest.raises(NotAllowed):
        remove_reminder(reminder=ReminderFactory(), by=sales, at=AT)


@pytest.mark.parametrize("days", [0, 366])
def test_an_end_is_announced_between_a_day_and_a_year_before(finance: Actor, days: int) -> None:
    with pytest.raises(Invalid, match="1 to 365 days") as refused:
        add_reminder(**asked(days_before=days), by=finance)
    assert refused.value.field == "days_before"


def test_an_announcement_tells_somebody(finance: Actor) -> None:
    with pytest.raises(Invalid, match="whom it tells"):
        add_reminder(**asked(tells_customer=False), by=finance)


def test_two_announcements_of_one_end_on_the_same_day_are_refused(finance: Actor) -> None:
    add_reminder(**asked(), by=finance)
    other = add_reminder(**asked(days_before=6), by=finance)
    with pytest.raises(Invalid, match="already"):
        add_reminder(**asked(), by=finance)
    with pytest.raises(Invalid, match="already"):
        change_reminder(reminder=other, days_before=5, tells_customer=True, tells_owner=True, by=finance, at=AT)


def test_what_somebody_struck_meanwhile_is_not_changed(finance: Actor) -> None:
    row = add_reminder(**asked(), by=finance)
    remove_reminder(reminder=Reminder.objects.get(), by=finance, at=AT)
    with pytest.raises(Stale):
        change_reminder(reminder=row, days_before=4, tells_customer=True, tells_owner=True, by=finance, at=AT)


def test_a_fresh_desk_has_the_usual_announcements_once(db: None) -> None:
    assert install_usual(at=AT) == len(USUAL)
    assert install_usual(at=AT + DAY) == 0
    assert Reminder.objects.count() == len(USUAL)


def test_what_finance_has_struck_does_not_come_back(finance: Actor) -> None:
    install_usual(at=AT)
    for row in Reminder.objects.all():
        remove_reminder(reminder=row, by=finance, at=AT + DAY)
    assert install_usual(at=AT + 2 * DAY) == 0
    assert not Reminder.objects.exists()
