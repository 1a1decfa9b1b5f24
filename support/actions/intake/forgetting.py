"""The words of tickets are let go once they have been kept for as long as the settings say.

What was decided stays, with what the engine said and how sure one was, so that it can still be judged: made again it comes
to the same. What staff taught by a ticket is a phrase of its own, and stays until it is taken back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from support.domain.intake import words
from support.domain.intake.outcomes import Reason
from support.domain.intake.settings import Stage
from support.models import IntakeDecision
from support.queries.intake.settings import intake_settings

BATCH = 200
COLUMNS = ("subject", "text", "attachments", "readings", "parts", "words", "engine", "forgotten_at")
NAMELESS = "An attachment"  # the name of a file may be anybody's
WHERE = ("text", "subject")


def forget_tickets(*, at: datetime, enough: Callable[[], bool]) -> int:
    """Let go of subjects, texts, attachments and quotes that are older; of how many tickets."""
    before = at - timedelta(days=intake_settings().text_days)
    forgotten = 0
    while not enough() and (done := _forget(before, at=at)):
        forgotten += done
    return forgotten


@transaction.atomic
def _forget(before: datetime, *, at: datetime) -> int:
    rows = IntakeDecision.objects.select_for_update(of=("self",)).filter(at__lt=before, forgotten_at__isnull=True)
    count = 0
    for row in rows.exclude(stage=Stage.WAITING).order_by("at", "pk")[:BATCH]:  # an answer quotes its words
        _let_go(row)
        row.forgotten_at = at
        row.save(update_fields=COLUMNS)
        count += 1
    return count


def _let_go(row: IntakeDecision) -> None:
    """Nothing stays of what they wrote, nor of what their files are called: made again, it says the same."""
    unreadable = [NAMELESS for _ in row.engine.get("unreadable", ())]
    said = words.unreadable(unreadable)
    row.subject, row.text, row.attachments = "", "", []
    row.readings = [_wordless(one) for one in row.readings]
    row.engine = {**row.engine, "unreadable": unreadable}
    row.parts = [{**part, "words": said} if part["reason"] == Reason.UNREADABLE else part for part in row.parts]
    row.words = said if row.reason == Reason.UNREADABLE else row.words


def _wordless(one: dict[str, Any]) -> dict[str, Any]:
    candidates = [[feature, sure, ""] for feature, sure, _ in one["candidates"]]
    return {**one, "text": "", "where": one["where"] if one["where"] in WHERE else NAMELESS, "candidates": candidates}
