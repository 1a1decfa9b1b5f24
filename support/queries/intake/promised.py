"""What the case of a ticket would be promised if it were opened now, and when that would be due. Nothing here writes."""

from datetime import datetime

from support.domain.case_events import Channel, Opener
from support.domain.intake.outcomes import Outcome
from support.models import IntakeDecision, Severity
from support.queries.cases.foreseen import Foreseen, foreseen
from support.queries.covering import About


def promised_for(row: IntakeDecision, *, about: About, at: datetime) -> Foreseen | None:
    """By the severity that was given, else the mildest. None: nobody is owed help on it, or nobody knows whose it is."""
    covered = bool((row.engine.get("help") or {}).get("covered"))
    severity = row.given_severity or Severity.objects.order_by("position", "pk").last()
    if row.account is None or not covered or severity is None or row.outcome == Outcome.BLOCK:
        return None
    return foreseen(
        row.account, severity=severity, channel=Channel(row.channel), opener=Opener.CUSTOMER, opened_at=at, at=at,
        about=about,
    )  # fmt: skip
