"""Cohorts and recorded billing periods to look through."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from catalog.models import Rollout
from catalog.queries.instants import say_instant
from entitlements.actions.cohorts import PERMISSION
from entitlements.admin.loans.lend_page import lend_url
from entitlements.admin.pages import account_url
from entitlements.admin.publishing.cohort_pages import MakeCohortPage
from entitlements.models import Account, BillingPeriod, Cohort
from entitlements.queries.loans import how_long, loans, what_is_lent
from journal.admin.base import PAGE, Button, RecordedModelAdmin


@admin.register(Cohort)
class CohortAdmin(RecordedModelAdmin):
    """A list to read; a cohort is made on a page of its own and never changes."""

    list_display = ("name", "size", "made", "key")
    search_fields = ("name", "key")
    ordering = ("-created_at", "-pk")
    fields = ("name", "key", "note", "made", "used_by", "lent")
    readonly_fields = fields
    list_before_template = "entitlements/cohorts_head.html"
    change_form_after_template = "entitlements/_members.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        return super().get_queryset(request).annotate(accounts_in_it=Count("members"))

    def get_urls(self) -> list[URLPattern]:
        make = self.admin_site.admin_view(MakeCohortPage.as_view(model_admin=self))
        return [path("make/", make, name="entitlements_cohort_make"), *super().get_urls()]

    def buttons(self, request: HttpRequest, row: Cohort) -> list[Button]:
        if not request.user.has_perm("entitlements.grant_override"):
            return []
        return [Button("Lend something to it", lend_url(cohort=row), "primary")]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = {"may_make": request.user.has_perm(PERMISSION)}
        return super().changelist_view(request, {**(extra_context or {}), **may})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        members = Account.objects.filter(cohorts__cohort=int(object_id) if object_id.isdigit() else 0).order_by(
            "name", "pk"
        )
        page = Paginator(members, 4 * PAGE).get_page(request.GET.get("page"))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "page": page})

    @display(description="Accounts", ordering="accounts_in_it")
    def size(self, row: Any) -> int:
        return int(row.accounts_in_it)

    @display(description="Made", ordering="created_at")
    def made(self, row: Cohort) -> str:
        fixed = "" if row.frozen_at else "; its accounts are not fixed yet"
        return f"{say_instant(row.created_at)}{fixed}"

    @display(description="Publications for it")
    def used_by(self, row: Cohort) -> str:
        rollouts = Rollout.objects.filter(cohort_key=row.key).select_related("version__plan")
        return ", ".join(f"{r.version} from {say_instant(r.effective_at)}" for r in rollouts) or "None yet"

    @display(description="Lent to it")
    def lent(self, row: Cohort) -> str:
        rows = loans().filter(cohort=row)[:PAGE]
        return ", ".join(f"{what_is_lent(loan)} {how_long(loan)}" for loan in rows) or "Nothing yet"


@admin.register(BillingPeriod)
class BillingPeriodAdmin(RecordedModelAdmin):
    """What subscriptions were billed for, as it was recorded; a list to read."""

    list_display = ("customer", "subscription", "begins", "ends")
    list_select_related = ("subscription__account",)
    search_fields = ("subscription__account__name", "subscription__account__key__exact")
    search_help_text = "The name or key of a customer."
    ordering = ("-starts_at", "-pk")
    fields = ("customer", "subscription", "begins", "ends")
    readonly_fields = fields

    @display(description="Customer", ordering="subscription__account__name")
    def customer(self, row: BillingPeriod) -> SafeString:
        account = row.subscription.account
        return format_html('<a class="underline" href="{}">{}</a>', account_url(account), account)

    @display(description="From", ordering="starts_at")
    def begins(self, row: BillingPeriod) -> str:
        return say_instant(row.starts_at)

    @display(description="Until", ordering="ends_at")
    def ends(self, row: BillingPeriod) -> str:
        return say_instant(row.ends_at)
