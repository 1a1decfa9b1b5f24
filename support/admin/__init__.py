from support.admin.records import (
    BusinessCalendarAdmin,
    HolidayAdmin,
    SeverityAdmin,
    SlaPolicyAdmin,
    SlaTargetAdmin,
)

__all__ = ["BusinessCalendarAdmin", "HolidayAdmin", "SeverityAdmin", "SlaPolicyAdmin", "SlaTargetAdmin"]
