"""Time taken of prepaid hours, given back, and billed where it is beyond: the three things an entry does elsewhere.

The counters and the balance are locked first, in the order in which everybody who counts use locks them; then what fits
is worked out and exactly that is reported. So two entries at the last minutes follow each other, and a report never goes
below zero unless the allowance may be overdrawn. Whoever calls holds the account.
"""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from django.db.models import QuerySet

from entitlements.actions.credits.books import open_book
from entitlements.actions.usage.caps import counting
from entitlements.actions.usage.counters import lock_counters, write_counters
from entitlements.actions.usage.giving_back import give_back
from entitlements.actions.usage.holds import drop_expired
from entitlements.actions.usage.recording import SCOPE as USAGE
from entitlements.actions.usage.recording import record
from entitlements.domain.facts import Facts
from entitlements.domain.usage.operations import UnfitUse
from entitlements.queries.usage.landing import Ready, Sources
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal
from support.actions.work.billing import withdraw_with_its_source
from support.actions.work.recording import write_work
from support.domain.case_events import Channel
from support.domain.cover_terms import Billing, WorkKind
from support.domain.time_entries import Share, say_minutes, share
from support.models import TimeEntry, WorkItem
from support.queries.allowances.room import SOURCE, Room, Taking, ready_for, room_in

WORK_OF = "time:"  # how the work items of entries are named


class TooLateToCount(Invalid):
    """The work is further back than use can be told."""

    code = "too_late_to_count"


class MoreBeyond(Refusal):
    """More would be beyond what is left than whoever enters it has seen."""

    code = "more_beyond"


class AlreadyBilled(Refusal):
    """What was beyond has left for billing, so that the entry stays as it is."""

    code = "already_billed"


def take(
    entry: TimeEntry, *, counts_at: datetime, by: Actor, at: datetime, facts: Facts, most_beyond: int | None = None
) -> None:
    """Count an unsaved or locked entry on its allowance: its counted and beyond minutes, and its event's name.

    `facts` are those of its account, which the caller holds.
    """
    allowance = entry.allowance
    assert allowance is not None
    taking = Taking(entry.account, allowance, entry.channel, counts_at, at)
    sources = counting(Sources(at, facts={entry.account.pk: facts}), at=at)
    try:
        found = _found(taking, entry.minutes, sources)
        if most_beyond is not None and found.beyond > most_beyond:
            raise MoreBeyond(say_more_beyond(found, most_beyond=most_beyond), field="minutes")
        entry.unit_minutes, entry.beyond_minutes = allowance.unit_minutes, found.beyond
        entry.counted_minutes, entry.event_id = 0, ""
        if found.counted:
            _report(entry, taking, found.counted, sources, by=by, at=at)
    except UnfitUse as unfit:
        raise _refused(unfit) from None


def back(entry: TimeEntry, *, reason: str, by: Actor, at: datetime) -> None:
    """What the entry took is given back, and what was to be billed of it no longer is."""
    for item in work_of(entry):
        if (
            item.billing != Billing.WITHDRAWN
            and withdraw_with_its_source(item=item, reason=reason, by=by, at=at) is None
        ):
            stands = "handed over to billing" if item.billing == Billing.HANDED_OVER else "decided on"
            raise AlreadyBilled(
                f"{say_minutes(item.quantity)} beyond what was left were {stands} already. "
                "Have finance put that right first; the entry stays until then."
            )
    if entry.counted_minutes:
        give_back(source=SOURCE, event_id=entry.event_id, reason=reason, by=_who_counts(by), at=at)


def bill_beyond(entry: TimeEntry, *, by: Actor, at: datetime) -> WorkItem | None:
    """What was beyond the allowance is work to bill, all of it the customer's."""
    if not entry.beyond_minutes:
        return None
    return write_work(
        account=entry.account, kind=WorkKind.LABOUR, by=by, at=at, customer_percent=100,
        why=f"Nothing was left of {entry.allowance} for it.",
        description=f"Support by {Channel(entry.channel).words.lower()} beyond prepaid help: {entry.case.number}",
        case=entry.case, visit=None, asset=None, quantity=entry.beyond_minutes, part_number="", amount_micros=None,
        currency="", done_at=entry.worked_at, done_by=entry.worked_by, authorised_by="",
        name=f"{WORK_OF}{entry.pk}:{work_of(entry).count()}",
    )  # fmt: skip


def work_of(entry: TimeEntry) -> QuerySet[WorkItem]:
    """Every item that was written for what was beyond of the entry, settled ones too."""
    return WorkItem.objects.filter(name__startswith=f"{WORK_OF}{entry.pk}:").order_by("pk")


def say_more_beyond(found: Share, *, most_beyond: int) -> str:
    less = "Less is left than when you looked" if most_beyond else "Not all of it fits any more"
    return f"{less}: {say_minutes(found.beyond)} would be beyond it, and billed. Look again and press once more."


def _found(taking: Taking, minutes: int, sources: Sources) -> Share:
    unit = taking.allowance.unit_minutes
    wanted = share(minutes, unit=unit, room=None).rounded
    ready = ready_for(taking, sources)
    return share(minutes, unit=unit, room=_locked_room(taking, ready, sources, wanted=wanted).bound)


def _locked_room(taking: Taking, ready: Ready, sources: Sources, *, wanted: int) -> Room:
    counters = lock_counters(ready.lines, at=taking.now)
    drop_expired(counters, at=taking.now)
    write_counters(counters, at=taking.now)
    top = ready.holders[-1]
    facts = sources.facts_for(top.account_id)
    book = open_book(account_id=top.account_id, feature_id=top.feature_id, facts=facts, at=taking.now)
    return room_in(
        taking, ready, counters.said, wanted=wanted, course=book.course, balance=book.balance, facts=facts
    )  # fmt: skip


def _report(entry: TimeEntry, taking: Taking, minutes: int, sources: Sources, *, by: Actor, at: datetime) -> None:
    entry.event_id = f"time:{uuid4().hex}"
    ready = ready_for(taking, sources, minutes=minutes, event_id=entry.event_id)
    (told,) = record([ready.operation], by=_who_counts(by), at=at, sources=sources)
    if isinstance(told, UnfitUse):
        raise told
    entry.counted_minutes = taking.measure.minutes(told.quantity)


def _who_counts(by: Actor) -> Actor:
    """Whoever may enter time may have it counted; the event names them."""
    return replace(by, permissions=by.permissions | {USAGE})


def _refused(unfit: UnfitUse) -> Refusal:
    if unfit.code == "clock_far_off":
        return TooLateToCount(
            "Time can be counted for 90 days after the work. Leave it uncounted with a reason, or agree on it with finance.",
            field="worked_at",
        )
    field = {"at": "worked_at", "quantity": "minutes", "choice": "channel"}.get(unfit.field, "allowance")
    return Invalid(str(unfit), field=field)
