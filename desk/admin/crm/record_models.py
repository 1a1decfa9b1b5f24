"""Companies and deals of connected CRMs: their lists, and the pages of one."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from desk.admin.crm.company_page import CompanyShownPage
from desk.admin.crm.deal_page import DealShownPage
from desk.admin.crm.filters import CompanyFilter, ConnectionFilter, DealFilter
from desk.admin.crm.record_asks import (
    CompanyWhosePage,
    CompanyWritePage,
    LeaveCompanyOutPage,
    LookAtCompanyPage,
    LookAtDealPage,
    TakeBackPage,
)
from desk.admin.crm.words import VIEW_COMPANY, VIEW_DEAL, say_age, say_came, several_crms
from desk.domain.crm.told import DealState
from desk.models import CrmCompany, CrmDeal
from entitlements.admin.contracts.pages import contract_url
from entitlements.admin.pages import account_url
from journal.admin.base import DeskModelAdmin
from journal.admin.pages import Page

COMPANY_PAGES: tuple[tuple[str, type[Page], str], ...] = (
    ("<int:company>/look/", LookAtCompanyPage, "look"),
    ("<int:company>/write/", CompanyWritePage, "write"),
    ("<int:company>/whose/", CompanyWhosePage, "whose"),
    ("<int:company>/leave-out/", LeaveCompanyOutPage, "leave_out"),
    ("<int:company>/take-back/", TakeBackPage, "take_back"),
)
DEAL_COLOURS = {"Won": "success", "Open": "info", "Lost": "default", "Deleted there": "default"}
STANDINGS = {"Linked": "success", "Nobody’s yet": "warning", "Left out": "info", "Deleted there": "default"}


class _RecordAdmin(DeskModelAdmin):
    """Read-only lists; what was told is changed in the CRM alone."""

    list_before_template = "desk/crm/records_head.html"
    list_display_links = None
    ordering = ("name", "pk")
    fields: tuple[str, ...] = ("name",)
    readonly_fields = fields

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Of which CRM it is is said where there are several."""
        return tuple(name for name in self.list_display if name != "where" or several_crms())

    @display(description="CRM", ordering="connection__name")
    def where(self, row: Any) -> SafeString:
        return format_html('<span class="crm-cell">{}</span>', row.connection.name)

    @display(description="Name", ordering="name")
    def named(self, row: Any) -> SafeString:
        return format_html('<a class="crm-what" href="{}">{}</a>', self.address("change", row.pk), row)

    @display(description="Looked at", ordering="told_at", empty_value="Not yet")
    def looked(self, row: Any) -> str | None:
        return say_age(row.told_at, at=timezone.now()) if row.told_at else None

    def shown(self, request: HttpRequest, object_id: str, page: type[Page], name: str) -> HttpResponse:
        """A page to read stands where a stock form would."""
        row = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return page.as_view(model_admin=self)(request, **{name: row.pk})  # type: ignore[return-value]


@admin.register(CrmCompany)
class CrmCompanyAdmin(_RecordAdmin):
    list_display = ("named", "customer", "standing", "where", "looked", "written_ago", "problem")
    list_filter = (CompanyFilter, ConnectionFilter)
    list_select_related = ("connection", "account")
    search_fields = ("name", "external_id__exact", "account__name", "account__key__exact")
    search_help_text = "The name of the company or of the customer, its key, or its id there."

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"desk_crmcompany_{name}")
            for route, page, name in COMPANY_PAGES
        ]
        return [*pages, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not request.user.has_perm(VIEW_COMPANY):
            raise PermissionDenied
        return self.shown(request, object_id, CompanyShownPage, "company")

    @display(description="Account", ordering="account__name", empty_value="–")
    def customer(self, row: CrmCompany) -> SafeString | None:
        if row.account is None:
            return None
        return format_html('<a class="text-link" href="{}">{}</a>', account_url(row.account), row.account)

    @display(description="State", label=STANDINGS)
    def standing(self, row: CrmCompany) -> str:
        if row.gone:
            return "Deleted there"
        if row.left_out:
            return "Left out"
        return "Linked" if row.account_id else "Nobody’s yet"

    @display(description="Written", ordering="written_at", empty_value="–")
    def written_ago(self, row: CrmCompany) -> str | None:
        return say_age(row.written_at, at=timezone.now()) if row.written_at else None

    @display(description="Failed with", empty_value="–")
    def problem(self, row: CrmCompany) -> SafeString | None:
        return _problem(row.failed or row.write_failed)


@admin.register(CrmDeal)
class CrmDealAdmin(_RecordAdmin):
    list_display = ("named", "standing", "customer", "became", "came", "where", "looked")
    list_filter = (DealFilter, ConnectionFilter)
    list_select_related = ("connection", "account", "contract")
    search_fields = ("name", "external_id__exact", "account__name", "account__key__exact", "contract__key__exact")
    search_help_text = "The name of the deal or of the customer, its key, its id there, or a contract’s key."

    def get_urls(self) -> list[URLPattern]:
        page = LookAtDealPage.as_view(model_admin=self)
        look = path("<int:deal>/look/", self.admin_site.admin_view(page), name="desk_crmdeal_look")
        return [look, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not request.user.has_perm(VIEW_DEAL):
            raise PermissionDenied
        return self.shown(request, object_id, DealShownPage, "deal")

    @display(description="State", ordering="state", label=DEAL_COLOURS)
    def standing(self, row: CrmDeal) -> str:
        return DealState(row.state).words if row.state else "Not looked at yet"

    @display(description="Account", ordering="account__name", empty_value="–")
    def customer(self, row: CrmDeal) -> SafeString | None:
        if row.account is None:
            return None
        url = account_url(row.account, part="contracts")
        return format_html('<a class="text-link" href="{}">{}</a>', url, row.account)

    @display(description="Contract", ordering="contract__key", empty_value="–")
    def became(self, row: CrmDeal) -> SafeString | None:
        if row.contract is None:
            return None
        return format_html('<a class="text-link" href="{}">{}</a>', contract_url(row.contract), row.contract.key)

    @display(description="What came of it", empty_value="–")
    def came(self, row: CrmDeal) -> SafeString | None:
        if row.failed:
            return _problem(row.failed)
        said = say_came(row)
        words = said if len(said) <= 140 else f"{said[:139]}…"
        return format_html('<span class="crm-cell">{}</span>', words) if words else None


def _problem(words: str) -> SafeString | None:
    if not words:
        return None
    short = words if len(words) <= 140 else f"{words[:139]}…"
    return format_html('<span class="crm-cell webhook-cell is-red">{}</span>', short)
