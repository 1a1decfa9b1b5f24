"""What the API takes in about equipment, and what it says of it."""

from datetime import date, datetime
from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

from journal.api.instants import Instant
from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import WarrantyState

Serial = Annotated[str, StringConstraints(max_length=120)]
Name = Annotated[str, StringConstraints(max_length=200)]
Reason = Annotated[str, StringConstraints(max_length=500)]
Key = Annotated[str, StringConstraints(max_length=64)]


class DaysIn(Schema):
    """Whole days where the equipment stands. Its warranty counts from one of them."""

    shipped_on: date | None = None
    installed_on: date | None = None
    invoiced_on: date | None = None
    in_service_on: date | None = None


class AssetIn(DaysIn):
    """Equipment to be registered. It gets the warranty that its product comes with."""

    account: Name = Field(description="Whose it is: our key or any system's id.", examples=["acme"])
    product: Key = Field(description="The product's key.", examples=["press_600"])
    serial: Serial = Field(description="Compared without spaces, hyphens and capitals.", examples=["HP600-2209-0417"])
    name: Name = Field("", description="What the customer calls it.", examples=["Press A"])
    location: Name = Field("", description="The name of one of the customer's locations.", examples=["Plant 2"])
    external_id: Name = Field("", description="Its id in another system.")
    held_since: date | None = Field(
        None, description="Since when the customer has it; the earliest of its dates if left out."
    )


class ReplaceIn(DaysIn):
    """The unit that takes its place. It inherits what is left of the warranty, and nothing more."""

    serial: Serial = Field(examples=["HP600-2511-0007"])
    reason: Reason = Field(examples=["Broken frame"])
    product: Key = Field("", description="The product's key; the same product if left out.")
    swapped_at: Instant | None = Field(None, description="When it was swapped; now if left out.")


class MoveIn(Schema):
    """Where it goes. Without an account it stays with its customer, at another location."""

    account: Name = Field("", description="To which customer: our key or any system's id.", examples=["beta"])
    location: Name = Field("", description="The name of a location there; empty: not known.")
    reason: Reason = Field("", description="Needed where it goes to another customer.")
    moved_at: Instant | None = Field(None, description="When it went to another customer; now if left out.")


class RetireIn(Schema):
    reason: Reason
    retired_at: Instant | None = Field(None, description="Since when it is out of service; now if left out.")


class WarrantyOut(Schema):
    """A warranty holds from `starts_at` on and before `ends_at`, or before `ended_early_at`."""

    id: int
    name: str
    state: WarrantyState
    basis: WarrantyBasis
    starts_at: datetime
    ends_at: datetime
    through: date = Field(description="The last day of what was agreed, in `zone`.")
    zone: str
    ended_early_at: datetime | None
    ended_early_because: str | None
    labour: int | None = Field(description="So many percent are borne; null: nothing is said about it.")
    parts: int | None
    travel: int | None
    tier: str | None = Field(description="A support tier it comes with.")
    priority: int | None
    transferable: bool = Field(description="Whether it goes along to another customer.")
    standard: bool = Field(description="Whether it came with the product, and follows the asset's dates.")
    inherited_from: int | None = Field(description="The id of the warranty that it goes on from.")


class PlaceOut(Schema):
    name: str
    address: str
    country: str | None


class MoveOut(Schema):
    from_account: str
    to_account: str
    at: datetime
    reason: str


class AssetOut(Schema):
    id: int
    serial: str
    product: str = Field(description="The product's key.")
    product_name: str
    account: str = Field(description="The key of whoever has it now.")
    name: str
    location: PlaceOut | None
    external_id: str
    shipped_on: date | None
    installed_on: date | None
    invoiced_on: date | None
    in_service_on: date | None
    held_since: datetime = Field(description="Since when this customer has it.")
    retired_at: datetime | None
    retire_reason: str | None
    replaces: int | None = Field(description="The id of the unit whose place it took.")
    replaced_by: int | None = Field(description="The id of the unit that took its place.")
    under_warranty: bool
    warranty_waits: str | None = Field(
        description="Why the warranty it comes with hasn't begun; null: nothing is missing.",
        examples=["It has no installation day yet, so its warranty hasn’t begun."],
    )
    warranties: list[WarrantyOut]
    moves: list[MoveOut] = Field(description="From customer to customer, the first first.")


class AssetList(Schema):
    assets: list[AssetOut]
    next: int | None = Field(description="Pass it as `after` for the following page; null on the last one.")
