"""What the API takes in about cases, and what it says of them."""

from datetime import date, datetime
from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints

from journal.api.instants import Instant
from support.domain.case_events import CaseState, Channel, ClockState, EventKind, Opener
from support.domain.cover_terms import Aspect
from support.domain.cover_terms import Source as CoverSource
from support.domain.milestones import MilestoneKind
from support.domain.targets import TargetUnit

LARGEST = 2**53 - 1
Name = Annotated[str, StringConstraints(max_length=64)]
Email = Annotated[str, StringConstraints(max_length=254)]
Text = Annotated[str, StringConstraints(max_length=5_000)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=40)]
CoverKey = Annotated[str, StringConstraints(max_length=40)]


class EventIn(Schema):
    """Something that happened to a case. Which field says what it came to, depends on the kind."""

    kind: EventKind = Field(description="Any but `opened`.", examples=["public_reply"])
    at: Instant | None = Field(
        None, description="When it happened, with a zone; now if left out. At most five minutes ahead of now."
    )
    id: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="Your own name of the event: told again under it, nothing is noted twice.", examples=["e-2"]
    )
    state: str = Field("", description="Of kind `state`: what the case is in now.", examples=["waiting"])
    severity: Name = Field("", description="Of kind `severity`: the severity's key.")
    team: Name = Field("", description="Of kind `assigned`: the team's key; empty: no team.")
    assignee: Email = Field("", description="Of kind `assigned`: an e-mail address; empty: nobody.")
    milestone: Name = Field("", description="Of the kinds `started` and `met`: the milestone's key.")
    actor: Annotated[str, StringConstraints(max_length=200)] = Field("", description="Who did it.", examples=["Ana"])
    text: Text = Field("", description="What was written; an excerpt will do.")


class AccountIn(Schema):
    account: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Our key or any system's id.", examples=["acme"]
    )


class CoverIn(Schema):
    cover: CoverKey = Field(
        description="The key of a candidate; empty: the choice is taken back, and the written rule decides.",
        examples=["cover:12"],
    )
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        description="Why, for whoever looks at the case later.", examples=["They called about the second line."]
    )


class DeviceIn(Schema):
    """What a case is about. Both empty: about no device."""

    asset: Annotated[str, StringConstraints(max_length=200)] = Field(
        "",
        description="Its serial number, with the product's key before it where several have that number.",
        examples=["SN-4711", "pump_x:SN-4711"],
    )
    product: Name = Field("", description="A product's key, where no device is named; a device brings its own.")


class ClockOut(Schema):
    """One run of a milestone."""

    milestone: str = Field(description="The milestone's key.", examples=["first_response"])
    name: str = Field(examples=["First response"])
    kind: MilestoneKind
    run: int = Field(description="1 for the first; recurring milestones run again.")
    state: ClockState = Field(description="A late clock still runs: see `breached_at`.")
    target: str = Field(examples=["within 4 business hours"])
    started_at: datetime
    due_at: datetime | None = Field(description="Null while it is paused.")
    paused_since: datetime | None
    met_at: datetime | None
    cancelled_at: datetime | None
    breached_at: datetime | None = Field(description="When it came to be late; null: it isn't.")


class CaseAssetOut(Schema):
    """A device, by its product's key and its serial number."""

    product: str = Field(examples=["pump_x"])
    serial: str = Field(examples=["SN-4711"])
    name: str = Field(description="What the customer calls it.")


class CaseOut(Schema):
    """A case as it stands, with every clock."""

    number: str = Field(examples=["C-1234"])
    account: str | None = Field(description="The account's key; null: nobody knows yet.")
    subject: str
    requester: str
    opener: Opener
    channel: Channel
    severity: str
    state: CaseState
    team: str | None
    assignee: str
    tier: str = Field(description="The support tier it is served by; empty: none.")
    promised: str = Field(description="What its promise rests on, in words.")
    policy: str | None = Field(description="The policy and its version.", examples=["Standard, version 2"])
    product: str | None = Field(description="What it is about: the product's key.")
    asset: CaseAssetOut | None = Field(description="The device it is about.")
    covered_by: str = Field(
        description="What decided how fast somebody answers: tier, cover:12, warranty:7, balance:3; empty: not covered.",
        examples=["cover:12"],
    )
    cover_name: str = Field(examples=["Maintenance of both plants"])
    chosen_cover: str = Field(description="The cover somebody chose for it; empty: the written rule decided.")
    source: str
    external_id: str
    url: str
    opened_at: datetime
    ended_at: datetime | None
    clocks: list[ClockOut]


