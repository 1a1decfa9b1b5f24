"""What would follow a ticket, before anything happens: nothing is opened, and the answer is kept to be looked at."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from journal.api.auth import KeyAuth
from journal.api.idempotency import done_before
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from support.actions.cases.about import named
from support.actions.cases.handling import SCOPE
from support.actions.cases.intake import mildest_severity
from support.actions.intake.recording import check_ticket
from support.api.intake.render import render_validated
from support.api.intake.schemas import TicketIn, ValidatedOut
from support.api.intake.told import told_ticket
from support.integrations.door import read_told
from support.models import IntakeDecision
from support.queries.intake.deciding import Read, Told
from support.queries.intake.promised import promised_for

router = Router(tags=["Tickets"], auth=KeyAuth(SCOPE))


def _read_before(request: HttpRequest, told: TicketIn) -> None:
    ticket = told_ticket(told)
    request.ticket = (ticket, read_told(ticket))  # type: ignore[attr-defined]  # Django's requests carry more


@router.post(
    "/cases/validate", response={200: ValidatedOut, **PROBLEMS}, summary="What would follow a ticket?",
    url_name="cases_validate",
)  # fmt: skip
@done_before(_read_before)
def ticket_validate(request: HttpRequest, told: TicketIn) -> Any:
    """Read as it would be, met with what the customer is entitled to, and answered with what would follow and why.

    Nothing is opened. What was decided is kept under the number `ticket`. An attachment that can't be read is no error:
    it holds the ticket.
    """
    at = timezone.now()
    ticket, read = cast(tuple[Told, Read], request.ticket)  # type: ignore[attr-defined]  # from `_read_before`
    by: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    row = check_ticket(ticket, read, by=by, at=at)
    return _shown(row, ticket)


def _shown(row: IntakeDecision, told: Told) -> ValidatedOut:
    meant = named(told.account, product=told.product, asset=told.asset, cover=told.cover, at=row.at)
    about = meant.about(told.account, requester=row.requester, channel=told.channel)
    promised = promised_for(row, about=about, at=row.at)
    severity = told.severity or (mildest_severity() if promised is not None else "")
    return render_validated(row, promised, severity=severity)
