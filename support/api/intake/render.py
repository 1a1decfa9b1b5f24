"""Tickets that were checked → what the API says of them."""

from typing import Any

from support.api.intake.schemas import (
    AttachmentOut,
    DecisionOut,
    DueOut,
    MeantOut,
    PromisedOut,
    RequestOut,
    TicketDetailOut,
    TicketOut,
    ValidatedOut,
)
from support.domain.case_events import Channel
from support.domain.clocks.values import RunClock
from support.domain.intake.outcomes import Outcome, Reason
from support.domain.intake.settings import Stage
from support.domain.targets import words
from support.models import IntakeDecision
from support.queries.cases.foreseen import Foreseen

NOTHING: dict[str, Any] = {
    "outcome": Outcome.HOLD, "reason": Reason.NOTHING_ASKED, "words": "", "feature": "", "confidence": 0.0,
    "proposed": None, "article": None, "offers": [],
}  # fmt: skip


def render_decision(row: IntakeDecision) -> DecisionOut:
    return DecisionOut(**_decision(row))


def render_validated(row: IntakeDecision, promised: Foreseen | None, *, severity: str) -> ValidatedOut:
    told = None
    if promised is not None:
        clocks = [_due(clock) for clock in promised.clocks]
        told = PromisedOut(severity=severity, tier=promised.tier_name, why=promised.why, clocks=clocks)
    return ValidatedOut(**_decision(row), account=_account(row), promised=told)


def render_ticket(row: IntakeDecision) -> TicketOut:
    return TicketOut(**_ticket(row))


def render_detail(row: IntakeDecision) -> TicketDetailOut:
    return TicketDetailOut(
        **_ticket(row),
        text=row.text,
        attachments=[AttachmentOut(name=name, text=text, unreadable=why) for name, text, why in row.attachments],
        text_digest=row.text_digest,
        forgotten_at=row.forgotten_at,
        feature="" if row.given_feature is None else row.given_feature.key,
        severity="" if row.given_severity is None else row.given_severity.key,
        engine=row.engine,
        wanted=row.wanted,
        read_by=row.read_by,
        maker=row.maker,
        version=None if row.version is None else row.version.number,
        took_us=row.took_us,
        read_us=row.read_us,
        sampled=row.sampled,
    )


def _ticket(row: IntakeDecision) -> dict[str, Any]:
    return {
        **_decision(row),
        "account": _account(row), "case": None if row.case is None else row.case.number, "at": row.at,
        "told_by": row.asked_by, "requester": row.requester, "channel": Channel(row.channel), "source": row.source,
        "external_id": row.external_id, "subject": row.subject,
        "settled": Outcome(row.settled_outcome) if row.settled_outcome else None, "settled_at": row.settled_at,
        "settled_by": row.settled_by, "settled_note": row.settled_note, "labels": row.labels,
    }  # fmt: skip


def _decision(row: IntakeDecision) -> dict[str, Any]:
    whole: dict[str, Any] = row.engine.get("decision") or {}
    parts = [*row.parts, *[NOTHING] * (len(row.readings) - len(row.parts))]
    return {
        "ticket": row.number, "stage": Stage(row.stage), "outcome": Outcome(row.outcome), "reason": Reason(row.reason),
        "words": row.words, "customer_words": row.customer_words, "team": whole.get("team", ""),
        "person": whole.get("person", ""), "article": whole.get("article"), "offers": whole.get("offers", []),
        "channels": whole.get("channels", []),
        "requests": [_request(one, part) for one, part in zip(row.readings, parts, strict=False)],
    }  # fmt: skip


def _request(one: dict[str, Any], part: dict[str, Any]) -> RequestOut:
    meant = [MeantOut(feature=key, confidence=sure, quote=quote) for key, sure, quote in one["candidates"]]
    told = {name: one[name] for name in ("text", "where", "given", "failed", "channel_asked", "severity_asked")}
    return RequestOut(**told, **part, candidates=meant)


def _due(clock: RunClock) -> DueOut:
    return DueOut(
        milestone=clock.milestone.key, name=clock.milestone.name, target=words(clock.promised.target), due_at=clock.due_at
    )  # fmt: skip


def _account(row: IntakeDecision) -> str | None:
    return None if row.account is None else row.account.key
