"""Promises to cases: each is appended and the clocks are reckoned by it; none is ever taken back or rewritten."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from journal.actions.deeds import begin, keep, keep_changed, keep_many
from journal.domain.actor import SYSTEM
from journal.domain.deed import Deed
from support.actions.cases.handling import lock_case
from support.actions.cases.reckoning import Reckoned, reckonings
from support.actions.cases.telling import anybody_listens, tell_case
from support.models import Case, CasePromise
from support.queries.cases.promising import tier_of
from support.webhook_events import CHANGED


@transaction.atomic
def promise_anew(case: Case, *, promise: CasePromise, at: datetime, deed: Deed | None = None) -> CasePromise:
    """A case was promised something else from the promise's own start on; its clocks count by it at once."""
    deed = deed or begin(by=SYSTEM, at=at)
    promise.case = lock_case(case.pk)
    promise.recorded_at = at
    keep(promise, deed=deed)
    _settle([promise], at=at, deed=deed)
    return promise


@transaction.atomic
def promise_many_anew(promises: Sequence[CasePromise], *, at: datetime, deed: Deed | None = None) -> int:
    """The same for many cases in few queries: each promise names its own; how many of them have a clock that moved.

    Several promises of one case are appended in their order.
    """
    deed = deed or begin(by=SYSTEM, at=at)
    held = _lock({promise.case_id for promise in promises})
    for promise in promises:
        promise.case, promise.recorded_at = held[promise.case_id], at
    keep_many(promises, deed=deed)
    return sum(reckoned.moved for reckoned in _settle(promises, at=at, deed=deed).values())


def _lock(ids: set[int]) -> dict[int, Case]:
    rows = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")
    return {case.pk: case for case in rows.select_related("account", "severity", "team")}


def _settle(promises: Sequence[CasePromise], *, at: datetime, deed: Deed) -> dict[int, Reckoned]:
    """The tier each case is served by now, its clocks, and what other systems are told of those that moved."""
    other = []
    for promise in promises:
        if promise.policy_version is not None and promise.case.tier != tier_of(promise):
            promise.case.tier = tier_of(promise)
            other.append(promise.case)
    keep_changed(list({case.pk: case for case in other}.values()), fields=["tier"], deed=deed)
    cases = {promise.case_id: promise.case for promise in promises}
    found = reckonings(list(cases.values()), at=at, deed=deed)
    if anybody_listens():
        for promise in promises:
            if found[promise.case_id].moved:
                tell_case(CHANGED, promise.case, once_key=f"case-promise:{promise.pk}", at=at, about=BY_PROMISE)
    return found


BY_PROMISE = {"happened": "promised_anew"}
