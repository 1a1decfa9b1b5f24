"""What the API says about webhook endpoints and their messages, and what it takes in to set them up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from journal.api.instants import Instant
from journal.domain.delivery import DeliveryState
from journal.domain.webhooks.endpoint import EndpointState
from journal.domain.webhooks.outcomes import Outcome
from journal.models import Outbound, WebhookAttempt, WebhookEndpoint
from journal.queries.webhooks import webhook_id

Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    Field(description="Where messages go, by https.", examples=["https://shop.example/webhooks"]),
]
Event = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Events = Annotated[
    list[Event], Field(max_length=200, description="Events that are told; an empty list: every event, new ones too.")
]
Description = Annotated[str, StringConstraints(max_length=200), Field(description="What it is for.")]
AccountKey = Annotated[
    str, StringConstraints(max_length=200), Field(description="Told of this account only; empty: of all accounts.")
]
StateName = Literal["active", "paused", "disabled"]
MessageState = Literal["waiting", "being_sent", "sent", "given_up"]

_MESSAGE_STATES: dict[str, MessageState] = {
    DeliveryState.PENDING: "waiting",
    DeliveryState.SENDING: "being_sent",
    DeliveryState.SENT: "sent",
    DeliveryState.DOUBTFUL: "given_up",
    DeliveryState.DEAD: "given_up",
}


class EventOut(Schema):
    """An event that may be told."""

    event: str = Field(examples=["webhook.ping"])
    words: str


class EventList(Schema):
    """Every event that endpoints may be told of."""

    events: list[EventOut]


class EndpointIn(Schema):
    """An endpoint to be set up."""

    url: Url
    description: Description = ""
    events: Events = []
    account: AccountKey = ""


class EndpointEdit(Schema):
    """What is left out stays."""

    url: Url | None = None
    description: Description | None = None
    events: Events | None = None
    account: AccountKey | None = None


class HealthOut(Schema):
    """How an endpoint does."""

    failing_since: datetime | None = Field(None, description="Nothing but failures since then.")
    failures: int = Field(0, description="In a row.")
    resume_at: datetime | None = Field(None, description="It asked to be left alone until then, or gave no answer.")
    last_ok_at: datetime | None = None


class EndpointOut(Schema):
    """An address that is told what happens."""

    key: str = Field(examples=["we_0a1b2c3d4e5f60718293a4b5"])
    url: str
    description: str
    account: str = Field("", description="Empty: it is told of all accounts.")
    events: list[str] = Field(description="Empty: every event.")
    state: StateName
    state_text: str = Field(examples=["Active"])
    state_reason: str = ""
    state_since: datetime
    created_at: datetime
    created_by: str
    health: HealthOut


class NewEndpoint(EndpointOut):
    """The endpoint with its secret, which no other answer shows."""

    secret: str = Field(description="What messages are signed with: whsec_…")


class EndpointList(Schema):
    """Webhook endpoints, the newest first."""

    endpoints: list[EndpointOut]


class SecretOut(Schema):
    """A renewed secret, shown this once."""

    secret: str
    former_signs_until: datetime = Field(description="Until then messages are signed with the former one too.")


class PauseIn(Schema):
    """Why it is paused, for the audit."""

    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class AttemptOut(Schema):
    """One try, and what the receiver said."""

    number: int
    at: datetime
    took_ms: int
    status: int | None = Field(None, description="Null: nothing answered.")
    outcome: Outcome
    outcome_text: str
    error: str = ""
    response: str = Field("", description="The beginning of the answer, 2 kB at most.")


class MessageOut(Schema):
    """A message to an endpoint."""

    id: str = Field(description="As in the header webhook-id.", examples=["msg_9f1c0e5a7b2d4c68a1e3f5079b8d6c42"])
    event: str
    account: str
    state: MessageState
    promised_at: datetime
    sent_at: datetime | None = None
    next_try_at: datetime | None = None
    tries: int = Field(description="Since it was promised or last sent again by hand.")
    payload: dict[str, Any] = Field(description="The body: type, timestamp and data.")
    attempts: list[AttemptOut] = Field(description="The latest first, of the last 30 days.")


class MessageList(Schema):
    """Messages, the newest first."""

    messages: list[MessageOut]
    next_before: str | None = Field(None, description="Ask for `before` this message to get the next ones.")


class SinceIn(Schema):
    """From when on messages are sent again."""

    since: Instant


class ReplayedOut(Schema):
    """How many messages are sent again."""

    messages: int


def render_endpoint(row: WebhookEndpoint) -> dict[str, Any]:
    health = row.health
    return {
        "key": row.key,
        "url": row.url,
        "description": row.description,
        "account": row.account_key,
        "events": row.events,
        "state": row.state,
        "state_text": EndpointState(row.state).words,
        "state_reason": row.state_reason,
        "state_since": row.state_since,
        "created_at": row.created_at,
        "created_by": row.created_by,
        "health": HealthOut(
            failing_since=health.failing_since,
            failures=health.failures,
            resume_at=health.resume_at,
            last_ok_at=health.last_ok_at,
        ),
    }


def render_message(row: Outbound, attempts: Iterable[WebhookAttempt]) -> MessageOut:
    return MessageOut(
        id=webhook_id(row),
        event=row.payload["type"],
        account=row.account_key,
        state=_MESSAGE_STATES[row.state],
        promised_at=row.created_at,
        sent_at=row.sent_at,
        next_try_at=row.due_at if row.state == DeliveryState.PENDING else None,
        tries=row.attempts,
        payload=row.payload,
        attempts=[_render_attempt(attempt) for attempt in attempts],
    )


def _render_attempt(row: WebhookAttempt) -> AttemptOut:
    outcome = Outcome(row.outcome)
    return AttemptOut(
        number=row.number,
        at=row.at,
        took_ms=row.took_ms,
        status=row.status,
        outcome=outcome,
        outcome_text=outcome.words,
        error=row.error,
        response=row.response,
    )
