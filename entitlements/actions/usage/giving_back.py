"""One use of credits given back: afterwards everything is as if it had never been, and what was written stands.

Events are written once, so that giving back is an event too (docs/adr/0026): it is named after the one it undoes, and so
told once, and stands at the same instant with the amount turned round. Counters go down by it, the parents' too; the
balance is told again without the use, and the ledger's new lines say what that moves.

Locks are taken as whoever counts takes them: the counters, then the balance. Where the account was merged away since,
the accounts come between the two, and what comes back of a grant goes to the account that stays, as the grant did.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from catalog.domain.values import Kind
from catalog.domain.window import MOMENT
from entitlements.actions.credits.books import Book, open_book
from entitlements.actions.credits.merging import carry_given_back
from entitlements.actions.locking import lock_all
from entitlements.actions.usage.counters import Counters, counters_to_write, lock_counters
from entitlements.actions.usage.days import Day, Days, days_to_add
from entitlements.actions.usage.events import NewEvent, events_to_write, known_events, shared_name
from entitlements.actions.usage.recording import SCOPE, Contended
from entitlements.actions.usage.rows import write
from entitlements.domain.credits.ledger import Kind as Moved
from entitlements.domain.credits.ledger import Movement
from entitlements.domain.facts import Facts
from entitlements.domain.usage.allowances import Holder, SubjectAllowance, lines_of
from entitlements.domain.usage.charging import NOTHING, Line, counted
from entitlements.domain.usage.operations import (
    COPIES,
    GIVES_BACK,
    Act,
    Operation,
    Outcome,
    digest_of,
    give_back_id,
)
from entitlements.domain.usage.terms import use_terms
from entitlements.models import Account, CreditBalance, CreditGrant, SubjectLimit, UsageCounter, UsageEvent
from entitlements.models.usage import OUTDATED
from entitlements.queries.credits.courses import lines_of_use, told_again
from entitlements.queries.usage.told import copies_of, event_told
from entitlements.snapshots import Reader, snapshot_facts
from journal.actions.deeds import begin
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound, Refusal


class NotGivenBack(Refusal):
    """This use can't be given back; it says why."""

    code = "not_given_back"


@dataclass(frozen=True, slots=True)
class Told:
    """One use as it was told: its event, those of the accounts whose allowance it shared, and what all went by."""

    event: UsageEvent
    events: tuple[UsageEvent, ...]
    facts: Mapping[int, Facts]
    operation: Operation
    reason: str

    @property
    def words(self) -> str:
        return f"given back: {self.reason}"


@transaction.atomic
def give_back(*, source: str, event_id: str, reason: str, by: Actor, at: datetime) -> Outcome:
    """Gave back the whole of one use of credits, once; told again, it answers as the first time.

    What it took comes back where it was taken, as of the instant of the use: what lapsed, expired or was voided since
    stays so, what was used beyond all credits because of it no longer was, and a later grant that paid for it has it
    again.
    """
    by.require(SCOPE)
    told = _told(_found(source, event_id), reason=reason.strip())
    lines = _lines(told)
    counters = lock_counters(lines, at=at)
    name = (told.operation.source, told.operation.id)
    if known := known_events([name]).get(name):
        return replace(known.outcome, replayed=True)
    left = _put_in_book(told, by=by, at=at)
    outcome = _off_the_counters(told, lines, counters, left=left)
    write(
        events_to_write(list(_events(told, outcome)), told_by=by.key, at=at),
        days_to_add(_days(told, lines, counters)),
        counters_to_write(counters, at=at),
    )
    _outdate_others(told, counters)
    return outcome


def _found(source: str, event_id: str) -> UsageEvent:
    event = event_told(source=source, event_id=event_id)
    if event is None:
        raise NotFound(f"Nothing was told of use under the name “{event_id}” of {source}.", field="event_id")
    if event.feature.kind != Kind.CREDIT:
        raise NotGivenBack(
            f"{event.feature} is no credits. Let its use start again, or grant an override, instead.", field="event_id"
        )
    if event.act == Act.GIVE_BACK or event.source == COPIES:
        raise NotGivenBack(
            f"“{event_id}” follows from another use; name that one, and this goes with it.", field="event_id"
        )
    return event


def _told(event: UsageEvent, *, reason: str) -> Told:
    if not reason:
        raise Invalid("Say why: the customer's ledger tells it.", field="reason")
    events = (event, *copies_of(event))
    facts = {one.account_id: _facts_of(one.account) for one in events}
    return Told(event, events, facts, _operation(event), reason)


def _facts_of(account: Account) -> Facts:
    """As known now; of one that was merged away as known just before, for what it held has moved since."""
    known_at = None if account.merged_at is None else account.merged_at - MOMENT
    return snapshot_facts(account.pk, reader=Reader(known_at), billing=True)


def _operation(event: UsageEvent) -> Operation:
    feature, amount = event.feature.key, -Decimal(event.quantity)
    digest = digest_of(
        Act.GIVE_BACK, event.account_id, feature, amount, at=event.at, subject=event.subject, choice=event.choice
    )
    return Operation(
        act=Act.GIVE_BACK,
        source=GIVES_BACK,
        id=give_back_id(event.source, event.event_id),
        account_id=event.account_id,
        feature=feature,
        quantity=amount,
        at=event.at,
        subject=event.subject,
        choice=event.choice,
        digest=digest,
    )


def _lines(told: Told) -> list[Line]:
    """The counters that use of that instant lands on."""
    event = told.event
    holders = [
        Holder(one.account_id, one.feature_id, use_terms(told.facts[one.account_id], at=event.at)[event.feature.key])
        for one in told.events
    ]
    return lines_of(holders, at=event.at, subject=event.subject, choice=event.choice, allowance=_allowance(event))


