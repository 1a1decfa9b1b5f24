"""How the desk and connected CRMs agree, as figures for whoever watches the desk. Nothing is written."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min

from desk.domain.crm.findings import CrmFindingKind
from desk.models import CrmCalls, CrmFinding, CrmFlow
from desk.queries.crm.flows import failed_of
from desk.queries.crm.lag import lag_of
from entitlements.domain.billed.findings import FindingState
from entitlements.queries.billed.figures import Figure
from journal.models import Connection


def crm_figures(*, at: datetime) -> Iterator[Figure]:
    """Of each connected CRM: what each flow lags and couldn't take in, what is open, how many calls were used."""
    for row in CrmFlow.objects.select_related("connection").order_by("connection", "flow"):
        labels = {**_of(row.connection), "flow": str(row.flow)}
        behind = lag_of(row, at=at).behind(at=at).total_seconds()
        yield Figure("desk_crm_lag_seconds", "How far a flow with a CRM is behind.", behind, labels)
        yield Figure("desk_crm_failed_records", "Records it couldn't take in or write.", failed_of(row).count(), labels)
    connected = CrmFlow.objects.order_by().values("connection")
    for connection in Connection.objects.filter(pk__in=connected).order_by("pk"):
        yield from _open(connection, at=at)
        yield from _calls(connection)


def _of(connection: Connection) -> dict[str, str]:
    return {"connection": connection.key, "mode": str(connection.mode)}


def _open(connection: Connection, *, at: datetime) -> Iterator[Figure]:
    rows = CrmFinding.objects.filter(connection=connection, state=FindingState.OPEN).order_by()
    told = rows.values_list("kind").annotate(number=Count("pk"), oldest=Min("first_at"))
    found = {kind: (number, oldest) for kind, number, oldest in told}
    for kind in CrmFindingKind:
        number, oldest = found.get(kind.value, (0, at))
        labels = {**_of(connection), "kind": kind.value}
        age = (at - oldest).total_seconds()
        yield Figure("desk_crm_findings_open", "Findings between a CRM and the desk that are open.", number, labels)
        yield Figure("desk_crm_findings_oldest_seconds", "How long the oldest of them has been open.", age, labels)


def _calls(connection: Connection) -> Iterator[Figure]:
    row = CrmCalls.objects.filter(connection=connection).first()
    if row is not None and row.used is not None and row.limit is not None:
        labels = _of(connection)
        yield Figure("desk_crm_calls_used", "Calls of the CRM's day that were used, by whomever.", row.used, labels)
        yield Figure("desk_crm_calls_limit", "Calls that the CRM allows in a day.", row.limit, labels)
