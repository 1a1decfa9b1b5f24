"""Deciding what becomes of what ends: whose task it is, that it ends, or what goes on in its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from catalog.queries.instants import say_instant
from entitlements.actions.locking import lock_account
from entitlements.actions.renewals import keeping
from entitlements.domain.renewing import BY_TERMS, RenewalState, Stands
from entitlements.ending_sources import Renewing, Successor, source_of
from entitlements.models import Renewal
from entitlements.queries.renewals.one import end_of, token_of
from entitlements.queries.renewals.rows import row_facts
from journal.actions.deeds import Deed, begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale

PERMISSION = "entitlements.decide_renewal"
MOST_AT_ONCE = 200


class AlreadyDecided(Refusal):
    """Somebody, or the terms of what ends, has decided it."""

    code = "already_decided"


@transaction.atomic
def assign(*, renewal: Renewal, owner: Any, by: Actor, at: datetime, seen: str | None = None) -> Renewal:
    """Gave the task about an end to somebody, or to nobody in particular."""
    row, deed = _hold(renewal, by=by, at=at, seen=seen)
    if row.state != RenewalState.OPEN:
        raise AlreadyDecided("This is decided, so there is no task to give away.")
    if owner is not None and not owner.is_active:
        raise Invalid(f"{owner} doesn’t work here any more. Choose somebody else.", field="owner")
    row.owner = owner
    changes = pending_changes(row)
    if changes:
        keep(row, deed=deed)
        _record(row, "renewal:assign", deed=deed, changes={"owner": [None, owner and str(owner)]})
    return row


@transaction.atomic
def let_end(*, renewal: Renewal, reason: str, by: Actor, at: datetime, seen: str | None = None) -> Renewal:
    """Decided that it ends when it ends, and nothing goes on in its place."""
    row, deed = _hold(renewal, by=by, at=at, seen=seen)
    _refuse_decided(row)
    if not reason.strip():
        raise Invalid("Say why it ends: whoever looks at this later will ask.", field="reason")
    row.successor_key, row.successor_label, row.successor_starts_at, row.link = "", "", None, ""
    return _decide(row, RenewalState.LET_END, reason, "renewal:let_end", deed=deed)


@transaction.atomic
def mark_renewed(
    *,
    renewal: Renewal,
    what: str,
    starts_at: datetime,
    by: Actor,
    at: datetime,
    link: str = "",
    reason: str = "",
    seen: str | None = None,
) -> Renewal:
    """Recorded what goes on in its place, agreed elsewhere, and from when on."""
    row, deed = _hold(renewal, by=by, at=at, seen=seen)
    _refuse_decided(row)
    if not what.strip():
        raise Invalid("Say what goes on in its place, such as the number of an order.", field="what")
    row.successor_key, row.successor_label = "", what.strip()[: keeping.LONGEST_LABEL]
    row.successor_starts_at, row.link = starts_at, link
    return _decide(row, RenewalState.RENEWED, reason, "renewal:renew", deed=deed)


@transaction.atomic
def renew(
    *,
    renewal: Renewal,
    starts_on: date,
    through_on: date | None,
    reason: str,
    by: Actor,
    at: datetime,
    seen: str | None = None,
) -> Renewal:
    """Made what goes on in its place. Where that has to be signed first, the task stays open until it is."""
    row, deed = _hold(renewal, by=by, at=at, seen=seen)
    _refuse_decided(row)
    making = making_of(row)
    if making is None:
        raise Refusal("The desk can’t make what goes on in the place of this. Record it as renewed instead.")
    _refuse_prepared(row, at=at)
    made: Successor = making.act(
        row.subject_key, starts_on=starts_on, through_on=through_on, reason=reason, by=by, at=at
    )
    row.successor_key, row.successor_label = made.key, made.label[: keeping.LONGEST_LABEL]
    row.successor_starts_at = made.starts_at
    if made.agreed:
        return _decide(row, RenewalState.RENEWED, reason, "renewal:renew", deed=deed)
    keep(row, deed=deed)
    changes = {"successor": [None, row.successor_label]}
    _record(row, "renewal:prepare", deed=deed, reason=reason, changes=changes)
    return row


@transaction.atomic
def take_up_again(*, renewal: Renewal, reason: str, by: Actor, at: datetime, seen: str | None = None) -> Renewal:
    """Took a decision back: what becomes of the end is open again."""
    row, deed = _hold(renewal, by=by, at=at, seen=seen)
    if row.state not in {RenewalState.LET_END, RenewalState.RENEWED}:
        raise Refusal("There is no decision to take back.")
    if row.decided_by == BY_TERMS:
        raise Refusal("Its own terms say what becomes of it. Change what was agreed, and this follows.")
    if row.ends_at <= at:
        raise Refusal("It has ended, so the decision stays as it was.")
    if not reason.strip():
        raise Invalid("Say why: somebody has relied on the decision.", field="reason")
    return keeping.reopen(row, reason.strip(), deed=deed)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several; `refused` says why nothing was done."""

    renewal: Renewal
    refused: str = ""


def assign_each(*, seen: Mapping[int, str], owner: Any, by: Actor, at: datetime) -> list[Outcome]:
    """Gave several tasks to one person; each by itself."""
    by.require(PERMISSION)
    return _each(seen, lambda row, token: assign(renewal=row, owner=owner, by=by, at=at, seen=token))


def let_each_end(*, seen: Mapping[int, str], reason: str, by: Actor, at: datetime) -> list[Outcome]:
    """Decided of several that they end, for one reason; each by itself."""
    by.require(PERMISSION)
    return _each(seen, lambda row, token: let_end(renewal=row, reason=reason, by=by, at=at, seen=token))


def _each(seen: Mapping[int, str], act: Callable[[Renewal, str], Renewal]) -> list[Outcome]:
    if len(seen) > MOST_AT_ONCE:
        raise Refusal(f"At most {MOST_AT_ONCE} at once. Choose fewer.")
    outcomes = []
    for row in Renewal.objects.filter(pk__in=seen).select_related("account", "owner").order_by("ends_at", "pk"):
        try:
            outcomes.append(Outcome(act(row, seen[row.pk])))
        except Refusal as refusal:
            outcomes.append(Outcome(row, refusal.message))
    return outcomes


def making_of(row: Renewal) -> Renewing | None:
    """How the desk makes what goes on; None where it can’t, or where the thing goes on by itself."""
    source = source_of(row.kind)
    return source.renewing if source is not None else None


def _hold(renewal: Renewal, *, by: Actor, at: datetime, seen: str | None) -> tuple[Renewal, Deed]:
    """The task as it stands once its account is ours, or Stale where the form showed something else."""
    by.require(PERMISSION)
    account = lock_account(renewal.account_id)
    row = Renewal.objects.select_related("owner").get(pk=renewal.pk)
    row.account = account
    if seen is not None and seen != token_of(row):
        raise Stale
    if row.state == RenewalState.LAPSED:
        raise Stale(f"This is closed: {row.reason or 'it no longer ends then.'}")
    if row.state == RenewalState.OPEN:
        _refuse_moved(row, at=at)
    return row, begin(by=by, at=at)


def _refuse_moved(row: Renewal, *, at: datetime) -> None:
    """The sweep follows within minutes; nothing is decided of an end that isn't there any more."""
    end = end_of(row, at=at)
    if end is not None and end.renews:
        raise Stale(f"The {row.label} renews by itself now. The list follows within minutes.")
    if end is None or end.at != row.ends_at:
        now = "doesn’t end any more" if end is None else f"ends on {say_instant(end.at, zone=row.account.zone)} now"
        raise Stale(f"The {row.label} {now}. The list follows within minutes.")


def _refuse_decided(row: Renewal) -> None:
    if row.state == RenewalState.OPEN:
        return
    if row.decided_by == BY_TERMS:
        raise AlreadyDecided(f"Its own terms decide it: {row.reason}")
    raise AlreadyDecided(f"{row.decided_by} has decided it already. Take the decision back first.")


def _refuse_prepared(row: Renewal, *, at: datetime) -> None:
    """What should go on is made once; the next is made when that is gone."""
    stands = row_facts([row], at=at)[row.pk].successor
    label = f"{row.successor_label[:1].upper()}{row.successor_label[1:]}"
    if stands is Stands.PENDING:
        raise AlreadyDecided(f"{label} is drafted already. Sign or discard it first.")
    if stands is Stands.AGREED:
        raise AlreadyDecided(f"{label} goes on in its place. The list follows within minutes.")


def _decide(row: Renewal, state: RenewalState, reason: str, verb: str, *, deed: Deed) -> Renewal:
    was = row.state
    row.state, row.reason = state, reason.strip()[: keeping.LONGEST_REASON]
    row.decided_at, row.decided_by = deed.at, deed.by.name
    keep(row, deed=deed)
    changes: dict[str, Any] = {"state": [was, row.state]}
    if row.successor_label:
        changes["successor"] = [None, row.successor_label]
    _record(row, verb, deed=deed, reason=row.reason, changes=changes)
    return row


def _record(row: Renewal, verb: str, *, deed: Deed, changes: Any, reason: str = "") -> None:
    record(deed, verb, subject=row, account_key=row.account.key, reason=reason, changes=changes)
