"""What others did to a draft since somebody opened it: who, when, and what in words."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from catalog.models import PlanVersion
from catalog.models.plan import VersionState
from journal.models import AuditEvent

MOST = 20
_WORDS = {
    "plan:publish": "published it",
    "plan:discard_draft": "discarded it",
}


@dataclass(frozen=True, slots=True)
class DraftEdit:
    who: str
    at: datetime
    said: str


def edits_since(*, version_id: int, edits: int) -> tuple[DraftEdit, ...]:
    """What was done to the draft after it had been edited so many times, the oldest first; in two queries.

    Every edit saves the draft's row as its own deed, so that the row's versions lead to the audit.
    """
    later = Q(edits__gt=edits) | ~Q(state=VersionState.DRAFT) | Q(history_type="-")
    rows = PlanVersion.history.filter(later, id=version_id).order_by("history_date", "history_id")
    deeds = list(dict.fromkeys(rows.values_list("history_change_reason", flat=True)))
    events = {str(event.pk): event for event in AuditEvent.objects.filter(pk__in=deeds)}
    found = [events[deed] for deed in deeds if deed in events]
    return tuple(DraftEdit(event.actor_name, event.at, _say(event)) for event in found[-MOST:])


def _say(event: AuditEvent) -> str:
    if event.verb in _WORDS:
        return _WORDS[event.verb]
    said = [f"{what}: {_side(sides[0])} → {_side(sides[1])}" for what, sides in event.changes.items()]
    return "; ".join(said) or event.subject_label


def _side(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)
