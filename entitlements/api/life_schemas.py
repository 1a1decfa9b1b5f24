"""What the API says about subscriptions, and what it takes in to change them."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from entitlements.queries.life.planned import PlannedChange
from entitlements.queries.life.subscriptions import HeldRow, SubscriptionNow
from journal.api.instants import Instant

Key = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Said = Annotated[str, StringConstraints(max_length=500)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Days = Annotated[int, Field(ge=0, le=365)]
Interval = Literal["", "month", "year"]
When = Literal["now", "at_renewal", "on_date"]
Settling = Literal["none", "credit", "invoice_now"]


class ItemOut(Schema):
    """A plan or an add-on the subscription holds, held, or will hold."""

    id: int
    plan: str = Field(description="The key of the plan or add-on.", examples=["team"])
    name: str = Field(examples=["Team"])
    kind: Literal["plan", "add_on"]
    version: int = Field(description="The number of the version it has now.")
    quantity: int
    interval: Interval
    starts_at: datetime
    ends_at: datetime | None = None
    lent: bool = Field(description="Lent for a time, and not bought.")
    live: bool = Field(description="Whether it gives anything at this moment.")


class ChangeOut(Schema):
    """A change that was decided. Until it takes effect it can be called off."""

    id: int
    sort: Literal["plan", "quantity", "add_on", "end_item", "cancel"]
    words: str = Field(examples=["Team → Enterprise"])
    state: Literal["to_come", "done", "cancelled", "overtaken"]
    timing: When
    effective_at: datetime
    proration: Settling = Field(description="How billing settles what is left of the period; never computed here.")
    reason: str = ""


class SubscriptionOut(Schema):
    number: int = Field(description="Counts the account's subscriptions, from 1.")
    state: Literal["to_come", "trial", "trial_over", "active", "grace", "past_due", "paused", "winding_down", "ended"]
    state_text: str = Field(examples=["In grace"])
    state_ends_at: datetime | None = Field(None, description="When the trial, grace, pause or winding down ends.")
    starts_at: datetime
    ends_at: datetime | None = None
    trial_ends_at: datetime | None = None
    with_card: bool = Field(False, description="At its end the trial becomes a sale by itself.")
    renews_at: datetime | None = Field(None, description="The next period, as recorded, else as projected.")
    billed_by: str = Field("", description="The connected system that bills it; empty: none.")
    items: list[ItemOut]
    changes: list[ChangeOut] = Field(description="What is to come, the next first.")


class SubscriptionList(Schema):
    account: str
    at: datetime
    subscriptions: list[SubscriptionOut]


class Waiting(Schema):
    """It is beyond what may be done alone: somebody else decides first."""

    approval: int
    summary: str


class StartIn(Schema):
    plan: Key
    quantity: Count = 1
    interval: Interval = ""
    starts_at: Instant | None = Field(None, description="Now if left out; never in the past.")
    ends_at: Instant | None = Field(
        None, description="When it ends by itself; never if left out. An internal account's always ends."
    )
    trial_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    with_card: bool = False
    billed_by: Annotated[str, StringConstraints(max_length=40)] = ""
    billing_id: Annotated[str, StringConstraints(max_length=200)] = ""


class TimedIn(Schema):
    timing: When = "now"
    on: Instant | None = Field(None, description="With on_date: from which instant on.")
    proration: Settling = "none"
    reason: Said = ""


class PlanIn(TimedIn):
    plan: Key
    quantity: Count | None = Field(None, description="As it is if left out.")
    interval: Interval | None = Field(None, description="As it is if left out.")


class CancelIn(TimedIn):
    keep_days: Days | None = Field(None, description="Days of access afterwards; as the plan says if left out.")


class ReasonIn(Schema):
    reason: Said = ""


class PauseIn(ReasonIn):
    until: Instant | None = Field(None, description="When it goes on by itself; open if left out.")


class FailureIn(ReasonIn):
    grace_days: Days | None = Field(None, description="As the plan says if left out; 0 closes it at once.")


class ExtensionIn(Schema):
    days: Annotated[int, Field(ge=1, le=365)] | None = None
    until: date | None = Field(None, description="Instead of days: through this day in the customer's zone.")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


def render_subscription(now: SubscriptionNow) -> SubscriptionOut:
    row, held = now.row, now.held
    return SubscriptionOut(
        number=row.number,
        state=held.state.value,
        state_text=held.state.words,
        state_ends_at=held.phase_ends_at if held.live else None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        trial_ends_at=held.trial_ends_at,
        with_card=held.with_card,
        renews_at=now.renews_at,
        billed_by=row.billed_by,
        items=[_item(item) for item in now.items],
        changes=[render_change(change) for change in now.to_come],
    )


def _item(held: HeldRow) -> ItemOut:
    item = held.row
    return ItemOut(
        id=item.pk,
        plan=item.plan.key,
        name=item.plan.name,
        kind=item.plan.kind,
        version=held.version,
        quantity=item.quantity,
        interval=item.interval,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        lent=item.lent,
        live=held.live,
    )


def render_change(change: PlannedChange) -> ChangeOut:
    row = change.row
    return ChangeOut(
        id=row.pk,
        sort=row.sort,
        words=row.words,
        state=change.state,
        timing=row.timing,
        effective_at=row.effective_at,
        proration=row.proration,
        reason=row.reason,
    )
