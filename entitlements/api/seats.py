"""Seats with a name on them: assigned, listed, given back, and asked about at every sign-in."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from catalog.models import Feature
from entitlements.actions.seats.assigning import Holder, assign_seats
from entitlements.actions.seats.holding import activate_seat, protect_seat, release_seat, transfer_seat
from entitlements.actions.seats.places import SCOPE, refuse_not_seats
from entitlements.actions.seats.presence import note_presence
from entitlements.api.runtime.knowledge import account_named, sources_at
from entitlements.api.runtime.problems import UnknownFeature
from entitlements.api.seat_schemas import (
    AssignIn,
    Name,
    ProtectIn,
    SeatActIn,
    SeatCheckIn,
    SeatCheckOut,
    SeatList,
    SeatOut,
    SeatsOut,
    TransferIn,
    render_seat,
    render_seats,
)
from entitlements.domain.seats import SeatState
from entitlements.models import Account, Seat
from entitlements.queries.accounts import account_by_key
from entitlements.queries.seats import SeatsOf, ask_seat, listed_seats, seat_of, seats_of, squeezed_at
from entitlements.queries.usage.terms import terms_of
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound

READ = "entitlements:read"
MOST_LISTED = 1_000
LARGEST = 2**53 - 1
ONE = "/accounts/{key}/seats/{feature}/{path:holder}"

router = Router(tags=["Seats"], auth=KeyAuth(SCOPE))


@router.post(
    "/seats/check",
    response={200: SeatCheckOut, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="May this person use it?",
    url_name="seat_check",
)
def seat_check(request: HttpRequest, told: SeatCheckIn) -> Any:
    """Has this person a seat that gives something now? Ask at sign-in: it also notes that they are there, to the hour,
    and makes an invited seat active. `why`: not_entitled, no_seat, or squeezed_out (more seats are taken than the
    account has, and this one is among those that lose theirs).
    """
    at, holder = timezone.now(), told.holder.replace("\x00", "")
    account, sources = account_named(told.account.replace("\x00", "")), sources_at(at)
    terms = sources.terms_for(account.id, at=at)
    about = Feature.objects.filter(key=told.feature.replace("\x00", "")).first()
    if about is None or about.key not in terms:
        raise UnknownFeature(f"No feature has the key {told.feature!r}.", field="feature")
    refuse_not_seats(about)
    answer = ask_seat(account.id, about.pk, terms[about.key], holder, at=at)
    seat = answer.seat
    if seat is not None and answer.allowed and told.note:
        seat = note_presence(seat=seat, by=_by(request), at=at)
    return SeatCheckOut(
        account=account.key, feature=about.key, holder=holder, allowed=answer.allowed, because=answer.because,
        why=answer.why, seat=None if seat is None else seat.pk,
        state=None if seat is None else SeatState(seat.state),
        valid_until=terms[about.key].answer.valid_until,
    )  # fmt: skip


@router.get(
    "/accounts/{key}/seats",
    response={200: SeatList, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="Who has a seat",
    url_name="seats",
)
def seat_list(
    request: HttpRequest, key: str, feature: Name = "", holder: Name = "", state: SeatState | None = None,
    after: int = Query(0, ge=0, le=LARGEST),
) -> Any:  # fmt: skip
    """At most 1,000 at a time, in the order they came; `next` leads on. Released seats only where `state` asks for
    them. `holder` is what occurs in the holder or the name.
    """
    account, at = account_by_key(key), timezone.now()
    about = _feature(feature) if feature else None
    wanted, text = state.value if state else "", holder.replace("\x00", "")
    rows = listed_seats(account, about, text=text, state=wanted, after=after, most=MOST_LISTED + 1)
    page = rows[:MOST_LISTED]
    following = page[-1].pk if len(rows) > MOST_LISTED else None
    return SeatList(account=account.key, seats=_rendered(account, page, at=at), next=following)


@router.get(
    "/accounts/{key}/seats/{feature}",
    response={200: SeatsOut, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="How many seats are taken",
    url_name="seats_of",
)
def seat_count(
    request: HttpRequest, key: str, feature: str, if_limit: int | None = Query(None, ge=0, le=LARGEST)
) -> Any:  # fmt: skip
    """With `if_limit`: who would lose their seat if the account had so many. Nothing changes by asking."""
    account, about = account_by_key(key), _feature(feature)
    refuse_not_seats(about)
    found = seats_of(account, about, at=timezone.now())
    if if_limit is None:
        return render_seats(found)
    lost = squeezed_at(account, about, Decimal(if_limit), rule=found.rule)
    return render_seats(found, if_limit=if_limit, lost=lost)


@router.post("/accounts/{key}/seats", response={200: SeatList, **PROBLEMS}, summary="Assign seats", url_name="seats")
def seat_assign(request: HttpRequest, key: str, told: AssignIn) -> Any:
    """Give one person a seat, or up to 1,000: all of them, or nobody. Who has one is answered the same again. Where
    they don't fit, the refusal (no_seat_left) says how many would and what is on sale with enough.
    """
    if bool(told.holder) is bool(told.holders):
        raise Invalid("Name one “holder”, or several under “holders”.", field="holder")
    people = [Holder(told.holder, told.name)] if told.holder else [Holder(one.holder, one.name) for one in told.holders]
    account, at = account_by_key(key), timezone.now()
    seats = assign_seats(
        account=account, feature=_feature(told.feature), holders=people, active=told.state == SeatState.ACTIVE,
        reason=told.reason, by=_by(request), at=at,
    )  # fmt: skip
    return SeatList(account=account.key, seats=_rendered(account, seats, at=at))


@router.post(
    f"{ONE}/activate", response={200: SeatOut, **PROBLEMS}, summary="Mark a seat as used", url_name="seat_activate"
)
def seat_activate(request: HttpRequest, key: str, feature: str, holder: str, told: SeatActIn) -> Any:
    """An invited seat is active from now on; one that is active stays so."""
    account, at, row = _seat(key, feature, holder)
    return _one(account, activate_seat(seat=row, reason=told.reason, by=_by(request), at=at), at=at)


@router.post(f"{ONE}/release", response={200: SeatOut, **PROBLEMS}, summary="Give a seat back", url_name="seat_release")
def seat_release(request: HttpRequest, key: str, feature: str, holder: str, told: SeatActIn) -> Any:
    """Its place is free at once; the holder may be assigned another. Sent again, it finds no seat (404)."""
    account, at, row = _seat(key, feature, holder)
    return _one(account, release_seat(seat=row, reason=told.reason, by=_by(request), at=at), at=at)


@router.post(f"{ONE}/protect", response={200: SeatOut, **PROBLEMS}, summary="Protect a seat", url_name="seat_protect")
def seat_protect(request: HttpRequest, key: str, feature: str, holder: str, told: ProtectIn) -> Any:
    """A protected seat, such as the owner's, is the last to be lost where more are taken than the account has."""
    account, at, row = _seat(key, feature, holder)
    kept = protect_seat(seat=row, protected=told.protected, reason=told.reason, by=_by(request), at=at)
    return _one(account, kept, at=at)