class CandidateOut(Schema):
    """One thing that might cover the case, and why it does or doesn't."""

    key: str = Field(examples=["cover:12"])
    name: str
    source: CoverSource = Field(
        description="What the account holds, prepaid help, a cover that was agreed, or a warranty."
    )
    applies: bool
    decides: list[Aspect] = Field(description="What it decides; nothing where another goes before it.")
    reason: str = Field(examples=["Maintenance 2026 is more generous."])
    tier: str | None
    labour: int | None = Field(description="So many percent are borne; null: it says nothing about it.")
    parts: int | None
    travel: int | None


class CaseCoverOut(Schema):
    """Under which cover a case falls. `candidates`: the deciding first, then those that apply, then the others."""

    case: str
    covered_by: str = Field(description="What its promise rests on; empty: not covered.")
    cover_name: str
    chosen: str = Field(description="What somebody chose; empty: the written rule decides.")
    missed: str = Field(description="Why what was chosen doesn't apply any more; empty: it does.")
    judged_at: datetime = Field(description="The moment at which the candidates are judged.")
    authorisation: str = Field(description="What has to be authorised before work begins; empty: nothing.")
    candidates: list[CandidateOut]


class EventOut(Schema):
    kind: EventKind
    at: datetime = Field(description="When it happened.")
    recorded_at: datetime = Field(description="When the desk heard of it.")
    to: str = Field(description="What it came to, as the case keeps it.")
    actor: str
    text: str
    id: str


class CaseDetailOut(CaseOut):
    """The same with what happened, in the order it happened; of very much, the latest 200."""

    events: list[EventOut]


class CaseList(Schema):
    cases: list[CaseOut]
    next: int | None = Field(description="Ask again with this as `after`; null: that was all.")


class NotedOut(Schema):
    """The event that stands, and the case after it."""

    again: bool = Field(description="true: it had been told before, and nothing was noted twice.")
    event: EventOut
    case: CaseOut


class CountedOut(Schema):
    """A stretch of open time that counted."""

    start: datetime
    end: datetime
    minutes: float


class PauseOut(Schema):
    because: CaseState
    start: datetime
    end: datetime | None = Field(description="Null: it goes on.")
    added_minutes: float | None = Field(description="The open time that the pause took; null while it goes on.")
    due_at: datetime | None = Field(description="The due time with this pause added.")


class ChangeOut(Schema):
    """From then on it went by another target or other hours."""

    at: datetime
    severity: str
    target: str | None = Field(description="Null: nothing was promised any more.")


class LiftOut(Schema):
    percent: int = Field(description="Of the target: 50 is half the time.")
    why: str


class ExplanationOut(Schema):
    """Why a clock is due when it is. It adds up: what counted is the target's open time, and the first due time with
    what the pauses added is the due time. A day target counts days, not minutes."""

    case: str
    milestone: str
    run: int
    state: ClockState
    target: str = Field(examples=["within 4 business hours"])
    amount: int
    unit: TargetUnit
    lifts: list[LiftOut]
    zone: str | None = Field(description="Of the hours it counts by; null: around the clock.")
    started_at: datetime
    measured_from: datetime = Field(description="The start, or the last change where the milestone says so.")
    counted: list[CountedOut] = Field(description="Of very many, the first 500.")
    counted_minutes: float
    days: list[date] = Field(description="The business days of a day target.")
    skipped: list[date] = Field(description="Holidays passed over.")
    first_due: datetime = Field(description="The due time before any pause.")
    pauses: list[PauseOut]
    due_at: datetime | None
    changes: list[ChangeOut]
    words: list[str] = Field(description="The same in sentences, in the account's zone.")


class TakenOut(Schema):
    """What became of one entry."""

    outcome: str = Field(examples=["accepted", "duplicate", "refused", "opened", "noted", "ignored"])
    id: str
    ticket: str
    case: str | None = Field(description="The number of the case.", examples=["C-1234"])
    kind: EventKind | None
    code: str = Field(description="Of a refusal, for programs; docs/problems.md explains each.")
    detail: str
    errors: dict[str, str]


class EventsTakenOut(Schema):
    accepted: int
    duplicates: int
    refused: int
    results: list[TakenOut] = Field(description="One for each entry, in their order.")


class MailTakenOut(Schema):
    """What the message was taken for. `case` is as it stands after it; null where the message was passed over."""

    outcome: str = Field(description="opened, noted, duplicate or ignored.", examples=["opened"])
    kind: EventKind | None
    why: str
    case: CaseOut | None
