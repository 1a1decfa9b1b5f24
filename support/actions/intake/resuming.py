"""A validator’s answer: the ticket that waited for it is decided anew by the entitlement engine, once.

Who answers shows two things: the token, which came with the question and is good for one answer, and a signature by the
secret of the endpoint that was asked. Neither alone is enough. A person who decided meanwhile has the last word.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from journal.actions.deeds import begin, keep, record
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, Refusal
from journal.domain.webhooks.checking import is_signed
from journal.domain.webhooks.endpoint import EndpointState
from journal.models import WebhookEndpoint
from journal.queries.webhooks import live_secrets
from journal.vault import Unreadable, unseal
from support.actions.cases.handling import SCOPE
from support.actions.intake.outside import digest_of_token, unread
from support.actions.intake.recording import lock_ticket, plain_engine, plain_part, plain_reading
from support.actions.intake.settling import AlreadySettled, follow_accepted, said
from support.actions.intake.telling import tell_decision, tell_settled
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome, Reason
from support.domain.intake.settings import VALIDATOR, Stage
from support.domain.intake.tickets import Attachment, Request, Ticket
from support.domain.intake.understood import NONE_OF_THESE, Candidate, Reading, Understood
from support.domain.intake.words import customer_words
from support.models import IntakeDecision
from support.queries.cases.promising import about_case
from support.queries.intake.deciding import Decided, Read, Told, decided
from support.queries.intake.owning import owner_key, owner_of
from support.queries.intake.settings import intake_settings
from support.queries.intake.topics import topics

OUTSIDE = "outside"
LATE = "A validator outside was asked and didn’t answer in time."
MOST_CANDIDATES = 10
BATCH = 100


class NotSigned(Refusal):
    """It isn’t the answer of whoever was asked; which of the two is missing isn’t told."""

    code = "not_signed"


class AnswerLate(Refusal):
    """The ticket waits no more."""

    code = "answer_late"


class AnswerKnown(Refusal):
    """Another answer was taken: a token is good for one."""

    code = "answer_known"


@dataclass(frozen=True, slots=True)
class Signed:
    """The three headers of Standard Webhooks, and the very bytes they speak for."""

    name: str
    timestamp: str
    signatures: str
    body: bytes


def validator_of(token: str, signed: Signed, *, at: datetime) -> Actor:
    """Who answers; NotSigned unless the token’s endpoint has signed this."""
    endpoint = WebhookEndpoint.objects.filter(key=token.partition(".")[0]).first()
    if endpoint is None or endpoint.state == EndpointState.DISABLED or not is_signed(
        name=signed.name, timestamp=signed.timestamp, signatures=signed.signatures, body=signed.body,
        secrets=_opened(endpoint, at=at), at=at,
    ):  # fmt: skip
        raise NotSigned(
            "Sign the answer with the secret of the endpoint that was asked, as Standard Webhooks has it, within five "
            "minutes; and send the token that came with the question."
        )
    name = f"Validator {endpoint}"[:200]
    return Actor(ActorKind.CONNECTION, f"validator:{endpoint.key}", name, permissions=frozenset({SCOPE}))


@transaction.atomic
def resume_ticket(
    *, number: int, token: str, answers: Sequence[Sequence[Candidate]], by: Actor, at: datetime
) -> IntakeDecision:
    """A ticket that waited was decided by what a validator named; told the same again, it stands as it does.

    `answers`: the candidates of each request that was asked about, in their order.
    """
    found = IntakeDecision.objects.filter(resume_digest=digest_of_token(token), pk=number).first()
    if found is None or by.key != f"validator:{token.partition('.')[0]}":
        raise NotSigned("This token doesn’t belong to this ticket.")
    held = lock_ticket(found.pk)
    if held.settled_at is not None and (held.settled_by, held.settled_at) != (VALIDATOR, held.resumed_at):
        raise AlreadySettled(f"{held.settled_by} has decided {held.number} already: {said(held)}.")
    understood = _understood(held, answers)
    if held.resumed_at is not None:
        if [plain_reading(one) for one in understood] != held.readings:
            raise AnswerKnown(f"{held.number} was answered already, and otherwise.")
        return held
    if held.stage != Stage.WAITING or held.resume_until is None or at >= held.resume_until:
        raise AnswerLate(f"{held.number} waits for an answer no more; a person decides it.")
    return _decide_anew(held, understood, by=by, at=at)


def give_up_waiting(*, at: datetime, enough: Callable[[], bool]) -> int:
    """Tickets whose validator didn’t answer in time were held for a person; how many."""
    given_up = 0
    late = IntakeDecision.objects.filter(stage=Stage.WAITING, resume_until__lte=at).order_by("resume_until", "pk")
    for pk in list(late.values_list("pk", flat=True)[:BATCH]):
        if enough():
            break
        given_up += _give_up(pk, at=at)
    return given_up


@transaction.atomic
def _give_up(pk: int, *, at: datetime) -> bool:
    held = lock_ticket(pk)
    if held.stage != Stage.WAITING:
        return False
    before, deed = str(held.reason), begin(by=SYSTEM, at=at)
    held.stage, held.reason, held.words = Stage.HELD, Reason.NOT_READ, LATE
    keep(held, deed=deed)
    changes = {"stage": [str(Stage.WAITING), str(held.stage)], "reason": [before, str(held.reason)]}
    record(deed, "ticket:stop_waiting", subject=held, account_key=owner_key(held), changes=changes)
    tell_decision(held, at=at, after="late")
    return True


def _opened(endpoint: WebhookEndpoint, *, at: datetime) -> list[str]:
    opened = []
    for secret in live_secrets(endpoint, at=at):
        try:
            opened.append(unseal(secret.sealed))
        except Unreadable:
            continue
    return opened


def _understood(held: IntakeDecision, answers: Sequence[Sequence[Candidate]]) -> tuple[Understood, ...]:
    """What the validator made of each request; refused where it can’t be right, and then nothing has changed."""
    asked = unread(held.readings)
    if len(answers) != len(asked):
        raise Invalid(f"{held.number} asks about {len(asked)} requests: answer each, in their order.", field="requests")
    known = {topic.key for topic in topics()}
    told = iter(answers)
    return tuple(
        Understood(
            Request(one["text"], one["where"]),
            Reading() if one["given"] else _reading(one["text"], held.subject, next(told), known=known),
            given=one["given"],
            channel_asked=Channel(one["channel_asked"]) if one["channel_asked"] else None,
            severity_asked=one["severity_asked"],
        )
        for one in held.readings
    )


def _reading(text: str, subject: str, told: Sequence[Candidate], *, known: set[str]) -> Reading:
    if len({one.feature for one in told}) != len(told) or len(told) > MOST_CANDIDATES:
        raise Invalid(f"Name each feature once, and {MOST_CANDIDATES} at most.", field="requests")
    for one in told:
        if one.feature not in known:
            raise Invalid(f"No feature has the key “{one.feature}”.", field="requests")
        if one.feature != NONE_OF_THESE and not (one.quote.strip() and (one.quote in text or one.quote in subject)):
            raise Invalid("A quote is words of the request, exactly as they stand there.", field="requests")
    if sum(one.confidence for one in told) > 1 + 1e-6:
        raise Invalid("The confidences of one request come to 1 at most.", field="requests")
    return Reading(tuple(sorted(told, key=lambda one: (-one.confidence, one.feature))))


def _decide_anew(
    held: IntakeDecision, understood: tuple[Understood, ...], *, by: Actor, at: datetime
) -> IntakeDecision:
    settings = intake_settings()
    read = Read(understood, kind=OUTSIDE, maker=by.name, too_long=bool(held.engine.get("too_long")))
    about = None if held.case is None else about_case(held.case)
    found = decided(_told(held), read, settings=settings, at=at, about=about)
    before, deed = str(held.outcome), begin(by=by, at=at)
    _write(held, found, at=at)
    if held.outcome == Outcome.HOLD:
        held.stage = Stage.HELD
    else:
        held.stage, held.settled_outcome = Stage.SETTLED, held.outcome
        held.settled_at, held.settled_by = at, VALIDATOR
        follow_accepted(held, Outcome(held.outcome), by=by, at=at)
    keep(held, deed=deed)
    changes = {"stage": [str(Stage.WAITING), str(held.stage)], "outcome": [before, str(held.outcome)]}
    record(deed, "ticket:answer", subject=held, account_key=owner_key(held), changes=changes)
    if held.stage == Stage.SETTLED:
        tell_settled(held, at=at)
    else:
        tell_decision(held, at=at, after="answer")
    return held


def _told(held: IntakeDecision) -> Told:
    """As it came; but whose it is, its case says, which goes along when customers are merged."""
    return Told(
        ticket=Ticket(held.subject, held.text, tuple(Attachment(*one) for one in held.attachments)),
        channel=Channel(held.channel), account=owner_of(held), requester=held.requester,
        feature=held.given_feature.key if held.given_feature else "",
        severity=held.given_severity.key if held.given_severity else "", source=held.source,
        external_id=held.external_id, **held.engine.get("about", {}),
    )  # fmt: skip


def _write(held: IntakeDecision, found: Decided, *, at: datetime) -> None:
    decision = found.decision
    held.outcome, held.reason, held.words = decision.outcome, decision.reason, decision.words
    held.customer_words = customer_words(decision)
    held.parts = [plain_part(part) for part in decision.parts]
    held.readings = [plain_reading(one) for one in found.read.understood]
    held.engine, held.wanted = plain_engine(found), asdict(found.question.wanted)
    held.read_by, held.maker, held.resumed_at = found.read.kind, found.read.maker[:200], at
