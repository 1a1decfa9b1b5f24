"""Seats as programs read and write them."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from catalog.domain.values import UNLIMITED, Amount, Squeeze
from entitlements.actions.seats.assigning import MOST_AT_ONCE
from entitlements.domain.seats import SeatState
from entitlements.models import Seat
from entitlements.models.usage import LONGEST_NAME
from entitlements.queries.seats import NOBODY, SeatsOf, Squeezed, WhyNoSeat

Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME)]
HolderName = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
Reason = Annotated[str, StringConstraints(max_length=500)]


class HolderIn(Schema):
    holder: HolderName = Field(description="As your product names them: an e-mail address or a user's id.")
    name: Name = Field("", description="For people to read.")


class AssignIn(Schema):
    """One `holder`, or up to 1,000 `holders`: all of them get a seat, or none does."""

    feature: Name
    holder: Name = ""
    name: Name = ""
    holders: list[HolderIn] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    state: Literal["invited", "active"] = "invited"
    reason: Reason = ""


class SeatActIn(Schema):
    reason: Reason = ""


class ProtectIn(Schema):
    protected: bool = Field(True, description="Protected seats are the last to be lost where there are too few.")
    reason: Reason = ""


class TransferIn(Schema):
    holder: HolderName
    name: Name = ""
    reason: Reason = ""


class SeatOut(Schema):
    """`holds`: it gives something at the moment. Not so: it was released, or squeezed out, as `because` says."""

    id: int
    feature: str
    holder: str
    name: str
    state: SeatState
    protected: bool
    invited_at: datetime
    activated_at: datetime | None = None
    released_at: datetime | None = None
    last_active_at: datetime | None = Field(None, description="To the hour, as products told by asking.")
    holds: bool
    because: str


class SeatList(Schema):
    """`next` is what to ask for as `after` to read on; null where there is no more."""

    account: str
    seats: list[SeatOut]
    next: int | None = None


class SeatsOut(Schema):
    """`used` of the counter may be more than `taken`: what is counted without a name takes places too."""

    account: str
    feature: str
    limit: int | None = Field(description="How many seats the account has; null: any number.")
    unlimited: bool
    taken: int
    used: int
    left: int | None
    rule: Squeeze = Field(description="Who loses a seat where more are taken than the account has.")
    squeezed_out: int
    if_limit: int | None = Field(description="The number of seats that was asked about.")
    would_lose: list[str] = Field(description="With that many: the first who would lose theirs.")
    would_lose_count: int


class SeatCheckIn(Schema):
    account: HolderName
    feature: HolderName
    holder: HolderName
    note: bool = Field(True, description="Note that the holder is there, which makes an invited seat active.")


class SeatCheckOut(Schema):
    account: str
    feature: str
    holder: str
    allowed: bool
    because: str
    why: WhyNoSeat | None = None
    seat: int | None = None
    state: SeatState | None = None
    valid_until: datetime | None = None


def whole(amount: Amount) -> int | None:
    return None if amount is UNLIMITED else int(amount)


def render_seats(found: SeatsOf, *, if_limit: int | None = None, lost: Squeezed = NOBODY) -> SeatsOut:
    return SeatsOut(
        account=found.account.key,
        feature=found.feature.key,
        limit=whole(found.had),
        unlimited=found.had is UNLIMITED,
        taken=found.taken,
        used=int(found.used),
        left=whole(found.free),
        rule=found.rule,
        squeezed_out=found.squeezed,
        if_limit=if_limit,
        would_lose=list(lost.named),
        would_lose_count=lost.count,
    )


def render_seat(row: Seat, found: SeatsOf) -> SeatOut:
    stands, activity = found.standing_of(row), getattr(row, "activity", None)
    return SeatOut(
        id=row.pk,
        feature=row.feature.key,
        holder=row.holder,
        name=row.name,
        state=SeatState(row.state),
        protected=row.protected,
        invited_at=row.invited_at.astimezone(UTC),
        activated_at=_utc(row.activated_at),
        released_at=_utc(row.released_at),
        last_active_at=_utc(activity.last_active_at) if activity else None,
        holds=stands is not None and stands.holds,
        because="released" if stands is None else stands.because,
    )


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant else None
