"""Messages tried out and sent again, by a person or a program."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet

from journal.actions.deeds import begin, record
from journal.actions.webhooks.endpoints import SCOPE, held_for_change, require_keeper
from journal.actions.webhooks.telling import spell_instant, tell_one
from journal.domain.actor import Actor
from journal.domain.delivery import WEBHOOK, DeliveryState
from journal.domain.refusal import Invalid, NotFound, Refusal, Stale
from journal.domain.webhooks.endpoint import EndpointState
from journal.models import Outbound, WebhookEndpoint
from journal.webhook_events import PING

PERMISSION = "journal.replay_webhook"
MOST = 10_000
_AGAIN = (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.DOUBTFUL)


@transaction.atomic
def ping(*, endpoint: WebhookEndpoint, by: Actor, at: datetime) -> Outbound:
    """Sent an endpoint a message to try it with, whatever it listens to; the message that now waits to go."""
    require_keeper(by)
    held = _sending(endpoint)
    data = {"endpoint": held.key, "at": spell_instant(at)}
    message = tell_one(held, PING, data=data, once_key=f"ping:{uuid4()}", at=at)
    record(begin(by=by, at=at), "webhook:ping", subject=held, account_key=held.account_key, label=str(held))
    return message


@transaction.atomic
def replay(*, message: Outbound, by: Actor, at: datetime) -> Outbound:
    """Sent a message again, under the id it had: a receiver that has dealt with it may pass it over.

    One that still waits is tried now. Its tries begin anew.
    """
    _require(by)
    held = _sending(_endpoint_of(message))
    if held.account_key not in ("", message.account_key):
        raise Refusal("This message tells of an account that the endpoint isn't told of any more.")
    again = Outbound.objects.filter(seq=message.seq, kind=WEBHOOK, state__in=(*_AGAIN, DeliveryState.PENDING))
    if not _put_back(again, at=at):
        raise Stale("This message is being sent just now.")
    was = message.state
    message.refresh_from_db()
    record(
        begin(by=by, at=at),
        "webhook:replay",
        subject=held,
        account_key=message.account_key,
        changes={"message": [None, str(message.message_id)], "state": [was, message.state]},
        label=str(held),
    )
    return message


@transaction.atomic
def replay_since(*, endpoint: WebhookEndpoint, since: datetime, by: Actor, at: datetime) -> int:
    """Sent everything again that was promised to an endpoint from a moment on and doesn't wait; how many messages.

    What tells of accounts that the endpoint isn't told of any more is left out.
    """
    _require(by)
    held = _sending(endpoint)
    rows = Outbound.objects.filter(kind=WEBHOOK, destination=held.key, created_at__gte=since, state__in=_AGAIN)
    if held.account_key:
        rows = rows.filter(account_key=held.account_key)
    count = rows.count()
    if count > MOST:
        raise Invalid(f"That would be {count:,} messages; {MOST:,} go at once. Choose a later moment.", field="since")
    if count == 0:
        return 0
    put_back = _put_back(rows, at=at)
    told = {"messages": [None, put_back], "promised since": [None, since]}
    record(
        begin(by=by, at=at),
        "webhook:replay_messages",
        subject=held,
        account_key=held.account_key,
        changes=told,
        label=str(held),
    )
    return put_back


def _require(by: Actor) -> None:
    if not by.may(SCOPE):
        by.require(PERMISSION)


def _endpoint_of(message: Outbound) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.filter(key=message.destination).first() if message.kind == WEBHOOK else None
    if endpoint is None:
        raise NotFound("The endpoint of this message was removed.")
    return endpoint


def _sending(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """The endpoint, locked, unless nothing would go out to it."""
    held = held_for_change(endpoint)
    if held.state == EndpointState.DISABLED:
        raise Refusal("The desk has switched this endpoint off. Resume it first; what waits is sent then.")
    return held


def _put_back(rows: QuerySet[Outbound], *, at: datetime) -> int:
    return rows.update(
        state=DeliveryState.PENDING, due_at=at, attempts=0, sent_at=None, lease_until=None, lease_token=None
    )
