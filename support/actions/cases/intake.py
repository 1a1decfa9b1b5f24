"""What help desks and mail gateways tell, put on cases: parsed before, decided by pure rules, each judged by itself.

A repeat changes nothing: events are named by the help desk's own ids, messages by theirs, and a ticket stands for one
case. So whoever isn't sure whether something arrived sends it again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound, Refusal, Stale
from support.actions.cases.handling import CaseKnown, UnknownSeverity, require
from support.actions.cases.noting import note_once
from support.actions.intake.opening import Reads, take_told
from support.domain.case_events import Channel, EventKind
from support.domain.case_intake.mail import Mail
from support.domain.case_intake.threads import Known, Meaning, Verdict, meaning_of, number_in
from support.domain.case_intake.ticket_events import TicketEvent, UnreadEvent
from support.models import Case, Severity
from support.queries.cases.senders import (
    account_of_sender,
    belongs_to,
    cancelled_among,
    case_answered,
    ours_among,
    strangers_among,
    whose,
)
from support.queries.intake.deciding import Told, ticket_of

MAIL = "email"
BELIEVED = timedelta(days=3)  # how old a message may say it is: as long as gateways try to pass one on


class UnknownCase(NotFound):
    """No case stands for this ticket."""

    code = "unknown_case"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one entry. `outcome`: accepted, duplicate, refused; of a message: opened, noted, duplicate, ignored.

    `refusal` is its code, for programs.
    """

    outcome: str
    id: str = ""
    ticket: str = ""
    case: Case | None = None
    kind: EventKind | None = None
    refusal: str = ""
    detail: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def take_events(
    told: Sequence[TicketEvent | UnreadEvent], *, by: Actor, at: datetime, reads: Reads | None = None
) -> list[Taken]:
    """Noted what a help desk told; one answer for each entry, in their order.

    Openings go first, so that a batch may be told in any order. `reads`: by whom those are read that are to be checked.
    """
    require(by)
    answers: dict[int, Taken] = {}
    for place in sorted(range(len(told)), key=lambda place: not _opens(told[place])):
        answers[place] = _take(told[place], by=by, at=at, reads=reads)
    return [answers[place] for place in range(len(told))]


def take_mail(mail: Mail, *, by: Actor, at: datetime, reads: Reads | None = None) -> Taken:
    """A message was taken for what it is: it opens a case, is noted on one, or is passed over."""
    require(by)
    known = case_answered([mail.message_id])
    if known is not None:
        return Taken("duplicate", id=mail.message_id, case=_case(known), detail="This message was taken before.")
    sender = account_of_sender(mail.sender)
    named = _named(number_in(mail.subject))
    answered = case_answered(mail.references)
    ours = ours_among({mail.sender, *mail.to}) | ({mail.inbox} if mail.inbox else set())
    meaning = meaning_of(
        mail,
        Known(
            answered=answered,
            named=named,
            belongs=belongs_to(named, sender=mail.sender, account=sender.account),
            ours=ours,
            strangers=_strangers(mail, answered or named, ours=ours),
            cancelled=cancelled_among([answered, named]),
        ),
    )
    if meaning.verdict is Verdict.PASSED_OVER:
        return Taken("ignored", id=mail.message_id, detail=meaning.why)
    if meaning.verdict is Verdict.OPENS:
        return _twice(lambda: _open_by_mail(mail, meaning, by=by, at=at, reads=reads))
    return _note_mail(mail, meaning, by=by, at=at)


def _strangers(mail: Mail, case: int | None, *, ours: frozenset[str]) -> frozenset[str]:
    """Whom staff write to decides what it is; whom a customer copies in doesn't matter."""
    return strangers_among(mail.to, case=case) if mail.sender in ours else frozenset()


def mildest_severity() -> str:
    """What is opened without saying how bad it is, until somebody says."""
    severity = Severity.objects.order_by("position", "pk").last()
    if severity is None:
        raise UnknownSeverity("There are no severities yet; declare them first.", field="severity")
    return severity.key


def _opens(entry: TicketEvent | UnreadEvent) -> bool:
    return isinstance(entry, TicketEvent) and entry.opening is not None


def _take(entry: TicketEvent | UnreadEvent, *, by: Actor, at: datetime, reads: Reads | None) -> Taken:
    if isinstance(entry, UnreadEvent):
        detail = "Look at: " + ", ".join(entry.errors) if any(entry.errors) else "It can’t be read."
        return Taken(
            "refused", id=entry.id, ticket=entry.ticket, refusal="invalid", detail=detail, errors=dict(entry.errors)
        )
    try:
        if entry.opening is None:
            return _twice(lambda: _note_event(entry, by=by, at=at))
        return _twice(lambda: _open_by_event(entry, by=by, at=at, reads=reads))
    except Refusal as refusal:
        errors = {name: " ".join(words) for name, words in refusal.errors.items() if name}
        return Taken(
            "refused", id=entry.id, ticket=entry.ticket, kind=entry.kind, case=_case_of(entry), refusal=refusal.code,
            detail=refusal.message, errors=errors,
        )  # fmt: skip


def _twice(act: Callable[[], Taken]) -> Taken:
    """Whoever comes second with the same ticket finds, at the second look, what the first has made of it."""
    try:
        return act()
    except (Stale, CaseKnown):
        return act()


