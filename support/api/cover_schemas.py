"""What the API takes in about covers, and what it says of them."""

from datetime import date, datetime
from typing import Annotated

from ninja import Field, Schema
from pydantic import AfterValidator, StringConstraints

from support.domain.cover_draft import CoverPlace

SMALL = 2**31 - 1


def _spoken(text: str) -> str:
    """PostgreSQL keeps no null characters."""
    return text.replace("\x00", "")


Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2200, 12, 31))]
Name = Annotated[str, StringConstraints(max_length=200)]
Names = Annotated[list[Name], Field(max_length=1000)]
Percent = Annotated[int, Field(ge=-SMALL, le=SMALL)]
Number = Annotated[int, Field(ge=0, le=SMALL)]
Reason = Annotated[str, StringConstraints(max_length=500), AfterValidator(_spoken)]
Title = Annotated[str, StringConstraints(max_length=200), AfterValidator(_spoken)]


class CoverSaid(Schema):
    """What a cover says. What is left out says nothing, or is as its description says."""

    name: Title = Field(description="As both sides know it.", examples=["Maintenance of the pumps"])
    contract: Name | None = Field(None, description="The number of the contract.", examples=["C-2026-0012"])
    line: Number | None = Field(None, description="The number of its line.", examples=[3])
    starts_on: Day | None = Field(None, description="The first day, in the account's zone; from now if left out.")
    through_on: Day | None = Field(
        None,
        description="The last day, in the account's zone; null: as long as its contract, or until somebody ends it.",
    )
    tier: Annotated[str, StringConstraints(max_length=64)] = Field(
        "", description="A choice of `support_tier`; empty: nothing is said about response.", examples=["priority"]
    )
    labour: Percent | None = Field(None, description="Percent borne; null: nothing is said of it.", examples=[100])
    parts: Percent | None = Field(None, examples=[50])
    travel: Percent | None = None
    authorisation: Annotated[str, StringConstraints(max_length=300), AfterValidator(_spoken)] = Field(
        "", description="What has to be authorised before work begins, and by whom."
    )
    priority: Number | None = Field(None, description="1 goes before every other; null: the more generous one wins.")
    children: bool = Field(False, description="Whether it reaches child accounts.")
    counted: bool = Field(False, description="Whether cases under it count on the prepaid help.")
    visits_a_year: Number = 0
    channels: Names = Field([], description="email, phone, chat, web, api, in_person; none: all.", examples=[["phone"]])
    assets: Names = Field([], description="Serial numbers it is narrowed to; none: all.", examples=[["SN-0001"]])
    locations: Names = Field([], description="Names of places it is narrowed to.", examples=[["Plant Graz"]])
    contacts: Names = Field([], description="E-mail addresses of those who may ask.")
    products: Names = Field([], description="Keys of the kinds of equipment it is narrowed to.", examples=[["pump"]])
    reason: Reason = Field("", description="Why it is agreed like this.")


class CoverIn(CoverSaid):
    """A cover to be agreed on."""

    account: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Our key or any system's id.", examples=["acme"]
    )


class AmendIn(CoverSaid):
    """What is to be otherwise. What is left out stays as it is; null and empty take something away."""

    name: Title = ""
    starts_on: Day | None = Field(
        None, description="From which day it says so; from now if left out. Of one that hasn't begun: its first day."
    )


class EndIn(Schema):
    through_on: Day | None = Field(None, description="The last day, in the account's zone; at once if left out.")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_spoken)] = Field(
        examples=["They sold the plant"]
    )


class CoverOut(Schema):
    """One cover as it stands."""

    id: int
    account: str = Field(examples=["acme"])
    name: str
    state: CoverPlace
    words: str = Field(
        description="The whole of it in a sentence.",
        examples=["Priority, labour in full, parts 50 %, in Plant Graz, by phone; under line 3 of C-2026-0012."],
    )
    contract: str | None
    line: int | None
    starts_at: datetime
    ends_at: datetime | None = Field(description="Its own end or the contract's, whichever comes first.")
    through_on: Day | None = Field(description="Its own last day, as it was said.")
    zone: str = Field(examples=["Europe/Amsterdam"])
    tier: str
    labour: int | None
    parts: int | None
    travel: int | None
    authorisation: str
    priority: int | None
    children: bool
    counted: bool
    visits_a_year: int
    channels: list[str]
    assets: list[str]
    locations: list[str]
    contacts: list[str]
    products: list[str]
    follows: int | None = Field(description="The cover it amends or renews.")
    followed_by: int | None
    waits: int | None = Field(description="The request about it that a second person has yet to decide.")


class CoverList(Schema):
    covers: list[CoverOut]
    next: int | None = Field(description="Ask again with this as `after`; null: that was all.")


class CoverWaits(Schema):
    """By it the customer has less, so a person decides; until then nothing changes."""

    approval: int
    summary: str
