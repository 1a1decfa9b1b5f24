"""Webhook endpoints over HTTP: set up, edited, paused and removed by programs, and their messages read and sent again."""

import hashlib
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from journal.actions.webhooks import endpoints as acts
from journal.actions.webhooks import replaying
from journal.api.auth import KeyAuth
from journal.api.idempotency import HEADER, idempotent_by_itself
from journal.api.problems import PROBLEMS
from journal.api.webhook_schemas import (
    EndpointEdit,
    EndpointIn,
    EndpointList,
    EndpointOut,
    EventList,
    EventOut,
    MessageList,
    MessageOut,
    NewEndpoint,
    PauseIn,
    ReplayedOut,
    SecretOut,
    SinceIn,
    render_endpoint,
    render_message,
)
from journal.domain.actor import Actor
from journal.domain.idempotency import KeyReused, parse_key
from journal.models import WebhookEndpoint
from journal.queries import webhooks as read
from journal.webhook_events import events

router = Router(tags=["Webhooks"], auth=KeyAuth(acts.SCOPE))
ALL = "/webhooks"
ONE = f"{ALL}/{{key}}"
PAGE = 50
Most = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
OK: dict[Any, Any] = {200: EndpointOut, **PROBLEMS}


@router.get(f"{ALL}/events", response={200: EventList, **PROBLEMS}, summary="Events", url_name="webhook_events")
def event_list(request: HttpRequest) -> EventList:
    """Every event that an endpoint may be told of, with when it comes."""
    return EventList(events=[EventOut(event=event, words=words) for event, words in events().items()])


@router.get(ALL, response={200: EndpointList, **PROBLEMS}, summary="Webhook endpoints", url_name="webhooks")
def endpoint_list(request: HttpRequest, account: str | None = None) -> Any:
    """All endpoints, the newest first; with `account`, those that are told of this account only."""
    named = None if account is None else account.replace("\x00", "")
    return {"endpoints": [render_endpoint(row) for row in read.endpoints(account_key=named)]}


@router.post(ALL, response={201: NewEndpoint, **PROBLEMS}, summary="Set up an endpoint", url_name="webhooks")
@idempotent_by_itself
def endpoint_set_up(request: HttpRequest, told: EndpointIn) -> Any:
    """It is told from now on. The secret is shown in this answer: keep it where the receiver finds it.

    Under an Idempotency-Key one endpoint is set up however often this is sent, and the answer is kept nowhere.
    """
    by, key = _by(request), _key_of(request)
    again = WebhookEndpoint.objects.select_related("health").filter(key=key).first() if key else None
    if again is not None:
        if again.url != acts.usable(told.url):
            raise KeyReused("This Idempotency-Key set up another endpoint before. Take a new key for a new one.")
        return Status(201, render_endpoint(again) | {"secret": read.newest_secret(again)})
    row, secret = acts.set_up(
        url=told.url,
        description=told.description,
        events=told.events,
        account_key=told.account,
        key=key,
        by=by,
        at=timezone.now(),
    )
    return Status(201, render_endpoint(row) | {"secret": secret})


@router.get(ONE, response=OK, summary="One endpoint", url_name="webhook")
def endpoint_one(request: HttpRequest, key: str) -> Any:
    """Where it leads, what it is told of, whether it is active, and how it does."""
    return render_endpoint(_endpoint(key))


@router.patch(ONE, response=OK, summary="Edit an endpoint", url_name="webhook")
def endpoint_edit(request: HttpRequest, key: str, told: EndpointEdit) -> Any:
    """What is left out stays. Messages that wait go to the new address."""
    acts.edit(
        endpoint=_endpoint(key),
        url=told.url,
        description=told.description,
        events=told.events,
        account_key=told.account,
        by=_by(request),
        at=timezone.now(),
    )
    return render_endpoint(_endpoint(key))


@router.delete(ONE, response={204: None, **PROBLEMS}, summary="Remove an endpoint", url_name="webhook")
def endpoint_remove(request: HttpRequest, key: str) -> Any:
    """It is told no more, and its messages go with it, those that wait too."""
    acts.remove(endpoint=_endpoint(key), by=_by(request), at=timezone.now())
    return Status(204, None)


@router.post(f"{ONE}/pause", response=OK, summary="Pause an endpoint", url_name="webhook_pause")
def endpoint_pause(request: HttpRequest, key: str, told: PauseIn) -> Any:
    """Its messages wait, new ones too, until it is resumed."""
    acts.pause(endpoint=_endpoint(key), reason=told.reason, by=_by(request), at=timezone.now())
    return render_endpoint(_endpoint(key))


