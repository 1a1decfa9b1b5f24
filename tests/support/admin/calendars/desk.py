"""What the tests of these pages share: who looks, and what they look at."""

from typing import Any

from django.test import Client
from django.urls import reverse

from support.models import BusinessCalendar, CasePromise
from tests.journal.factories import StaffFactory
from tests.support.factories import (
    BusinessCalendarFactory,
    CalendarVersionFactory,
    CaseEventFactory,
    CasePromiseFactory,
    MilestoneFactory,
    SlaTargetFactory,
)

LOOKS = ("support.view_businesscalendar", "support.view_holiday")
WRITES = (*LOOKS, "support.edit_sla", "support.recompute_cases")
DECIDES = (*WRITES, "support.approve_sla", "journal.view_approval")


def signed_in(*permissions: str) -> Client:
    client = Client()
    client.force_login(StaffFactory(permissions=permissions))
    return client


def url(calendar: BusinessCalendar, page: str = "", *arguments: Any) -> str:
    return reverse(f"admin:support_calendar{f'_{page}' if page else ''}", args=[calendar.key, *arguments])


def office(**said: Any) -> BusinessCalendar:
    """Monday to Friday 06:00–18:00 where the customer is."""
    return CalendarVersionFactory(calendar=BusinessCalendarFactory(key="office", name="Office"), **said).calendar


def promised(calendar: BusinessCalendar) -> BusinessCalendar:
    """A target of a policy in force counts by it."""
    version = SlaTargetFactory(calendar=calendar, milestone=MilestoneFactory()).milestone.version
    version.state, version.in_force_from = "in_force", version.written_at
    version.save()
    return calendar


def open_case_by(calendar: BusinessCalendar, **said: Any) -> CasePromise:
    """An open case that is promised something by the hours now in force."""
    promise = CasePromiseFactory(calendars={calendar.key: calendar.versions.get(state="in_force").pk}, **said)
    case = promise.case
    CaseEventFactory(case=case, kind="opened", to=case.severity.key, at=case.opened_at)
    return promise