def _open_by_event(entry: TicketEvent, *, by: Actor, at: datetime, reads: Reads | None) -> Taken:
    assert entry.opening is not None
    opening, known = entry.opening, _case_of(entry)
    if known is not None:
        return _opened_before(known, entry)
    account, why = _account(opening.account, opening.requester, asset=opening.asset)
    told = Told(
        ticket_of(opening.subject, entry.text), opening.channel, account, requester=opening.requester,
        severity=opening.severity, source=entry.source, external_id=entry.ticket, product=opening.product,
        asset=opening.asset, cover=opening.cover, opened_at=entry.at,
    )  # fmt: skip
    given = {
        "subject": opening.subject, "severity": opening.severity or mildest_severity(), "opener": opening.opener,
        "team": opening.team, "assignee": opening.assignee, "url": opening.url, "note": entry.text, "name": entry.id,
    }  # fmt: skip
    case = _opened(told, given, by=by, at=at, reads=reads)
    return Taken("accepted", id=entry.id, ticket=entry.ticket, kind=entry.kind, case=case, detail=why)


def _opened(told: Told, given: Mapping[str, Any], *, by: Actor, at: datetime, reads: Reads | None) -> Case:
    """Its help desk has the ticket already, so that it has a case whatever is decided."""
    came = take_told(told, opening=given, keeps=True, reads=reads, by=by, at=at)
    assert came.case is not None
    return came.case


def _opened_before(case: Case, entry: TicketEvent) -> Taken:
    if not case.events.filter(kind=EventKind.OPENED, name=entry.id).exists():
        raise CaseKnown(f"{entry.ticket} of {entry.source} is {case.number} already.", field="ticket")
    return Taken("duplicate", id=entry.id, ticket=entry.ticket, kind=entry.kind, case=case)


def _note_event(entry: TicketEvent, *, by: Actor, at: datetime) -> Taken:
    case = _case_of(entry)
    if case is None:
        raise UnknownCase(
            f"No case stands for {entry.ticket} of {entry.source}; tell that it was opened first.", field="ticket"
        )
    noted = note_once(
        case=case, kind=entry.kind, by=by, at=at, happened_at=entry.at, to=entry.to, text=entry.text, name=entry.id,
        actor_name=entry.actor,
    )  # fmt: skip
    outcome = "duplicate" if noted.again else "accepted"
    return Taken(outcome, id=entry.id, ticket=entry.ticket, kind=entry.kind, case=noted.event.case)


def _open_by_mail(mail: Mail, meaning: Meaning, *, by: Actor, at: datetime, reads: Reads | None) -> Taken:
    known = Case.objects.filter(source=MAIL, external_id=mail.message_id).first()
    if known is not None:
        return Taken("duplicate", id=mail.message_id, case=known, detail="This message was taken before.")
    account, why = whose(meaning.requester, asset=mail.asset)
    told = Told(
        ticket_of(mail.subject, mail.text), Channel.EMAIL, account, requester=meaning.requester, source=MAIL,
        external_id=mail.message_id, product=mail.product, asset=mail.asset, cover=mail.cover,
        opened_at=_written_at(mail, at),
    )  # fmt: skip
    given = {
        "subject": mail.subject, "severity": mildest_severity(), "opener": meaning.opener, "note": mail.text,
        "name": mail.message_id,
    }  # fmt: skip
    case = _opened(told, given, by=by, at=at, reads=reads)
    return Taken("opened", id=mail.message_id, kind=EventKind.OPENED, case=case, detail=f"{meaning.why} {why}".strip())


def _note_mail(mail: Mail, meaning: Meaning, *, by: Actor, at: datetime) -> Taken:
    case = _case(meaning.case)
    if case is None:
        raise UnknownCase("The case that the message is about does not exist any more.")
    assert meaning.kind is not None
    noted = note_once(
        case=case, kind=meaning.kind, by=by, at=at, happened_at=max(_written_at(mail, at), case.opened_at),
        text=mail.text, name=mail.message_id, actor_name=mail.sender_name or mail.sender,
    )  # fmt: skip
    outcome = "duplicate" if noted.again else "noted"
    return Taken(outcome, id=mail.message_id, kind=meaning.kind, case=noted.event.case, detail=meaning.why)


def _written_at(mail: Mail, at: datetime) -> datetime:
    """When it says it was written, unless the sender's clock is plainly wrong: then when it came in."""
    return mail.at if mail.at is not None and at - BELIEVED <= mail.at <= at else at


def _account(key: str, requester: str, *, asset: str = "") -> tuple[Account | None, str]:
    """A case isn't turned away because nobody knows the customer yet: it opens without a promise and says so."""
    if key:
        try:
            return account_by_key(key), ""
        except NotFound as unknown:
            return None, f"{unknown.message} The case was opened without an account."
    return whose(requester, asset=asset)


def _case_of(entry: TicketEvent) -> Case | None:
    return Case.objects.filter(source=entry.source, external_id=entry.ticket).first()


def _named(number: int | None) -> int | None:
    """A number that no case has was typed by somebody: the message is taken as if it had none."""
    return number if _case(number) is not None else None


def _case(pk: int | None) -> Case | None:
    return None if pk is None else Case.objects.filter(pk=pk).first()
