"""What the API takes in about work and visits, and what it says of them."""

from datetime import date, datetime
from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

from journal.api.instants import Instant
from support.domain.cover_terms import Aspect, Billing, VisitState, WorkKind
from support.queries.work.listing import LARGEST

Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Name = Annotated[str, StringConstraints(max_length=200)]
Serial = Annotated[str, StringConstraints(max_length=200)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Micros = Annotated[int, Field(ge=0, le=LARGEST)]
Quantity = Annotated[int, Field(ge=1, le=2**31 - 1)]
MONEY = "The whole price in millionths of the currency: 80 euros are 80000000. Left out: nobody stated it."


class UsedIn(Schema):
    """Labour, travel or a part."""

    kind: WorkKind
    description: Line = Field(examples=["Seal ring, shaft side"])
    quantity: Quantity = Field(1, description="Minutes of labour and travel, pieces of parts.")
    part_number: Annotated[str, StringConstraints(max_length=120)] = Field("", examples=["SR-40"])
    amount_micros: Micros | None = Field(None, description=MONEY, examples=[80_000_000])
    currency: Annotated[str, StringConstraints(max_length=3)] = Field("", examples=["EUR"])
    authorised_by: Name = Field("", description="Who authorised it, where the cover asks for that.")


class WorkIn(UsedIn):
    """Work that was done. Whose it was is said by the account, by the device's serial number, or by both."""

    account: Name = Field("", description="Our key or any system's id.", examples=["acme"])
    serial: Serial = Field("", description="The device's serial number; hyphens and spaces make no difference.")
    product: Annotated[str, StringConstraints(max_length=64)] = Field(
        "", description="The product's key, where several devices have this serial number."
    )
    case: Name = Field("", description='Our number ("C-1234"), or the help desk\'s with its name before it.')
    visit: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(None, description="A visit that was done.")
    done_at: Instant | None = Field(None, description="When it was done; now if left out.")
    done_by: Name = ""
    id: Name = Field("", description="Your own name of it: told again under it, nothing is recorded twice.")


class WorkOut(Schema):
    """Work as it stands, with the customer's share."""

    number: int
    account: str
    case: str | None
    visit: int | None
    serial: str | None
    kind: WorkKind
    description: str
    part_number: str
    quantity: int
    amount_micros: int | None
    customer_percent: int
    customer_micros: int | None = Field(description="Null while nobody stated a price.")
    currency: str | None
    covered_by: str | None = Field(description="The cover or warranty that decided.", examples=["cover:12"])
    why: str
    authorised_by: str
    done_at: datetime
    done_by: str
    billing: Billing
    settled_at: datetime | None
    settle_reason: str
    billed_by: str | None = Field(
        description="The connected system that was told to put it on an invoice; null: whoever reads this bills it."
    )
    id: str


class WorkList(Schema):
    work: list[WorkOut]
    next: int | None = Field(description="Ask again with this as `after`; null: that was all.")


class ShareOut(Schema):
    """How much of one thing is borne, and by what."""

    aspect: Aspect
    borne_percent: int
    customer_percent: int
    covered_by: str | None = Field(description="Null: nothing bears it.", examples=["warranty:7"])
    cover: str
    why: str
    authorisation: str = Field(description="What has to be authorised before this begins, and by whom; empty: nothing.")


class WarrantyOut(Schema):
    name: str
    through_on: date
    in_force: bool
    standing: str


class DeviceOut(Schema):
    serial: str
    product: str = Field(description="The product's key.")
    product_name: str
    name: str
    location: str
    address: str
    retired: bool


class VisitOut(Schema):
    number: int
    account: str
    cover: str
    visit: int = Field(description="1 for the first of its cover.")
    serial: str | None
    from_on: date = Field(description="The first day on which it may take place.")
    through_on: date = Field(description="The last day on which it is in time.")
    state: VisitState
    late: bool
    scheduled_for: datetime | None
    technician: str
    settled_at: datetime | None
    note: str


class VisitList(Schema):
    visits: list[VisitOut]
    next: int | None = Field(description="Ask again with this as `after`; null: that was all.")


class VisitsLeftOut(Schema):
    cover: str
    included: int = Field(description="In its running year.")
    done: int
    missed: int
    left: int
    next: VisitOut | None


class AuthorisedOut(Schema):
    """What may be done here, and who pays."""

    account: str
    account_name: str
    at: datetime
    device: DeviceOut | None
    caution: str = Field(
        description="Why it may not be the whole truth: the device is out of service, or none was named; empty: nothing."
    )
    labour: ShareOut
    parts: ShareOut
    travel: ShareOut
    authorisation: str = Field(description="What has to be authorised before any work; empty: nothing.")
    visits_left: int
    visits: list[VisitsLeftOut]
    warranties: list[WarrantyOut]


class AppointmentIn(Schema):
    scheduled_for: Instant
    technician: Name = ""


class DoneIn(Schema):
    """A visit took place. It uses the visit up; labour and travel are borne with it, parts by the covers."""

    done_at: Instant | None = Field(None, description="Now if left out.")
    done_by: Name = ""
    note: Annotated[str, StringConstraints(max_length=5_000)] = ""
    used: Annotated[list[UsedIn], Field(max_length=50)] = []


class ReasonIn(Schema):
    reason: Reason
