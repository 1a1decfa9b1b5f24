"""Maintenance visits as they come about: appointments, visits done with what was used, missed and cancelled ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Stale
from support.actions.cases.handling import refuse_future
from support.actions.work.handling import OutOfCover, VisitSettled, lock_visit, reason_of, require, text_of
from support.actions.work.recording import write_work
from support.domain.cover_terms import VisitState, WorkKind
from support.domain.visits import MOVES, VISIT_WORDS
from support.models import Asset, Visit, WorkItem
from support.queries.instants import say_instant
from support.queries.visits import holds_in

LONGEST_NOTE = 5_000


@dataclass(frozen=True, slots=True)
class Used:
    """What a visit took, told together with that it was done."""

    kind: WorkKind
    description: str
    quantity: int = 1
    part_number: str = ""
    amount_micros: int | None = None
    currency: str = ""
    authorised_by: str = ""
    asset: Asset | None = None


@transaction.atomic
def schedule(
    *,
    visit: Visit,
    scheduled_for: datetime,
    by: Actor,
    at: datetime,
    technician: str = "",
    seen: datetime | str | None = "",
) -> Visit:
    """An appointment for a visit was made, or moved. `seen` is the appointment somebody had before them, if any."""
    require(by)
    visit = _held(visit, VisitState.SCHEDULED)
    if seen != "" and seen != visit.scheduled_for:
        raise Stale()
    _refuse_outside(visit, scheduled_for, field="scheduled_for")
    technician = text_of(technician, field="technician", longest=200)
    if (visit.state, visit.scheduled_for, visit.technician) == (VisitState.SCHEDULED, scheduled_for, technician):
        return visit
    before = _said(visit, at=at)
    deed = begin(by=by, at=at)
    visit.state, visit.scheduled_for, visit.technician = VisitState.SCHEDULED, scheduled_for, technician
    visit.settled_at, visit.settled_by = None, ""
    keep(visit, deed=deed)
    changes = {"appointment": [before, _said(visit, at=at)], "technician": [None, technician or None]}
    record(deed, "visit:schedule", subject=visit, account_key=visit.account.key, changes=changes)
    return visit


@transaction.atomic
def complete(
    *,
    visit: Visit,
    by: Actor,
    at: datetime,
    done_at: datetime | None = None,
    done_by: str = "",
    note: str = "",
    items: Sequence[Used] = (),
) -> Visit:
    """A visit took place, and is used up; what it took is recorded with it. Told again, nothing is done twice.

    A visit is done once, also one that was missed; what a cover doesn't include any more is recorded as work alone. Who
    tells of other things used after somebody else has told of the visit is refused, so that nothing of it gets lost.
    """
    require(by)
    lock_account(visit.account_id)  # before the visit, as whoever plans does: what was used is recorded under it
    visit = lock_visit(visit.pk)
    if visit.state == VisitState.DONE:
        _refuse_other_than_told(visit, items, note=text_of(note, field="note", longest=LONGEST_NOTE))
        return visit
    _refuse_settled(visit, VisitState.DONE)
    done_at = done_at or at
    refuse_future(done_at, at=at, field="done_at")
    _refuse_outside(visit, done_at, field="done_at")
    deed = begin(by=by, at=at)
    before = visit.state
    visit.state, visit.settled_at, visit.settled_by = VisitState.DONE, done_at, by.name
    visit.technician = text_of(done_by, field="done_by", longest=200) or visit.technician or by.name
    visit.note = text_of(note, field="note", longest=LONGEST_NOTE)
    keep(visit, deed=deed)
    changes = {"state": [str(before), str(visit.state)], "used": [None, len(items)]}
    record(deed, "visit:complete", subject=visit, account_key=visit.account.key, changes=changes)
    for number, used in enumerate(items, start=1):
        _record(visit, used, number=number, by=by, at=at)
    return visit


@transaction.atomic
def miss(*, visit: Visit, reason: str, by: Actor, at: datetime) -> Visit:
    """A visit didn't come about, as somebody says before its last day has passed: nobody was there to open."""
    require(by)
    visit = lock_visit(visit.pk)
    if visit.state == VisitState.MISSED:
        return visit
    return _end(visit, VisitState.MISSED, reason=reason, needed="Say why it didn’t come about.", by=by, at=at)


