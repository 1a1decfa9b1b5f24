"""Messages claimed and settled. The loop that sends them is `journal.integrations.webhook`.

No message waits for another. Of one endpoint at most four are under way at once, over all workers; of one that keeps
failing, one.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from journal.actions.webhooks.endpoints import OF_ANOTHER, switch_off
from journal.actions.webhooks.giving_up import tell_keepers
from journal.domain.actor import SYSTEM
from journal.domain.delivery import WEBHOOK, DeliveryState
from journal.domain.webhooks.endpoint import EndpointState
from journal.domain.webhooks.outcomes import Outcome, Try
from journal.domain.webhooks.schedule import PATIENCE, delay_after, is_given_up, silence_after
from journal.models import Outbound, WebhookAttempt, WebhookEndpoint, WebhookHealth
from journal.queries.webhooks import live_secrets
from journal.vault import Unreadable, unseal

LEASE = timedelta(minutes=1)  # longer than any one try may take
AT_ONCE = 4
LONGEST_ERROR = 500
GONE = "The receiver answered 410: it is gone and wants no more messages."
SILENT = "For five days every message failed."


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message under a lease, with what is needed to send it. No `secrets`: the desk can't open them, so that it
    can't be signed and the try fails; that is this endpoint's trouble and nobody else's."""

    message: Outbound
    endpoint: WebhookEndpoint
    secrets: tuple[str, ...] = field(repr=False)


@transaction.atomic
def claim(*, endpoint_id: int, at: datetime) -> Claimed | None:
    """Take the message to this endpoint that has waited longest; None when none is due, or enough are under way.

    Claims of one endpoint follow each other on its row, so that never more are under way than may be.
    """
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id, state=EndpointState.ACTIVE).first()
    if endpoint is None or not _takes_more(endpoint, at=at):
        return None
    row = _longest_due(endpoint, at=at)
    if row is None:
        return None
    row.state, row.lease_until, row.lease_token = DeliveryState.SENDING, at + LEASE, uuid4()
    taken = Outbound.objects.filter(seq=row.seq, state=DeliveryState.PENDING).update(
        state=row.state, lease_until=row.lease_until, lease_token=row.lease_token, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    row.attempts += 1
    return Claimed(row, endpoint, _opened(endpoint, at=at))


@transaction.atomic
def settle(claimed: Claimed, made: Try, *, jitter: float, at: datetime) -> None:
    """Wrote down how a try went, and what follows for the message and for its endpoint.

    Told even after the lease lapsed, as long as nobody else took the message since.
    """
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=claimed.endpoint.pk).first()
    if endpoint is None:  # removed meanwhile, with everything that was promised to it
        return
    _note(claimed, made, at=at)
    _settle_message(claimed.message, made, jitter=jitter, at=at)
    if made.is_ok:
        WebhookHealth.objects.filter(endpoint=endpoint).update(
            failing_since=None, failures=0, resume_at=None, last_ok_at=at
        )
    elif endpoint.url == claimed.endpoint.url:  # what another server said is nothing about the one it leads to now
        _settle_failure(endpoint, made, at=at)


def expire_leases(*, at: datetime) -> int:
    """Take back what was claimed by senders that are gone. It is sent again under the same id: at least once."""
    lapsed = Outbound.objects.filter(kind=WEBHOOK, state=DeliveryState.SENDING, lease_until__lte=at)
    return lapsed.update(state=DeliveryState.PENDING, due_at=at, lease_until=None, lease_token=None)


def _longest_due(endpoint: WebhookEndpoint, *, at: datetime) -> Outbound | None:
    """What was promised while the endpoint was given to another account is given up here, and not sent there."""
    due = Outbound.objects.filter(
        kind=WEBHOOK, destination=endpoint.key, state=DeliveryState.PENDING, due_at__lte=at
    )  # fmt: skip
    if endpoint.account_key:
        due.exclude(account_key=endpoint.account_key).update(state=DeliveryState.DEAD, last_error=OF_ANOTHER)
    return due.order_by("due_at", "seq").first()


def _opened(endpoint: WebhookEndpoint, *, at: datetime) -> tuple[str, ...]:
    """The secrets that sign. None where the newest can't be opened: receivers may know no other by now."""
    opened: list[str] = []
    for secret in live_secrets(endpoint, at=at):
        try:
            opened.append(unseal(secret.sealed))
        except Unreadable:
            if not opened:
                return ()
    return tuple(opened)


def _takes_more(endpoint: WebhookEndpoint, *, at: datetime) -> bool:
    health = WebhookHealth.objects.get(endpoint=endpoint)
    if health.resume_at is not None and health.resume_at > at:
        return False
    under_way = Outbound.objects.filter(destination=endpoint.key, state=DeliveryState.SENDING, kind=WEBHOOK).count()
    return under_way < (1 if health.failures >= PATIENCE else AT_ONCE)


def _note(claimed: Claimed, made: Try, *, at: datetime) -> None:
    WebhookAttempt.objects.create(
        outbound_id=claimed.message.seq,
        endpoint_id=claimed.endpoint.pk,
        number=claimed.message.attempts,
        at=at,
        took_ms=made.took_ms,
        status=made.status,
        outcome=made.outcome.value,
        error=made.error[:LONGEST_ERROR],
        response=made.response,
    )


def _settle_message(message: Outbound, made: Try, *, jitter: float, at: datetime) -> None:
    leased = Outbound.objects.filter(seq=message.seq, lease_token=message.lease_token, state=DeliveryState.SENDING)
    if made.is_ok:
        leased.update(state=DeliveryState.SENT, sent_at=at, lease_until=None, lease_token=None, last_error="")
        return
    delay = delay_after(message.attempts, jitter=jitter)
    leased.update(
        state=DeliveryState.DEAD if delay is None else DeliveryState.PENDING,
        due_at=at if delay is None else at + max(delay, made.rest or delay),
        lease_until=None,
        lease_token=None,
        last_error=made.error,
    )


def _settle_failure(endpoint: WebhookEndpoint, made: Try, *, at: datetime) -> None:
    health = WebhookHealth.objects.get(endpoint=endpoint)
    health.failing_since = health.failing_since or at
    health.failures += 1
    rest = made.rest or (silence_after(health.failures) if made.outcome.is_silence else None)
    if rest:
        health.resume_at = max(health.resume_at or at, at + rest)
    health.save()
    reason = GONE if made.outcome is Outcome.GONE else SILENT if is_given_up(health.failing_since, at=at) else ""
    if reason and endpoint.state == EndpointState.ACTIVE:
        tell_keepers(switch_off(endpoint, reason=reason, by=SYSTEM, at=at), at=at)