@router.post(f"{ONE}/transfer", response={200: SeatOut, **PROBLEMS}, summary="Pass a seat on", url_name="seat_transfer")
def seat_transfer(request: HttpRequest, key: str, feature: str, holder: str, told: TransferIn) -> Any:
    """To somebody else, who is invited, in one act; or the same person under another name."""
    account, at, row = _seat(key, feature, holder)
    passed = transfer_seat(
        seat=row, holder=told.holder, name=told.name, reason=told.reason, by=_by(request), at=at
    )  # fmt: skip
    return _one(account, passed, at=at)


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor


def _feature(key: str) -> Feature:
    found = Feature.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"No feature has the key {key!r}.")
    return found


def _seat(key: str, feature: str, holder: str) -> tuple[Account, datetime, Seat]:
    account, about = account_by_key(key), _feature(feature)
    row = seat_of(account, about, holder)
    if row is None:
        raise NotFound(f"“{holder}” has no seat of {about}.")
    return account, timezone.now(), row


def _one(account: Account, row: Seat, *, at: datetime) -> SeatOut:
    return _rendered(account, [row], at=at)[0]


def _rendered(account: Account, rows: Sequence[Seat], *, at: datetime) -> list[SeatOut]:
    """Each with how it stands; the terms are read once, and each feature's seats once."""
    if not rows:
        return []
    terms, found = terms_of(account.pk, at=at), dict[int, SeatsOf]()
    for feature in {row.feature_id: row.feature for row in rows}.values():
        found[feature.pk] = seats_of(account, feature, at=at, terms=terms[feature.key])
    return [render_seat(row, found[row.feature_id]) for row in rows]
