"""The ends that lie ahead: of trials, graces, overrides, lent plans, add-ons, and of all that `ending_sources` tells of.

Only those that come by themselves and that somebody would want to know of: what ends with its subscription is told by
the subscription's own end, and what goes on in another quantity doesn't end.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q

from catalog.domain.values import PlanKind
from catalog.domain.window import MOMENT, Window
from catalog.queries.instants import say_until
from entitlements.domain.facts import Phase
from entitlements.ending_sources import End, Wanted, source_of
from entitlements.models import Account, Override, Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.models.override import OverrideState
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.contracts_ahead import last_days_for_notice, say_time_for_notice
from entitlements.queries.clock.endings import APART, OUTLIVED


@dataclass(frozen=True, slots=True)
class EndAhead:
    """An end to come. `key` names what ends for ever; `what` is it in words that a customer may read too.

    `goes_on`: at this end nothing stops, for a card on file turns the trial into a sale.
    """

    sort: EndOf
    at: datetime
    what: str
    key: str
    account: Account
    since: datetime
    goes_on: bool = False
    lapses: Subscription | None = None  # whose trial it is, where nobody has made it a sale
    then: str = ""  # what happens by itself at the end of a term that renews
    days: frozenset[int] = frozenset()  # announced so many days ahead instead of as the table says
    agreed: bool = False  # something else goes on in its place: nobody has to be warned

    @property
    def words(self) -> str:
        """ "The trial of Team lasts through 31 March 2026 (Amsterdam)"."""
        return f"The {self.what} lasts {say_until(self.at, zone=self.account.zone)}"


def ends_ahead(*, account: Account, at: datetime, within: timedelta) -> tuple[EndAhead, ...]:
    """What ends for an account so soon after the moment, the soonest first; in so many reads however much ends."""
    ahead = Window(at + MOMENT, at + within + MOMENT)
    found = ends_of(EndOf, Wanted((ahead,), accounts=(account.pk,)))
    return tuple(sorted(found, key=lambda end: (end.at, end.key)))


def ends_of(sorts: Collection[EndOf] | type[EndOf], wanted: Wanted) -> Iterator[EndAhead]:
    """The ends of these sorts that are asked about."""
    for sort in sorts:
        if sort is EndOf.NOTICE:
            yield from _notices(wanted)
        elif sort in READ:
            path = "account" if sort is EndOf.OVERRIDE else "subscription__account"
            yield from READ[sort](wanted.within() & wanted.of_account(path))
        elif (source := source_of(sort)) is not None:
            yield from (as_announced(end) for end in source.ends(wanted) if not end.quiet)


def as_announced(end: End) -> EndAhead:
    return EndAhead(
        sort=end.kind,
        at=end.at,
        what=end.announced_as or end.label,
        key=end.key,
        account=end.account,
        since=end.since,
        then=end.then,
        days=end.days,
        agreed=end.settled is not None and bool(end.settled.successor_key),
    )


PLANS = Prefetch(
    "subscription__items",
    SubscriptionItem.objects.filter(plan__kind=PlanKind.PLAN, lent=False).select_related("plan"),
    to_attr="base",
)


def _trials(narrowed: Q) -> Iterator[EndAhead]:
    for row in _phases(narrowed, Phase.TRIAL).filter(subscription__converted_at__isnull=True):
        if any(item.starts_at == row.ends_at for item in row.subscription.base):
            continue  # a plan is sold from that moment on: nobody has to be warned
        what = f"trial of {_plan_of(row.subscription, row.ends_at)}"
        lapses = None if row.with_card else row.subscription
        yield replace(_end(EndOf.TRIAL, row, row.subscription.account, what), goes_on=row.with_card, lapses=lapses)


def _graces(narrowed: Q) -> Iterator[EndAhead]:
    for row in _phases(narrowed, Phase.GRACE).filter(restored_at__isnull=True):
        what = f"time to pay for {_plan_of(row.subscription, row.ends_at)}"
        yield _end(EndOf.GRACE, row, row.subscription.account, what)


def _phases(narrowed: Q, phase: Phase) -> Any:
    rows = SubscriptionPhase.objects.filter(OUTLIVED, narrowed, phase=phase)
    return rows.select_related("subscription__account__owner").prefetch_related(PLANS)


def _overrides(narrowed: Q) -> Iterator[EndAhead]:
    rows = Override.objects.filter(APART, narrowed, state=OverrideState.APPROVED, revoked_at__isnull=True)
    for row in rows.select_related("account__owner", "feature"):
        sort = "arrangement for" if row.loan_id is None else "loan of"
        yield _end(EndOf.OVERRIDE, row, row.account, f"{sort} {row.feature}")


def _items(narrowed: Q) -> Iterator[EndAhead]:
    apart = Q(lent=True) | Q(plan__kind=PlanKind.ADD_ON)
    rows = SubscriptionItem.objects.filter(OUTLIVED, APART, apart, narrowed, followed_by__isnull=True)
    for row in rows.select_related("subscription__account__owner", "plan"):
        sort = "lent plan" if row.plan.kind == PlanKind.PLAN else "add-on"
        what = f"{sort if row.loan_id is None else 'loan of'} {row.plan.name}"
        yield _end(EndOf.ITEM, row, row.subscription.account, what)


def _notices(wanted: Wanted) -> Iterator[EndAhead]:
    """Nothing stops at the end of the time for notice: the contract renews, unless somebody gives it before."""
    for row, term, at in last_days_for_notice(wanted.windows, accounts=wanted.of_account()):
        what = say_time_for_notice(row, term, zone=row.account.zone)
        yield EndAhead(EndOf.NOTICE, at, what, f"{EndOf.NOTICE}:{row.pk}", row.account, row.created_at)


READ: Mapping[EndOf, Callable[[Q], Iterator[EndAhead]]] = {
    EndOf.TRIAL: _trials,
    EndOf.GRACE: _graces,
    EndOf.OVERRIDE: _overrides,
    EndOf.ITEM: _items,
}


def _end(sort: EndOf, row: Any, account: Account, what: str) -> EndAhead:
    return EndAhead(sort, row.ends_at, what, f"{sort}:{row.pk}", account, row.starts_at)


def _plan_of(subscription: Any, end: datetime | None) -> str:
    """The plan that is held when it ends, as everybody calls it."""
    assert end is not None  # what never ends isn't asked about
    held = [item.plan.name for item in subscription.base if item.window.contains(end - MOMENT)]
    return " and ".join(dict.fromkeys(held)) or f"subscription {subscription.number}"
