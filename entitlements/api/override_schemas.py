"""What the API says about overrides, and what it takes in to grant and change them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import HttpUrl, StrictBool, StrictInt, StringConstraints, UrlConstraints

from catalog.domain.units import smallest_unit
from catalog.domain.values import UNLIMITED, Nature
from entitlements.api.life_schemas import Key, Waiting
from entitlements.api.render import render_value
from entitlements.models import Override
from entitlements.queries.concessions import place_of, token_of, words_of
from journal.api.instants import Instant

Mode = Literal["replace", "add", "at_least", "at_most", "deny"]
PlaceName = Literal["waiting", "in_force", "to_come", "ended", "revoked", "rejected", "withdrawn"]
Why = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Link = Annotated[HttpUrl, UrlConstraints(max_length=200)]
Typed = Annotated[str, StringConstraints(max_length=200)]
ValueIn = Annotated[
    StrictBool | Annotated[StrictInt, Field(ge=0, le=2**63 - 1)] | Typed | list[Typed] | None,
    Field(
        description="As a person would say it (`20 GB`, `Unlimited`, a choice's key); a number is of the feature's "
        "smallest unit; a list names several choices; true is a feature gate's, as is leaving it out. A denial takes none."
    ),
]
Seen = Annotated[
    str | None,
    Field(description="The `version` it was read with: refused (409 stale) where it has changed since.", max_length=64),
]


class OverrideOut(Schema):
    """What the account was promised beyond, or short of, what it bought. It speaks only while it is in force."""

    id: int
    feature: str = Field(description="The key of the feature.", examples=["storage"])
    feature_name: str
    mode: Mode
    value: Any = Field(None, description="As in an answer; null for a denial and for no limit.")
    unlimited: bool = False
    unit: str = Field("", description="The unit of the value, where it is an amount.")
    words: str = Field(examples=["+ 20 GB through 31 March 2026 (Europe/Amsterdam)"])
    state: PlaceName
    state_text: str = Field(examples=["In force"])
    subscription: int | None = Field(
        None, description="It sleeps while this subscription gives nothing; null: it holds for the whole account."
    )
    starts_at: datetime
    ends_at: datetime | None = None
    through_on: date | None = Field(None, description="The last day as it was said, in `zone`.")
    zone: str = ""
    review_on: date | None = None
    reason_code: str | None = Field(None, description="The key of a listed reason.")
    reason: str
    link: str = Field("", description="The deal or ticket it belongs to.")
    requested_at: datetime
    requested_by: str
    approved_at: datetime | None = None
    approved_by: str = ""
    revoked_at: datetime | None = None
    revoked_by: str = ""
    follows: int | None = Field(None, description="The override it edits or renews.")
    version: str = Field(description="Differs as soon as anything about it does; send it back as `seen`.")


class OverrideList(Schema):
    account: str
    at: datetime
    overrides: list[OverrideOut]


class WaitingOverride(Waiting):
    """It is beyond what may be granted alone: `approval` waits, and nothing changes until somebody has decided."""

    approver_role: str = Field("", description="Whose role has to decide; empty: whoever may approve concessions.")
    override: OverrideOut


class OverrideIn(Schema):
    feature: Key
    mode: Mode
    value: ValueIn = None
    subscription: int | None = Field(None, description="Its number; left out: it holds for the whole account.")
    starts_at: Instant | None = Field(None, description="Now if left out; never in the past.")
    through_on: date | None = Field(None, description="Through this day in the customer's zone.")
    review_on: date | None = Field(None, description="Needed for the whole account where there is no last day.")
    reason_code: Key | None = Field(None, description="The key of a listed reason.")
    reason: Why
    link: Link | None = Field(None, description="The deal or ticket it belongs to.")


class OverrideEdit(Schema):
    """What is left out stays as it is; null takes it away."""

    mode: Mode | None = None
    value: ValueIn = None
    subscription: int | None = None
    through_on: date | None = None
    review_on: date | None = None
    reason_code: Key | None = None
    link: Link | None = None
    reason: Why
    seen: Seen = None


class RenewalIn(Schema):
    through_on: date = Field(description="Through this day in the customer's zone.")
    review_on: date | None = None
    reason: Why
    seen: Seen = None


class RevocationIn(Schema):
    reason: Why
    seen: Seen = None


class WithdrawalIn(Schema):
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


def render_override(row: Override, *, at: datetime) -> OverrideOut:
    place, shape = place_of(row, at=at), row.feature.shape
    return OverrideOut(
        id=row.pk,
        feature=shape.key,
        feature_name=shape.name,
        mode=row.mode,
        value=render_value(row.value),
        unlimited=row.value is UNLIMITED,
        unit=smallest_unit(shape) if shape.nature is Nature.QUANTITY else "",
        words=words_of(row),
        state=place.value,
        state_text=place.words,
        subscription=row.subscription.number if row.subscription else None,
        reason_code=row.reason_code.key if row.reason_code else None,
        follows=row.follows_id,
        version=token_of(row),
        **{name: getattr(row, name) for name in AS_THEY_ARE},
    )


AS_THEY_ARE = (
    "starts_at", "ends_at", "through_on", "zone", "review_on", "reason", "link", "requested_at", "requested_by",
    "approved_at", "approved_by", "revoked_at", "revoked_by",
)  # fmt: skip
