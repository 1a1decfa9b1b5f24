"""Where help desks and mail gateways post: each entry is judged by itself, and a repeat changes nothing."""

from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from entitlements.api.runtime.problems import BatchTooLarge, Unreadable
from journal.api.auth import KeyAuth
from journal.api.idempotency import idempotent_by_itself
from journal.api.problems import PROBLEMS, Problem
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from support.actions.cases.handling import SCOPE
from support.actions.cases.intake import take_events, take_mail
from support.api.cases.document import EVENTS_ASKED, MAIL_ASKED
from support.api.cases.render import render_case, render_taken
from support.api.cases.schemas import EventsTakenOut, MailTakenOut
from support.domain.case_intake.fields import Unfit
from support.domain.case_intake.mail import parse_mail
from support.domain.case_intake.ticket_events import TooManyEvents, UnfitBatch, parse_ticket_events
from support.integrations.door import reads
from support.queries.cases.listing import case_named

ANSWERS: dict[int, Any] = {**PROBLEMS, 400: Problem, 413: Problem}
router = Router(tags=["Cases"], auth=KeyAuth(SCOPE))


@router.post(
    "/case-events",
    response={200: EventsTakenOut, **ANSWERS},
    summary="Tell what happened to tickets",
    url_name="case_events_told",
    openapi_extra=EVENTS_ASKED,
)
@idempotent_by_itself  # by the help desk's own ids; to read a ticket takes long, and no transaction waits for it
def events_told(request: HttpRequest) -> Any:
    """One event or up to 500, by the help desk's own numbers. Each is accepted, a duplicate, or refused with its reason;
    one that is refused is no fault of the others. Openings go first, so the order doesn't matter. A ticket that nobody
    told of is opened by its event `opened`, and refused before that (`unknown_case`).
    """
    at = timezone.now()
    try:
        entries = parse_ticket_events(_decoded(request))
    except TooManyEvents as fault:
        raise BatchTooLarge(str(fault)) from None
    except UnfitBatch as fault:
        raise Invalid(str(fault), field="events") from None
    taken = take_events(entries, by=_by(request), at=at, reads=reads())
    outcomes = [one.outcome for one in taken]
    return EventsTakenOut(
        accepted=outcomes.count("accepted"),
        duplicates=outcomes.count("duplicate"),
        refused=outcomes.count("refused"),
        results=[render_taken(one) for one in taken],
    )


@router.post(
    "/case-mail",
    response={200: MailTakenOut, **ANSWERS},
    summary="Pass a message on",
    url_name="case_mail",
    openapi_extra=MAIL_ASKED,
)
@idempotent_by_itself  # by the message's own id
def mail_told(request: HttpRequest) -> Any:
    """A message as inbound-mail gateways post it in JSON. It opens a case, is the customer's message, staff's public
    reply, or an internal note on one; an automatic reply answers nobody; what came back undelivered is passed over.
    The case is that of the message it answers, or for staff and the customer's people of the number in the subject.
    """
    at = timezone.now()
    try:
        mail = parse_mail(_decoded(request))
    except Unfit as unfit:
        detail = f"Look at: {', '.join(unfit.errors)}." if any(unfit.errors) else next(iter(unfit.errors.values()))
        raise Invalid(detail, errors={name: (words,) for name, words in unfit.errors.items()}) from None
    taken = take_mail(mail, by=_by(request), at=at, reads=reads())
    case = None if taken.case is None else render_case(case_named(taken.case.number), at=at)
    return MailTakenOut(outcome=taken.outcome, kind=taken.kind, why=taken.detail, case=case)


def _decoded(request: HttpRequest) -> Any:
    try:
        return msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("The body is no JSON in UTF-8, or not whole.") from None


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor
