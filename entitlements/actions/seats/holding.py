"""What becomes of a seat that somebody has: used, protected, passed on, given back."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_account
from entitlements.actions.seats.assigning import Holder, once_each
from entitlements.actions.seats.places import (
    NotIncluded,
    count,
    giving_back,
    lock_places,
    refuse_closed,
    require,
    taking,
)
from entitlements.domain.seats import SeatState
from entitlements.domain.usage.operations import Act
from entitlements.models import Seat
from entitlements.queries.seats import seat_of, token_of_seat
from entitlements.queries.usage.terms import terms_of
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound, Refusal, Stale


class SeatedAlready(Refusal):
    """Whoever should take the seat over has one already."""

    code = "seated_already"


@transaction.atomic
def activate_seat(*, seat: Seat, by: Actor, at: datetime, reason: str = "", seen: str | None = None) -> Seat:
    """Marked an invited seat as used from now on; one that is active stays as it is."""
    require(by)
    lock_account(seat.account_id)
    return take_up(_locked(seat, seen), deed=begin(by=by, at=at), reason=reason)


@transaction.atomic
def protect_seat(
    *, seat: Seat, protected: bool, by: Actor, at: datetime, reason: str = "", seen: str | None = None
) -> Seat:
    """Made a seat the last to be lost where there are too few, or one among the others again."""
    require(by)
    lock_account(seat.account_id)
    seat = _locked(seat, seen)
    if seat.protected is protected:
        return seat
    seat.protected = protected
    deed = begin(by=by, at=at)
    _keep(seat, "seat:protect" if protected else "seat:unprotect", [not protected, protected], deed, reason)
    return seat


@transaction.atomic
def release_seat(*, seat: Seat, by: Actor, at: datetime, reason: str = "", seen: str | None = None) -> Seat:
    """Gave a seat back: its place is free at once, and its holder may be assigned another."""
    require(by)
    lock_places(seat.account, seat.feature, at=at)
    seat = _locked(seat, seen)
    before = seat.state
    deed = begin(by=by, at=at)
    give_up(seat, deed=deed)
    count([giving_back(seat, at=at)], by=by, at=at)
    _record(seat, "seat:release", [f"{seat.holder}, {before}", None], deed, reason)
    return seat


@transaction.atomic
def transfer_seat(
    *, seat: Seat, holder: str, by: Actor, at: datetime, name: str = "", reason: str = "", seen: str | None = None
) -> Seat:
    """Passed a seat on to somebody else, who is invited; or wrote the holder's name otherwise.

    The place changes hands in one act, also where more are taken than the account has. It is a seat of its own from
    now on: the newest, and not protected.
    """
    require(by)
    [wanted] = once_each([Holder(holder, name)]).values()
    account = lock_places(seat.account, seat.feature, at=at)
    seat = _locked(seat, seen)
    deed = begin(by=by, at=at)
    before = _called(seat)
    if wanted.key == seat.holder_key:
        seat.holder, seat.name = wanted.holder.strip(), wanted.name.strip()
        if _called(seat) != before:
            _keep(seat, "seat:rename", [before, _called(seat)], deed, reason)
        return seat
    refuse_closed(account, at=at)
    if not terms_of(account.pk, at=at)[seat.feature.key].answer.granted:
        raise NotIncluded(f"{account} has no seats of {seat.feature} any more.")
    if seat_of(account, seat.feature, wanted.holder) is not None:
        raise SeatedAlready(f"{wanted.holder} has a seat of {seat.feature} already. Release this one instead.")
    give_up(seat, deed=deed)
    taken_over = Seat(
        account=account, feature=seat.feature, holder=wanted.holder.strip(), holder_key=wanted.key,
        name=wanted.name.strip(), state=SeatState.INVITED, invited_at=at, reason=reason.replace("\x00", ""),
        assigned_by=by.name,
    )  # fmt: skip
    keep(taken_over, deed=deed)
    count([giving_back(seat, at=at), taking(taken_over, at=at, act=Act.REPORT)], by=by, at=at)
    _record(taken_over, "seat:transfer", [before, _called(taken_over)], deed, reason)
    return taken_over


def take_up(seat: Seat, *, deed: Deed, reason: str = "") -> Seat:
    """The locked seat is used from now on."""
    if seat.state == SeatState.INVITED:
        seat.state, seat.activated_at = SeatState.ACTIVE, deed.at
        _keep(seat, "seat:activate", ["invited", "active"], deed, reason)
    return seat


def give_up(seat: Seat, *, deed: Deed) -> None:
    """The locked seat is nobody's any more; whoever calls counts and records it."""
    seat.state, seat.released_at = SeatState.RELEASED, deed.at
    keep(seat, deed=deed)


def _locked(seat: Seat, seen: str | None) -> Seat:
    """The seat as it stands once it is ours; one that was released is nobody's to change."""
    row = Seat.objects.select_for_update(of=("self",)).select_related("account", "feature").get(pk=seat.pk)
    if seen is not None and seen != token_of_seat(row):
        raise Stale(f"The seat of {row.name or row.holder} was changed since you opened this form. Look again.")
    if row.state == SeatState.RELEASED:
        raise NotFound(f"{row.holder} has no seat of {row.feature} any more.")
    return row


def _called(seat: Seat) -> str:
    return f"{seat.holder} ({seat.name})" if seat.name else seat.holder


def _keep(seat: Seat, verb: str, change: list[object], deed: Deed, reason: str) -> None:
    keep(seat, deed=deed)
    _record(seat, verb, change, deed, reason)


def _record(seat: Seat, verb: str, change: list[object], deed: Deed, reason: str) -> None:
    changes = {str(seat.feature): change}
    record(deed, verb, subject=seat, account_key=seat.account.key, reason=reason, changes=changes)
