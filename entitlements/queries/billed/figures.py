"""How the desk and what is billed agree, as figures for whoever watches the desk. Nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BilledSubscription, BillingFinding
from entitlements.queries.billed.findings import open_findings
from entitlements.queries.billed.runs import found_by, last_run
from journal.models import Connection, Inbound

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """`name` and `labels` as those who gather figures write them; `words` say what it is."""

    name: str
    words: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def billing_figures(*, at: datetime) -> Iterator[Figure]:
    """Of each connection that bills anything: what is open, how old it is, what was found last, what had never come."""
    for connection in _billing():
        yield from _open(connection, at=at)
        yield from _last(connection, at=at)
        missed = Inbound.objects.filter(connection=connection, headers={}, received_at__gt=at - A_DAY).count()
        words = "Messages of the last day that had never come and were fetched."
        yield Figure("desk_billing_missed_events", words, missed, _of(connection))


def _billing() -> list[Connection]:
    billed = BilledSubscription.objects.order_by().values("connection")
    found = BillingFinding.objects.order_by().values("connection")
    return list(Connection.objects.filter(pk__in=billed.union(found)).order_by("pk"))


def _of(connection: Connection) -> dict[str, str]:
    return {"connection": connection.key, "mode": str(connection.mode)}


def _open(connection: Connection, *, at: datetime) -> Iterator[Figure]:
    found = {one.kind: one for one in open_findings(connection)}
    for kind in FindingKind:
        one, labels = found.get(kind), {**_of(connection), "kind": kind.value}
        number, age = (one.number, one.age(at).total_seconds()) if one is not None else (0, 0.0)
        yield Figure("desk_billing_findings_open", "Findings that are open.", number, labels)
        yield Figure("desk_billing_findings_oldest_seconds", "How long the oldest of them has been open.", age, labels)


def _last(connection: Connection, *, at: datetime) -> Iterator[Figure]:
    run = last_run(connection)
    if run is None or run.finished_at is None:
        return
    found, labels = found_by(run), _of(connection)
    age = (at - run.finished_at).total_seconds()
    yield Figure("desk_billing_compared_seconds_ago", "How long ago everything was compared last.", age, labels)
    yield Figure("desk_billing_compared", "Subscriptions compared by the last comparison.", found.looked, labels)
    yield Figure("desk_billing_differences_found", "Differences found by the last comparison.", found.differ, labels)
