from support.models.calendar import BusinessCalendar, CalendarVersion, Holiday, VersionState, ZoneMode
from support.models.case import AccountHealth, Case, CaseAlert, CaseEvent, CasePromise, Clock
from support.models.sla import Milestone, Severity, SlaPolicy, SlaPolicyVersion, SlaTarget, TargetRule, Team

__all__ = [
    "AccountHealth", "BusinessCalendar", "CalendarVersion", "Case", "CaseAlert", "CaseEvent", "CasePromise", "Clock",
    "Holiday", "Milestone", "Severity", "SlaPolicy", "SlaPolicyVersion", "SlaTarget", "TargetRule", "Team",
    "VersionState", "ZoneMode",
]  # fmt: skip
