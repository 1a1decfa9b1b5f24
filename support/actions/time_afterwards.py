"""Time afterwards: counted on hours that were bought later, and left out by a colleague of whoever entered it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_account
from entitlements.queries.credits.courses import credit_facts
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor, ActorKind
from journal.domain.deed import Deed
from journal.domain.refusal import Stale
from journal.models import AuditEvent
from support.actions.time_handling import (
    EXEMPT,
    DoesNotFit,
    NothingToCount,
    OwnTime,
    allowance_for,
    lock_entry,
    reason_of,
    require,
)
from support.actions.time_taking import back, take
from support.domain.time_entries import rounded, say_minutes
from support.models import Allowance, TimeEntry
from support.queries.allowances.balances import balance_line


@transaction.atomic
def count_entries(*, entries: Sequence[TimeEntry], allowance: Allowance, by: Actor, at: datetime) -> list[TimeEntry]:
    """Earlier time was counted on hours that the customer has bought since; what was to be billed of it isn't any more.

    All of them or none: refused where not enough is left. They count from now on, for that is when the hours are there.
    """
    require(by)
    if not entries:
        raise NothingToCount("Choose at least one entry.")
    for pk in sorted({entry.account_id for entry in entries}):
        lock_account(pk)
    deed = begin(by=by, at=at)
    return [_count(lock_entry(entry), allowance, deed=deed) for entry in sorted(entries, key=_in_order)]


@transaction.atomic
def leave_out(*, entry: TimeEntry, reason: str, by: Actor, at: datetime) -> TimeEntry:
    """Time was left out for a reason: what it took is given back, and nothing of it is billed.

    Whoever entered it doesn't decide that alone. To count it after all, withdraw it and enter it anew.
    """
    by.require(EXEMPT)
    reason = reason_of(reason)
    lock_account(entry.account_id)
    held = lock_entry(entry)
    if held.withdrawn_at is not None:
        raise Stale(f"{held.withdrawn_by} has withdrawn it already: {held.withdraw_reason}")
    if held.exempt_reason:
        raise Stale(f"It was left out already: {held.exempt_reason}")
    _refuse_own(held, by)
    back(held, reason=reason, by=by, at=at)
    before = say_minutes(held.counted_minutes)
    held.counted_minutes = held.beyond_minutes = 0
    held.allowance, held.exempt_reason = None, reason
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    changes = {"counted": [before, "not"]}
    record(deed, "time:leave_out", subject=held, account_key=held.account.key, reason=reason, changes=changes)
    return held


def _refuse_own(entry: TimeEntry, by: Actor) -> None:
    entered = AuditEvent.objects.filter(
        verb="time:enter", subject_type=entry._meta.model_name, subject_key=str(entry.pk), actor_key=by.key
    )
    if by.kind is not ActorKind.SYSTEM and entered.exists():
        raise OwnTime("You entered it yourself, so that a colleague has to decide that it isn’t counted.")


def _in_order(entry: TimeEntry) -> tuple[datetime, int]:
    return entry.worked_at, entry.pk


def _count(held: TimeEntry, allowance: Allowance, *, deed: Deed) -> TimeEntry:
    _refuse_countable(held)
    before = say_minutes(held.counted_minutes)
    reason = f"Counted on {allowance}"
    _give_back_whole(held, reason=reason, deed=deed)
    facts = credit_facts(held.account)
    held.allowance = allowance_for(held, allowance, counts_at=deed.at, at=deed.at, facts=facts)
    take(held, counts_at=deed.at, by=deed.by, at=deed.at, facts=facts)
    if held.beyond_minutes:
        whole = rounded(held.minutes, unit=allowance.unit_minutes)
        raise DoesNotFit(
            f"{say_minutes(whole)} of {held.case.number} don’t fit any more: {say_minutes(held.counted_minutes)} of "
            f"{allowance} are left for it. Nothing was counted; choose fewer entries.",
            field="entries",
        )
    keep(held, deed=deed)
    changes = {"counted": [before, say_minutes(held.counted_minutes)], "on": [None, str(allowance)]}
    record(deed, "time:count", subject=held, account_key=held.account.key, changes=changes)
    return held


def _give_back_whole(held: TimeEntry, *, reason: str, deed: Deed) -> None:
    """What it took of other hours has to come back to be used: the customer doesn't pay the same minutes twice."""
    was, taken = _left(held, at=deed.at), held.counted_minutes
    back(held, reason=reason, by=deed.by, at=deed.at)
    if was is None or not taken:
        return
    came = (_left(held, at=deed.at) or 0) - was
    if came < taken:
        raise DoesNotFit(
            f"{say_minutes(taken)} of {held.case.number} were counted on hours that have gone since, and wouldn’t come "
            f"back. Correct the entry to {say_minutes(taken)}, and enter the rest by itself.",
            field="entries",
        )


def _left(held: TimeEntry, *, at: datetime) -> int | None:
    """What is left of the hours that it counts on; None: without limit, or it counts on none."""
    if held.allowance is None or not held.counted_minutes:
        return None
    line = balance_line(held.account, held.allowance, at=at)
    return line.measure.left(line.left, owed=line.owed)


def _refuse_countable(held: TimeEntry) -> None:
    if held.withdrawn_at is not None:
        raise NothingToCount(f"{held} was withdrawn; enter it anew.", field="entries")
    if held.exempt_reason:
        raise NothingToCount(f"{held} was left out on purpose: {held.exempt_reason}", field="entries")
    if held.counted_minutes and not held.beyond_minutes:
        raise NothingToCount(f"{held} is counted already.", field="entries")
