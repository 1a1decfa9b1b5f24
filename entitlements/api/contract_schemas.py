"""What the API says about contracts, and what it takes in to draft, sign and end them."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from journal.api.instants import Instant

Key = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Said = Annotated[str, StringConstraints(max_length=500)]
Months = Annotated[int, Field(ge=1, le=600)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Number = Annotated[int, Field(ge=1, le=10_000)]
Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2200, 12, 31))]
Mode = Literal["replace", "add", "at_least", "at_most", "deny"]
Interval = Literal["", "month", "year"]
Renewal = Literal["ends", "renews"]


class LineOut(Schema):
    """One promise of a version: a plan or add-on in a quantity, or a change to one feature."""

    number: int = Field(description="Stays the same from version to version.")
    words: str = Field(examples=["5 × Team, paid by the year"])
    plan: str | None = Field(None, description="The key of the plan or add-on.")
    quantity: int | None = None
    interval: Interval = ""
    feature: str | None = Field(None, description="The key of the feature it changes.")
    mode: Mode | None = None
    value_text: str = Field("", description="What it makes of the feature, in words.", examples=["500 GB"])
    note: str = ""
    starts_on: date | None = Field(None, description="Its own first day; null: with the version.")
    through_on: date | None = Field(None, description="Its own last day; null: as long as the contract.")


class VersionOut(Schema):
    """What the contract says, as a whole, from an instant on. Signed, it never changes; an amendment is the next."""

    number: int
    state: Literal["draft", "requested", "signed", "discarded"]
    effective_at: datetime | None = Field(None, description="null in a draft: its signing, or the day it names.")
    effective_on: date | None = None
    term_months: int | None = Field(None, description="null: until somebody ends it.")
    renewal: Renewal
    renewal_months: int | None = None
    notice_days: int
    zone: str
    reason_code: str | None = None
    reason: str = ""
    signed_at: datetime | None = None
    signed_by: str = ""
    lines: list[LineOut]


class TermOut(Schema):
    """The term that runs at that moment."""

    number: int
    starts_at: datetime
    ends_at: datetime
    words: str = Field(examples=["second term, 1 March 2026 through 28 February 2027 (Europe/Amsterdam)"])
    renews: bool = Field(description="Another term follows by itself unless somebody gives notice.")
    notice_until: datetime | None = Field(None, description="The first instant at which notice is too late for it.")


class ContractOut(Schema):
    number: str = Field(description="As both sides write it.", examples=["C-2026-0012"])
    name: str
    link: str = ""
    state: Literal["waiting", "in_force", "ending", "to_come", "draft", "ended", "discarded"]
    state_text: str = Field(examples=["In force"])
    subscription: int | None = Field(None, description="The number of the subscription its items are in.")
    starts_at: datetime | None = None
    ends_at: datetime | None = Field(None, description="null: nobody has said when it ends.")
    notice_at: datetime | None = None
    notice_by: str = ""
    term: TermOut | None = None
    version: int | None = Field(None, description="The number of the version that speaks at that moment.")
    versions: list[VersionOut]


class ContractList(Schema):
    account: str
    at: datetime
    known_at: datetime | None = None
    contracts: list[ContractOut]


class SigningWaits(Schema):
    """It is beyond what may be agreed alone: somebody else decides, and until then nothing changes."""

    approval: int
    summary: str
    approver_role: str = Field("", description="Who has to decide; empty: whoever may approve concessions.")


class OpenIn(Schema):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    number: Annotated[str, StringConstraints(max_length=40)] = Field("", description="The next free one if left out.")
    link: Annotated[str, StringConstraints(max_length=200)] = ""


class LineIn(Schema):
    """Either `plan`, with a quantity, or `feature`, with a mode and a value."""

    number: Number | None = Field(None, description="Of a line the draft has, which it replaces; a new line has none.")
    plan: Key | None = None
    quantity: Count = 1
    interval: Interval = ""
    feature: Key | None = None
    mode: Mode | None = None
    value: str | int | bool | list[str] | None = Field(
        None,
        description="An amount as one would say it (“500 GB”, “Unlimited”) or a number in the feature’s smallest unit; "
        "the key of a choice, or a list of them; a text. Left out for a gate, and to deny.",
    )
    note: Annotated[str, StringConstraints(max_length=300)] = ""
    starts_on: Day | None = None
    through_on: Day | None = None


class DraftIn(Schema):
    """The whole draft: what stands here is what it says from then on. Lines left out are taken out."""

    effective_on: Day | None = Field(
        None, description="The first day, in the contract’s zone; its signing if left out."
    )
    term_months: Months | None = None
    renewal: Renewal = "ends"
    renewal_months: Months | None = None
    notice_days: Annotated[int, Field(ge=0, le=3650)] = 0
    new_term: bool = Field(
        False, description="In an amendment: a new term begins with it; else it goes on in the one that runs."
    )
    reason_code: Key | None = None
    reason: Said = ""
    lines: Annotated[list[LineIn], Field(max_length=200)] = []


class NoticeIn(Schema):
    said_by: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Who gave notice.", examples=["Bea Buyer, by e-mail"]
    )


class EndIn(Schema):
    ends_at: Instant | None = Field(None, description="Now if left out; never in the past.")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]
