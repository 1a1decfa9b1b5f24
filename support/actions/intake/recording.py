"""Tickets checked: beforehand, which changes nothing but the log of decisions, and as they come, which opens cases.

Who reads a ticket comes before this and outside of any transaction: it may take seconds, and may fail.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from django.db import transaction

from catalog.models import Feature
from entitlements.actions.locking import lock_account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale
from support.actions.cases.about import named
from support.actions.cases.handling import require, severity_of, spoken
from support.actions.cases.opening import open_case, refuse_known
from support.actions.intake.outside import prepare_asking, tell_asked
from support.actions.intake.telling import tell_decision
from support.domain.intake.outcomes import Outcome, Part, Reason
from support.domain.intake.sampling import is_sampled
from support.domain.intake.settings import Stage
from support.domain.intake.understood import Understood
from support.domain.intake.words import customer_words
from support.models import Case, IntakeDecision, IntakeSettings
from support.queries.intake.afterwards import words_afterwards
from support.queries.intake.deciding import Decided, Read, Told, decided
from support.queries.intake.owning import owner_key
from support.queries.intake.settings import intake_settings

MOST_MICROSECONDS = 2_000_000_000
BY_HAND = "Opened by hand"
DESK = "desk"  # where a ticket is kept of which no help desk was named


@dataclass(frozen=True, slots=True)
class Taken:
    """A ticket that was taken: what was decided, and its case. None: it was blocked, and there is no case.

    `again`: it was told of before, and what was decided then stands.
    """

    decision: IntakeDecision
    case: Case | None = None
    again: bool = False


@transaction.atomic
def check_ticket(told: Told, read: Read, *, by: Actor, at: datetime) -> IntakeDecision:
    """A ticket was validated before anything happens: the decision is logged, and no case is opened."""
    require(by)
    return keep(_row(_made(told, read, at=at), stage=Stage.ASKED, by=by, at=at), deed=begin(by=by, at=at))


@transaction.atomic
def take_ticket(
    told: Told,
    read: Read,
    *,
    opening: Mapping[str, Any],
    keeps: bool,
    by: Actor,
    at: datetime,
    by_hand: bool = False,
) -> Taken:
    """A ticket was taken as it came: decided, and its case opened with what is owed.

    `opening` is what `open_case` is told beside what stands in `told`. `keeps`: the ticket exists in a help desk
    already, so a blocked one has a case too, that promises nothing. A team or a person that was named goes before the
    route. `by_hand`: a person opens it with its check before them, so that nothing is held and it stands as their decision.
    """
    require(by)
    if told.account is not None:
        # Whoever comes second with the same ticket sees what the first made of it.
        told = replace(told, account=lock_account(told.account.pk))
    known = known_ticket(told)
    if known is None:
        try:
            with transaction.atomic():
                return _taken(told, read, opening=opening, keeps=keeps, by=by, at=at, by_hand=by_hand)
        except (Invalid, Stale):
            known = known_ticket(told)  # somebody told of it at the same moment, under another account
            if known is None:
                raise
    return _again(known, told, opening=opening, keeps=keeps or by_hand, by=by, at=at)


def _taken(
    told: Told, read: Read, *, opening: Mapping[str, Any], keeps: bool, by: Actor, at: datetime, by_hand: bool
) -> Taken:
    """The ticket's number is taken before its case is opened: whoever is second waits for it with nothing else in hand."""
    made, deed = _made(told, replace(read, awaited=read.awaited and not by_hand), at=at), begin(by=by, at=at)
    row = _row(made, stage=_stage(made.found), by=by, at=at)
    if by_hand:
        _settle_by_hand(row, by=by, at=at)
    keep(row, deed=deed)
    if keeps or by_hand or row.outcome != Outcome.BLOCK:
        row.case = open_case(**_opening(made.found, opening, by_hand=by_hand), by=by, at=at)
    waits = row.stage == Stage.HELD and row.reason == Reason.ANSWER_AWAITED
    asking = prepare_asking(row, settings=made.settings, at=at) if waits else None
    row.sampled = row.stage == Stage.DECIDED and is_sampled(
        row.text_digest, number=row.pk, percent=made.settings.sampled_percent
    )
    if row.case is not None or row.sampled:
        keep(row, deed=deed)
    if asking is not None:
        tell_asked(row, asking, at=at)
    changes = {"outcome": [None, str(row.outcome)], "reason": [None, str(row.reason)]}
    record(deed, "ticket:decide", subject=row, account_key=owner_key(row), changes=changes)
    tell_decision(row, at=at)
    return Taken(row, row.case)


def _settle_by_hand(row: IntakeDecision, *, by: Actor, at: datetime) -> None:
    row.customer_words = words_afterwards(row, Outcome.ACCEPT, None)
    row.stage, row.settled_outcome = Stage.SETTLED, Outcome.ACCEPT
    row.settled_at, row.settled_by, row.settled_note = at, by.name, BY_HAND


def _again(
    known: IntakeDecision, told: Told, *, opening: Mapping[str, Any], keeps: bool, by: Actor, at: datetime
) -> Taken:
    """What was decided stands. A blocked ticket that is in a help desk after all has its case from now on."""
    if keeps:
        known = lock_ticket(known.pk)
        refuse_known(known.source, known.external_id)  # a person has opened it meanwhile
        give_case(known, open_case(**opening_of(told, opening), by=by, at=at), by=by, at=at)
    return Taken(known, known.case, again=True)


def lock_ticket(pk: int) -> IntakeDecision:
    """The ticket as it stands once it is ours. Whoever wants its account as well has locked that before."""
    return IntakeDecision.objects.select_for_update(of=("self",)).select_related("account", "case").get(pk=pk)


