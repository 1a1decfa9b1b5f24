"""One incident taken of an allowance: exactly, also where two cases want the last one at once.

What happens now asks first, as any consumer does. What is heard of late has happened; where the allowance blocks at
zero, the counters and the balance are locked, as whoever counts locks them, and it is told only where it still fits.
Where the allowance may be overdrawn, or what was owed has been delivered, it is told whatever is left.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from entitlements.actions.credits.books import open_book
from entitlements.actions.usage.caps import counting
from entitlements.actions.usage.counters import lock_counters, write_counters
from entitlements.actions.usage.holds import drop_expired
from entitlements.actions.usage.recording import SCOPE as USAGE
from entitlements.actions.usage.recording import record
from entitlements.domain.credits.ledger import Kind
from entitlements.domain.usage.operations import AHEAD, Act, Operation, UnfitUse, digest_of
from entitlements.domain.usage.terms import is_had
from entitlements.models import CreditEntry
from entitlements.queries.usage.landing import Sources, lands_on
from journal.domain.actor import Actor
from support.domain.cover_terms import AtZero
from support.models import Allowance, Case
from support.queries.allowances.balances import CHANNEL
from support.queries.allowances.room import SOURCE, fitting


class Taken(StrEnum):
    """What became of it."""

    COUNTED = "counted"
    OVERDRAWN = "overdrawn"
    NOTHING_LEFT = "nothing_left"
    NOT_TOLD = "not_told"  # so long ago, or of such a customer, that use can't be told


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of a case. `counts_at` is when it counts; `delivered`: it is owed whatever is left."""

    case: Case
    allowance: Allowance
    event_id: str
    counts_at: datetime
    delivered: bool = False

    @property
    def asks(self) -> bool:
        return self.allowance.at_zero == AtZero.BLOCK and not self.delivered

    def operation(self, act: Act, *, sources: Sources) -> Operation:
        account, feature = self.case.account_id, self.allowance.feature
        assert account is not None
        terms = sources.terms_for(account, at=self.counts_at)[feature.key]
        choice = f"{CHANNEL}{self.case.channel}"
        choice = choice if choice in terms.choices else ""
        amount = Decimal(feature.scale)
        digest = digest_of(act, account, feature.key, amount, at=self.counts_at, choice=choice)
        return Operation(
            act, SOURCE, self.event_id, account, feature.key, amount, self.counts_at, choice=choice, digest=digest
        )


def take(incident: Incident, *, sources: Sources, by: Actor, at: datetime) -> Taken:
    """Count one incident of a case on an allowance, if it may be; the caller holds the case."""
    counts = replace(by, permissions=by.permissions | {USAGE})
    now = at - incident.counts_at <= AHEAD
    try:
        act = Act.CONSUME if incident.asks and now else Act.REPORT
        operation = incident.operation(act, sources=sources)
        if incident.asks and not now and not _fits(operation, at=at):
            return Taken.NOTHING_LEFT
        (told,) = record([operation], by=counts, at=at, sources=sources)
        if isinstance(told, UnfitUse):
            return Taken.NOT_TOLD
    except UnfitUse:
        return Taken.NOT_TOLD
    if not told.allowed:
        return Taken.NOTHING_LEFT
    return Taken.OVERDRAWN if act is Act.REPORT and _beyond(incident) else Taken.COUNTED


def _fits(operation: Operation, *, at: datetime) -> bool:
    """Whether it fits where it happened, so that nothing used since is beyond what there was because of it."""
    sources = counting(None, at=at)
    sources.read_ahead([operation])
    ready = lands_on(operation, sources, now=at)
    counters = lock_counters(ready.lines, at=at)
    drop_expired(counters, at=at)
    write_counters(counters, at=at)
    top = ready.holders[-1]
    facts = sources.facts_for(top.account_id)
    book = open_book(account_id=top.account_id, feature_id=top.feature_id, facts=facts, at=at)
    said = counters.said
    if any(
        line.most is not None and said[line.key].used + said[line.key].held + ready.amount > line.most
        for line in ready.lines
    ):
        return False
    room = fitting(book.course, book.balance, facts=facts, at=operation.at, wanted=ready.amount)
    if not is_had(ready.terms, room):
        return False
    held = [said[line.key].held for line in ready.lines if line.is_whole][-1]
    return room is None or room - held >= ready.amount


def _beyond(incident: Incident) -> bool:
    """Whether anything of it was taken beyond all that was left."""
    name = f"{SOURCE} {incident.event_id}"
    rows = CreditEntry.objects.filter(
        balance__feature=incident.allowance.feature, event=name, kind=Kind.OVERAGE, at__gte=incident.counts_at
    )
    return rows.filter(balance__account=incident.case.account_id).exists()