def _allowance(event: UsageEvent) -> SubjectAllowance | None:
    own = {"account_id": event.account_id, "feature_id": event.feature_id, "subject": event.subject}
    row = SubjectLimit.objects.filter(**own).first() if event.subject else None
    if row is None:
        return None
    whole = (row.starts_at, row.ends_at) if row.in_all else (None, None)
    return SubjectAllowance(Decimal(row.amount), *whole).as_of(event.at)


def _put_in_book(told: Told, *, by: Actor, at: datetime) -> Decimal | None:
    """The balance told again without the use; what is left then, None without limit."""
    balance, taken = _taken(told)
    account = balance.account
    survivors = lock_all({account.pk, account.merged_into_id}) if account.merged_into_id else {}
    facts = told.facts[account.pk]
    book = open_book(account_id=account.pk, feature_id=balance.feature_id, facts=facts, at=at)
    now = Account.objects.get(pk=account.pk)
    if now.merged_into_id != account.merged_into_id:
        raise Contended("The account was merged at this moment; nothing was given back. Send it again.")
    if not taken:
        return NOTHING if survivors else book.left(at)
    before = _went(book, since=taken[0].at) if survivors else []
    after = book.give_back(taken, note=f"{told.words[0].upper()}{told.words[1:]}")
    book.close(at=at)
    if not survivors:
        return book.left(max(at, book.course.at))
    assert account.merged_into_id is not None
    _carry(account, before, after, into=survivors[account.merged_into_id], by=by, at=at)
    return NOTHING


def _taken(told: Told) -> tuple[CreditBalance, list[Movement]]:
    """The balance it was taken of, that of the highest account that shared it, with the lines that say so."""
    event = told.event
    for one in reversed(told.events):
        balance = CreditBalance.objects.filter(account=one.account_id, feature=one.feature_id).first()
        if balance is None:
            continue
        balance.account, name = one.account, f"{event.source} {event.event_id}"
        taken = lines_of_use(balance, name, since=event.at)
        if sum(line.amount for line in taken) == -event.amount:
            return balance, taken
    raise NotGivenBack(f"No ledger tells what “{event.event_id}” took, so that nobody knows what to give back.")


def _went(book: Book, *, since: datetime) -> list[Movement]:
    """How it went with the use, from the same mark on."""
    course = told_again(
        book.balance, facts=book.facts, marks=book.course.marks, since=since, until=book.course.at, or_then=True
    )
    return course.drained()


def _carry(
    account: Account, before: Sequence[Movement], after: Sequence[Movement], *, into: Account, by: Actor, at: datetime
) -> None:
    """What the merge found too little of in each grant goes to the account that stays."""
    more: dict[str, Decimal] = {}
    for sign, lines in ((1, before), (-1, after)):
        for line in lines:
            if line.kind is Moved.VOID:
                more[line.grant] = more.get(line.grant, NOTHING) + sign * line.amount
    deed = begin(by=by, at=at)
    rows = CreditGrant.objects.select_related("account", "feature").filter(pk__in=[int(key) for key in more])
    for row in rows.filter(voided_at__gte=account.merged_at).order_by("pk"):
        if more[str(row.pk)] > 0:
            carry_given_back(row, more[str(row.pk)], into, deed=deed)


def _off_the_counters(told: Told, lines: Sequence[Line], counters: Counters, *, left: Decimal | None) -> Outcome:
    """Each counter less what was taken; one that staff have reset since doesn't know of it any more."""
    event, amount = told.event, Decimal(told.event.amount)
    for line in lines:
        said = counters.said[line.key]
        if said.since is None or event.at >= said.since:
            counters.set(line.key, counted(line.aggregation, said, amount=-amount, at=event.at))
    own = counters.said[lines[0].key]
    free = Decimal(0) if left is None else max(left - own.held, NOTHING)
    outcome = Outcome(
        allowed=True, because=told.words, quantity=-amount, used=own.used, held=own.held,
        limit=own.used + own.held + free, left=free, resets_at=lines[0].end,
    )  # fmt: skip
    return outcome if left is not None else replace(outcome, limit=lines[0].limit, left=lines[0].limit)


def _events(told: Told, outcome: Outcome) -> Iterator[NewEvent]:
    operation = told.operation
    for one in told.events:
        own = one is told.event
        name = (operation.source, operation.id) if own else shared_name(operation, one.account_id)
        yield NewEvent(operation, outcome, one.account_id, one.feature_id, -one.amount, one.subject, name)


def _days(told: Told, lines: Sequence[Line], counters: Counters) -> Days:
    days: Days = {}
    on = told.event.at.astimezone(UTC).date()
    wholes = {(line.key.account_id, line.key.feature_id): line for line in lines if line.is_whole}
    for one in told.events:
        level = counters.said[wholes[one.account_id, one.feature_id].key].used
        days[one.account_id, one.feature_id, on] = Day(-Decimal(one.amount), level, 1)
    return days


def _outdate_others(told: Told, counters: Counters) -> None:
    """Counters that the use may have landed on when rules were otherwise are worked out again by whoever comes next."""
    at = told.event.at
    for one in told.events:
        UsageCounter.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
            account_id=one.account_id,
            feature_id=one.feature_id,
            starts_at__lte=at,
            subject__in={"", one.subject},
            choice__in={"", one.choice},
        ).exclude(pk__in=counters.ids.values()).exclude(events=OUTDATED).update(events=OUTDATED)
