"""Use beyond what is included, told to Stripe's meters: each event of ours once, under its own name.

A meter counts a feature where it has the feature's key as its event name; nothing else has to be set up here. What an
event added beyond the limit is read from what its sender was answered, so that it is the same whenever it is reckoned,
and every look promises only what isn't promised yet. The promise waits while Stripe is away.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import QuerySet, Sum

from catalog.domain.values import UNLIMITED, Aggregation
from catalog.models import Feature
from entitlements.actions.billing import BILLING
from entitlements.domain.usage.operations import COPIES, copy_id
from entitlements.integrations.stripe.buyers import buyers_of
from entitlements.integrations.stripe.client import PAGE, SYSTEM, asking, connections, every, left_for_now
from entitlements.models import BilledSubscription, UsageCounter, UsageEvent
from entitlements.queries.usage.overage import priced
from entitlements.queries.usage.terms import terms_of
from journal.actions.outbound import promise
from journal.models import Connection, Outbound

LATELY = timedelta(hours=2)
TAKEN = timedelta(days=34)  # Stripe takes what happened in the last 35
BATCH = 200


@dataclass(frozen=True, slots=True)
class Meter:
    """How Stripe's meter wants to be told: under what name, and how it calls the customer and the amount."""

    event_name: str
    customer_word: str
    value_word: str


def report_overage(*, at: datetime, whole: bool = False) -> int:
    """Promised Stripe what was used beyond what is included, and wasn't promised yet; how many events of use.

    It looks at what came in lately; `whole`: as far back as Stripe takes it.
    """
    promised = 0
    for connection in connections():
        with left_for_now(connection):
            meters = meters_of(connection, at=at)
            for event, meter, billed in _charged(connection, meters, since=at - (TAKEN if whole else LATELY), at=at):
                promised += _promised(event, meter, billed, at=at)
    return promised


def meters_of(connection: Connection, *, at: datetime) -> Mapping[str, Meter]:
    """The meters at Stripe that count, by their event names."""
    with asking(connection, at=at) as client:
        listed = list(every(client.v1.billing.meters.list({"status": "active", "limit": PAGE})))
    return {
        one.event_name: Meter(
            one.event_name, one.customer_mapping.event_payload_key, one.value_settings.event_payload_key
        )
        for one in listed
    }


def beyond(event: UsageEvent) -> int:
    """What one event added to the use beyond the limit that counted when it came.

    A parent's copy bears the answer that its child was given, so that the parent's own sum is worked out from its events.
    """
    if event.source == COPIES:
        return _beyond_shared(event)
    used, limit = event.answer["used"], event.answer["limit"]
    return 0 if limit is None else max(min(event.amount, used - limit), 0)


def _beyond_shared(event: UsageEvent) -> int:
    terms = terms_of(event.account_id, at=event.at)[event.feature.key]
    if terms.limit is UNLIMITED:
        return 0
    period = terms.period(event.at)
    events = UsageEvent.objects.filter(account=event.account_id, feature=event.feature_id, pk__lte=event.pk)
    if period.start is not None:
        events = events.filter(at__gte=period.start)
    if period.end is not None:
        events = events.filter(at__lt=period.end)
    used = events.aggregate(used=Sum("amount"))["used"] or 0
    return max(min(event.amount, used - int(terms.limit)), 0)


def _charged(
    connection: Connection, meters: Mapping[str, Meter], *, since: datetime, at: datetime
) -> Iterator[tuple[UsageEvent, Meter, BilledSubscription]]:
    features = Feature.objects.filter(key__in=meters, aggregation=Aggregation.SUM)
    buyers = buyers_of(connection) if features else {}
    counters = UsageCounter.objects.filter(
        feature__in=features, account__in=buyers, subject="", choice="", updated_at__gte=since
    )
    pairs = counters.order_by().values_list("account", "feature", "feature__key").distinct()
    for account, feature, key in pairs:
        events = UsageEvent.objects.filter(account=account, feature=feature, at__gte=at - TAKEN, recorded_at__gte=since)
        buyer, charges = buyers[account], _Charges(account, key)
        for event in _unpromised(events.select_related("account", "feature").order_by("pk")):
            if buyer.pays(event) and beyond(event) > 0 and charges.at(event.at) and not _is_parents(event):
                yield event, meters[key], buyer.billed


class _Charges:
    """Whether use of a feature beyond the limit was charged at an instant; asked once for each minute."""

    def __init__(self, account_id: int, key: str) -> None:
        self._account_id, self._key = account_id, key
        self._known: dict[datetime, bool] = {}

    def at(self, instant: datetime) -> bool:
        minute = instant.replace(second=0, microsecond=0)
        if minute not in self._known:
            self._known[minute] = priced(terms_of(self._account_id, at=instant)[self._key])
        return self._known[minute]


def _unpromised(events: QuerySet[UsageEvent]) -> Iterator[UsageEvent]:
    """In one look at the promises for many events."""
    found = events.iterator(chunk_size=BATCH)
    while some := list(islice(found, BATCH)):
        keys = [_once_key(event) for event in some]
        known = set(Outbound.objects.filter(once_key__in=keys).values_list("once_key", flat=True))
        yield from (event for event in some if _once_key(event) not in known)


def _is_parents(event: UsageEvent) -> bool:
    """It counts at the account's parent too, who pays for what goes beyond what they share."""
    parent = event.account.parent_id
    if parent is None or event.source == COPIES:
        return False
    name = copy_id(event.source, event.event_id, parent)
    return UsageEvent.objects.filter(source=COPIES, event_id=name).exists()


def _once_key(event: UsageEvent) -> str:
    return f"{BILLING}:overage:{event.pk}"


def _promised(event: UsageEvent, meter: Meter, billed: BilledSubscription, *, at: datetime) -> bool:
    amount = beyond(event)
    row = promise(
        kind=BILLING,
        destination=SYSTEM,
        account_key=event.account.key,
        payload={
            "subject": f"{amount} more of {event.feature} beyond what is included, by {event.account}",
            "do": "report_overage",
            "subscription": billed.billing_id,
            "event_name": meter.event_name,
            "identifier": identifier_of(event),
            "timestamp": int(event.at.timestamp()),
            "payload": {meter.customer_word: billed.customer, meter.value_word: str(amount)},
        },
        once_key=_once_key(event),
        at=at,
    )
    return row is not None


def identifier_of(event: UsageEvent) -> str:
    """The event's own name, in the hundred characters that Stripe keeps: the same however often it is told."""
    name = "\x00".join((event.source, event.event_id))
    return f"desk_{hashlib.sha256(name.encode()).hexdigest()[:40]}"
