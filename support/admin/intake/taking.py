"""A check that was shown, taken: its case is opened, if what was shown is still so."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from support.actions.cases.intake import mildest_severity
from support.actions.intake.recording import Taken, take_ticket
from support.actions.intake.settling import settle_ticket
from support.admin.intake.reading import read_of, told_of
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.models import IntakeDecision, Team

LONGEST_SUBJECT = 80


class OtherNow(Stale):
    """Something changed since it was checked, so that something else would follow."""

    code = "other_now"


@dataclass(frozen=True, slots=True)
class Route:
    team: str
    person: str
    name: str

    def __bool__(self) -> bool:
        return bool(self.team)


def route_of(row: IntakeDecision) -> Route:
    """Where it goes if it is accepted, as it was decided."""
    decided: dict[str, Any] = row.engine.get("decision") or {}
    team = decided.get("team", "")
    known = Team.objects.filter(key=team).first() if team else None
    return Route(team, decided.get("person", ""), known.name if known else team)


def mark_of(row: IntakeDecision) -> str:
    """Differs as soon as something else would follow: not when only a word of why is another."""
    owed: dict[str, Any] = row.engine.get("help") or {}
    parts = [
        [part["outcome"], part["reason"], part["feature"], part["proposed"], part["article"], part["offers"]]
        for part in row.parts
    ]
    said = [
        row.outcome, row.reason, row.customer_words, parts, owed.get("covered"), owed.get("used_up"), owed.get("tier"),
        row.account_id, row.text_digest, row.engine.get("decision"),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


@transaction.atomic
def take_checked(asked: IntakeDecision, *, shown: str, anyway: bool, by: Actor, at: datetime) -> Taken:
    """Take what was checked, once. `shown` is the mark of what the reader saw; `anyway` opens what is blocked too.

    Another outcome than was shown takes everything back.
    """
    held = IntakeDecision.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if held.forgotten_at is not None:
        raise Refusal(f"The words of {held.number} were let go meanwhile. Paste the ticket again.")
    before = taken_before(held)
    if before is not None:
        return Taken(before, before.case)
    told = told_of(asked)
    subject = told.ticket.subject.strip() or " ".join(told.ticket.text.split())[:LONGEST_SUBJECT] or held.number
    opening = {"subject": subject, "severity": told.severity or mildest_severity()}
    taken = take_ticket(told, read_of(asked), opening=opening, keeps=False, by=by, at=at)
    if mark_of(taken.decision) != shown:
        raise OtherNow("Something changed since this was checked. Nothing was opened; look at what follows now.")
    if anyway and taken.case is None:
        settled = settle_ticket(decision=taken.decision, outcome=Outcome.ACCEPT, by=by, at=at, note="Opened anyway")
        return Taken(settled, settled.case)
    return taken


def taken_before(asked: IntakeDecision) -> IntakeDecision | None:
    """The same words of the same customer, taken since: the button was pressed twice."""
    same = IntakeDecision.objects.filter(account=asked.account_id, text_digest=asked.text_digest, channel=asked.channel)
    rows = same.filter(at__gte=asked.at, requester=asked.requester).exclude(stage=Stage.ASKED)
    return rows.select_related("case").order_by("at", "pk").first()
