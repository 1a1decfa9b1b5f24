from support.models.allowance import Allowance, CaseCount, TimeEntry
from support.models.asset import Asset, AssetMove, Location, Product, Warranty
from support.models.calendar import BusinessCalendar, CalendarVersion, Holiday, VersionState, ZoneMode
from support.models.case import AccountHealth, Case, CaseAlert, CaseEvent, CasePromise, Clock
from support.models.cover import Cover, CoverScope
from support.models.intake import ClassifierVersion, ExamplePhrase, HelpArticle, IntakeDecision, IntakeSettings, Route
from support.models.sla import Milestone, Severity, SlaPolicy, SlaPolicyVersion, SlaTarget, TargetRule, Team
from support.models.teaching import Teaching
from support.models.work import Visit, WorkItem

__all__ = [
    "AccountHealth", "Allowance", "Asset", "AssetMove", "BusinessCalendar", "CalendarVersion", "Case", "CaseAlert",
    "CaseCount", "CaseEvent", "CasePromise", "ClassifierVersion", "Clock", "Cover", "CoverScope", "ExamplePhrase",
    "HelpArticle", "Holiday", "IntakeDecision", "IntakeSettings", "Location", "Milestone", "Product", "Route",
    "Severity", "SlaPolicy", "SlaPolicyVersion", "SlaTarget", "TargetRule", "Teaching", "Team", "TimeEntry", "VersionState",
    "Visit", "Warranty", "WorkItem", "ZoneMode",
]  # fmt: skip
