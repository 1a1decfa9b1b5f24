"""What came in day by day, kept beside the counters for charts and forecasts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter

from entitlements.actions.usage.rows import Statement, whole

ADD = """
INSERT INTO entitlements_usageday (account_id, feature_id, "on", amount, level, events)
SELECT account_id, feature_id, "on", amount, level, events FROM {given} WHERE true
ON CONFLICT (account_id, feature_id, "on") DO UPDATE
SET amount = entitlements_usageday.amount + excluded.amount, level = excluded.level,
    events = entitlements_usageday.events + excluded.events
"""
COLUMNS = {
    "account_id": "bigint",
    "feature_id": "bigint",
    "on": "date",
    "amount": "bigint",
    "level": "bigint",
    "events": "bigint",
}


@dataclass(slots=True)
class Day:
    """What came in, and what the account's counter said after the last of it."""

    amount: Decimal = Decimal(0)
    level: Decimal = Decimal(0)
    events: int = 0


Days = dict[tuple[int, int, date], Day]


def days_to_add(days: Days) -> Statement:
    """Add to the days, in one order on every path."""
    rows = [
        {
            "account_id": account,
            "feature_id": feature,
            "on": on.isoformat(),
            "amount": whole(day.amount),
            "level": whole(day.level),
            "events": day.events,
        }
        for (account, feature, on), day in sorted(days.items(), key=itemgetter(0))
    ]
    return Statement(ADD, COLUMNS, rows)
