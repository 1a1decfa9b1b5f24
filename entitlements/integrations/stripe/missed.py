"""Events that Stripe told and the desk never heard are found in Stripe's own list and stored as if they had come.

Two looks, each of which may be repeated at any time, since what is stored already is left as it is: everything of the
last hours, and what Stripe itself couldn't deliver in the days in which it tries. Once a night it is all that Stripe
still lists. So nothing has to be remembered between two looks, and a desk that was away catches up with the first.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from entitlements.integrations.stripe.arrivals import TYPES
from entitlements.integrations.stripe.client import PAGE, SYSTEM, asking, connections, every, left_for_now, plain
from entitlements.integrations.stripe.verifying import received_of
from journal.actions.receiving import receive
from journal.domain.receiving import Message
from journal.models import Connection, Inbound
from journal.queries.connections import address_of
from journal.vendors import vendor_of

LATELY = timedelta(hours=2)  # eight times as long as between two looks
TRIED = timedelta(days=3)  # so long Stripe tries to deliver
LISTED = timedelta(days=30)  # so long Stripe lists what happened
BATCH = 50
Enough = Callable[[], bool]


def fetch_missed(*, at: datetime, whole: bool = False, enough: Enough = lambda: False) -> int:
    """Stored what was told and never came, at every connection; how many events. `whole`: as far back as Stripe lists.

    A connection whose Stripe can't be asked at the moment is passed over until the next look.
    """
    found = 0
    for connection in connections():
        with left_for_now(connection):
            found += fetch_missed_of(connection, at=at, whole=whole, enough=enough)
    return found


def fetch_missed_of(
    connection: Connection, *, at: datetime, whole: bool = False, enough: Enough = lambda: False
) -> int:
    """The same, of one connection; Later where Stripe can't be asked. What couldn't be delivered is looked at first."""
    failed = {"created": {"gte": _seconds(at - TRIED)}, "delivery_success": False}
    found = _stored_missing(connection, failed, at=at, enough=enough)
    since = {"created": {"gte": _seconds(at - (LISTED if whole else LATELY))}}
    return found + _stored_missing(connection, since, at=at, enough=enough)


def _stored_missing(connection: Connection, told: Mapping[str, Any], *, at: datetime, enough: Enough) -> int:
    stored = 0
    asked: Any = {**told, "limit": PAGE}
    with asking(connection, at=at) as client:
        listed = client.v1.events.list(asked)
        for some in _batches(event for event in every(listed) if event.type in TYPES):
            stored += _stored(connection, some, at=at)
            if enough():
                break
    return stored


def _stored(connection: Connection, events: list[Any], *, at: datetime) -> int:
    """The oldest first, in which order they would have come. Most are here, and are read no further."""
    ids = [event.id for event in events]
    here = Inbound.objects.filter(connection=connection, external_id__in=ids)
    known = set(here.values_list("external_id", flat=True))
    vendor, new = vendor_of(SYSTEM), 0
    assert vendor is not None, "it is registered beside this"
    for told in reversed(events):
        if told.id not in known:
            event = plain(told)
            message = Message(json.dumps(event).encode(), {}, address_of(connection))
            brought = [received_of(event)]
            new += len(receive(connection=connection, vendor=vendor, message=message, received=brought, at=at))
    return new


def _batches(events: Iterator[Any]) -> Iterator[list[Any]]:
    some: list[Any] = []
    for event in events:
        some.append(event)
        if len(some) == BATCH:
            yield some
            some = []
    if some:
        yield some


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
