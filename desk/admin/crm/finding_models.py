"""CRM findings: the list, the page of one, and the pages below it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from desk.admin.crm.filters import AgeFilter, ConnectionFilter, KindFilter, StateFilter
from desk.admin.crm.finding_asks import KeepPage, LeaveOutPage, LookPage
from desk.admin.crm.finding_page import FindingShownPage
from desk.admin.crm.whose_page import WhosePage
from desk.admin.crm.words import COLOURS, LINK, VIEW_FINDING, say_age, several_crms
from desk.domain.crm.findings import CrmFindingKind, about_company, about_deal
from desk.models import CrmCompany, CrmDeal, CrmFinding
from desk.queries.crm.listing import open_count
from entitlements.admin.pages import account_url
from entitlements.domain.billed.findings import FindingState
from entitlements.queries.findings import MOST_COUNTED, OPEN_FIRST
from journal.admin.base import RecordedModelAdmin
from journal.admin.pages import Page

ONE = "<int:finding>"
PAGES: tuple[tuple[str, type[Page], str], ...] = (
    (f"{ONE}/look/", LookPage, "look"),
    (f"{ONE}/whose/", WhosePage, "whose"),
    (f"{ONE}/leave-out/", LeaveOutPage, "leave_out"),
    (f"{ONE}/keep/", KeepPage, "keep"),
)


def to_look_at(request: HttpRequest) -> str:
    """How many are open, for whoever may settle them."""
    if not request.user.has_perm(LINK):
        return ""
    number = open_count()
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number or "")


@admin.register(CrmFinding)
class CrmFindingAdmin(RecordedModelAdmin):
    list_before_template = "desk/crm/findings_head.html"
    list_display = ("what", "kind_words", "customer", "where", "age", "seen", "standing")
    list_display_links = None
    list_filter = (KindFilter, StateFilter, ConnectionFilter, AgeFilter)
    list_select_related = ("connection", "account")
    ordering = (OPEN_FIRST, "first_at", "pk")
    search_fields = ("account__name", "account__key__exact", "subject__iendswith", "words")
    search_help_text = "The name or key of a customer, the id of a company or a deal there, or what was found."
    fields = ("words", "standing")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"desk_crmfinding_{name}")
            for route, page, name in PAGES
        ]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        told = {"title": "CRM findings", "any_open": open_count() > 0}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A page to read stands where a stock form would: a finding is settled on pages that ask."""
        if not request.user.has_perm(VIEW_FINDING):
            raise PermissionDenied
        row: CrmFinding = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return FindingShownPage.as_view(model_admin=self)(request, finding=row.pk)  # type: ignore[return-value]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CrmFinding]:
        """With the name of the company or the deal that each is about."""
        names = [_name_of(CrmDeal, about_deal("")), _name_of(CrmCompany, about_company(""))]
        return super().get_queryset(request).annotate(subject_name=Coalesce(*names))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Which CRM it is of is said where there are several."""
        return tuple(name for name in self.list_display if name != "where" or several_crms())

    @display(description="What")
    def what(self, row: CrmFinding) -> SafeString:
        words = row.words if len(row.words) <= 140 else f"{row.words[:139]}…"
        name = getattr(row, "subject_name", None) or ""
        about = format_html('<span class="crm-about">{}</span>', name) if name and name not in row.words else ""
        return format_html(
            '<span><a class="crm-what" href="{}">{}</a>{}</span>', self.address("change", row.pk), words, about
        )

    @display(description="Kind", ordering="kind")
    def kind_words(self, row: CrmFinding) -> SafeString:
        return format_html('<span class="crm-cell">{}</span>', CrmFindingKind(row.kind).words)

    @display(description="Account", ordering="account__name", empty_value="Nobody’s yet")
    def customer(self, row: CrmFinding) -> SafeString | None:
        if row.account is None:
            return None
        return format_html('<a class="text-link" href="{}">{}</a>', account_url(row.account), row.account)

    @display(description="CRM", ordering="connection__name")
    def where(self, row: CrmFinding) -> SafeString:
        return format_html('<span class="crm-cell">{}</span>', row.connection.name)

    @display(description="Found", ordering="first_at")
    def age(self, row: CrmFinding) -> str:
        return say_age(row.first_at, at=timezone.now())

    @display(description="Seen last", ordering="last_at")
    def seen(self, row: CrmFinding) -> str:
        return say_age(row.last_at, at=timezone.now())

    @display(description="State", ordering="state", label=COLOURS)
    def standing(self, row: CrmFinding) -> str:
        return FindingState(row.state).words


def _name_of(model: type[CrmDeal] | type[CrmCompany], prefix: str) -> Subquery:
    """The name of the record that a finding is about, where it is of this sort."""
    same = {"connection": OuterRef("connection"), "external_id": Substr(OuterRef("subject"), len(prefix) + 1)}
    return Subquery(model.objects.filter(**same).exclude(name="").values("name")[:1])
