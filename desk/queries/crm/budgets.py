"""How many of a CRM's calls are used, as it said last."""

from datetime import datetime, timedelta

from desk.domain.crm.budget import Budget
from desk.models import CrmCalls
from journal.models import Connection

HOLDS = timedelta(hours=1)  # what was said longer ago says nothing of now, unless it said when it counts anew


def budget_of(connection: Connection, *, at: datetime) -> Budget:
    return budget_in(CrmCalls.objects.filter(connection=connection).first(), at=at)


def budget_in(row: CrmCalls | None, *, at: datetime) -> Budget:
    """Empty where it doesn't say, counts anew by now, or said so too long ago."""
    if row is None or at >= (row.resets_at or row.told_at + HOLDS):
        return Budget()
    return Budget(row.used, row.limit, row.resets_at)
