"""Which CRMs are connected and how each does; and what the page of a connection says of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from desk.admin.crm.words import FLOW_BADGES, VIEW, VIEW_FINDING, findings_url, say_calls, say_span, sync_url
from desk.domain.crm.flows import Flow
from desk.integrations.crm.port import vendors
from desk.queries.crm.flows import FlowShown, calls_shown, flows_shown
from entitlements.domain.billed.findings import FindingState
from journal.admin.connections.pages import LIST as CONNECTIONS
from journal.admin.connections.pages import VIEW as VIEW_CONNECTION
from journal.admin.connections.pages import vendor_words
from journal.admin.pages import Page
from journal.domain.connection import ConnectionState
from journal.models import Connection


class EntryPage(Page):
    permission = VIEW
    title = "CRM"
    template_name = "desk/crm/entry.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        still_open = Count("crm_findings", filter=Q(crm_findings__state=FindingState.OPEN))
        rows = Connection.objects.filter(vendor__in=vendors()).annotate(open=still_open).order_by("name", "pk")
        may = self.request.user.has_perm
        return {
            **super().get_context_data(**kwargs),
            "flows": [flow.words for flow in Flow],
            "lines": [self._line(row) for row in rows],
            "connect": reverse(CONNECTIONS) if may(VIEW_CONNECTION) else "",
        }

    def _line(self, row: Any) -> dict[str, Any]:
        state = ConnectionState(row.state)
        return {
            "connection": row,
            "vendor": vendor_words(row),
            "url": sync_url(row),
            "rests": "" if state is ConnectionState.ACTIVE else state.words.lower(),
            "flows": [_in_short(one) for one in flows_shown(row, at=self.at)],
            "open": row.open if self.request.user.has_perm(VIEW_FINDING) else 0,
            "open_url": findings_url(row),
        }


def _in_short(one: FlowShown) -> dict[str, Any]:
    return {
        "title": one.flow.words,
        "state": one.state.words,
        "colour": FLOW_BADGES[one.state],
        "behind": say_span(one.behind) if one.behind.total_seconds() >= 1 else "",
        "too_far": one.too_far,
        "failed": one.failed,
        "trouble": one.row.trouble,
    }


def crm_panel(connection: Connection, user: Any, at: datetime) -> Mapping[str, Any] | None:
    """What a connection's page says of it; nothing where it is no CRM, or it isn't the reader's to see."""
    if connection.vendor not in vendors() or not user.has_perm(VIEW):
        return None
    still_open = connection.crm_findings.filter(state=FindingState.OPEN).count() if user.has_perm(VIEW_FINDING) else 0
    return {
        "flows": [_in_short(one) for one in flows_shown(connection, at=at)],
        "calls": say_calls(calls_shown(connection, at=at)),
        "open": still_open,
        "open_url": findings_url(connection),
        "url": sync_url(connection),
    }
