"""On which allowance a case counts, and since when. Nothing here writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from catalog.domain.values import UNLIMITED
from entitlements.models import UsageEvent
from entitlements.queries.usage.landing import Sources
from support.domain.case_events import CaseEvent as Happened
from support.domain.case_events import EventKind, Opener
from support.domain.clocks.story import SETTLED
from support.domain.counting import Purse, in_order, number_in, settled_since, source_of
from support.domain.cover_terms import AtZero, CountedOn, Counts, Source
from support.models import Allowance, Case, CaseCount, CasePromise, Cover
from support.queries.allowances.balances import BalanceLine, balance_line, had_of
from support.queries.allowances.room import SOURCE

CHANGES_STATE = (EventKind.OPENED, EventKind.STATE, EventKind.CUSTOMER_MESSAGE)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case took up to now, given back or not, and what it was promised, from the first on."""

    counts: Sequence[CaseCount] = ()
    promises: Sequence[CasePromise] = ()

    @property
    def held(self) -> list[CaseCount]:
        return [row for row in self.counts if row.given_back_at is None]

    @property
    def promise(self) -> CasePromise | None:
        """The one that speaks at the moment."""
        return self.promises[-1] if self.promises else None

    @property
    def covered_since(self) -> datetime | None:
        """Since when what covers the case has done so, by what it was promised last from each instant on."""
        spoke = {row.starts_at: row.covered_by for row in self.promises}
        now = next(reversed(spoke.values()), "")
        return min((since for since, covered_by in spoke.items() if covered_by == now), default=None)


def standing_of(case: Case, *, at: datetime) -> Standing:
    """Two reads."""
    counts = CaseCount.objects.select_related("allowance__feature").filter(case=case).order_by("pk")
    return Standing(list(counts), list(_promises(case, at=at)))


def held_by(case: Case) -> list[CaseCount]:
    """What it took and hasn't given back."""
    rows = CaseCount.objects.select_related("allowance__feature").filter(case=case, given_back_at__isnull=True)
    return list(rows.order_by("pk"))


def promise_of(case: Case, *, at: datetime) -> CasePromise | None:
    """The promise that speaks at the moment."""
    return _promises(case, at=at).last()


def _promises(case: Case, *, at: datetime) -> QuerySet[CasePromise]:
    """A case that is dated a little ahead is promised something already."""
    rows = CasePromise.objects.filter(case=case, starts_at__lte=max(at, case.opened_at))
    return rows.order_by("starts_at", "pk")


def counts_nothing(promise: CasePromise | None) -> bool:
    """Whether what decides says that cases aren't counted; where nothing decides, what was counted stays."""
    source = None if promise is None else source_of(promise.covered_by)
    if source is Source.WARRANTY:
        return True
    return promise is not None and source is Source.COVER and not _counted(promise)


def allowances_for(
    case: Case, promise: CasePromise | None, *, rules: Collection[CountedOn], sources: Sources
) -> list[Allowance]:
    """Those of incidents, used up by these rules, that a case under this promise may count on, in the order in which
    they are asked.

    Prepaid help that covers by itself counts on itself; what the account holds, and covers of which that was agreed,
    on those that the account has.
    """
    account = case.account
    source = None if promise is None else source_of(promise.covered_by)
    if account is None or promise is None or source is None or counts_nothing(promise):
        return []
    rows = Allowance.objects.filter(counts=Counts.CASES, counted_on__in=rules, retired_at__isnull=True)
    rows = rows.select_related("feature")
    if source is Source.BALANCE:
        return list(rows.filter(pk=number_in(promise.covered_by)))
    if not rows:
        return []
    facts = sources.facts_for(account.pk)
    found = had_of(account, list(rows), at=sources.at, facts=facts)
    if len(found) < 2:
        return found
    lines = [balance_line(account, row, at=sources.at, facts=facts) for row in found]
    by_key = {row.pk: row for row in found}
    return [by_key[key] for key in in_order(_purse(line, case.channel) for line in lines)]


def _purse(line: BalanceLine, channel: str) -> Purse:
    part = line.part(channel)
    lefts = [line.left, *([] if part is None else [part.left])]
    left = all(amount is UNLIMITED or amount >= line.allowance.feature.scale for amount in lefts)
    return Purse(line.allowance.pk, left, line.allowance.at_zero == AtZero.OVERDRAW, line.goes_at)


def _counted(promise: CasePromise) -> bool:
    return Cover.objects.filter(pk=number_in(promise.covered_by), counted=True).exists()


def due_since(case: Case, rule: CountedOn, standing: Standing, *, at: datetime) -> datetime:
    """The instant a case that owes an incident by this rule counts from: it was opened, or what it counts on came to
    cover it; or it was resolved."""
    if rule is CountedOn.OPENING:
        return standing.covered_since or case.opened_at
    rows = case.events.filter(kind__in=CHANGES_STATE).order_by("at", "pk").values_list("at", "pk", "kind", "to")
    told = [Happened(when, seq, EventKind(kind), to) for when, seq, kind, to in rows]
    return settled_since(told, opener=Opener(case.opener), now=at) or case.opened_at


def since_opening(case: Case, row: CaseCount) -> bool:
    """Whether it was counted from the opening, by a rule that was changed since: what was taken stays taken."""
    settled = case.events.filter(kind=EventKind.STATE, to__in=SETTLED, at__lte=row.at)
    return row.at <= case.opened_at and not settled.exists()


def counted_elsewhere(case: Case, held: Sequence[CaseCount]) -> set[int]:
    """Of these counts those that were taken of another account than the case's, which it didn't bring along."""
    if not held:
        return set()
    events = UsageEvent.objects.filter(source=SOURCE, event_id__in=[row.event_id for row in held])
    own = {case.account_id} - {None}
    found = {
        name: account in own or into in own
        for name, account, into in events.values_list("event_id", "account_id", "account__merged_into_id")
    }
    return {row.pk for row in held if not found.get(row.event_id, True)}
