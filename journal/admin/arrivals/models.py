"""The list of what arrived, and the page of one: its body, every try, what came of it, and taking it again."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.decorators import display

from journal.account_names import named
from journal.actions import arrivals as acts
from journal.actions.arrival_bodies import BODIES_KEPT
from journal.admin.arrivals.pages import ReplayManyPage, UnreadPage
from journal.admin.arrivals.words import COLOURS, lines_of, say_arrival, say_waited, what_came
from journal.admin.base import Button, DeskModelAdmin
from journal.admin.connections.pages import VIEW as VIEW_CONNECTION
from journal.admin.connections.pages import connection_url
from journal.admin.question import Question, ask
from journal.domain.arrival import ArrivalState
from journal.domain.body_shown import shown
from journal.domain.receiving import Order
from journal.models import Inbound
from journal.queries.arrivals import attempts_of, counted_by_state, held_up_by, nearby, types_known
from journal.vendors import vendor_of

LONGEST_CELL = 120
LARGEST_SHOWN = 200_000  # bytes of a body that a page lays out


class TypeFilter(admin.SimpleListFilter):
    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get("type", "")
        return [(one, one) for one in sorted({*types_known(), *([asked] if asked else [])})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Inbound]) -> QuerySet[Inbound]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands on its page and in the audit beside your name.",
    )


@admin.register(Inbound)
class InboundAdmin(DeskModelAdmin):
    list_before_template = "journal/arrivals/list_head.html"
    list_display = ("type", "connection", "subject", "standing", "received_at", "taken_within", "came")
    list_filter = ("connection", "state", TypeFilter)
    ordering = ("-seq",)
    search_fields = ("external_id__exact", "subject__exact", "account_key__exact")
    search_help_text = "The id of an event, what it is about, or the key of an account, as a whole."
    fields = ("type", "external_id", "subject")
    readonly_fields = fields
    row_pages = ("replay", "pass_over")

    class Media:
        css: ClassVar = {"all": ["journal/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inbound]:
        rows: QuerySet[Inbound] = super().get_queryset(request).select_related("connection")
        return rows.defer("body")

    def get_urls(self) -> list[URLPattern]:
        pages = (("unread/", UnreadPage, "unread"), ("replay/", ReplayManyPage, "replay_many"))
        own = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"journal_inbound_{name}")
            for route, page, name in pages
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        counted = counted_by_state(acts.STUCK)
        told = {"given_up": counted[ArrivalState.GIVEN_UP], "set_aside": counted[ArrivalState.SET_ASIDE]}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    @display(description="state", label=COLOURS)
    def standing(self, row: Inbound) -> str:
        return row.get_state_display()

    @display(description="taken within")
    def taken_within(self, row: Inbound) -> str:
        return say_waited(row, at=timezone.now())

    @display(description="what came of it", empty_value="–")
    def came(self, row: Inbound) -> str:
        words = what_came(row)
        return words if len(words) <= LONGEST_CELL else words[: LONGEST_CELL - 1] + "…"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A page to read stands where a stock form would: what arrived is never edited."""
        row: Inbound = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return self.page(request, "journal/arrivals/arrival.html", self._shown(request, row))

    def _shown(self, request: HttpRequest, row: Inbound) -> dict[str, Any]:
        at, vendor, body = timezone.now(), vendor_of(row.connection.vendor), row.raw
        may_see_connections = request.user.has_perm(VIEW_CONNECTION)
        return {
            "title": row.type,
            "arrival": row,
            "said": say_arrival(row, at=at),
            "came": what_came(row),
            "waited": say_waited(row, at=at),
            "connection_url": connection_url(row.connection) if may_see_connections else "",
            "account": named([row.account_key]).get(row.account_key),
            "body": shown(body[:LARGEST_SHOWN], hidden=vendor.hidden if vendor else ()),
            "size": len(body),
            "cut": len(body) > LARGEST_SHOWN,
            "kept_until": row.done_at + BODIES_KEPT if row.done_at and not row.emptied_at else None,
            "tries": [{"row": one, "words": one.get_state_display()} for one in attempts_of(row)],
            "holds": held_up_by(row) if vendor and vendor.order is Order.STRICT else None,
            "nearby": lines_of(nearby(row), at=at),
            "buttons": self.buttons(request, row),
            "history": self.address("history", row.pk),
            "back": self.address("changelist"),
        }

    def buttons(self, request: HttpRequest, row: Inbound) -> list[Button]:
        if not request.user.has_perm(acts.PERMISSION):
            return []
        state, offered = ArrivalState(row.state), []
        if state is not ArrivalState.WORKING and row.emptied_at is None:
            words = "Try it now" if state is ArrivalState.WAITING else "Have it taken again"
            offered.append(Button(words, self.address("replay", row.pk), "primary"))
        if state in {ArrivalState.WAITING, *acts.STUCK}:
            offered.append(Button("Pass it over", self.address("pass_over", row.pk)))
        return offered

    def replay_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._carers_only(request, object_id)
        question = Question(
            title=f"Have {row.type} taken again?",
            button="Have it taken again",
            done="It is being taken. Load this page again in a moment to see what came of it.",
            back_to=self.address("change", row.pk),
            facts=self._facts(row),
            warning="It was done before. Whatever takes it finds out what is done already, and does the rest."
            if row.state == ArrivalState.DONE
            else "",
        )
        return ask(self, request, question, acts.replay, arrival=row)

    def pass_over_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._carers_only(request, object_id)
        question = Question(
            title=f"Pass {row.type} over?",
            button="Pass it over",
            done="It was passed over. Others about the same are taken from now on.",
            back_to=self.address("change", row.pk),
            facts=self._facts(row),
            warning="Nothing of it is done here. Pass it over only when you know that it is settled otherwise.",
            danger=True,
        )
        return ask(self, request, question, acts.pass_over, form_class=ReasonForm, arrival=row)

    def _facts(self, row: Inbound) -> list[tuple[str, Any]]:
        return [
            ("From", row.connection.name),
            ("Id", row.external_id),
            ("About", row.subject or "–"),
            ("Arrived", row.received_at),
            ("What came of it", what_came(row) or "Nothing yet."),
        ]

    def _carers_only(self, request: HttpRequest, object_id: str) -> Inbound:
        row: Inbound = self.found(request, object_id)
        if not request.user.has_perm(acts.PERMISSION):
            raise PermissionDenied
        return row
