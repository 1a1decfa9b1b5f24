"""Looking at one record as it stands in the CRM now, for a person who waits for what comes of it."""

from datetime import datetime

from desk.actions.crm.asked_looks import ask_for_look
from desk.integrations.crm.looking import look_at
from desk.integrations.crm.port import Declined, Kind, LoginRefused
from desk.models import CrmCompany, CrmDeal
from journal.admin.connections.pages import vendor_words
from journal.domain.actor import Actor
from journal.domain.connection import ConnectionState
from journal.domain.receiving import Later
from journal.domain.refusal import Refusal
from journal.queries.connections import SecretMissing


def look_now(row: CrmCompany | CrmDeal, *, by: Actor, at: datetime) -> str:
    """Look, and say what came of it. Where the CRM can't be asked it is noted, and looked at by itself later."""
    ask_for_look(row=row, by=by, at=at)
    connection = row.connection
    if connection.state != ConnectionState.ACTIVE:
        raise Refusal(
            f"{connection.name} is {ConnectionState(connection.state).words.lower()}; it is looked at once it goes on."
        )
    kind = Kind.DEAL if isinstance(row, CrmDeal) else Kind.COMPANY
    try:
        applied = look_at(connection, kind, [row.external_id], at=at)
    except (Later, LoginRefused, Declined, SecretMissing) as error:
        words = str(error).strip().rstrip(".") or "It doesn’t answer"
        there = vendor_words(connection)
        raise Refusal(f"{there} couldn’t be asked just now: {words}. It is looked at by itself later.") from None
    return " ".join(dict.fromkeys(_sentence(one.words) for one in applied))


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
