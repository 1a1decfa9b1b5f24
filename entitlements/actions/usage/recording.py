"""The one way by which use is counted: whatever the edge, exactly once, and all counters or none.

In one transaction: the counters that apply are locked in one order; names that are known are answered as they were
before; each operation is decided on what the ones before it left; events, counters and holds are written. A repeat that
comes side by side waits for the lock and then finds the first; the same name on *other* counters breaks the unique name
when it is written, so that nothing is written and all of it is decided anew. What is refused leaves no row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from catalog.domain.values import UNLIMITED, Aggregation
from catalog.domain.window import Window
from catalog.models import Feature
from entitlements.actions.credits.books import Book, open_book
from entitlements.actions.locking import lock_account
from entitlements.actions.trial_uses import note_uses
from entitlements.actions.usage.caps import counting
from entitlements.actions.usage.counters import Counters, NotTogether, counters_to_write, lock_counters
from entitlements.actions.usage.credits import spend
from entitlements.actions.usage.days import Day, Days, days_to_add
from entitlements.actions.usage.events import Known, Name, NewEvent, events_to_write, known_events, shared_name
from entitlements.actions.usage.holds import drop_expired, hold, new_key
from entitlements.actions.usage.overlaps import overlap
from entitlements.actions.usage.rows import write
from entitlements.actions.usage.thresholds import announce
from entitlements.domain.usage.allowances import Holder
from entitlements.domain.usage.charging import Landed, Line, Tallied, land
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import ASKS, Act, Operation, Outcome, UnfitUse, digest_under
from entitlements.domain.usage.thresholds import Crossed, newly_reached
from entitlements.models import Account
from entitlements.queries.usage.landing import Ready, Sources, Value, lands_on, seen_before
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal

SCOPE = "usage:write"
ATTEMPTS = 5
Answer: TypeAlias = Outcome | UnfitUse


class Contended(Refusal):
    """Too many changed the same counters at once; nothing was counted, so that it can be sent again."""

    code = "contended"


class AbsurdQuantity(Invalid):
    """More than can be counted, or than can be added up."""

    code = "absurd_quantity"


def record(operations: Sequence[Operation], *, by: Actor, at: datetime, sources: Sources | None = None) -> list[Answer]:
    """Counted what was used, reserved or reported; one answer for each operation, in their order.

    Commits and releases go through `settling.py`, which knows the hold. UnfitUse in place of an answer where the
    operation can't be: the others are counted all the same.
    """
    by.require(SCOPE)
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                recording = Recording(by, at, counting(sources, at=at))
                answers = [recording.answer(one) for one in recording.begin(operations)]
                recording.finish()
                return answers
        except NotTogether:
            return [answer for one in operations for answer in record([one], by=by, at=at, sources=sources)]
        except (IntegrityError, OperationalError):
            if connection.in_atomic_block:
                raise
        except (DataError, OverflowError):  # PostgreSQL; SQLite
            raise too_much_to_count() from None
    raise Contended("The desk was busy with the same counters; nothing was counted. Send it again.")


def too_much_to_count() -> AbsurdQuantity:
    """What is refused where a column holds no such sum."""
    return AbsurdQuantity("A sum would be more than can be counted; nothing was.", field="quantity")


@dataclass(slots=True)
class Recording:
    """One transaction's work: begin with what is asked, answer one after the other, finish by writing it all."""

    by: Actor
    at: datetime
    sources: Sources
    known: dict[Name, Known] = field(default_factory=dict)
    events: list[NewEvent] = field(default_factory=list)
    days: Days = field(default_factory=dict)
    seen: set[Value] = field(default_factory=set)
    counters: Counters = field(default_factory=Counters)
    books: dict[tuple[int, int], Book] = field(default_factory=dict)
    crossed: list[Crossed] = field(default_factory=list)
    tried: set[tuple[int, int]] = field(default_factory=set)

    def begin(self, operations: Sequence[Operation], *, beside: Sequence[int] = ()) -> list[Ready | UnfitUse]:
        """Lock every counter that these land on, with those of the ids `beside`, and find what was told before."""
        self.sources.read_ahead(operations)
        ready = [self._ready(operation) for operation in operations]
        fit = [one for one in ready if isinstance(one, Ready)]
        capped = {pair for one in fit for pair in one.capped}
        if len({account for account, _ in capped}) < len(capped):
            raise NotTogether  # under one spend cap each has to know what the others cost
        if len(fit) > 1 and overlap(one.lines for one in fit):
            raise NotTogether
        self.counters = lock_counters((line for one in fit for line in one.lines), at=self.at, beside=beside)
        drop_expired(self.counters, at=self.at)
        self.known = known_events([(one.source, one.id) for one in operations])
        self.seen = seen_before(fit, self.counters.said)
        return ready

    def finish(self) -> None:
        write(
            events_to_write(self.events, told_by=self.by.key, at=self.at),
            days_to_add(self.days),
            counters_to_write(self.counters, at=self.at),
        )
        for book in self.books.values():
            book.close(at=self.at)
        announce(self.crossed, at=self.at)
        for account_id, feature_id in sorted(self.tried):
            account, feature = Account.objects.get(pk=account_id), Feature.objects.get(pk=feature_id)
            note_uses(account=account, feature=feature, by=self.by, at=self.at)

    def _ready(self, operation: Operation) -> Ready | UnfitUse:
        try:
            return lands_on(operation, self.sources, now=self.at)
        except UnfitUse as unfit:
            return unfit

    def answer(self, ready: Ready | UnfitUse) -> Answer:
        """Decide one operation on what those before it left; what was told before is told again."""
        if isinstance(ready, UnfitUse):
            return ready
        operation = ready.operation
        name = (operation.source, operation.id)
        if name in self.known:
            return repeated(operation, self.known[name])
        ready = self._after_resets(ready)
        try:
            landed = self._land(ready)
        except UnfitUse as unfit:
            return unfit
        if landed.outcome.allowed:
            outcome = self._keep(ready, landed)
            self.known[name] = Known(operation.account_id, operation.digest, outcome)
            return outcome
        return landed.outcome

    def _after_resets(self, ready: Ready) -> Ready:
        """What is asked or told of now counts after the last reset, also where it waited for that very one. Only what is
        said to have happened before is history then."""
        operation = ready.operation
        if operation.act not in ASKS and (operation.act is Act.COMMIT or operation.at < self.at):
            return ready
        since = max(self.counters.said[line.key].since or operation.at for line in ready.lines)
        return ready if since <= operation.at else replace(ready, operation=replace(operation, at=since))

    def _land(self, ready: Ready) -> Landed:
        seen = {key for key, value in self.seen if value == ready.operation.value} if self.seen else ()
        landed = land(ready.operation, ready.lines, self.counters.said, amount=ready.amount, seen=seen)
        return self._spend(ready, landed) if ready.of_credits and landed.outcome.allowed else landed

    def _spend(self, ready: Ready, landed: Landed) -> Landed:
        """Credits are bounded by their balance, of the account at the top of those that share it."""
        line = [line for line in ready.lines if line.is_whole][-1]
        if ready.terms.tried and ready.operation.act is not Act.RESERVE:
            lock_account(ready.holders[0].account_id)  # the first use in a trial is noted under it: before any balance
        book = self._book(ready.holders[-1])
        held = self.counters.said[line.key].held
        return spend(ready.operation, landed, book=book, line=line, held=held, amount=ready.amount)

    def _book(self, holder: Holder) -> Book:
        name = (holder.account_id, holder.feature_id)
        if name not in self.books:
            facts = self.sources.facts_for(holder.account_id)
            self.books[name] = open_book(
                account_id=holder.account_id, feature_id=holder.feature_id, facts=facts, at=self.at
            )
        return self.books[name]

    def _keep(self, ready: Ready, landed: Landed) -> Outcome:
        """Put what was decided on the counters, and the event or the hold among what is written."""
        operation, before = ready.operation, {key: self.counters.said[key] for key, _ in landed.counters}
        for key, said in landed.counters:
            self.counters.set(key, said)
        self._watch(ready, before)
        if operation.act is Act.RESERVE:
            outcome = replace(landed.outcome, reservation=new_key())
            keys = [(key, said.held - before[key].held) for key, said in landed.counters]
            hold(
                operation, outcome, feature_id=ready.feature_id, amount=ready.amount, keys=keys,
                counters=self.counters, told_by=self.by.key,
            )  # fmt: skip
            return outcome
        self._write(ready, landed.outcome)
        return landed.outcome

    def _watch(self, ready: Ready, before: Mapping[CounterKey, Tallied]) -> None:
        """Which thresholds this comes to, and whether it is a use in a trial."""
        for line in ready.lines:
            if line.key.choice or not line.terms.thresholds:
                continue
            used = before[line.key].used, self.counters.said[line.key].used
            self.crossed += crossings(line, before=used[0], after=used[1], since=self.counters.said[line.key].since)
        if ready.terms.tried and ready.operation.act is not Act.RESERVE:
            self.tried.add((ready.holders[0].account_id, ready.feature_id))

    def _write(self, ready: Ready, outcome: Outcome) -> None:
        operation, own = ready.operation, ready.holders[0]
        amount = int(ready.amount)
        name = (operation.source, operation.id)
        self.events.append(
            NewEvent(operation, outcome, own.account_id, own.feature_id, amount, operation.subject, name)
        )
        for above in ready.holders[1:]:
            copy = shared_name(operation, above.account_id)
            child = f"account:{operation.account_id}"
            self.events.append(NewEvent(operation, outcome, above.account_id, above.feature_id, amount, child, copy))
        if ready.terms.aggregation is Aggregation.DISTINCT and amount:
            self.seen |= {(line.key, operation.value) for line in ready.lines}
        on = operation.at.astimezone(UTC).date()
        for holder, line in zip(ready.holders, (line for line in ready.lines if line.is_whole), strict=True):
            day = self.days.setdefault((holder.account_id, holder.feature_id, on), Day())
            day.amount += outcome.quantity
            day.level = self.counters.said[line.key].used
            day.events += 1


def crossings(line: Line, *, before: Decimal, after: Decimal, since: datetime | None) -> Iterator[Crossed]:
    """The thresholds of the line's limit that use came to on the way."""
    limit, key = line.limit, line.key
    for one in newly_reached(line.terms.thresholds, before=before, after=after, limit=limit):
        assert limit is not UNLIMITED
        period = Window(key.start, line.end)
        yield Crossed(
            key.account_id, key.feature_id, key.subject, period, one.percent, after, limit, one.told, since=since
        )


def repeated(operation: Operation, known: Known) -> Answer:
    """What was answered the first time; UnfitUse where the same name now says something else.

    Whoever told it of an account that was merged since says the same by naming that account again.
    """
    if operation.digest != known.digest and not _said_before_a_merge(operation, known):
        words = f"“{operation.id}” was told before, and said something else; give every event its own id."
        return UnfitUse(words, field="id", code="event_reused")
    return replace(known.outcome, replayed=True)


def _said_before_a_merge(operation: Operation, known: Known) -> bool:
    if known.account_id == operation.account_id or known.digest != digest_under(operation, known.account_id):
        return False
    return Account.objects.filter(pk=known.account_id, merged_into=operation.account_id).exists()