@transaction.atomic
def cancel(*, visit: Visit, reason: str, by: Actor, at: datetime) -> Visit:
    """A visit was cancelled for good: the customer doesn't want it. It isn't planned again."""
    require(by)
    visit = lock_visit(visit.pk)
    if visit.state == VisitState.CANCELLED:
        return visit
    return _end(visit, VisitState.CANCELLED, reason=reason, needed="Say why nobody goes there.", by=by, at=at)


def _end(visit: Visit, to: VisitState, *, reason: str, needed: str, by: Actor, at: datetime) -> Visit:
    _refuse_settled(visit, to)
    reason = reason_of(reason, needed=needed)
    deed = begin(by=by, at=at)
    before = visit.state
    visit.state, visit.settled_at, visit.settled_by, visit.note = to, at, by.name, reason
    keep(visit, deed=deed)
    verb = "visit:miss" if to is VisitState.MISSED else "visit:cancel"
    changes = {"state": [str(before), str(to)]}
    record(deed, verb, subject=visit, account_key=visit.account.key, reason=reason, changes=changes)
    return visit


def _held(visit: Visit, to: VisitState) -> Visit:
    visit = lock_visit(visit.pk)
    _refuse_settled(visit, to)
    return visit


def _refuse_settled(visit: Visit, to: VisitState) -> None:
    state = VisitState(visit.state)
    if state in MOVES[to]:
        return
    more = ""
    if to in (VisitState.DONE, VisitState.SCHEDULED):
        more = f" {visit.cover.name} includes no other for it: record further work by itself, as work to bill."
    raise VisitSettled(f"{visit} is {VISIT_WORDS[state].lower()} already.{more}")


def _refuse_other_than_told(visit: Visit, items: Sequence[Used], *, note: str) -> None:
    """A repeat says what stands; two technicians who were there don't."""
    stands = WorkItem.objects.filter(name__in=[_name(visit, number) for number in range(1, len(items) + 2)])
    told = [(str(one.kind), one.description.strip(), one.quantity, one.amount_micros) for one in items]
    known = [(str(row.kind), row.description, row.quantity, row.amount_micros) for row in stands.order_by("pk")]
    if (not told or told == known) and note in ("", visit.note):
        return
    raise VisitSettled(
        f"{visit} was told of before, by {visit.settled_by}: nothing of this was kept. "
        "Record what else was used by itself, with the visit."
    )


def _name(visit: Visit, number: int) -> str:
    return f"visit:{visit.pk}:{number}"


def _refuse_outside(visit: Visit, at: datetime, *, field: str) -> None:
    """Neither before its cover begins, nor after the last of those that go on from it has ended."""
    window = holds_in(visit.cover)
    if window.contains(at):
        return
    begun = window.start is None or window.start <= at
    when = "has ended by then" if begun else "hasn’t begun by then"
    raise OutOfCover(
        f"{visit.cover.name} {when}, so it includes no visit: record the work as work to bill.", field=field
    )


def _record(visit: Visit, used: Used, *, number: int, by: Actor, at: datetime) -> None:
    write_work(
        account=visit.account, kind=used.kind, description=used.description, by=by, at=at, case=None, visit=visit,
        asset=used.asset, quantity=used.quantity, part_number=used.part_number, amount_micros=used.amount_micros,
        currency=used.currency, done_at=visit.settled_at, done_by=visit.technician, authorised_by=used.authorised_by,
        name=_name(visit, number), customer_percent=None, why="",
    )  # fmt: skip


def _said(visit: Visit, *, at: datetime) -> str | None:
    if visit.scheduled_for is None:
        return None
    return say_instant(visit.scheduled_for, now=at, zone=visit.cover.zone)
