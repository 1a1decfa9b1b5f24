"""How far each flow is behind, against what may lag."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q

from desk.domain.crm.flows import Flow, FlowState, Lag
from desk.models import CrmCompany, CrmDeal, CrmFlow
from journal.domain.connection import ConnectionState


@dataclass(frozen=True, slots=True)
class FlowLag:
    row: CrmFlow
    lag: Lag

    def behind(self, *, at: datetime) -> timedelta:
        return self.lag.behind(at=at)

    def too_far(self, *, at: datetime) -> bool:
        return self.lag.too_far(at=at)


def lags(*, at: datetime) -> list[FlowLag]:
    """Of each flow that is on, at a connection that is at work: what rests on purpose isn't behind."""
    rows = CrmFlow.objects.filter(state=FlowState.ACTIVE, connection__state=ConnectionState.ACTIVE)
    return [lag_of(row, at=at) for row in rows.select_related("connection").order_by("connection", "flow")]


def lag_of(row: CrmFlow, *, at: datetime) -> FlowLag:
    """What waits for its next try, or for a person, isn't late: it is listed with what failed."""
    flow = Flow(row.flow)
    if row.state != FlowState.ACTIVE or row.connection.state != ConnectionState.ACTIVE:
        return FlowLag(row, Lag(flow, None, None))
    return FlowLag(row, Lag(flow, _oldest(row, flow, at=at), _since(row)))


def _oldest(row: CrmFlow, flow: Flow, *, at: datetime) -> datetime | None:
    if flow is Flow.ENTITLEMENTS:
        tried = Q(write_after=None) | Q(write_after__lte=at)
        rows = CrmCompany.objects.filter(tried, connection=row.connection, write_failed="", to_write_at__lte=at)
        return rows.aggregate(oldest=Min("to_write_at"))["oldest"]
    model = CrmDeal if flow is Flow.DEALS else CrmCompany
    waiting = model.objects.filter(connection=row.connection, failed="", due_at__lte=at)
    return waiting.aggregate(oldest=Min("due_at"))["oldest"]


def _since(row: CrmFlow) -> datetime | None:
    """When it was looked without trouble, or since when it could have been."""
    return _latest([row.last_ok_at or row.state_at, row.state_at, row.connection.state_since])


def _latest(instants: Iterable[datetime | None]) -> datetime | None:
    return max((one for one in instants if one is not None), default=None)
