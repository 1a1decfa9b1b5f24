"""How a CRM is synchronised, on one page that keeps itself right: each flow, the calls, what failed, what came last."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.urls import reverse

from desk.admin.crm.mapping_pages import VIEW as VIEW_MAPPING
from desk.admin.crm.mapping_pages import mapping_url
from desk.admin.crm.pages import CrmPage
from desk.admin.crm.sync_parts import failed_lines, flow_card, latest_lines
from desk.admin.crm.words import (
    SET_UP,
    VIEW_COMPANY,
    VIEW_DEAL,
    VIEW_FINDING,
    Act,
    findings_url,
    say_age,
    say_calls,
    say_moment,
    sync_url,
)
from desk.domain.crm.flows import Flow, FlowState
from desk.queries.crm.flows import FlowShown, calls_shown, flows_shown
from desk.queries.crm.listing import open_by_kind
from desk.queries.crm.mapping import in_force
from desk.queries.crm.mapping_versions import draft_of
from journal.domain.connection import ConnectionState

LIVE = "live"


class SyncPage(CrmPage):
    template_name = "desk/crm/sync.html"
    live_template: ClassVar[str] = "desk/crm/_sync_live.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"CRM: {self.connection.name}"

    @property
    def is_live(self) -> bool:
        """Only the part that moves is asked for, by the page that is open already."""
        return self.request.GET.get("part") == LIVE

    def get_template_names(self) -> list[str]:
        return [self.live_template if self.is_live else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shared = {} if self.is_live else super().get_context_data(**kwargs)
        return {**shared, **self.live_context(), "connection": self.connection, "vendor": self.vendor}

    @cached_property
    def shown(self) -> list[FlowShown]:
        return flows_shown(self.connection, at=self.at)

    @cached_property
    def lacks_mapping(self) -> bool:
        """Whether deals can't be switched on since nothing that says what they become is in force."""
        waits = any(one.flow is Flow.DEALS and one.state is FlowState.NEW for one in self.shown)
        return waits and in_force(self.connection) is None

    def live_context(self) -> dict[str, Any]:
        shown = self.shown
        calls = calls_shown(self.connection, at=self.at)
        may = self.request.user.has_perm
        return {
            "live_url": f"?part={LIVE}",
            "now_ms": int(self.at.timestamp() * 1000),
            "flows": [flow_card(one, at=self.at, acts=list(self._acts(one))) for one in shown],
            "rests": self._rests(),
            "calls": say_calls(calls),
            "calls_used": calls.used_percent,
            "calls_spent": not calls.allows(),
            "calls_reset": say_moment(calls.resets_at) if calls.resets_at else "",
            "failed": [self._failed(one) for one in shown if one.failed],
            "latest": latest_lines(self.connection, at=self.at, user=self.request.user),
            "findings": self._findings(),
            "ways": list(self._ways()),
            "mapping_lacks": self.lacks_mapping,
            "mapping_drafted": self.lacks_mapping and draft_of(self.connection) is not None,
            "mapping_url": mapping_url(self.connection) if may(VIEW_MAPPING) else "",
            "sees_findings": may(VIEW_FINDING),
        }

    def _rests(self) -> str:
        state = ConnectionState(self.connection.state)
        return "" if state is ConnectionState.ACTIVE else state.words.lower()

    def _acts(self, one: FlowShown) -> Iterator[Act]:
        """What whoever may set it up can do with a flow, as it stands."""
        if not self.request.user.has_perm(SET_UP):
            return
        match one.state:
            case FlowState.NEW if one.flow is Flow.DEALS and self.lacks_mapping:
                return  # the page says what is to be done first
            case FlowState.NEW:
                yield Act("Switch on", sync_url(self.connection, "on", one.flow.value), main=True)
            case FlowState.PAUSED:
                yield Act("Let it go on", sync_url(self.connection, "resume", one.flow.value), main=True)
            case FlowState.ACTIVE:
                yield Act("Run now", sync_url(self.connection, "run", one.flow.value), at_once=True)
                yield Act("Pause", sync_url(self.connection, "pause", one.flow.value))

    def _failed(self, one: FlowShown) -> dict[str, Any]:
        may_retry = self.request.user.has_perm(SET_UP) and one.state is FlowState.ACTIVE
        of_deals = one.flow is Flow.DEALS
        listed = reverse(f"admin:desk_{'crmdeal' if of_deals else 'crmcompany'}_changelist")
        stands = "failed" if one.flow.comes_in else "unwritten"
        return {
            "title": {Flow.COMPANIES: "Companies", Flow.DEALS: "Deals"}.get(one.flow, "Not written"),
            "number": one.failed,
            "given_up": one.given_up,
            "lines": failed_lines(one, at=self.at),
            "retry": sync_url(self.connection, "retry", one.flow.value) if may_retry else "",
            "all": f"{listed}?connection={self.connection.pk}&stands={stands}",
        }

    def _findings(self) -> list[dict[str, Any]]:
        if not self.request.user.has_perm(VIEW_FINDING):
            return []
        return [
            {
                "words": one.kind.words,
                "number": one.number,
                "age": say_age(one.oldest_at, at=self.at),
                "url": findings_url(self.connection, kind=one.kind.value),
            }
            for one in open_by_kind(self.connection)
        ]

    def _ways(self) -> Iterator[tuple[str, str]]:
        """The other pages about this CRM, for whoever may open them."""
        may = self.request.user.has_perm
        narrowed = f"?connection={self.connection.pk}"
        if may(VIEW_COMPANY):
            yield "Companies", reverse("admin:desk_crmcompany_changelist") + narrowed
        if may(VIEW_DEAL):
            yield "Deals", reverse("admin:desk_crmdeal_changelist") + narrowed
        if may(VIEW_MAPPING):
            yield "What deals become", mapping_url(self.connection)
        yield "How it is synchronised", sync_url(self.connection, "how")
        if may(SET_UP):
            yield "What it needs there", sync_url(self.connection, "needs")
