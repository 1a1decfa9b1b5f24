"""A record of a CRM that couldn't be taken in: it is tried again later, or waits for a person after the last try."""

from datetime import datetime

from django.db import transaction

from desk.domain.crm.tries import wait_after
from desk.models import CrmCompany, CrmDeal
from journal.domain.refusal import Refusal
from journal.models import Connection

LONGEST_WORDS = 500


@transaction.atomic
def note_failed(
    *,
    model: type[CrmCompany] | type[CrmDeal],
    connection: Connection,
    id: str,
    ticket: int,
    error: Exception,
    at: datetime,
) -> None:
    """Noted why, and when it is tried again; a later look that went well is believed instead."""
    row = model.objects.select_for_update(of=("self",)).get(connection=connection, external_id=id)
    if row.applied >= ticket:
        return
    heard_since = row.due_at is not None and row.due_at > at and not row.failed
    row.tries += 1
    wait = wait_after(row.tries)
    if not heard_since:
        row.due_at = at + wait if wait is not None else None
    row.failed = words_of(error)
    row.save(update_fields=["tries", "due_at", "failed"])


def words_of(error: Exception) -> str:
    """What a reader can do something with, as far as the error says it."""
    told = error.message if isinstance(error, Refusal) else str(error)
    told = told.replace("\x00", "").strip()
    plain = isinstance(error, Refusal | LookupError) and not isinstance(error, KeyError | IndexError)
    return (told if plain and told else f"{type(error).__name__}: {told}")[:LONGEST_WORDS]
