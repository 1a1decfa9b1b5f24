from support.admin.calendars.models import BusinessCalendarAdmin, HolidayAdmin
from support.admin.cases.models import CaseAdmin
from support.admin.policies.models import AccountHealthAdmin, SeverityAdmin, SlaPolicyAdmin, TeamAdmin

__all__ = [
    "AccountHealthAdmin",
    "BusinessCalendarAdmin",
    "CaseAdmin",
    "HolidayAdmin",
    "SeverityAdmin",
    "SlaPolicyAdmin",
    "TeamAdmin",
]  # fmt: skip
