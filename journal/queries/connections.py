"""Connections, their secrets and how they do, for the edge, the handlers of vendors and the screens."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse

from journal.domain.arrival import ArrivalState
from journal.domain.connection import ConnectionState
from journal.models import Connection, ConnectionHealth, ConnectionRefusal, ConnectionSecret, Inbound, Staff
from journal.queries.approvals import BACKEND
from journal.vault import Unreadable, unseal
from journal.vendors import inside, vendor_of

MANAGE = "journal.manage_connections"
LATELY = timedelta(days=7)


class SecretMissing(LookupError):
    """A connection lacks a secret that was to be used; the words stand on the page of what failed by it."""

    def __init__(self, connection: Connection, words: str) -> None:
        super().__init__(f"{connection.name} has no {words} that can be opened. Enter it anew on its page.")


@dataclass(frozen=True, slots=True)
class Doing:
    """How a connection does: what waits and since when, what needs a person, and what was refused in the last week."""

    failing_since: datetime | None = None
    failures: int = 0
    last_error: str = ""
    resume_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_arrival_at: datetime | None = None
    waiting: int = 0
    oldest_waiting_at: datetime | None = None
    given_up: int = 0
    set_aside: int = 0
    refused: Sequence[ConnectionRefusal] = ()


def receiving_by_key(key: str) -> Connection | None:
    """The connection that stores what comes to this address, paused ones too; None where there is none or it is off."""
    row = Connection.objects.filter(key=key).exclude(state=ConnectionState.OFF).first()
    return row if row is not None and vendor_of(row.vendor) is not None else None


def address_of(connection: Connection) -> str:
    """Where it posts to: what has to be entered at the vendor."""
    return str(settings.DESK_URL).rstrip("/") + reverse("hook", args=[connection.key])


def live_secrets(connection: Connection, *, at: datetime) -> QuerySet[ConnectionSecret]:
    """The secrets that are good at this moment, the newest first."""
    return ConnectionSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), connection=connection)


def opened(connection: Connection, purposes: Collection[str], *, at: datetime) -> list[str]:
    """These secrets as they were entered, the newest first; what the vault can't open is left out."""
    found = []
    for row in live_secrets(connection, at=at).filter(purpose__in=purposes):
        try:
            found.append(unseal(row.sealed))
        except Unreadable:
            continue
    return found


def secret_of(connection: Connection, purpose: str, *, at: datetime) -> str:
    """The newest secret of a purpose, such as the key with which a vendor is asked; SecretMissing where there is none."""
    found = opened(connection, [purpose], at=at)
    if found:
        return found[0]
    vendor = vendor_of(connection.vendor)
    raise SecretMissing(connection, inside(vendor.secret(purpose).words) if vendor else purpose)


def doing(connections: Collection[Connection], *, at: datetime) -> dict[int, Doing]:
    """How each of these does, by its primary key, in a fixed number of queries."""
    ids = [row.pk for row in connections]
    health = {row.connection_id: row for row in ConnectionHealth.objects.filter(connection__in=ids)}
    waiting, unread, latest, refused = _waiting(ids), _unread(ids), _latest(ids), _refused(ids, since=at - LATELY)
    found = {}
    for pk in ids:
        known = health.get(pk) or ConnectionHealth()
        number, oldest = waiting.get(pk, (0, None))
        found[pk] = Doing(
            failing_since=known.failing_since,
            failures=known.failures,
            last_error=known.last_error,
            resume_at=known.resume_at,
            last_ok_at=known.last_ok_at,
            last_arrival_at=latest.get(pk),
            waiting=number,
            oldest_waiting_at=oldest,
            given_up=unread.get((pk, ArrivalState.GIVEN_UP.value), 0),
            set_aside=unread.get((pk, ArrivalState.SET_ASIDE.value), 0),
            refused=refused.get(pk, ()),
        )
    return found


def keepers() -> list[Staff]:
    """Everybody at work who may set up connections and has an e-mail address."""
    rows = Staff.objects.with_perm(MANAGE, backend=BACKEND)
    return list(rows.exclude(email="").distinct().order_by("pk"))


def _waiting(ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    unfinished = (ArrivalState.WAITING, ArrivalState.WORKING)
    rows = Inbound.objects.filter(connection__in=ids, state__in=unfinished).order_by().values_list("connection")
    return {pk: (number, oldest) for pk, number, oldest in rows.annotate(Count("pk"), Min("received_at"))}


def _unread(ids: Collection[int]) -> dict[tuple[int, str], int]:
    states = (ArrivalState.SET_ASIDE, ArrivalState.GIVEN_UP)
    rows = Inbound.objects.filter(connection__in=ids, state__in=states).order_by().values_list("connection", "state")
    return {(pk, state): number for pk, state, number in rows.annotate(Count("pk"))}


def _latest(ids: Collection[int]) -> dict[int, datetime]:
    """One look into an index for each connection; there are few."""
    last = [Inbound.objects.filter(connection=pk).order_by().aggregate(last=Max("seq"))["last"] for pk in ids]
    rows = Inbound.objects.filter(seq__in=[seq for seq in last if seq is not None])
    return dict(rows.values_list("connection_id", "received_at"))


def _refused(ids: Collection[int], *, since: datetime) -> dict[int, list[ConnectionRefusal]]:
    found: dict[int, list[ConnectionRefusal]] = {}
    for row in ConnectionRefusal.objects.filter(connection__in=ids, last_at__gte=since).order_by("-last_at"):
        found.setdefault(row.connection_id, []).append(row)
    return found
