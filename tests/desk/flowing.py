"""Connections whose flows are on, as tests of them begin."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from desk.actions.crm.flows import flow_of
from desk.domain.crm.flows import Flow, FlowState
from desk.models import CrmCompany, CrmDeal, CrmFlow
from journal.models import Connection
from tests.desk.mapped import crm
from tests.entitlements.world import AT

ALL = tuple(Flow)


def flowing(flows: Collection[Flow] = ALL, *, since: datetime = AT, **told: Any) -> Connection:
    """A connection of which these flows have been on since, and nothing was read yet."""
    connection = crm(**{"name": "Our CRM", **told})
    for flow in flows:
        CrmFlow.objects.create(
            connection=connection, flow=flow, state=FlowState.ACTIVE, state_at=since, next_run_at=since
        )
    return connection


def the(connection: Connection, flow: Flow) -> CrmFlow:
    """As it stands in the database."""
    return CrmFlow.objects.select_related("connection").get(pk=flow_of(connection, flow).pk)


def company(connection: Connection, id: str = "c1", **told: Any) -> CrmCompany:
    return CrmCompany.objects.create(connection=connection, external_id=id, **told)


def deal(connection: Connection, id: str = "d1", **told: Any) -> CrmDeal:
    return CrmDeal.objects.create(connection=connection, external_id=id, **told)
