"""Seats given to people by name, one or many at once: all of them, or none where they don't fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from catalog.domain.values import UNLIMITED
from catalog.models import Feature
from entitlements.actions.seats.places import NotIncluded, count, lock_places, refuse_closed, require, taking
from entitlements.domain.decision import decide
from entitlements.domain.seats import SeatState, fold_holder
from entitlements.domain.usage.allowances import reach
from entitlements.domain.usage.operations import Operation, Outcome, Why
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, Seat
from entitlements.models.usage import LONGEST_NAME
from entitlements.queries.seats import free_places, holders_seated, taken_seats, token_of_seated
from entitlements.queries.selling.offers import to_get
from entitlements.queries.usage.terms import terms_of
from journal.actions.deeds import Deed, begin, keep, keep_many, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale

MOST_AT_ONCE = 1_000
MOST_NAMED = 50  # in one line of the audit


class NoSeatLeft(Refusal):
    """More are wanted than are left; nobody of them got one."""

    code = "no_seat_left"

    def __init__(self, message: str, *, wanted: Decimal | None = None) -> None:
        super().__init__(message, field="holders")
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody as products name them, with the name that people read."""

    holder: str
    name: str = ""

    @property
    def key(self) -> str:
        return fold_holder(self.holder)


def assign_seats(
    *,
    account: Account,
    feature: Feature,
    holders: Sequence[Holder],
    by: Actor,
    at: datetime,
    active: bool = False,
    reason: str = "",
    seen: str | None = None,
) -> list[Seat]:
    """Gave each of these people a seat of the feature, or told again the one they have; all of them, or nobody.

    A new seat is invited until its holder is there, or `active` at once; who was only invited becomes active by being
    assigned so. `seen` is the token of the preview. A refusal for want of seats names what is on sale that has enough.
    """
    try:
        return _assign(account, feature, holders, by=by, at=at, active=active, reason=reason, seen=seen)
    except NoSeatLeft as refusal:
        helping = to_get(account=account, feature=feature, at=at, wanted=refusal.wanted) if refusal.wanted else None
        names = list(dict.fromkeys(offer.version.plan_name for offer in helping.offers)) if helping else []
        more = f" On sale with enough: {', '.join(names[:5])}." if names else ""
        raise NoSeatLeft(refusal.message + more, wanted=refusal.wanted) from None


def assign_seat(
    *,
    account: Account,
    feature: Feature,
    holder: str,
    by: Actor,
    at: datetime,
    name: str = "",
    active: bool = False,
    reason: str = "",
) -> Seat:
    """Gave one person a seat of the feature, or told again the one they have."""
    wanted = [Holder(holder, name)]
    return assign_seats(
        account=account, feature=feature, holders=wanted, active=active, reason=reason, by=by, at=at
    )[0]  # fmt: skip


@transaction.atomic
def _assign(
    account: Account,
    feature: Feature,
    holders: Sequence[Holder],
    *,
    by: Actor,
    at: datetime,
    active: bool,
    reason: str,
    seen: str | None,
) -> list[Seat]:
    require(by)
    wanted = once_each(holders)
    account = lock_places(account, feature, at=at)
    refuse_closed(account, at=at)
    terms = terms_of(account.pk, at=at)[feature.key]
    there = holders_seated(account, feature, wanted)
    _used, free = free_places(account.pk, feature.pk, terms, at=at)
    if seen is not None and seen != token_of_seated(wanted, list(there.values()), free):
        raise Stale("Since you looked, seats or the people named here have become others. Look again before assigning.")
    if not terms.answer.granted:
        raise NotIncluded(f"{account} has no seats of {feature}: {decide(terms.answer).because}.")
    deed = begin(by=by, at=at)
    _activate([row for row in there.values() if active and row.state == SeatState.INVITED], deed=deed, reason=reason)
    new = [one for key, one in wanted.items() if key not in there]
    seats = _seated(new, account, feature, deed=deed, active=active, reason=reason)
    if seats:
        _refuse_beyond_named(len(seats), account, feature, terms)
        _tell(seats, deed=deed, reason=reason)
    by_key = {seat.holder_key: seat for seat in seats} | dict(there)
    return [by_key[key] for key in wanted]


