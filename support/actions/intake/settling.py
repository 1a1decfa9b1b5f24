"""Tickets decided by a person: those that were held or wait for an answer, samples of the desk’s own, blocked ones.

Each decision teaches: what the person says a request is about becomes an example phrase.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.models import Feature
from entitlements.actions.locking import lock_account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal, Stale
from support.actions.cases.handling import spoken
from support.actions.cases.intake import mildest_severity
from support.actions.cases.noting import note_once
from support.actions.cases.opening import open_case
from support.actions.intake.recording import DESK, give_case, lock_ticket
from support.actions.intake.telling import tell_settled
from support.domain.case_events import Channel, EventKind
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage, TaughtBy
from support.models import Case, ExamplePhrase, IntakeDecision
from support.queries.intake.afterwards import words_afterwards
from support.queries.intake.owning import owner_key, owner_of
from support.queries.intake.standing import route_for

PERMISSION = "support.review_intake"
SCOPE = "tickets:review"
LONGEST_NOTE, LONGEST_PHRASE = 500, 500


class NothingToSettle(Refusal):
    """It was only asked about beforehand: there is nothing to decide."""

    code = "nothing_to_settle"


class AlreadySettled(Stale):
    """Somebody decided it before."""

    code = "already_settled"


@transaction.atomic
def settle_ticket(
    *,
    decision: IntakeDecision,
    outcome: Outcome,
    by: Actor,
    at: datetime,
    labels: Sequence[str | None] | None = None,
    note: str = "",
) -> IntakeDecision:
    """A person decided a ticket, and said what its requests are about.

    `labels` are features by key, one for each request in its order: "" is none of these, None wasn't said. An accepted
    ticket goes where its route leads; a blocked one that is accepted gets its case now. What else is decided leaves the
    case to the help desk, which is told, with what may be said to the customer by now.
    """
    if not by.may(SCOPE):
        by.require(PERMISSION)
    opens = outcome is Outcome.ACCEPT and decision.case_id is None
    if opens and (owner := owner_of(decision)) is not None:
        lock_account(owner.pk)  # before its ticket, as whoever takes a ticket in has it
    held = lock_ticket(decision.pk)
    if held.stage == Stage.ASKED:
        raise NothingToSettle(f"{held.number} was only asked about beforehand. Open a case for it instead.")
    if held.settled_at is not None:
        raise AlreadySettled(f"{held.settled_by} has decided {held.number} already: {said(held)}.")
    if outcome is Outcome.HOLD:
        raise Invalid("Choose what is to follow. A ticket is held until somebody decides.", field="outcome")
    known = _labelled(held, labels)
    before, deed = str(held.stage), begin(by=by, at=at)
    held.customer_words = words_afterwards(held, outcome, labels)
    held.stage, held.settled_outcome = Stage.SETTLED, outcome
    held.settled_at, held.settled_by, held.settled_note = at, by.name, _note(note)
    held.labels = None if labels is None else list(labels)
    follow_accepted(held, outcome, by=by, at=at)
    keep(held, deed=deed)
    _teach(held, known, deed=deed, by=by)
    changes: dict[str, Any] = {"stage": [before, str(held.stage)], "outcome": [str(held.outcome), str(outcome)]}
    record(deed, "ticket:settle", subject=held, account_key=owner_key(held), reason=held.settled_note, changes=changes)
    tell_settled(held, at=at)
    return held


def said(row: IntakeDecision) -> str:
    return Outcome(row.settled_outcome).words.lower()


def follow_accepted(held: IntakeDecision, outcome: Outcome, *, by: Actor, at: datetime) -> None:
    """An accepted ticket has a case, and the case a team."""
    if outcome is not Outcome.ACCEPT:
        return
    if held.case is None:
        give_case(held, _case_of(held, by=by, at=at), by=by, at=at)
    case, owner = held.case, owner_of(held)
    if case is None or owner is None or case.team is not None or case.assignee:
        return
    features = {label for label in held.labels or () if label} or {part["feature"] for part in held.parts}
    team, person = route_for(owner, tier=case.tier, channel=Channel(case.channel), features=features)
    if team:
        to = f"{team}/{person}" if person else team
        note_once(case=case, kind=EventKind.ASSIGNED, to=to, by=by, at=at)


def _case_of(held: IntakeDecision, *, by: Actor, at: datetime) -> Case:
    """The one its help desk has meanwhile, else a new one; of nothing that can't be named any more."""
    number = held.external_id
    known = Case.objects.filter(source=held.source, external_id=number).first() if number else None
    if known is not None:
        return known
    about = dict(held.engine.get("about") or {})
    try:
        return _opened(held, about, by=by, at=at)
    except Invalid as unfit:
        if unfit.field not in about:
            raise
        return _opened(held, {}, by=by, at=at)  # the device was given away, or the cover ended


@transaction.atomic
def _opened(held: IntakeDecision, about: Mapping[str, Any], *, by: Actor, at: datetime) -> Case:
    severity = held.given_severity.key if held.given_severity is not None else mildest_severity()
    return open_case(
        subject=held.subject or held.number, channel=Channel(held.channel), severity=severity, by=by, at=at,
        account=owner_of(held), requester=held.requester, source=held.source or DESK, external_id=held.external_id,
        **about,
    )  # fmt: skip


def _note(note: str) -> str:
    note = spoken(note)
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE} characters.", field="note")
    return note


def _labelled(held: IntakeDecision, labels: Sequence[str | None] | None) -> list[tuple[str, Feature | None]]:
    """Which words are about which feature; None: about none of these."""
    if labels is None:
        return []
    if len(labels) != len(held.readings):
        raise Invalid(
            f"{held.number} has {len(held.readings)} requests: say for each what it is about.", field="labels"
        )
    known = {row.key: row for row in Feature.objects.filter(key__in=[label for label in labels if label])}
    for label in labels:
        if label and label not in known:
            raise Invalid(f"No feature has the key “{label}”.", field="labels")
    pairs = zip(held.readings, labels, strict=True)
    return [(one["text"], known.get(label) if label else None) for one, label in pairs if label is not None]


def _teach(held: IntakeDecision, known: Sequence[tuple[str, Feature | None]], *, deed: Deed, by: Actor) -> None:
    """Each labelled request once; words that are let go already teach nothing."""
    for text, feature in known:
        text = text[:LONGEST_PHRASE].strip()
        standing = ExamplePhrase.objects.filter(feature=feature, text=text, retired_at__isnull=True)
        if text and not standing.exists():
            taught = ExamplePhrase(
                feature=feature,
                text=text,
                taught_by=TaughtBy.CORRECTION,
                decision=held,
                added_at=deed.at,
                added_by=by.name,
            )
            keep(taught, deed=deed)
