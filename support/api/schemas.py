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


class ChannelOut(Schema):
    channel: str = Field(examples=["phone"])
    words: str = Field(examples=["Phone"])
    asked: bool = Field(description="Whether this is the channel that was asked about.")
    covered: bool
    by: str = Field(description="What covers it.", examples=["Maintenance of plant Graz"])
    why: str = Field(description="Why it isn't covered; empty: it is.")
    is_open: bool | None = Field(description="Whether its hours are open at `at`; null: no hours are promised.")
    hours: str = Field(examples=["Until today 18:00 (Amsterdam)"])
    left: str = Field(description="What is left of prepaid help for it; empty: nothing is counted.")


class PrepaidPartOut(Schema):
    channel: str = Field(examples=["phone"])
    name: str
    left: str = Field(examples=["14 h"])
    of: str = Field(examples=["80 h"])


class PrepaidOut(Schema):
    key: str = Field(description="The key of the credits feature.", examples=["support_hours"])
    name: str
    state: Literal["left", "used_up", "overdrawn"]
    left: str = Field(examples=["34 h"])
    words: str = Field(examples=["34 h left"])
    parts: list[PrepaidPartOut] = Field(description="Channels that have a part of their own.")
    goes_at: datetime | None = Field(description="When something of it goes unused; null: never.")
    goes: str


class ShareOut(Schema):
    aspect: Literal["labour", "parts", "travel"]
    name: str
    customer_percent: int = Field(description="How many percent of it the customer pays.", ge=0, le=100)
    words: str = Field(examples=["Customer pays 20 %"])
    by: str = Field(description="What bears the rest; empty: nothing does.")
    why: str


class CandidateOut(Schema):
    key: str = Field(examples=["cover:12", "warranty:7", "tier", "balance:3"])
    name: str
    source: str = Field(examples=["Cover agreed with the customer"])
    tier: str = Field(description="The name of its support tier; empty: it says nothing of response.")
    kept: bool = Field(description="Whether it applies; of those that do, the most generous decides.")
    decides: list[Literal["response", "labour", "parts", "travel"]]
    reason: str = Field(description="Why it decides, or why it doesn't.")


class DeviceOut(Schema):
    serial: str = Field(examples=["SN-00012"])
    product: str
    name: str = Field(description="What the customer calls it.")
    location: str
    retired: bool


class HistoryOut(Schema):
    kind: Literal["case", "visit", "labour", "parts", "travel"]
    number: int
    at: datetime
    words: str
    state: str
    case: int | None = Field(description="The number of the case it belongs to.")


class EndingOut(Schema):
    at: datetime = Field(description="The first instant at which the cover is another.")
    words: str = Field(examples=["through 31 March (Amsterdam)"])
    then: str = Field(description="What the cover becomes, in words.")


class OfferOut(Schema):
    plan: str = Field(description="The key of a plan on sale in the account's market that would cover it.")
    name: str
    words: str


class ManagerOut(Schema):
    name: str
    email: str


class RelativeOut(Schema):
    account: str
    name: str


class CoverageOut(Schema):
    account: str = Field(description="The account's key.")
    account_name: str
    country: str
    zone: str = Field(description="The account's time zone; all words about times are said in it.")
    at: datetime = Field(description="The moment the answer is for.")
    local_time: str
    device: DeviceOut | None = Field(description="The device asked about; null: none was named.")
    channel: str | None = Field(description="The channel asked about; null: none was named.")
    channel_words: str = Field(examples=["Phone"])
    state: Literal["not_covered", "no_promised_time", "with_targets"]
    verdict: str = Field(description="The whole answer in one line.", examples=["Covered for phone support on Pump 1"])
    partly: list[str] = Field(
        description="Covers of certain devices, where nothing else covers and no device was named: name one."
    )
    headline: str
    tier: str | None = Field(description="The support tier by which the customer is served; null: none.")
    tier_name: str
    covered_by: str = Field(description="What covers it; empty: nothing.")
    plans: list[str] = Field(description="The plans and add-ons in force.")
    targets: list[TargetOut]
    hours: list[HoursOut]
    caution: str = Field(description="What the due times could not take into account; empty: nothing.")
    channels: list[ChannelOut]
    left: str = Field(
        description="What is left of prepaid help, in one line.", examples=["Support hours: 14 h left by phone."]
    )
    prepaid: list[PrepaidOut]
    shares: list[ShareOut] = Field(description="What the customer pays of labour, parts and travel.")
    authorisation: str = Field(description="What has to be authorised before work begins; empty: nothing.")
    ends: EndingOut | None = Field(description="When the cover becomes another; null: as far as is known, never.")
    why: str
    candidates: list[CandidateOut] = Field(description="All that might cover: the deciding first, then the lost.")
    because: list[str] = Field(description="Every source of the plans' tier, kept or lost, with its rule in words.")
    offers: list[OfferOut] = Field(description="What would cover an account that is not covered.")
    manager: ManagerOut | None = Field(description="Who looks after the customer.")
    parent: RelativeOut | None
    children: list[RelativeOut] = Field(description="The first few accounts that belong to it.")
    more_children: int
    history: list[HistoryOut] = Field(
        description="The last cases, visits, parts and work; of the device, if one is asked."
    )


class MatchOut(Schema):
    account: str
    name: str
    country: str
    how: str = Field(description="What of it was found, where it isn't the account itself.")
    serial: str = Field(description="The device that was found; ask again with it as `device`.")
    near: bool = Field(description="Only its name is like what was typed.")


class LookupOut(Schema):
    searched: str
    answer: CoverageOut | None = Field(description="The answer, when exactly one account is meant.")
    matches: list[MatchOut] = Field(description="The accounts to choose from, when several match; ask again by key.")
    note: str = Field(description="How the account was found, where that needs saying.")
    looked_in: list[str] = Field(description="What was searched, where nothing was found.")
