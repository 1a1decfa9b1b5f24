"""What help desks are told of tickets: what was decided, and by whom, without what people wrote."""

from datetime import datetime
from typing import Any

from journal.actions.webhooks.telling import tell
from support.models import IntakeDecision
from support.queries.intake.owning import owner_key
from support.webhook_events import TICKET_DECIDED, TICKET_SETTLED


def tell_decision(row: IntakeDecision, *, at: datetime, after: str = "") -> int:
    """Told what was decided of a ticket as it came; once. `after`: what it was decided anew after, told once too."""
    once_key = f"ticket:{row.pk}:{after}" if after else f"ticket:{row.pk}"
    return tell(TICKET_DECIDED, data=plain_ticket(row), account_key=owner_key(row), once_key=once_key, at=at)


def tell_settled(row: IntakeDecision, *, at: datetime) -> int:
    """Told what a person, or a validator outside, decided of it later; once."""
    data = {**plain_ticket(row), "settled": str(row.settled_outcome), "settled_by": row.settled_by}
    return tell(TICKET_SETTLED, data=data, account_key=owner_key(row), once_key=f"ticket:{row.pk}:settled", at=at)


def plain_ticket(row: IntakeDecision) -> dict[str, Any]:
    return {
        "account": owner_key(row) or None,
        "ticket": row.number,
        "case": None if row.case is None else row.case.number,
        "source": row.source,
        "external_id": row.external_id or None,
        "stage": str(row.stage),
        "outcome": str(row.settled_outcome or row.outcome),
        "reason": str(row.reason),
        "customer_words": row.customer_words,
        "features": [part["feature"] for part in row.parts if part["feature"]],
    }
