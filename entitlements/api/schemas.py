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


class Fallback(Schema):
    """What to do while the desk can't be reached, for an account that stands as this one does."""

    on_unreachable: Literal["allow", "deny", "last_known"] = Field(
        description="Let it go on, unless it is known that the account doesn't have it; refuse it; or keep the last answer "
        "for as long as it is fresh enough, then refuse."
    )
    max_age_seconds: int | None = Field(None, description="How old the last answer may be; only for last_known.")


class ThresholdStep(Schema):
    percent: int = Field(description="Of the limit.", examples=[80])
    told: Literal["customer", "sales", "customer and sales"]


class SubLimit(Schema):
    value: int | None = Field(None, description="In the feature's smallest unit; 0 is nothing; null with `unlimited`.")
    unlimited: bool = False


class UseNow(Schema):
    """How far the account has come in the period that runs."""

    used: int
    held: int = Field(description="By reservations.")
    left: int | None = Field(
        None, description="Of credits the balance. null: unlimited, or had by each seat by itself."
    )
    resets_at: datetime | None = Field(
        None, description="When use starts again at nothing; null: never, or nothing is in use of a rate."
    )


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
    each_seat_of: str | None = Field(
        None, description="The feature for each seat of which `value` is had by itself; null: `value` is for the whole."
    )
    sub_limits: dict[str, SubLimit] = Field(
        default_factory=dict,
        description='How much of `value` may fall to one choice, by "dimension.choice"; what isn\'t named may use it all.',
        examples=[{"model.large": {"value": 100, "unlimited": False}}],
    )
    choices: list[str] = Field(default_factory=list, description="Of a ranked choice all there are, worst first.")
    better: str = Field("", description="Of what is set: whether more or less of it is better; empty otherwise.")
    aggregation: str = Field("", description="How use adds up: sum, distinct, peak, average or latest; empty: none.")
    valid_until: datetime | None = Field(None, description="The answer and its reasons can't change before this.")
    fallback: Fallback | None = Field(None, description="Without it, refuse while the desk can't be reached.")
    thresholds: list[ThresholdStep] = Field(
        default_factory=list, description="When somebody is told that the limit is near; empty where there is none."
    )
    buffer_percent: int = Field(0, description="Kept back from a hard limit, because use arrives late.")
    use: UseNow | None = Field(None, description="Of what is counted, where now is asked about; null otherwise.")


class Verdict(Schema):
    """Whether what was asked is allowed; without a quantity, whether anything at all is."""

    allowed: bool
    certain: bool = Field(description="false: allowed only if no more is in use than `because` says.")
    because: str = Field(examples=["24 GB left, 19 GB after this"])
    left: int | None = Field(None, description="What is left before this, in `unit`; null: not counted, or not known.")
    left_unlimited: bool = False
    over_by: int | None = Field(None, description="How far this goes beyond the value, in `unit`.")


class Explanation(Entitlement):
    because: list[Reason]
    decision: Verdict
    in_words: list[str] = Field(description="The chain of reasons as sentences, ready for a ticket; the last decides.")


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
