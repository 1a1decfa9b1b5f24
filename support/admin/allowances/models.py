"""The list of prepaid help; each is changed on a page of its own, and what cases took of it is listed on theirs."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from journal.admin.base import RecordedModelAdmin
from support.admin.allowances.pages import EDIT, PAGES, allowance_url
from support.admin.allowances.words import SHORT_ZERO, say_use
from support.domain.cover_terms import AtZero
from support.models import Allowance
from support.queries.policy_history import tier_choices


@admin.register(Allowance)
class AllowanceAdmin(RecordedModelAdmin):
    list_before_template = "support/allowances/list_head.html"
    list_display = ("shown", "used_up", "zero", "gives", "standing")
    list_display_links = None
    list_filter = ("counts", "at_zero")
    list_select_related = ("feature",)
    search_fields = ("feature__name", "feature__key")
    fields = readonly_fields = ("feature", "counts", "counted_on", "unit_minutes", "at_zero", "default_tier")

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [path(route, site.admin_view(page.as_view(model_admin=self)), name=name) for route, page, name in PAGES]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"title": "Prepaid help", "may_edit": request.user.has_perm(EDIT)}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock address leads to its own page, for whoever may change it; nothing is posted there."""
        row: Allowance = self.found(request, object_id)
        if request.method in {"GET", "HEAD"} and request.user.has_perm(EDIT):
            return HttpResponseRedirect(allowance_url(row))
        return super().change_view(request, object_id, form_url, extra_context)

    @display(description="Prepaid help", ordering="feature__name")
    def shown(self, row: Allowance) -> SafeString:
        address = self.address("change", row.pk)
        return format_html('<a class="text-link" href="{}">{}</a>', address, row)

    @display(description="Used up by")
    def used_up(self, row: Allowance) -> str:
        return say_use(row)

    @display(description="At zero", label={"Blocks": "warning", "Overdraws": "info"})
    def zero(self, row: Allowance) -> str:
        return SHORT_ZERO[AtZero(row.at_zero)]

    @display(description="Gives by itself")
    def gives(self, row: Allowance) -> str:
        return tier_choices().get(row.default_tier, row.default_tier) or "–"

    @display(description="State", label={"In use": "success", "Retired": "danger"})
    def standing(self, row: Allowance) -> str:
        return "In use" if row.retired_at is None else "Retired"
