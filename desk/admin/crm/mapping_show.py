"""What won deals become, as a table of sentences: what is in force, and the draft beside it."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.queries.instants import say_instant
from desk.actions.crm.mappings import draft, move_rule
from desk.admin.crm.mapping_pages import EDIT, VIEW, DraftedPage, MappingPage, NamingPage, mapping_url
from desk.admin.crm.words import VIEW as VIEW_SYNC
from desk.admin.crm.words import sync_url
from desk.domain.crm.flows import Flow, FlowState
from desk.domain.crm.mapping_checks import remarks
from desk.integrations.crm.port import vendors
from desk.models import CrmFlow, DealMapping, MappingState
from desk.queries.crm.dry_runs import at_work
from desk.queries.crm.mapping import read_mapping
from desk.queries.crm.mapping_versions import Worded, difference, is_tried, known, mapping_token, worded
from entitlements.queries.contracts.wording import say_day
from journal.admin.connections.pages import LIST as CONNECTIONS
from journal.admin.connections.pages import VIEW as VIEW_CONNECTION
from journal.admin.connections.pages import vendor_words
from journal.admin.pages import AskPage, Page
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Refusal
from journal.models import Connection, Job

SORTS = {"added": ("New", "on_sale"), "changed": ("Changed", "draft"), "removed": ("Taken out", "retired")}
MOVED = ("Moved", "scheduled")


class EntryPage(Page):
    """Which CRM: with one there is nothing to choose."""

    permission = VIEW
    title = "What deals become"
    template_name = "desk/crm/mapping/entry.html"

    @cached_property
    def connections(self) -> list[Connection]:
        rows = Connection.objects.filter(vendor__in=vendors())
        kept = ~Q(state=ConnectionState.OFF) | Q(deal_mappings__isnull=False)
        return list(rows.filter(kept).distinct().order_by("name", "pk"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if len(self.connections) == 1:
            return HttpResponseRedirect(mapping_url(self.connections[0]))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        standing: dict[int, dict[str, int]] = defaultdict(dict)
        versions = DealMapping.objects.filter(connection__in=self.connections).exclude(state=MappingState.FORMER)
        for pk, state, number in versions.values_list("connection", "state", "number"):
            standing[pk][state] = number
        may_see = self.request.user.has_perm(VIEW_CONNECTION)
        lines = [
            {
                "connection": one,
                "vendor": vendor_words(one),
                "url": mapping_url(one),
                "in_force": standing[one.pk].get(MappingState.IN_FORCE),
                "draft": standing[one.pk].get(MappingState.DRAFT),
            }
            for one in self.connections
        ]
        return {
            **super().get_context_data(**kwargs),
            "lines": lines,
            "connect": reverse(CONNECTIONS) if may_see else "",
        }


class ShowPage(NamingPage):
    template_name = "desk/crm/mapping/show.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"What deals become: {self.connection.name}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        spoken = None if self.in_force is None else worded(self.in_force, self.names)
        return {
            **super().get_context_data(**kwargs),
            "in_force": self._version(self.in_force, spoken) if self.in_force and spoken else None,
            "drafted": None if self.draft is None else self._drafted(self.draft, spoken),
            "resting": self._resting(),
            "sync_url": sync_url(self.connection) if self.request.user.has_perm(VIEW_SYNC) else "",
            "versions_url": mapping_url(self.connection, "versions"),
            "draft_url": mapping_url(self.connection, "draft"),
            "deal_url": mapping_url(self.connection, "try"),
            "entry": reverse("admin:desk_crm_mapping"),
        }

    def _resting(self) -> str:
        """How the flow of deals stands, where one is in force and nothing comes in."""
        row = CrmFlow.objects.filter(connection=self.connection, flow=Flow.DEALS).first()
        state = FlowState.NEW if row is None else FlowState(row.state)
        return state.words.lower() if self.in_force and state is not FlowState.ACTIVE else ""

    def _version(self, mapping: DealMapping, spoken: Worded) -> dict[str, Any]:
        notes = dict(mapping.rules.values_list("key", "note"))
        rules = [
            {"number": number, "words": words, "note": notes.get(key, "")}
            for number, (key, words) in enumerate(spoken.rules.items(), start=1)
        ]
        return {
            "row": mapping,
            "since": say_instant(mapping.in_force_at, zone=self.zone) if mapping.in_force_at else "",
            "taken": f"deals won since {say_day(mapping.since)} too" if mapping.since else "",
            "rules": rules,
            "terms": spoken.terms,
        }

    def _drafted(self, mapping: DealMapping, spoken: Worded | None) -> dict[str, Any]:
        said = worded(mapping, self.names)
        compared = difference(spoken, said)
        job_there = at_work(mapping)
        return {
            "row": mapping,
            "token": mapping_token(mapping),
            "rules": self._rules(mapping, compared, spoken),
            "removed": [one for one in compared.rules if one.sort == "removed"],
            "terms": said.terms,
            "terms_was": compared.terms[0] if compared.terms and spoken else "",
            "remarks": self._remarks(mapping).get("", []),
            "tried": is_tried(mapping),
            "tried_at": say_instant(mapping.tried_at, zone=self.zone) if mapping.tried_at else "",
            "summary": mapping.tried.get("summary", ""),
            "run_url": self._run_url(job_there.pk if job_there else mapping.tried.get("job")),
            "running": job_there is not None,
            **{
                f"{page}_url": mapping_url(self.connection, page)
                for page in ("add", "terms", "try", "switch", "discard")
            },
        }

    def _run_url(self, pk: int | None) -> str:
        there = pk is not None and Job.objects.filter(pk=pk).exists()
        return mapping_url(self.connection, "tried", pk) if there else ""

    def _rules(self, mapping: DealMapping, compared: Any, spoken: Worded | None) -> list[dict[str, Any]]:
        notes, told = dict(mapping.rules.values_list("key", "note")), self._remarks(mapping)
        lines = []
        for number, one in enumerate((one for one in compared.rules if one.sort != "removed"), start=1):
            word, colour = SORTS.get(one.sort, MOVED if one.moved else ("", "")) if spoken else ("", "")
            lines.append(
                {
                    "number": number,
                    "words": one.after,
                    "was": one.before if one.sort == "changed" else (),
                    "word": word,
                    "colour": colour,
                    "note": notes.get(one.key, ""),
                    "remarks": told.get(one.key, []),
                    **{page: mapping_url(self.connection, page, one.key) for page in ("edit", "remove", "move")},
                }
            )
        return lines

    def _remarks(self, mapping: DealMapping) -> dict[str, list[str]]:
        there = (
            known()
            if self.offers.away
            else known(
                products=self.offers.product_names,
                line_fields={one.name: one.sort for one in self.offers.line_fields},
                deal_fields={one.name: one.sort for one in self.offers.deal_fields},
            )
        )
        found: dict[str, list[str]] = defaultdict(list)
        for key, words in remarks(read_mapping(mapping), there):
            found[key].append(words)
        return found


class DraftPage(MappingPage, AskPage):
    """One button: a draft that says what is in force until it is changed."""

    permission = EDIT
    template_name = "desk/crm/mapping/ask.html"
    title = "Draft a change"
    button = "Draft it"

    def lead(self) -> str:
        return "It begins as a copy of what is in force, and changes nothing before it is tried and switched on."

    def act(self, form: forms.Form) -> HttpResponse:
        mapping = draft(connection=self.connection, by=self.by, at=self.at)
        return self.done(f"Version {mapping.number} is drafted. Nothing of it holds before it is switched on.")


class MovePage(DraftedPage):
    """A rule past its neighbour, by a button of its own on the page of the draft."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        told = request.POST
        try:
            move_rule(
                mapping=self.mapping,
                key=self.kwargs["rule"],
                up=told.get("up") == "1",
                seen=told.get("seen", ""),
                by=self.by,
                at=self.at,
            )
        except Refusal as refusal:
            self.refuse(refusal)
        return HttpResponseRedirect(f"{self.back}#rules")
