"""What HubSpot tells, and who takes it: every event only says what to look at, and how it stands is asked for.

A line is no deal: which deals it is of is asked first. Of a line that was deleted HubSpot doesn't say that any more, so
the deals that were read with it are looked at.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from desk.actions.crm.applied import Applied
from desk.integrations.crm.looking import look_at
from desk.integrations.crm.port import Kind
from desk.integrations.hubspot.crm import opened
from desk.integrations.hubspot.verifying import COMPANY, DEAL, LINE, MERGE, TYPES, ends_of, merged_of
from desk.queries.crm.lines import deals_with_line
from journal.domain.receiving import Outcome
from journal.models import Connection, Inbound
from journal.queries.arrivals import waiting_beside

HINTS = tuple(sorted(one for one in TYPES if not one.endswith(MERGE)))  # a merge is about other records, too
NOTHING = "It is about no company, deal or line of one, so there is nothing to look at."
NO_DEAL = "The line belongs to no deal."


def take(row: Inbound) -> Outcome:
    """Look at what an event is about as it stands now."""
    event, at = json.loads(row.raw), now()
    waiting = waiting_beside(row, types=HINTS)
    ends = ends_of(event)
    deals = [key for noun, key in ends if noun == DEAL]
    companies = [key for noun, key in ends if noun == COMPANY]
    lines = [key for noun, key in ends if noun == LINE]
    if event["subscriptionType"].endswith(MERGE):
        deals, companies = (merged_of(event) if deals else []), (merged_of(event) if companies else [])
    if len(ends) > 1 and deals:
        companies = lines = []  # whoever joined a deal or left it is read with the deal
    if lines:
        deals = _deals_of(row.connection, lines, at=at)
    if not deals and not companies:
        return Outcome(NO_DEAL if lines else NOTHING, covers_earlier=True, covers_waiting=waiting)
    kind, ids = (Kind.DEAL, deals) if deals else (Kind.COMPANY, companies)
    return _outcome(look_at(row.connection, kind, ids, at=at), waiting)


def _deals_of(connection: Connection, lines: Collection[str], *, at: datetime) -> list[str]:
    with opened(connection, at=at) as crm:
        return crm.deals_of_lines(lines) or deals_with_line(connection, lines)


def _outcome(applied: Iterable[Applied], waiting: tuple[int, ...]) -> Outcome:
    """One look speaks for all that waited about the same: each of those only says that something changed."""
    found: list[Any] = list(applied)
    said = [*(one.words for one in found), *(words for one in found for words in one.findings)]
    words = ". ".join(one.rstrip(".") for one in dict.fromkeys(said) if one)
    key = next((one.account_key for one in found if one.account_key), "")
    return Outcome(words or NOTHING, covers_earlier=True, account_key=key, covers_waiting=waiting)