@router.post(f"{ONE}/resume", response=OK, summary="Resume an endpoint", url_name="webhook_resume")
def endpoint_resume(request: HttpRequest, key: str) -> Any:
    """What waits is sent. After the desk had switched it off, what is older than three days is given up instead."""
    acts.resume(endpoint=_endpoint(key), by=_by(request), at=timezone.now())
    return render_endpoint(_endpoint(key))


@router.post(
    f"{ONE}/rotate-secret",
    response={200: SecretOut, **PROBLEMS},
    summary="Renew the secret",
    url_name="webhook_rotate_secret",
)
@idempotent_by_itself
def endpoint_rotate_secret(request: HttpRequest, key: str) -> Any:
    """A new secret, shown in this answer. Messages are signed with the former one too for 24 hours.

    Sent again, it is renewed again, whatever its Idempotency-Key: every secret shown within a day signs, up to three.
    """
    at = timezone.now()
    secret = acts.rotate_secret(endpoint=_endpoint(key), by=_by(request), at=at)
    return {"secret": secret, "former_signs_until": at + acts.OVERLAP}


@router.post(f"{ONE}/ping", response={202: MessageOut, **PROBLEMS}, summary="Try an endpoint", url_name="webhook_ping")
def endpoint_ping(request: HttpRequest, key: str) -> Any:
    """Sends it a `webhook.ping`, whatever it listens to. Read the message again to see how that went."""
    message = replaying.ping(endpoint=_endpoint(key), by=_by(request), at=timezone.now())
    return Status(202, render_message(message, []))


@router.get(
    f"{ONE}/messages", response={200: MessageList, **PROBLEMS}, summary="Its messages", url_name="webhook_messages"
)
def message_list(request: HttpRequest, key: str, before: str | None = None, limit: Most = PAGE) -> Any:
    """What was promised to it in the last 30 days, each with its tries; the newest first."""
    endpoint = _endpoint(key)
    rows = read.messages(endpoint)
    if before is not None:
        rows = rows.filter(seq__lt=read.message_of(endpoint, before).seq)
    page = list(rows[: limit + 1])
    shown = page[:limit]
    tries = read.attempts_of(shown)
    return MessageList(
        messages=[render_message(row, tries[row.seq]) for row in shown],
        next_before=read.webhook_id(shown[-1]) if len(page) > limit else None,
    )


@router.get(
    f"{ONE}/messages/{{message}}",
    response={200: MessageOut, **PROBLEMS},
    summary="One message",
    url_name="webhook_message",
)
def message_one(request: HttpRequest, key: str, message: str) -> Any:
    """One message by its webhook-id, with its tries."""
    row = read.message_of(_endpoint(key), message)
    return render_message(row, read.attempts_of([row])[row.seq])


@router.post(
    f"{ONE}/messages/{{message}}/replay",
    response={202: MessageOut, **PROBLEMS},
    summary="Send a message again",
    url_name="webhook_message_replay",
)
def message_replay(request: HttpRequest, key: str, message: str) -> Any:
    """Under the same webhook-id, with the time and the signature of the new try. One that waits is tried now."""
    row = read.message_of(_endpoint(key), message)
    row = replaying.replay(message=row, by=_by(request), at=timezone.now())
    return Status(202, render_message(row, read.attempts_of([row])[row.seq]))


@router.post(
    f"{ONE}/replay",
    response={202: ReplayedOut, **PROBLEMS},
    summary="Send messages again from a moment on",
    url_name="webhook_replay",
)
def messages_replay(request: HttpRequest, key: str, told: SinceIn) -> Any:
    """Everything that was promised to it since, delivered or given up; 10,000 messages at most, in any order."""
    endpoint = _endpoint(key)
    count = replaying.replay_since(endpoint=endpoint, since=told.since, by=_by(request), at=timezone.now())
    return Status(202, ReplayedOut(messages=count))


def _endpoint(key: str) -> WebhookEndpoint:
    return read.endpoint_by_key(key.replace("\x00", ""))


def _by(request: HttpRequest) -> Actor:
    by: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return by


def _key_of(request: HttpRequest) -> str:
    """The key of the endpoint that this request sets up, the same however often it is sent; "" where it has no name."""
    header = request.headers.get(HEADER)
    if header is None:
        return ""
    named = f"{_by(request).key}\n{parse_key(header)}"
    return f"we_{hashlib.sha256(named.encode()).hexdigest()[:24]}"
