from support.models.calendar import BusinessCalendar, CalendarWindow, Holiday
from support.models.sla import Severity, SlaPolicy, SlaTarget

__all__ = ["BusinessCalendar", "CalendarWindow", "Holiday", "Severity", "SlaPolicy", "SlaTarget"]
