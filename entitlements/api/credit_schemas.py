"""What the API says about credits, and what it takes in to grant and void them."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StrictInt, StringConstraints

from catalog.domain.values import UNLIMITED, Amount
from entitlements.api.override_schemas import Link, Why
from entitlements.models import CreditGrant
from entitlements.queries.credits import CreditBalanceView, GrantLeft, LedgerLine, LedgerPage
from journal.api.instants import Instant

AmountIn = Annotated[
    Annotated[StrictInt, Field(ge=1, le=10**15)] | Annotated[str, StringConstraints(min_length=1, max_length=200)],
    Field(
        description="As a person would say it (`80 hours`, `5,000`), or a number of the feature's smallest unit.",
        examples=[5000],
    ),
]
Rollover = Annotated[StrictInt, Field(ge=0, le=10**15)]
EXACT = "In the feature's smallest unit."


class CreditsIn(Schema):
    """Credits beside what the plan gives."""

    amount: AmountIn
    source: Literal["sale", "gift", "correction"] = "sale"
    reason: Why = Field(description="The customer's ledger tells it.")
    priority: int = Field(
        100,
        ge=1,
        le=255,
        description="The smaller is used first; the plan's own credits have 50, for they lapse first.",
    )
    effective_at: Instant | None = Field(None, description="Now if left out; never in the past.")
    through_on: date | None = Field(None, description="Through this day in the customer's zone; left out: no end.")
    recurs: Literal["day", "week", "month", "year"] | None = Field(
        None, description="How often it is filled again: set to its amount, not added to."
    )
    recurs_every: int = Field(1, ge=1, le=120)
    min_rollover: Rollover = Field(0, description=f"What is there at least after the feature's reset. {EXACT}")
    max_rollover: Rollover | None = Field(
        None, description=f"What stays at most at the feature's reset; left out: all of it. {EXACT}"
    )
    link: Link | None = Field(None, description="The deal or ticket it belongs to.")


class VoidIn(Schema):
    reason: Why = Field(description="The customer's ledger tells it.")


class GrantOut(Schema):
    """Credits that were granted beside the plan. `left` stands in the balance."""

    id: int
    feature: str
    amount: int = Field(description=EXACT)
    words: str = Field(examples=["5,000 credits, each month"])
    priority: int
    source: Literal["sale", "gift", "correction", "merge"]
    effective_at: datetime
    expires_at: datetime | None = None
    through_on: date | None = Field(None, description="The last day as it was said, in `zone`.")
    zone: str
    recurs: str = ""
    recurs_every: int = 1
    min_rollover: int = 0
    max_rollover: int | None = None
    reason: str
    link: str = ""
    granted_at: datetime
    granted_by: str
    voided_at: datetime | None = None
    voided_by: str = ""
    void_reason: str = ""


class HeldOut(Schema):
    """What is left of one grant; the plan's own credits have no `grant`. In the order in which they are used."""

    grant: int | None = None
    name: str = Field(examples=["the plan's credits"])
    amount: int | None = Field(None, description=f"{EXACT} Null: no limit.")
    left: int | None = Field(None, description=f"{EXACT} Null: no limit.")
    used: int = Field(description="Of it, since it was filled last.")
    priority: int
    effective_at: datetime
    expires_at: datetime | None = None
    next_at: datetime | None = Field(
        None, description="When it is filled again, and what is left of it by then lapses."
    )


class GoingOut(Schema):
    """What goes first, if it isn't used."""

    grant: int | None = None
    name: str
    left: int
    at: datetime
    words: str = Field(examples=["70 credits of the plan's credits"])


class CreditBalanceOut(Schema):
    account: str
    feature: str
    at: datetime
    left: int | None = Field(None, description=f"What may still be used. {EXACT} Null: no limit.")
    unlimited: bool = False
    words: str = Field(examples=["120 credits"])
    overage: int = Field(description="Used beyond all credits in this period; the next ones granted in it cover it.")
    used: int = Field(description="In this period.")
    grants: list[HeldOut]
    to_come: list[HeldOut] = Field(description="Granted already, beginning later.")
    next_to_go: GoingOut | None = None


class LineOut(Schema):
    """One line of the ledger. The lines in the order of their numbers add up: each moves the balance by its amount."""

    number: int | None = Field(None, description="Null: time has brought it, and it is written with the next use.")
    at: datetime = Field(description="When it took effect.")
    recorded_at: datetime | None = None
    kind: Literal[
        "grant", "recur", "lapse", "change", "use", "overage", "given_back", "reset", "expire", "void", "correction"
    ]
    amount: int = Field(description="Signed. Of credits without limit it tells what was used and moves nothing.")
    balance_after: int = Field(description="What is left of all grants, less what was used beyond them.")
    unlimited: bool = False
    grant: int | None = Field(None, description="The grant it is about; null with `of_plan`: the plan's own credits.")
    of_plan: bool = False
    event: str = Field("", description="The source and the id of the use.")
    words: str = Field(examples=["30 credits used of the plan's credits"])
    note: str = Field("", description="Why, where somebody or a correction says so.")


class LedgerOut(Schema):
    account: str
    feature: str
    at: datetime
    lines: list[LineOut] = Field(description="The newest first.")
    before: int | None = Field(None, description="Ask with it for the page before; null: this is the last one.")


def render_grant(row: CreditGrant, *, words: str) -> GrantOut:
    alike = (
        "id", "amount", "priority", "source", "effective_at", "expires_at", "through_on", "zone", "recurs",
        "recurs_every", "min_rollover", "max_rollover", "reason", "link", "granted_at", "granted_by", "voided_at",
        "voided_by", "void_reason",
    )  # fmt: skip
    return GrantOut(feature=row.feature.key, words=words, **{name: getattr(row, name) for name in alike})


def render_balance(view: CreditBalanceView) -> CreditBalanceOut:
    return CreditBalanceOut(
        account=view.account.key,
        feature=view.feature.key,
        at=view.at,
        left=_number(view.left),
        unlimited=view.left is UNLIMITED,
        words=view.said(view.left),
        overage=int(view.overage),
        used=int(view.used),
        grants=[_held(one) for one in view.grants],
        to_come=[_held(one) for one in view.to_come],
        next_to_go=_going(view),
    )


def render_ledger(page: LedgerPage, view: CreditBalanceView) -> LedgerOut:
    lines = [_line(line) for line in page.lines]
    return LedgerOut(account=view.account.key, feature=view.feature.key, at=view.at, lines=lines, before=page.before)


def _held(one: GrantLeft) -> HeldOut:
    return HeldOut(
        grant=None if one.row is None else one.row.pk,
        name=one.name,
        amount=_number(one.amount),
        left=_number(one.left),
        used=int(one.used),
        priority=one.grant.priority,
        effective_at=one.grant.effective_at,
        expires_at=one.grant.ends_at,
        next_at=one.next_at,
    )


def _going(view: CreditBalanceView) -> GoingOut | None:
    one = view.next_to_go
    if one is None or one.left is UNLIMITED or one.ends_at is None:
        return None
    row = None if one.row is None else one.row.pk
    words = f"{view.said(one.left)} of {one.name}"
    return GoingOut(grant=row, name=one.name, left=int(one.left), at=one.ends_at, words=words)


def _line(line: LedgerLine) -> LineOut:
    alike = (
        "at", "recorded_at", "amount", "balance_after", "unlimited", "grant", "of_plan", "event", "words", "note",
    )  # fmt: skip
    return LineOut(number=line.number or None, kind=line.kind.value, **{name: getattr(line, name) for name in alike})


def _number(amount: Amount) -> int | None:
    return None if amount is UNLIMITED else int(amount)
