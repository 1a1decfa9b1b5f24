"""Records that are looked at again though nobody was told of a change, so that what no CRM tells isn't missed for long.

Some changes leave no trace that a question finds: a deal that was put into an archive, a company that was made part of
another, an account here that a company fits only now. They are made due in portions, so that what is told comes first.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from desk.actions.crm.hearing import Model, make_due
from desk.domain.crm.flows import Flow, FlowState
from desk.domain.crm.told import DealState
from desk.models import CrmCompany, CrmDeal, CrmFlow
from desk.queries.crm.made import to_look_again
from journal.domain.connection import ConnectionState
from journal.models import Connection

HOURLY, NIGHTLY = (
    timedelta(minutes=55),
    timedelta(hours=20),
)  # less than a round, so that none is passed over by a minute
AT_ONCE = 1000


def look_anew(*, at: datetime, nightly: bool) -> int:
    """Made due what was not looked at for an hour, or for a day; how many. What waits already goes first."""
    rows = CrmFlow.objects.filter(
        state=FlowState.ACTIVE, mark_at__isnull=False, connection__state=ConnectionState.ACTIVE
    )
    return sum(_anew(row, at=at, nightly=nightly) for row in rows.select_related("connection").order_by("pk"))


def _anew(row: CrmFlow, *, at: datetime, nightly: bool) -> int:
    match Flow(row.flow):
        case Flow.COMPANIES if nightly:
            companies = CrmCompany.objects.filter(gone=False, left_out=False)
            return _due(CrmCompany, row.connection, companies, before=at - NIGHTLY, at=at)
        case Flow.DEALS if nightly:
            won = CrmDeal.objects.filter(Q(state=DealState.WON) | _holds())
            return _due(CrmDeal, row.connection, won, before=at - NIGHTLY, at=at)
        case Flow.DEALS:
            asked = Q(external_id__in=to_look_again(row.connection))
            held = CrmDeal.objects.filter(asked | (Q(state=DealState.WON) & _holds() & _goes_on(at)))
            return _due(CrmDeal, row.connection, held, before=at - HOURLY, at=at)
    return 0


def _due(
    model: Model,
    connection: Connection,
    rows: QuerySet[CrmCompany] | QuerySet[CrmDeal],
    *,
    before: datetime,
    at: datetime,
) -> int:
    waiting = model.objects.filter(connection=connection, due_at__lte=at).count()
    old = rows.filter(connection=connection, due_at=None, failed="", told_at__lt=before).order_by("told_at", "pk")
    ids = list(old.values_list("external_id", flat=True)[: max(AT_ONCE - waiting, 0)])
    return make_due(model=model, connection=connection, ids=ids, at=at) if ids else 0


def _holds() -> Q:
    return Q(contract__isnull=False) | Q(trial__isnull=False)


def _goes_on(at: datetime) -> Q:
    return Q(contract__ends_at=None) | Q(contract__ends_at__gt=at)