def give_case(row: IntakeDecision, case: Case, *, by: Actor, at: datetime) -> None:
    """A ticket that had been blocked has a case after all."""
    row.case = case
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, "ticket:give_case", subject=row, account_key=owner_key(row), changes={"case": [None, case.number]})


def known_ticket(told: Told) -> IntakeDecision | None:
    """What was decided of the same ticket before, where it has no case; refused where it has one.

    A ticket is known by its number in its help desk: one without is each time another.
    """
    refuse_known(spoken(told.source) or DESK, spoken(told.external_id))
    return blocked_before(told)


def blocked_before(told: Told) -> IntakeDecision | None:
    """The decision by which the same ticket has no case."""
    source, number = spoken(told.source) or DESK, spoken(told.external_id)
    if not number:
        return None
    before = IntakeDecision.objects.filter(external_id=number, source=source, case__isnull=True)
    return before.exclude(stage=Stage.ASKED).select_related("account", "case").order_by("pk").first()


@dataclass(frozen=True, slots=True)
class _Made:
    """What was decided by which settings, and how long that took, the reading apart."""

    found: Decided
    settings: IntakeSettings
    took_us: int


def _made(told: Told, read: Read, *, at: datetime) -> _Made:
    began, settings = perf_counter(), intake_settings()
    told = replace(told, requester=spoken(told.requester).lower())
    meant = named(told.account, product=told.product, asset=told.asset, cover=told.cover, at=told.opened_at or at)
    about = meant.about(told.account, requester=told.requester, channel=told.channel)
    found = decided(told, read, settings=settings, at=at, about=about)
    return _Made(found, settings, min(int((perf_counter() - began) * 1_000_000), MOST_MICROSECONDS))


def _opening(found: Decided, opening: Mapping[str, Any], *, by_hand: bool) -> dict[str, Any]:
    told, decision = found.told, found.decision
    whole = {**opening_of(told, opening), "asked": found.covering}
    if (by_hand or decision.outcome is Outcome.ACCEPT) and not whole.get("team"):
        whole["team"] = decision.team
        whole["assignee"] = whole.get("assignee") or decision.person
    return whole


def opening_of(told: Told, opening: Mapping[str, Any]) -> dict[str, Any]:
    """What `open_case` is told of a ticket."""
    return {
        **opening,
        "account": told.account, "channel": told.channel, "requester": told.requester, "source": spoken(told.source) or DESK,
        "external_id": told.external_id, "product": told.product, "asset": told.asset, "cover": told.cover,
        "opened_at": told.opened_at,
    }  # fmt: skip


def _stage(found: Decided) -> Stage:
    if found.decision.outcome is not Outcome.HOLD:
        return Stage.DECIDED
    return Stage.HELD


def _row(made: _Made, *, stage: Stage, by: Actor, at: datetime) -> IntakeDecision:
    found = made.found
    told, read, decision, ticket = found.told, found.read, found.decision, found.told.ticket
    return IntakeDecision(
        account=told.account, at=at, asked_by=by.name, requester=told.requester, channel=told.channel,
        source=spoken(told.source) or DESK, external_id=spoken(told.external_id),
        given_feature=Feature.objects.filter(key=told.feature).first() if told.feature else None,
        given_severity=severity_of(told.severity) if told.severity else None,
        subject=ticket.subject[:300], text=ticket.text,
        attachments=[[one.name, one.text, one.unreadable] for one in ticket.attachments],
        text_digest=ticket.digest, stage=stage, outcome=decision.outcome, reason=decision.reason, words=decision.words,
        customer_words=customer_words(decision), parts=[plain_part(part) for part in decision.parts],
        readings=[plain_reading(one) for one in read.understood], engine=plain_engine(found),
        wanted=asdict(found.question.wanted), read_by=read.kind, version=read.version, maker=read.maker,
        read_us=min(read.took_us, MOST_MICROSECONDS), took_us=made.took_us,
    )  # fmt: skip


def plain_part(part: Part) -> dict[str, Any]:
    """What follows one request, as it is kept: without its words, which `readings` have."""
    return {
        "outcome": str(part.outcome),
        "reason": str(part.reason),
        "words": part.words,
        "feature": part.feature,
        "confidence": round(part.confidence, 6),
        "proposed": None if part.proposed is None else str(part.proposed),
        "article": None if part.article is None else asdict(part.article),
        "offers": [asdict(offer) for offer in part.offers],
    }


def plain_reading(one: Understood) -> dict[str, Any]:
    return {
        "text": one.request.text,
        "where": one.request.where,
        "given": one.given,
        "failed": one.reading.failed,
        "candidates": [[each.feature, each.confidence, each.quote] for each in one.reading.candidates],
        "channel_asked": None if one.channel_asked is None else str(one.channel_asked),
        "severity_asked": one.severity_asked,
    }


def plain_engine(found: Decided) -> dict[str, Any]:
    """What the engine said, what was asked of it, and what of it the whole ticket was answered with."""
    question, told, decision = found.question, found.told, found.decision
    return {
        "about": {"product": told.product, "asset": told.asset, "cover": told.cover},
        "decision": {
            "team": decision.team,
            "person": decision.person,
            "article": None if decision.article is None else asdict(decision.article),
            "offers": [asdict(offer) for offer in decision.offers],
            "channels": list(decision.channels),
        },
        "account": question.account,
        "help": asdict(question.help),
        "features": {key: asdict(one) for key, one in question.features.items()},
        "unreadable": list(question.unreadable),
        "too_long": question.too_long,
    }
