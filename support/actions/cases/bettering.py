"""A better cover reaches the cases that are open: what a customer bought meanwhile is owed on them too.

A case keeps the tier it was opened under: a downgrade or an end never takes anything from it. Where the covers of its
account, of its device and of what is prepaid have come to a better one, later in the ranked choices of support_tier, it
is promised anew from now on, by that tier's policy, if no clock that runs is due later by it or stops; otherwise it
keeps what it has, and is looked at again.

A cover that somebody chose for the case is never replaced by this: where it doesn't apply any more, the case says so
and keeps what it was promised, until somebody chooses otherwise.

What to look at is read off the rows, without a mark of how far a run has come (`queries/cases/to_better.py`).
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from catalog.models import Feature
from journal.actions.deeds import begin, record
from journal.domain.actor import SYSTEM
from support.actions.allowances.counting import settle_counts
from support.actions.cases.handling import account_key_of, lock_case
from support.actions.cases.promising import promise_anew
from support.domain.case_events import OPEN_STATES
from support.domain.impact import Turn, moves_between
from support.models import Case
from support.queries.cases.impact import compared
from support.queries.cases.promising import about_case, judged, tier_of
from support.queries.cases.to_better import TiersNow, cases_to_look_at
from support.snapshots.policies import SUPPORT_TIER

LOGGER = logging.getLogger("support.tiers")


def better_tiers(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Open cases were promised the better tier that their account has come to; how many."""
    rows = cases_to_look_at(at).select_related("account__parent", "asset").prefetch_related("counts")
    waiting = list(rows.order_by("pk"))
    if not waiting:
        return 0
    # A run that has had enough stops anywhere: the next begins elsewhere, so that none is always left out.
    turn = int(at.timestamp()) % len(waiting)
    tiers, ranks, bettered = TiersNow(at), ranks_of_tiers(), 0
    for case in (*waiting[turn:], *waiting[:turn]):
        try:
            if _is_better(tiers.of(case), than=case.tier, ranks=ranks):
                bettered += better_case(case, at=at)
        except Exception:
            LOGGER.exception("Whether %s is owed a better tier couldn't be told", case.number)
        if enough():
            break
    return bettered


@transaction.atomic
def better_case(case: Case, *, at: datetime) -> bool:
    """An open case was promised the better tier of what covers it, unless a clock would be due later by it or stop."""
    held = lock_case(case.pk)
    found = judged(held.account, at=at, about=about_case(held))
    promise, ranks = found.promise, ranks_of_tiers()
    tier = tier_of(promise)
    if held.state not in OPEN_STATES or found.missed or not _is_better(tier, than=held.tier, ranks=ranks):
        return False
    compare = compared({held.pk: promise}, now=at)
    moves = moves_between(compare.before[held.pk], compare.after[held.pk])
    if any(move.turn in (Turn.LATER, Turn.STOPS) for move in moves):
        return False
    before, deed = held.tier, begin(by=SYSTEM, at=at)
    promise_anew(held, promise=promise, at=at, deed=deed)
    settle_counts(lock_case(held.pk), at=at, deed=deed)
    changes = {
        "tier": [before, tier], "covered_by": [None, promise.covered_by], "promised": [None, promise.why]
    }  # fmt: skip
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
