"""A better support tier reaches the cases that are open: what a customer bought meanwhile is owed on them too.

A case keeps the tier it was opened under: a downgrade or an end never takes anything from it. Where its account has
come to a better one, later in the ranked choices of support_tier, it is promised anew from now on, by that tier's
policy, if no clock that runs is due later by it or stops; otherwise it keeps what it has, and is looked at again.

What to look at is read off the rows, without a mark of how far a run has come: open cases whose account's support_tier
was changed since they were promised something last, as the entitlement changes tell. Those are few, whatever the
number of cases, and a run that was missed is made up for by the next.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from catalog.models import Feature
from entitlements.domain.resolve import resolve
from entitlements.models import Account, EntitlementChange
from entitlements.queries.entitlements import facts_of
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog
from journal.actions.deeds import begin, record
from journal.domain.actor import SYSTEM
from support.actions.cases.handling import account_key_of, lock_case
from support.actions.cases.promising import promise_anew
from support.domain.case_events import OPEN_STATES
from support.domain.impact import Turn, moves_between
from support.models import Case, CasePromise
from support.queries.cases.impact import compared
from support.queries.cases.promising import promise_for, tier_of
from support.snapshots.policies import SUPPORT_TIER

LOGGER = logging.getLogger("support.tiers")


def better_tiers(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Open cases were promised the better tier that their account has come to; how many."""
    waiting = list(_to_look_at(at).select_related("account__parent").order_by("pk"))
    if not waiting:
        return 0
    # A run that has had enough stops anywhere: the next begins elsewhere, so that none is always left out.
    turn = int(at.timestamp()) % len(waiting)
    tiers, bettered = _Tiers(at), 0
    for case in (*waiting[turn:], *waiting[:turn]):
        try:
            if case.account is not None and tiers.better(case.account, than=case.tier):
                bettered += better_case(case, at=at)
        except Exception:
            LOGGER.exception("Whether %s is owed a better tier couldn't be told", case.number)
        if enough():
            break
    return bettered


@transaction.atomic
def better_case(case: Case, *, at: datetime) -> bool:
    """An open case was promised the better tier of its account, unless a clock of it would be due later or stop."""
    held = lock_case(case.pk)
    promise = promise_for(held.account, at=at)
    tier, ranks = tier_of(promise), ranks_of_tiers()
    if held.state not in OPEN_STATES or not _is_better(tier, than=held.tier, ranks=ranks):
        return False
    compare = compared({held.pk: promise}, now=at)
    moves = moves_between(compare.before[held.pk], compare.after[held.pk])
    if any(move.turn in (Turn.LATER, Turn.STOPS) for move in moves):
        return False
    before, deed = held.tier, begin(by=SYSTEM, at=at)
    promise_anew(held, promise=promise, at=at, deed=deed)
    changes = {"tier": [before, tier], "promised": [None, promise.why]}
    record(deed, "case:better_tier", subject=held, account_key=account_key_of(held), changes=changes)
    return True


def ranks_of_tiers() -> dict[str, int]:
    """The place of each support tier among the ranked choices, the least first; without one it is below all."""
    feature = Feature.objects.filter(key=SUPPORT_TIER).first()
    choices = () if feature is None else feature.shape.choices
    return {"": -1} | {choice.key: place for place, choice in enumerate(choices)}


def _is_better(tier: str, *, than: str, ranks: Mapping[str, int]) -> bool:
    """A tier that is no choice any more can't be compared."""
    return tier in ranks and than in ranks and ranks[tier] > ranks[than]


def _to_look_at(at: datetime) -> QuerySet[Case]:
    """Open cases whose account's tier was changed, or heard to have changed, since they were promised something last."""
    last = CasePromise.objects.filter(case=OuterRef("pk")).order_by("-starts_at", "-pk")
    changes = EntitlementChange.objects.filter(
        Q(effective_at__gt=OuterRef("promised_from")) | Q(recorded_at__gte=OuterRef("promised_at")),
        account=OuterRef("account"),
        feature_key=SUPPORT_TIER,
        effective_at__lte=at,
    )
    return (
        Case.objects.filter(state__in=OPEN_STATES, account__isnull=False)
        .annotate(promised_from=Subquery(last.values("starts_at")[:1]))
        .annotate(promised_at=Subquery(last.values("recorded_at")[:1]))
        # In two halves, for each of which the changes have an index.
        .filter(Exists(changes.filter(audit_id__isnull=True)) | Exists(changes.filter(audit_id__isnull=False)))
    )


class _Tiers:
    """The tier each account has now, asked for once."""

    def __init__(self, at: datetime) -> None:
        self.at, self.ranks = at, ranks_of_tiers()
        self.catalog: CatalogSnapshot = snapshot_catalog(Reader())
        self.known: dict[int, str] = {}

    def better(self, account: Account, *, than: str) -> bool:
        if account.pk not in self.known:
            held = resolve(facts_of(account=account, catalog=self.catalog), at=self.at).get(SUPPORT_TIER)
            self.known[account.pk] = held.value if held and held.granted and isinstance(held.value, str) else ""
        return _is_better(self.known[account.pk], than=than, ranks=self.ranks)
