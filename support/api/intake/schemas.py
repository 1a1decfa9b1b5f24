"""What the API takes in about tickets to be checked, and what it says of them."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import StringConstraints

from support.api.cases.schemas import CoverKey, Email, Name
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome, Plays, Reason
from support.domain.intake.settings import Stage

LONGEST_TEXT, MOST_FILES = 200_000, 20
Serial = Annotated[str, StringConstraints(max_length=200)]


class AttachmentIn(Schema):
    """A file that came with a ticket: its bytes, or its text where you have read it yourself."""

    name: Annotated[str, StringConstraints(max_length=200)] = Field("", examples=["error.log"])
    content_type: Annotated[str, StringConstraints(max_length=200)] = Field("", examples=["text/plain"])
    content: str = Field("", description="Its bytes in base64. What can’t be read holds the ticket for a person.")
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = Field(
        "", description="What it says; then `content` isn’t looked at."
    )


class TicketIn(Schema):
    """A ticket as the customer wrote it, with what its form or its help desk says of it."""

    subject: Annotated[str, StringConstraints(max_length=2_000)] = Field("", examples=["The export stops"])
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = Field(
        "", description="One longer than 20,000 characters is held for a person.", examples=["Since Monday it stops."]
    )
    attachments: Annotated[list[AttachmentIn], Field(max_length=MOST_FILES)] = []
    account: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="Our key or any system's id. Left out, it is found by the requester.", examples=["acme"]
    )
    requester: Email = Field("", description="Who asks, by e-mail address.", examples=["jo@acme.example"])
    channel: Channel = Field(Channel.API, description="How the customer came.")
    feature: Name = Field(
        "", description="The key of the feature that a field of a form named; words are then not needed to tell it."
    )
    severity: Name = Field("", description="The severity's key; the mildest if left out.", examples=["high"])
    product: Name = Field("", description="What it is about: a product's key.")
    asset: Serial = Field("", description="The device it is about: its serial number, or product:serial.")
    cover: CoverKey = Field("", description="The cover that was chosen for it.")
    source: Annotated[str, StringConstraints(max_length=40)] = Field("api", description="Which help desk it is in.")
    external_id: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="The ticket's number there.", examples=["4711"]
    )


class ArticleOut(Schema):
    title: str
    url: str
    plays: Plays = Field(description="first: before a case, covered or not; instead: where nobody owes help.")


class OfferOut(Schema):
    key: str = Field(description="The key of a plan or an add-on on sale to this customer.", examples=["team"])
    name: str
    words: str = Field(description="What it costs.")
    add_on: bool


class MeantOut(Schema):
    """A feature that may be meant."""

    feature: str = Field(description="The feature's key; empty: none of the catalog.")
    confidence: float = Field(description="From 0 to 1.")
    quote: str = Field(description="Words of the request.")


class RequestOut(Schema):
    """One thing that is asked for, what was understood of it, and what follows it."""

    text: str
    where: str = Field(description="subject, text, or the name of a file.")
    given: str = Field(description="The feature that a field named; empty: it was read.")
    candidates: list[MeantOut] = Field(description="The surest first.")
    failed: str = Field(description="Why nothing was made of it; empty: it was read.")
    channel_asked: Channel | None = Field(description="How an answer is asked for; decides nothing.")
    severity_asked: str = Field(description="How bad its words say it is; decides nothing.")
    outcome: Outcome
    reason: Reason
    words: str
    feature: str = Field(description="The surest feature that leads there.")
    confidence: float
    proposed: Outcome | None = Field(description="What would follow, were one sure enough, where it is held.")
    article: ArticleOut | None
    offers: list[OfferOut]


class DecisionOut(Schema):
    """What follows a ticket, and why."""

    ticket: str = Field(description="The number of the decision.", examples=["T-12"])
    stage: Stage
    outcome: Outcome
    reason: Reason = Field(description="Why, for programs; docs/intake.md explains each.")
    words: str = Field(description="Why, for staff.")
    customer_words: str = Field(description="What may be told to the customer; empty: nothing yet.")
    team: str = Field(description="The team it goes to; empty: none.")
    person: str = Field(description="The person it goes to; empty: nobody yet.")
    article: ArticleOut | None
    offers: list[OfferOut]
    channels: list[str] = Field(description="Where help is owed, if it isn't on this channel; in words.")
    requests: list[RequestOut] = Field(description="Those it asks for, with what follows each.")


class DueOut(Schema):
    """A clock as it would run."""

    milestone: str = Field(examples=["first_response"])
    name: str = Field(examples=["First response"])
    target: str = Field(examples=["within 4 business hours"])
    due_at: datetime | None


class PromisedOut(Schema):
    """What its case would be promised if it were opened now."""

    severity: str
    tier: str = Field(description="The name of the support tier; empty: none.")
    why: str
    clocks: list[DueOut]


class ValidatedOut(DecisionOut):
    account: str | None = Field(description="The account's key; null: nobody knows whose ticket it is.")
    promised: PromisedOut | None = Field(description="Null where nobody is owed help on it.")


class TicketOut(DecisionOut):
    """A ticket that was checked. `outcome` is what the desk decided; `settled` what a person or a validator did after."""

    account: str | None
    case: str | None = Field(description="The number of its case; null: it has none.")
    at: datetime
    told_by: str
    requester: str
    channel: Channel
    source: str
    external_id: str
    subject: str
    settled: Outcome | None
    settled_at: datetime | None
    settled_by: str
    settled_note: str
    labels: list[str | None] | None = Field(
        description="What each request is about, as a person said: a key, empty for none of these, null for unsaid."
    )


class AttachmentOut(Schema):
    name: str
    text: str
    unreadable: str = Field(description="Why it can’t be read; empty: it could.")


class TicketDetailOut(TicketOut):
    """With all that the decision was made from: by these it can be made again."""

    text: str = Field(description="Empty once the words were let go; see `forgotten_at`.")
    attachments: list[AttachmentOut]
    text_digest: str = Field(description="SHA-256 of subject, text and attachments.")
    forgotten_at: datetime | None
    feature: str = Field(description="The feature that a field named.")
    severity: str = Field(description="The severity that a field named.")
    engine: dict[str, Any] = Field(description="What the entitlement engine said of help and of each feature.")
    wanted: dict[str, Any] = Field(description="How sure one had to be for each action, and whether it might act.")
    read_by: str = Field(description="minilm, tfidf, model, outside; empty: nobody had to.")
    maker: str
    version: int | None = Field(description="Of the desk's own classifier, as it was taught.")
    took_us: int = Field(description="Microseconds of the decision, the reading apart.")
    read_us: int = Field(description="Microseconds of the reading.")
    sampled: bool = Field(description="Shown to staff although it was sure.")


class TicketList(Schema):
    tickets: list[TicketOut]
    next: int | None = Field(description="Ask again with this as `after`; null: that was all.")


class SettleIn(Schema):
    """What a person decided of a ticket, and what its requests are about."""

    outcome: Outcome = Field(description="Any but hold.", examples=["accept"])
    labels: Annotated[list[Annotated[str, StringConstraints(max_length=100)] | None], Field(max_length=50)] | None = (
        Field(
            None,
            description="For each request in its order a feature's key; empty: none of these; null: nobody said. "
            "Each teaches the classifier.",
            examples=[["automatic_backups", None]],
        )
    )
    note: Annotated[str, StringConstraints(max_length=500)] = ""
