"""Checks whose whole trace was kept: every refusal but the repeated, and a sample of what was granted."""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from catalog.queries.instants import say_instant
from entitlements.admin.access.points_page import PointsPage, points_url
from entitlements.admin.pages import account_url
from entitlements.admin.playground.page import because_of, playground_url
from entitlements.models import DecisionTrace
from entitlements.queries.accounts import find_accounts
from journal.admin.base import DeskModelAdmin

MOST_COUNTED = 5_000
MOST_FOUND = 50
ASKED = {"quantity": "How much", "subject": "For whom", "choice": "Choice", "value": "Which one", "act": "What for"}


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts so far and no further: beyond it one narrows down."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


@admin.register(DecisionTrace)
class DecisionTraceAdmin(DeskModelAdmin):
    list_display = ("when", "of_account", "feature", "told", "point", "why")
    list_display_links = ("when",)
    list_filter = ("allowed", "feature")
    list_select_related = ("account", "feature")
    search_fields = ("point",)
    search_help_text = "A customer's key or name, or a part of an enforcement point."
    ordering = ("-at", "-pk")
    paginator = BoundedPaginator
    fields = ("when", "of_account", "feature", "told", "where", "asked_by", "asked", "reasons", "again")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(PointsPage.as_view(model_admin=self))
        return [path("points/", view, name="entitlements_access"), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DecisionTrace], search_term: str
    ) -> tuple[QuerySet[DecisionTrace], bool]:
        typed = search_term.strip()
        if not typed:
            return queryset, False
        accounts = [account.pk for account in find_accounts(text=typed, limit=MOST_FOUND)]
        if accounts:
            return queryset.filter(account__in=accounts), False
        return queryset.filter(point__icontains=typed), False

    @display(description="When", ordering="at")
    def when(self, row: DecisionTrace) -> str:
        return f"{say_instant(row.at, zone=row.account.zone)}, {row.at:%H:%M:%S} UTC"

    @display(description="Customer")
    def of_account(self, row: DecisionTrace) -> str:
        return format_html('<a class="text-link" href="{}">{}</a>', account_url(row.account), row.account)

    @display(description="Answer", label={"Granted": "success", "Refused": "danger"})
    def told(self, row: DecisionTrace) -> str:
        return "Granted" if row.allowed else "Refused"

    @display(description="Why")
    def why(self, row: DecisionTrace) -> str:
        return because_of(row)

    @display(description="Where")
    def where(self, row: DecisionTrace) -> str:
        return format_html('<a class="text-link" href="{}">{}</a>', points_url(point=row.point), row.point or "unnamed")

    @display(description="What was asked")
    def asked(self, row: DecisionTrace) -> str:
        told = [f"{words}: {row.question[name]}" for name, words in ASKED.items() if row.question.get(name)]
        return "; ".join(told) or "Whether it has it at all"

    @display(description="Every reason")
    def reasons(self, row: DecisionTrace) -> str:
        because = row.answer.get("because", []) if isinstance(row.answer, dict) else []
        lines = because if isinstance(because, list) else [because]
        return format_html_join("", "<div>{}</div>", ((str(line),) for line in lines))

    @display(description="Ask it again")
    def again(self, row: DecisionTrace) -> str:
        asked = {name: str(row.question.get(name) or "") for name in ("subject", "choice", "value")}
        address = playground_url(account=row.account.key, feature=row.feature.key, **asked)
        return format_html('<a class="text-link" href="{}">Try the check</a>', address)
