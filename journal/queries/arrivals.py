"""What arrived, for the screens: one arrival with its tries, what nobody handles, and how fast things are taken."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Min, Q, QuerySet

from journal.domain.arrival import ArrivalState
from journal.models import Connection, Inbound, InboundAttempt
from journal.vendors import ANYTHING, handled_types, handler_of, known

LAG_OF = timedelta(hours=24)
LOOKED_AT = 500  # of the latest arrivals, for their types
NEARBY = 5
MOST_BESIDE = 200  # of one subject; what waits beyond them is taken after it


@dataclass(frozen=True, slots=True)
class Unread:
    """So many arrivals of one type at one connection that were set aside or given up; `handled`: somebody takes them now."""

    connection: Connection
    type: str
    state: ArrivalState
    number: int
    first_at: datetime
    last_at: datetime
    handled: bool


def arrivals() -> QuerySet[Inbound]:
    """All of them without their bodies, the newest first."""
    return Inbound.objects.select_related("connection").defer("body").order_by("-seq")


def latest_of(connection: Connection, *, most: int) -> list[Inbound]:
    return list(arrivals().filter(connection=connection)[:most])


def attempts_of(row: Inbound) -> list[InboundAttempt]:
    """Every try, the latest first."""
    return list(InboundAttempt.objects.filter(inbound=row).order_by("-at", "-pk"))


def nearby(row: Inbound) -> list[Inbound]:
    """What else arrived about the same subject, around it, the newest first."""
    if not row.subject:
        return []
    same = arrivals().filter(connection=row.connection_id, subject=row.subject)
    before = list(same.filter(seq__lt=row.seq)[:NEARBY])
    after = list(same.filter(seq__gt=row.seq).order_by("seq")[:NEARBY])
    return [*reversed(after), *before]


def waiting_beside(row: Inbound, *, types: Collection[str]) -> tuple[int, ...]:
    """Others of its subject that wait now, of these types; a look that is begun after this sees what they speak of."""
    if not row.subject:
        return ()
    same = Inbound.objects.filter(connection=row.connection_id, subject=row.subject, state=ArrivalState.WAITING)
    return tuple(same.filter(type__in=types).order_by("seq").values_list("seq", flat=True)[:MOST_BESIDE])


def held_up_by(row: Inbound) -> Inbound | None:
    """The earliest of its subject that was given up, where that holds it up."""
    earlier = arrivals().filter(connection=row.connection_id, subject=row.subject, seq__lt=row.seq)
    return earlier.filter(state=ArrivalState.GIVEN_UP).order_by("seq").first() if row.subject else None


def unread() -> list[Unread]:
    """What was set aside or given up, by connection and type, the most frequent first."""
    states = (ArrivalState.SET_ASIDE, ArrivalState.GIVEN_UP)
    rows = Inbound.objects.filter(state__in=states).order_by().values("connection", "type", "state")
    counted = rows.annotate(number=Count("pk"), first=Min("received_at"), last=Max("received_at"))
    connections = Connection.objects.in_bulk()
    found = [
        Unread(
            connection=connections[one["connection"]],
            type=one["type"],
            state=ArrivalState(one["state"]),
            number=one["number"],
            first_at=one["first"],
            last_at=one["last"],
            handled=handler_of(connections[one["connection"]].vendor, one["type"]) is not None,
        )
        for one in counted
    ]
    return sorted(found, key=lambda one: (-one.number, one.connection.name, one.type))


def lag_of(connection: Connection, *, at: datetime) -> timedelta | None:
    """Within what time 95 of 100 were taken that were finished in the last 24 hours; None where there were none."""
    rows = Inbound.objects.filter(connection=connection, state=ArrivalState.DONE, done_at__gte=at - LAG_OF)
    number = rows.count()
    if not number:
        return None
    lag = ExpressionWrapper(F("done_at") - F("received_at"), output_field=DurationField())
    slowest = rows.order_by().annotate(lag=lag).order_by("lag").values_list("lag", flat=True)
    found: timedelta = slowest[(number * 95 - 1) // 100]
    return found


def types_known() -> list[str]:
    """Every type that somebody handles, and those that arrived lately."""
    handled = {one for vendor in known() for one in handled_types(vendor)} - {ANYTHING}
    return sorted(handled | set(Inbound.objects.order_by("-seq").values_list("type", flat=True)[:LOOKED_AT]))


def counted_by_state(states: Iterable[ArrivalState]) -> dict[ArrivalState, int]:
    """How many there are in each of these states; only for those that have an index of their own."""
    counted = {state.value: Count("pk", filter=Q(state=state)) for state in states}
    found = Inbound.objects.filter(state__in=list(states)).order_by().aggregate(**counted)
    return {ArrivalState(state): number for state, number in found.items()}
