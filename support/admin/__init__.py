from support.admin.allowances.models import AllowanceAdmin
from support.admin.assets.models import AssetAdmin, LocationAdmin, ProductAdmin
from support.admin.calendars.models import BusinessCalendarAdmin, HolidayAdmin
from support.admin.cases.models import CaseAdmin
from support.admin.covers.models import CoverAdmin
from support.admin.intake.managing import HelpArticleAdmin, IntakeSettingsAdmin, RouteAdmin
from support.admin.intake.models import IntakeDecisionAdmin
from support.admin.policies.models import AccountHealthAdmin, SeverityAdmin, SlaPolicyAdmin, TeamAdmin
from support.admin.time.models import TimeEntryAdmin
from support.admin.work.models import VisitAdmin, WorkItemAdmin

__all__ = [
    "AccountHealthAdmin",
    "AllowanceAdmin",
    "AssetAdmin",
    "BusinessCalendarAdmin",
    "CaseAdmin",
    "CoverAdmin",
    "HelpArticleAdmin",
    "HolidayAdmin",
    "IntakeDecisionAdmin",
    "IntakeSettingsAdmin",
    "LocationAdmin",
    "ProductAdmin",
    "RouteAdmin",
    "SeverityAdmin",
    "SlaPolicyAdmin",
    "TeamAdmin",
    "TimeEntryAdmin",
    "VisitAdmin",
    "WorkItemAdmin",
]  # fmt: skip
