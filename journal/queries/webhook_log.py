"""How endpoints do, and what stands in the log of one, for the screens."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet

from journal.domain.delivery import WEBHOOK, DeliveryState
from journal.domain.webhooks.outcomes import Outcome
from journal.models import Outbound, WebhookAttempt, WebhookEndpoint, WebhookHealth
from journal.queries.webhooks import messages

LATELY = timedelta(hours=24)
BY_HAND = (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.DOUBTFUL)


@dataclass(frozen=True, slots=True)
class Doing:
    """How an endpoint does: of its last 24 hours' tries, so many were accepted; `next_try` of what waits."""

    failing_since: datetime | None = None
    failures: int = 0
    resume_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_outcome: Outcome | None = None
    next_try: datetime | None = None
    waiting: int = 0
    tries: int = 0
    accepted: int = 0


def doing(endpoints: Collection[WebhookEndpoint], *, at: datetime) -> dict[int, Doing]:
    """How each of these does, by its primary key."""
    ids, keys = [row.pk for row in endpoints], [row.key for row in endpoints]
    health = {row.endpoint_id: row for row in WebhookHealth.objects.filter(endpoint__in=ids)}
    tried = _tried(ids, since=at - LATELY)
    waiting = _waiting(keys)
    latest = _latest(ids)
    found = {}
    for row in endpoints:
        known = health.get(row.pk) or WebhookHealth()
        tries, accepted = tried.get(row.pk, (0, 0))
        number, due = waiting.get(row.key, (0, None))
        rests = [instant for instant in (due, known.resume_at) if instant is not None]
        found[row.pk] = Doing(
            failing_since=known.failing_since,
            failures=known.failures,
            resume_at=known.resume_at,
            last_ok_at=known.last_ok_at,
            last_outcome=latest.get(row.pk),
            next_try=max(rests) if due is not None else None,
            waiting=number,
            tries=tries,
            accepted=accepted,
        )
    return found


def log_of(
    endpoint: WebhookEndpoint,
    *,
    states: Collection[DeliveryState] = (),
    event: str = "",
    begins: datetime | None = None,
    ends: datetime | None = None,
    before: int | None = None,
) -> QuerySet[Outbound]:
    """The messages that fit, the newest first; `before` a message's number, to go on where a page ended."""
    rows = messages(endpoint)
    if states:
        rows = rows.filter(state__in=states)
    if event:
        rows = rows.filter(payload__type=event)
    if begins is not None and ends is not None:
        rows = rows.filter(created_at__gte=begins, created_at__lt=ends)
    return rows if before is None else rows.filter(seq__lt=before)


def counted_since(endpoint: WebhookEndpoint, since: datetime) -> Mapping[str, int]:
    """How many messages promised since then would be sent again, delivered ones and ones given up; what waits isn't."""
    rows = messages(endpoint).order_by().filter(created_at__gte=since, state__in=BY_HAND)
    sent = Count("pk", filter=Q(state=DeliveryState.SENT))
    return rows.aggregate(sent=sent, given_up=Count("pk", filter=~Q(state=DeliveryState.SENT)))


def latest_about(account_key: str, *, most: int) -> list[Outbound]:
    """The last webhook messages about an account, to whatever endpoint."""
    return list(Outbound.objects.filter(kind=WEBHOOK, account_key=account_key).order_by("-seq")[:most])


def _tried(ids: Collection[int], *, since: datetime) -> dict[int, tuple[int, int]]:
    rows = WebhookAttempt.objects.filter(endpoint__in=ids, at__gte=since).order_by().values_list("endpoint")
    counted = rows.annotate(tries=Count("pk"), accepted=Count("pk", filter=Q(outcome=Outcome.OK)))
    return {pk: (tries, accepted) for pk, tries, accepted in counted}


def _waiting(keys: Collection[str]) -> dict[str, tuple[int, datetime]]:
    rows = Outbound.objects.filter(kind=WEBHOOK, destination__in=keys, state=DeliveryState.PENDING)
    counted = rows.order_by().values_list("destination").annotate(Count("pk"), Min("due_at"))
    return {key: (number, due) for key, number, due in counted}


def _latest(ids: Collection[int]) -> dict[int, Outcome]:
    last = WebhookAttempt.objects.filter(endpoint__in=ids).order_by().values("endpoint").annotate(last=Max("pk"))
    rows = WebhookAttempt.objects.filter(pk__in=last.values("last")).values_list("endpoint_id", "outcome")
    return {pk: Outcome(outcome) for pk, outcome in rows}
