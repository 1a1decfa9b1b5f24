"""How each flow of a connection stands, for the page that shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from desk.domain.crm.budget import Budget
from desk.domain.crm.flows import Flow, FlowState
from desk.domain.crm.tries import MOST_TRIES
from desk.models import CrmCompany, CrmDeal, CrmFlow
from desk.queries.crm.budgets import budget_of
from desk.queries.crm.lag import lag_of
from journal.domain.connection import ConnectionState
from journal.models import Connection


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a first reading: how many were read, of about how many; None where the CRM can't say."""

    read: int
    expected: int | None

    @property
    def percent(self) -> int | None:
        """Rounded down, and never 100 while it goes on."""
        return min(self.read * 100 // self.expected, 99) if self.expected else None


@dataclass(frozen=True, slots=True)
class FlowShown:
    """`rests`: the connection itself is paused or off. `waiting` are records that were heard of and not looked at, or not
    written yet; `failed` those that failed, and of them `given_up` those that nobody tries again by itself."""

    row: CrmFlow
    flow: Flow
    state: FlowState
    rests: bool
    behind: timedelta
    too_far: bool
    waiting: int
    failed: int
    given_up: int
    progress: Progress | None


def flows_shown(connection: Connection, *, at: datetime) -> list[FlowShown]:
    """All of them in their order; one that nobody has ever switched on has no row yet."""
    rows = {row.flow: row for row in CrmFlow.objects.filter(connection=connection).select_related("connection")}
    return [_shown(rows.get(flow) or CrmFlow(connection=connection, flow=flow), at=at) for flow in Flow]


def calls_shown(connection: Connection, *, at: datetime) -> Budget:
    return budget_of(connection, at=at)


def failed_of(row: CrmFlow) -> QuerySet[CrmCompany] | QuerySet[CrmDeal]:
    """What a flow couldn't take in or write, with the reason at each."""
    match Flow(row.flow):
        case Flow.COMPANIES:
            return CrmCompany.objects.filter(connection=row.connection).exclude(failed="")
        case Flow.DEALS:
            return CrmDeal.objects.filter(connection=row.connection).exclude(failed="")
    return CrmCompany.objects.filter(connection=row.connection).exclude(write_failed="")


def _shown(row: CrmFlow, *, at: datetime) -> FlowShown:
    flow, lag = Flow(row.flow), lag_of(row, at=at)
    tries = "tries" if flow.comes_in else "write_tries"
    told = failed_of(row).aggregate(failed=Count("pk"), given_up=Count("pk", filter=Q(**{f"{tries}__gte": MOST_TRIES})))
    return FlowShown(
        row=row,
        flow=flow,
        state=FlowState(row.state),
        rests=row.connection.state != ConnectionState.ACTIVE,
        behind=lag.behind(at=at),
        too_far=lag.too_far(at=at),
        waiting=_waiting(row, flow).count(),
        progress=_progress(row, flow),
        **told,
    )


def _waiting(row: CrmFlow, flow: Flow) -> QuerySet[CrmCompany] | QuerySet[CrmDeal]:
    if flow is Flow.ENTITLEMENTS:
        return CrmCompany.objects.filter(connection=row.connection, to_write_at__isnull=False)
    return _model(flow).objects.filter(connection=row.connection, due_at__isnull=False)


def _progress(row: CrmFlow, flow: Flow) -> Progress | None:
    """Of a reading from the beginning, while it goes on."""
    if not flow.comes_in or row.mark_at is not None or row.state == FlowState.NEW:
        return None
    read = _model(flow).objects.filter(connection=row.connection, told_at__isnull=False).count()
    return Progress(read, row.expected)


def _model(flow: Flow) -> type[CrmCompany] | type[CrmDeal]:
    return CrmDeal if flow is Flow.DEALS else CrmCompany
