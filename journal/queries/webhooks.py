"""Endpoints and their messages, for screens and for the API."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from journal.domain.delivery import WEBHOOK, DeliveryState
from journal.domain.refusal import NotFound
from journal.domain.webhooks.endpoint import EndpointState
from journal.domain.webhooks.signing import name_of
from journal.models import Outbound, Staff, WebhookAttempt, WebhookEndpoint, WebhookSecret
from journal.queries.approvals import BACKEND
from journal.vault import unseal


def endpoints(*, account_key: str | None = None) -> QuerySet[WebhookEndpoint]:
    """All of them with their health, the newest first; of one account, those of its own."""
    rows = WebhookEndpoint.objects.select_related("health")
    return rows if account_key is None else rows.filter(account_key=account_key)


def endpoint_by_key(key: str) -> WebhookEndpoint:
    """NotFound where there is none."""
    row = WebhookEndpoint.objects.select_related("health").filter(key=key).first()
    if row is None:
        raise NotFound(f"There is no webhook endpoint “{key}”.")
    return row


def live_secrets(endpoint: WebhookEndpoint, *, at: datetime) -> list[WebhookSecret]:
    """The secrets that sign at this moment, the newest first."""
    rows = WebhookSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), endpoint=endpoint)
    return list(rows.order_by("-created_at", "-pk"))


def newest_secret(endpoint: WebhookEndpoint) -> str:
    """As it is shown to whoever sets up the receiver."""
    return unseal(WebhookSecret.objects.filter(endpoint=endpoint, ends_at=None).latest("created_at").sealed)


def messages(endpoint: WebhookEndpoint, *, state: DeliveryState | None = None) -> QuerySet[Outbound]:
    """What was promised to the endpoint, the newest first."""
    rows = Outbound.objects.filter(kind=WEBHOOK, destination=endpoint.key)
    return (rows if state is None else rows.filter(state=state)).order_by("-seq")


def message_of(endpoint: WebhookEndpoint, name: str) -> Outbound:
    """By the id that receivers know, `msg_…`; NotFound where the endpoint has no such message."""
    try:
        message_id = UUID(hex=name.removeprefix("msg_"))
    except ValueError:
        message_id = None
    row = messages(endpoint).filter(message_id=message_id).first() if message_id else None
    if row is None:
        raise NotFound("This endpoint has no such message.")
    return row


def webhook_id(message: Outbound) -> str:
    """What receivers know the message by."""
    return name_of(message.message_id)


def attempts_of(rows: Iterable[Outbound]) -> dict[int, list[WebhookAttempt]]:
    """The tries of these messages by their `seq`, the latest first."""
    found: dict[int, list[WebhookAttempt]] = {row.seq: [] for row in rows}
    for attempt in WebhookAttempt.objects.filter(outbound__in=list(found)).order_by("-at", "-pk"):
        found[attempt.outbound_id].append(attempt)
    return found


def message_counts(endpoint: WebhookEndpoint) -> dict[DeliveryState, int]:
    """How many messages are in each state, of the month that is kept."""
    counted = messages(endpoint).order_by().values_list("state").annotate(Count("pk"))
    return {DeliveryState(state): number for state, number in counted}


def due_endpoints(*, at: datetime) -> list[int]:
    """The endpoints that something may be sent to now: those with the fewest messages under way first."""
    theirs = Outbound.objects.filter(kind=WEBHOOK, destination=OuterRef("key"))
    waiting = theirs.filter(state=DeliveryState.PENDING, due_at__lte=at)
    under_way = theirs.filter(state=DeliveryState.SENDING).order_by().values("destination").annotate(n=Count("pk"))
    rows = WebhookEndpoint.objects.filter(
        Exists(waiting), Q(health__resume_at=None) | Q(health__resume_at__lte=at), state=EndpointState.ACTIVE
    ).annotate(under_way=Coalesce(Subquery(under_way.values("n")), 0))
    return list(rows.order_by("under_way", "pk").values_list("pk", flat=True))


def keepers() -> list[Staff]:
    """Everybody at work who may set up webhooks and has an e-mail address."""
    rows = Staff.objects.with_perm("journal.manage_webhooks", backend=BACKEND)
    return list(rows.exclude(email="").distinct().order_by("pk"))
