"""Where a validator answers about a ticket it was asked about: no API key, but the token it was given and its signature."""

import re
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.security import APIKeyHeader
from pydantic import StringConstraints

from journal.api.idempotency import idempotent_by_itself
from journal.api.problems import PROBLEMS, STATUSES, Problem
from journal.domain.actor import Actor
from support.actions.intake.resuming import AnswerLate, NotSigned, Signed, resume_ticket, validator_of
from support.domain.intake.outcomes import Outcome, Reason
from support.domain.intake.settings import Stage
from support.domain.intake.understood import NONE_OF_THESE, Candidate

NONE, MOST_TOKEN = "none_of_these", 200
_TOKEN = re.compile(rf"[A-Za-z0-9_.-]{{1,{MOST_TOKEN}}}", re.ASCII)  # others were never given to anybody
_NUMBER = re.compile(r"T-([0-9]{1,18})", re.ASCII | re.IGNORECASE)
STATUSES[NotSigned] = HTTPStatus.UNAUTHORIZED
STATUSES[AnswerLate] = HTTPStatus.GONE
ANSWERS: dict[int, Any] = {**PROBLEMS, 410: Problem}


class ByValidator(APIKeyHeader):
    """Three headers as Standard Webhooks has them, by the secret of the endpoint that was asked; the token in the body."""

    param_name = "webhook-signature"

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor:
        told = request.headers
        signed = Signed(told.get("webhook-id", ""), told.get("webhook-timestamp", ""), key or "", request.body)
        return validator_of(_token_in(request.body), signed, at=timezone.now())


class MeantIn(Schema):
    """A feature that a request may be about."""

    feature: Annotated[str, StringConstraints(max_length=100)] = Field(
        description="A key that came with the question, or none_of_these.", examples=["automatic_backups"]
    )
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(examples=[0.97])
    quote: Annotated[str, StringConstraints(max_length=2_000)] = Field(
        "", description="Words of the request, exactly as they stand there; none_of_these needs none."
    )


class AnswerIn(Schema):
    candidates: Annotated[list[MeantIn], Field(max_length=10)] = Field(description="They come to 1 at most.")


class ResumeIn(Schema):
    """What a validator makes of the requests it was asked about, in their order."""

    token: Annotated[str, StringConstraints(max_length=MOST_TOKEN)] = Field(description="As it came with the question.")
    requests: Annotated[list[AnswerIn], Field(max_length=50)]


class ResumedOut(Schema):
    """How the ticket stands now."""

    ticket: str = Field(examples=["T-12"])
    stage: Stage
    outcome: Outcome
    reason: Reason


router = Router(tags=["Tickets"], auth=ByValidator())


@router.post(
    "/tickets/{number}/resume",
    response={200: ResumedOut, **ANSWERS},
    summary="Answer about a ticket that waits",
    url_name="ticket_resume",
)
@idempotent_by_itself
def ticket_resume(request: HttpRequest, number: str, told: ResumeIn) -> Any:
    """The entitlement engine decides the ticket by what you name. Once: the same answer again is answered the same,
    another is refused (409 `answer_known`), and so is any once a person has decided (409 `already_settled`) or the ticket
    waits no more (410 `answer_late`). Signed otherwise, or with a token of another ticket: 401 `not_signed`.
    """
    by: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts it there
    answers = [[_candidate(one) for one in each.candidates] for each in told.requests]
    row = resume_ticket(number=_number(number), token=told.token, answers=answers, by=by, at=timezone.now())
    return ResumedOut(ticket=row.number, stage=row.stage, outcome=row.outcome, reason=row.reason)


def _number(text: str) -> int:
    """ "T-12" → 12; no ticket has the number 0."""
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found else 0


def _candidate(one: MeantIn) -> Candidate:
    none = one.feature == NONE
    return Candidate(NONE_OF_THESE if none else one.feature, one.confidence, "" if none else one.quote)


def _token_in(body: bytes) -> str:
    """Which endpoint has to have signed; whatever can’t be read has no token."""
    try:
        token = msgspec.json.decode(body)["token"]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError, KeyError, IndexError):
        return ""
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else ""
