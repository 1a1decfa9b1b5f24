"""What the API says: a resolution in JSON. Amounts are integers in the feature's smallest unit, beside their words."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema


class Reason(Schema):
    """One source that spoke about the feature at that instant, in the order it was applied."""

    source: str = Field(examples=["Team v1", "Override #88"])
    source_kind: str = Field(examples=["plan", "override"])
    source_id: str
    does: str = Field(description="What it does to the value below it.", examples=["base", "add", "deny"])
    value: Any = Field(None, description="Its own value, in the feature's smallest unit.")
    value_text: str
    kept: bool = Field(description="Whether it took part in the answer.")
    rule: str = Field(description="Why it was kept or lost, in words.")
    until: datetime | None = Field(None, description="When it stops by itself; null: no end known.")
    by: str = Field("", description="Who asked for an override, and who approved it where that was somebody else.")
    reason: str = Field("", description="The reason given for an override.")


class Entitlement(Schema):
    """What one account may do with one feature at one instant."""

    feature: str = Field(examples=["storage"])
    name: str = Field(examples=["Storage"])
    kind: Literal["gate", "metered", "capacity", "config", "credit"]
    granted: bool = Field(description="Whether the account has the feature at all.")
    value: Any = Field(
        None,
        description="true for a gate; an integer in `unit` for quantities; null with `unlimited`; a choice, a list of "
        "choices or a text for configurations.",
    )
    unlimited: bool = False
    unit: str = Field("", description="The unit `value` is counted in.", examples=["B", "s", "MAU"])
    value_text: str = Field(description="The value in words.", examples=["120 GB"])
    state: str = Field(
        description="Of what is granted: value or unlimited; otherwise denied, or what the plan says in its place.",
        examples=["value", "not_included", "set_per_customer", "denied"],
    )
    reset: str | None = None
    enforcement: str | None = None
    overage_percent: int | None = None
    valid_until: datetime | None = Field(None, description="The answer and its reasons can't change before this.")


class Explanation(Entitlement):
    because: list[Reason]
    in_words: list[str] = Field(description="The chain of reasons as sentences, ready for a ticket.")


class EntitlementSet(Schema):
    account: str
    at: datetime = Field(description="The instant the answer is for.")
    known_at: datetime | None = Field(None, description="As it was known at this instant; null: as known now.")
    entitlements: list[Entitlement]


class EntitlementAnswer(Schema):
    account: str
    at: datetime
    known_at: datetime | None = None
    entitlement: Entitlement


class ExplanationAnswer(Schema):
    account: str
    at: datetime
    known_at: datetime | None = None
    explanation: Explanation


class ExplanationSet(Schema):
    account: str
    at: datetime
    known_at: datetime | None = None
    explanations: list[Explanation]