def once_each(holders: Sequence[Holder]) -> Mapping[str, Holder]:
    """Everybody by the folded name, the first spelling of each; Invalid where somebody can't be named so."""
    found: dict[str, Holder] = {}
    for one in holders:
        if not one.key or "\x00" in one.holder + one.name or max(map(len, (one.holder, one.key))) > LONGEST_NAME:
            words = f"Name each person as products do (an e-mail address, an id), in at most {LONGEST_NAME} characters."
            raise Invalid(words, field="holders")
        if len(one.name) > LONGEST_NAME:
            raise Invalid(f"A name has at most {LONGEST_NAME} characters.", field="holders")
        found.setdefault(one.key, one)
    if not found:
        raise Invalid("Name at least one person.", field="holders")
    if len(found) > MOST_AT_ONCE:
        raise Invalid(f"Assign at most {MOST_AT_ONCE:,} seats at once.", field="holders")
    return found


def _refuse_beyond_named(new: int, account: Account, feature: Feature, terms: UseTerms) -> None:
    """Never more by name than the account may have, whatever the counter says: a product that gives back what it never
    counted lowers it below the seats that people have."""
    most, named = reach(terms), taken_seats(account.pk, feature.pk).count()
    if most is not None and named > most:
        taken = f"{named - new:,} of {int(most):,} seats of {feature} are taken by name"
        raise NoSeatLeft(f"{taken}. Release a seat, or let the customer have more.", wanted=Decimal(named))


def _seated(
    new: Sequence[Holder], account: Account, feature: Feature, *, deed: Deed, active: bool, reason: str
) -> list[Seat]:
    """The rows, counted; NoSeatLeft where they don't all fit."""
    rows = [
        Seat(
            account=account,
            feature=feature,
            holder=one.holder.strip(),
            holder_key=one.key,
            name=one.name.strip(),
            state=SeatState.ACTIVE if active else SeatState.INVITED,
            invited_at=deed.at,
            activated_at=deed.at if active else None,
            reason=reason.replace("\x00", ""),
            assigned_by=deed.by.name,
        )
        for one in new
    ]
    if not rows:
        return []
    seats = keep_many(rows, deed=deed)
    operations = [taking(seat, at=deed.at) for seat in seats]
    _refuse_what_does_not_fit(operations, seats, by=deed.by, at=deed.at)
    return seats


def _refuse_what_does_not_fit(
    operations: Sequence[Operation], seats: Sequence[Seat], *, by: Actor, at: datetime
) -> None:
    answers = count(operations, by=by, at=at)
    outcomes = [answer for answer in answers if isinstance(answer, Outcome)]
    refused = next((one for one in outcomes if not one.allowed), None)
    if refused is None:
        return
    feature, fit = seats[0].feature, sum(one.allowed for one in outcomes)
    if refused.why is not Why.LIMIT_REACHED:
        raise NoSeatLeft(f"No more seats of {feature}: {refused.because}.")
    had = "any number" if refused.limit is UNLIMITED else f"{int(refused.limit):,}"
    taken = refused.used - fit + refused.held
    first = f"{int(taken):,} of {had} seats of {feature} are taken"
    asked = (
        "so there is none left" if not fit else f"so only {fit:,} of these {len(seats):,} fit, and none was assigned"
    )
    raise NoSeatLeft(
        f"{first}, {asked}. Release a seat, or let the customer have more.", wanted=taken + len(seats)
    )  # fmt: skip


def _activate(seats: Sequence[Seat], *, deed: Deed, reason: str) -> None:
    for seat in seats:
        seat.state, seat.activated_at = SeatState.ACTIVE, deed.at
        keep(seat, deed=deed)
        record(deed, "seat:activate", subject=seat, account_key=seat.account.key, reason=reason,
               changes={str(seat.feature): ["invited", "active"]})  # fmt: skip


def _tell(seats: Sequence[Seat], *, deed: Deed, reason: str) -> None:
    """One line of the audit for all that were assigned together; each seat has a version of its own."""
    feature, named = seats[0].feature, ", ".join(seat.holder for seat in seats[:MOST_NAMED])
    more = f" and {len(seats) - MOST_NAMED:,} more" if len(seats) > MOST_NAMED else ""
    label = "" if len(seats) == 1 else f"{len(seats):,} seats of {feature}"
    record(
        deed, "seat:assign", subject=seats[0], account_key=seats[0].account.key, reason=reason, label=label,
        changes={str(feature): [None, named + more]},
    )  # fmt: skip
