"""What the API takes in about time worked, and what it says of it and of prepaid help."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

from catalog.domain.values import UNLIMITED, Amount
from entitlements.domain.credits.ledger import Kind
from journal.api.instants import Instant
from support.api.cases.schemas import LARGEST, Text
from support.domain.case_events import Channel
from support.domain.cover_terms import AtZero, Counts
from support.models import TimeEntry
from support.queries.allowances.balances import BalanceLine, PartLeft
from support.queries.allowances.ledger import PrepaidLine

Reason = Annotated[str, StringConstraints(max_length=500)]
Name = Annotated[str, StringConstraints(max_length=200)]


class TimeIn(Schema):
    """Time that was worked on a case."""

    minutes: int = Field(
        ge=-LARGEST,
        le=LARGEST,
        description="As they were worked, from 1 to 1,440; rounding is the desk’s.",
        examples=[20],
    )
    worked_at: Instant | None = Field(
        None, description="When the work began, with a zone; left out: it has just ended. At most 90 days ago."
    )
    channel: Channel | None = Field(None, description="How; the case’s own channel if left out.")
    allowance: Annotated[str, StringConstraints(max_length=64)] = Field(
        "",
        description="The key of the prepaid hours it counts on. Left out: those that go first among those that hold it.",
        examples=["support_hours"],
    )
    worked_by: Name = Field("", description="Who; the key’s name if left out.", examples=["Ana"])
    note: Text = ""
    id: Name = Field("", description="Your own name of the entry: told again under it, nothing is entered twice.")
    most_beyond: int | None = Field(
        None,
        ge=0,
        le=LARGEST,
        description="Refuse it (409 `more_beyond`) where more minutes than that would be billed.",
    )


class WithdrawIn(Schema):
    reason: Reason = Field(description="The customer’s ledger tells it.", examples=["Written on the wrong case"])


class TimeEntryOut(Schema):
    """A time entry. `counted_minutes` were taken of the allowance, `beyond_minutes` are billed; together they are the
    real minutes rounded up to the unit."""

    id: int
    case: str = Field(examples=["C-1234"])
    account: str = Field(description="For whom it was worked; it stays with them where the case is given to another.")
    minutes: int
    counted_minutes: int
    beyond_minutes: int
    unit_minutes: int = Field(description="The unit it was rounded up to; 0: to the minute.")
    allowance: str | None = Field(description="The key of the prepaid hours it counts on; null: on nothing.")
    channel: Channel
    worked_at: datetime
    worked_by: str
    note: str
    exempt_reason: str = Field(description="Why it isn’t counted; empty: it is, where there are hours.")
    name: str = Field(description="Your own name of it.")
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdraw_reason: str


class TimeEntryList(Schema):
    entries: list[TimeEntryOut] = Field(description="The newest work first, withdrawn ones too; of very many, 200.")


class PartOut(Schema):
    """What of it may fall to one channel, and what of that is left; null: no limit."""

    channel: str = Field(examples=["phone"])
    name: str
    left: int | None
    of: int | None
    words: str = Field(examples=["75 h 50 min"])


class AllowanceOut(Schema):
    """One allowance of an account. Amounts are in `unit`: minutes of hours, else what is counted."""

    key: str = Field(examples=["support_hours"])
    name: str
    counts: Counts
    unit: str = Field(examples=["minute"])
    left: int | None = Field(description="Null: no limit.")
    overdrawn: int
    words: str = Field(examples=["4 h 10 min left"])
    at_zero: AtZero = Field(description="What happens where it is used up.")
    rounded_to_minutes: int = Field(description="The unit each time entry is rounded up to; 0: to the minute.")
    parts: list[PartOut]
    goes_at: datetime | None = Field(description="When the next of it goes unused.")
    goes: str


class AllowanceList(Schema):
    account: str
    allowances: list[AllowanceOut]


class LedgerLineOut(Schema):
    """One line: how much the balance moved, and what is left after it, below zero where it is overdrawn."""

    number: int = Field(description="0 while it is still to be written.")
    kind: Kind
    at: datetime
    what: str
    note: str
    amount: int
    balance_after: int
    words: str = Field(examples=["−30 min"])
    case: str | None
    time_entry: int | None
    minutes: int | None = Field(description="Of a time entry: as they were worked.")
    counted_minutes: int | None


class PrepaidLedgerOut(Schema):
    account: str
    allowance: str
    unit: str
    lines: list[LedgerLineOut] = Field(description="The newest first.")
    before: int | None = Field(description="Ask again with this as `before`; null: that was all.")


def render_entry(entry: TimeEntry) -> TimeEntryOut:
    return TimeEntryOut(
        case=entry.case.number,
        account=entry.account.key,
        allowance=None if entry.allowance is None else entry.allowance.feature.key,
        channel=Channel(entry.channel),
        **{name: getattr(entry, name) for name in _SAME},
    )


_SAME = (
    "id", "minutes", "counted_minutes", "beyond_minutes", "unit_minutes", "worked_at", "worked_by", "note",
    "exempt_reason", "name", "recorded_at", "withdrawn_at", "withdrawn_by", "withdraw_reason",
)  # fmt: skip


def unit_of(line: BalanceLine) -> str:
    return "minute" if line.of_time else line.allowance.feature.unit


def amount_of(line: BalanceLine, amount: Amount) -> int | None:
    """In the unit that is told: minutes of hours, whatever their smallest unit is."""
    if amount is UNLIMITED:
        return None
    return line.measure.minutes(amount) if line.of_time else int(amount)


def render_balance(line: BalanceLine) -> AllowanceOut:
    return AllowanceOut(
        key=line.key,
        name=line.name,
        counts=Counts(line.allowance.counts),
        unit=unit_of(line),
        left=amount_of(line, line.left),
        overdrawn=amount_of(line, line.owed) or 0,
        words=line.one_line,
        at_zero=AtZero(line.allowance.at_zero),
        rounded_to_minutes=line.allowance.unit_minutes,
        parts=[_part(line, part) for part in line.parts],
        goes_at=line.goes_at,
        goes=line.goes,
    )


def _part(line: BalanceLine, part: PartLeft) -> PartOut:
    return PartOut(
        channel=part.channel,
        name=part.name,
        left=amount_of(line, part.left),
        of=amount_of(line, part.of),
        words=part.left_words,
    )


def render_line(line: PrepaidLine, balance: BalanceLine) -> LedgerLineOut:
    entry = line.entry
    return LedgerLineOut(
        number=line.number,
        kind=line.kind,
        at=line.at,
        what=line.what,
        note=line.note,
        amount=amount_of(balance, Decimal(line.amount)) or 0,
        balance_after=amount_of(balance, Decimal(line.after)) or 0,
        words=line.moved,
        case=None if line.case is None else line.case.number,
        time_entry=None if entry is None else entry.pk,
        minutes=None if entry is None else entry.minutes,
        counted_minutes=None if entry is None else entry.counted_minutes,
    )
