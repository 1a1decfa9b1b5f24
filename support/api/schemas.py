"""The shapes of the coverage endpoint, documented for OpenAPI."""

from datetime import datetime
from typing import Literal

from ninja import Field, Schema


class TargetOut(Schema):
    severity: str = Field(description="The severity's key.", examples=["high"])
    name: str = Field(examples=["High"])
    meaning: str
    promise: str = Field(description="The promise in words.", examples=["within 4 business hours"])
    due_at: datetime = Field(description="When a first response would be due if a case came in at `at`.")
    due_words: str = Field(examples=["today 18:00 (Amsterdam)"])


class HoursOut(Schema):
    name: str = Field(examples=["Business hours"])
    is_open: bool = Field(description="Whether this clock of the promise runs at `at`.")
    changes_at: datetime | None = Field(description="When that changes; null: never.")
    words: str


class EndingOut(Schema):
    at: datetime = Field(description="The first instant at which the cover is another.")
    words: str = Field(examples=["through 31 March (Amsterdam)"])
    then: str = Field(description="What the cover becomes, in words.")


class OfferOut(Schema):
    plan: str = Field(description="The key of a plan on sale in the account's market that would cover it.")
    name: str
    words: str


class CoverageOut(Schema):
    account: str = Field(description="The account's key.")
    account_name: str
    country: str
    zone: str = Field(description="The account's time zone; all words about times are said in it.")
    at: datetime = Field(description="The moment the answer is for.")
    local_time: str
    state: Literal["not_covered", "no_promised_time", "with_targets"]
    headline: str
    tier: str | None = Field(description="The choice of support_tier held; null: none.")
    tier_name: str
    plans: list[str] = Field(description="The plans and add-ons in force.")
    targets: list[TargetOut]
    hours: list[HoursOut]
    caution: str = Field(description="What the due times could not take into account; empty: nothing.")
    ends: EndingOut | None = Field(description="When the cover becomes another; null: as far as is known, never.")
    why: str
    because: list[str] = Field(description="Every source considered, kept or lost, with its rule in words.")
    offers: list[OfferOut] = Field(description="What would cover an account that is not covered.")


class MatchOut(Schema):
    account: str
    name: str
    country: str


class LookupOut(Schema):
    searched: str
    answer: CoverageOut | None = Field(description="The answer, when exactly one account is meant.")
    matches: list[MatchOut] = Field(description="The accounts to choose from, when several match; ask again by key.")
    note: str = Field(description="How the account was found, where that needs saying.")
