"""A case opened over HTTP: where tickets of its channel are checked, after it was decided what follows."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Status

from journal.api.idempotency import stands
from journal.api.problems import problem
from journal.domain.actor import Actor
from support.actions.cases.intake import mildest_severity
from support.actions.intake.opening import Reads, take_told
from support.actions.intake.recording import known_ticket
from support.api.cases.opening_schemas import CaseIn, CaseOpenedOut
from support.api.cases.render import render_case
from support.api.intake.render import render_decision
from support.api.intake.told import account_meant, attachments_of, kept, named_in
from support.domain.case_events import Opener
from support.integrations.door import reads
from support.models import IntakeDecision
from support.queries.cases.listing import case_named
from support.queries.intake.deciding import Read, Told, ticket_of

OWN = (
    "account", "severity", "requester", "channel", "source", "external_id", "product", "asset", "cover", "opened_at",
    "text", "attachments", "feature",
)  # fmt: skip


def read_before(request: HttpRequest, told: CaseIn) -> None:
    """Reading may take seconds, so what was read is told again inside the transaction."""
    ticket = Told(
        ticket_of(told.subject, told.text or told.note, attachments_of(told.attachments)), told.channel,
        account_meant(told.account, told.requester, told.asset), severity=kept(told.severity),
        source=told.source, external_id=told.external_id, opened_at=told.opened_at, **named_in(told),
    )  # fmt: skip
    read = reads()(ticket) if told.opener is not Opener.AGENT else None
    known = read is not None and known_ticket(ticket) is not None
    done = None if read is None else Read(()) if known else read()
    request.ticket = (ticket, done)  # type: ignore[attr-defined]  # Django's requests carry more


def opened(request: HttpRequest, told: CaseIn) -> Any:
    """The answer: the case with what was decided of its ticket, or that it was blocked."""
    at = timezone.now()
    ticket, read = cast(tuple[Told, Read | None], request.ticket)  # type: ignore[attr-defined]  # from `read_before`
    opening = {**told.dict(exclude=set(OWN)), "severity": kept(told.severity) or mildest_severity()}
    by: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    came = take_told(ticket, opening=opening, keeps=False, reads=_as_read(read), by=by, at=at)
    if came.case is None:
        return stands(_blocked(came.decision))
    case = render_case(case_named(came.case.number), at=timezone.now())
    decision = None if came.decision is None else render_decision(came.decision)
    return Status(201, CaseOpenedOut(**dict(case), decision=decision))


def _as_read(read: Read | None) -> Reads | None:
    return None if read is None else lambda _: lambda: read


def _blocked(row: IntakeDecision | None) -> Any:
    assert row is not None, "Only a decision blocks."
    return problem(
        409, code="blocked", title="Nothing was opened", detail=row.customer_words or row.words, ticket=row.number
    )  # fmt: skip
