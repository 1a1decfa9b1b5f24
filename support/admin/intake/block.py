"""How the ticket of a case was checked, on the case's page."""

from typing import Any

from support.admin.intake.pages import decision_url
from support.admin.intake.words import outcome_badge, say_reason
from support.models import Case, IntakeDecision
from support.queries.intake.queue import tab_of

MOST = 5


def checked_block(case: Case) -> list[dict[str, Any]]:
    """The last first; one read."""
    return [_line(row) for row in IntakeDecision.objects.filter(case=case).order_by("-at", "-pk")[:MOST]]


def _line(row: IntakeDecision) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": decision_url(row),
        "outcome": outcome_badge(row.outcome),
        "reason": say_reason(row.reason),
        "words": row.words,
        "settled": outcome_badge(row.settled_outcome) if row.settled_outcome else None,
        "settled_by": row.settled_by,
        "note": row.settled_note,
        "tab": tab_of(row) or "",
        "customer_words": row.customer_words,
    }
