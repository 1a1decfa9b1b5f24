"""How long something has waited, in days on which somebody works: Monday to Friday."""

from datetime import datetime, timedelta

REMINDED_AFTER = 2  # working days
SATURDAY = 5


def reminder_due(asked_at: datetime, *, working_days: int = REMINDED_AFTER) -> datetime:
    """The same hour so many working days later; what is asked at a weekend counts from Monday's midnight (UTC)."""
    due = asked_at
    while due.weekday() >= SATURDAY:
        due = (due + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(working_days):
        due += timedelta(days=1)
        while due.weekday() >= SATURDAY:
            due += timedelta(days=1)
    return due


def say_age(asked_at: datetime, *, at: datetime) -> str:
    """ "since today", "for 1 day", "for 5 days"."""
    days = max((at - asked_at).days, 0)
    return "since today" if days == 0 else f"for {days} day{'' if days == 1 else 's'}"
