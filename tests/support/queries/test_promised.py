"""What a customer is promised at a moment: since when without a break, and on which days nobody works."""

from datetime import UTC, date, datetime

import pytest

from entitlements.models import Account
from support.models import SlaPolicy
from support.queries.promised import ClosedDay, promised_to
from tests.support.admin.policies.world import gold
from tests.support.factories import CalendarVersionFactory, HolidayFactory
from tests.support.world import START, customer, lend_tier, the_plans

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def acme(db: None) -> Account:
    """On Team, which comes with a lesser tier than the promise is for."""
    policy, plans = gold(), the_plans()
    SlaPolicy.objects.filter(pk=policy.pk).update(tier="priority")
    return customer("acme", plan=plans["team"])


def lent(account: Account, first: tuple[int, int], end: tuple[int, int]) -> None:
    starts_at, ends_at = (datetime(2026, *day, tzinfo=UTC) for day in (first, end))
    lend_tier(account, "priority", starts_at=starts_at, ends_at=ends_at)


def test_since_is_the_start_of_the_last_unbroken_stretch(acme: Account) -> None:
    lent(acme, (1, 5), (1, 20))
    lent(acme, (2, 1), (2, 15))
    lent(acme, (2, 15), (4, 1))
    found = promised_to(acme, at=AT)
    assert found.terms is not None
    assert found.since == datetime(2026, 2, 1, tzinfo=UTC)


def test_what_was_always_so_is_so_since_the_account_was_opened(acme: Account) -> None:
    SlaPolicy.objects.update(tier="standard")
    assert promised_to(acme, at=AT).since == START


def test_without_a_tier_that_is_promised_anything_there_is_nothing(acme: Account) -> None:
    found = promised_to(acme, at=AT)
    assert (found.terms, found.since, found.hours) == (None, None, ())


def test_closed_days_are_public_holidays_and_the_calendar_s_own(acme: Account) -> None:
    lent(acme, (1, 5), (4, 1))
    HolidayFactory(on="2026-04-27", name="King's Day")
    HolidayFactory(on="2026-05-05", name="Liberation Day")
    days = [
        {"on": "2026-05-05", "name": "We work", "hours": [[540, 780]]},
        {"on": "2026-06-01", "name": "Moving", "hours": []},
        {"on": "2027-06-01", "name": "Next year", "hours": []},
    ]
    calendar = SlaPolicy.objects.get().versions.get().milestones.first().targets.filter(calendar__isnull=False).get()
    CalendarVersionFactory(calendar=calendar.calendar, week=[[[540, 1020]]] * 5 + [[], []], days=days)
    hours = promised_to(acme, at=AT).hours[0]
    assert (hours.name, hours.week, hours.zone) == ("Office hours", "Monday–Friday 09:00–17:00", "Europe/Amsterdam")
    assert hours.closed == (ClosedDay(date(2026, 4, 27), "King's Day"), ClosedDay(date(2026, 6, 1), "Moving"))
    assert hours.other == (ClosedDay(date(2026, 5, 5), "We work"),)
