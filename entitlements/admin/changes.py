"""What changed for customers, and when: a report that only reads."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.admin.pages import account_url
from entitlements.models import EntitlementChange
from journal.admin.base import DeskModelAdmin


class FeatureFilter(admin.SimpleListFilter):
    """By the catalog's own list: to ask this long table which features it knows would read all of it."""

    title = "feature"
    parameter_name = "feature"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(feature.key, feature.name) for feature in Feature.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EntitlementChange]) -> QuerySet[EntitlementChange]:
        return queryset.filter(feature_key=self.value()) if self.value() else queryset


@admin.register(EntitlementChange)
class EntitlementChangeAdmin(DeskModelAdmin):
    list_display = ("when", "customer", "feature_name", "before", "after", "cause")
    list_display_links = None
    list_filter = (FeatureFilter, "effective_at")
    list_select_related = ("account",)
    search_fields = ("account__name", "account__key__exact")
    search_help_text = "The name or key of a customer."
    ordering = ("-effective_at", "-pk")
    fields = ("when", "customer", "feature_name", "before", "after", "cause", "recorded_at")
    readonly_fields = fields

    @display(description="When, in the customer's zone", ordering="effective_at")
    def when(self, row: EntitlementChange) -> str:
        return say_instant(row.effective_at, zone=row.account.zone)

    @display(description="Customer", ordering="account__name")
    def customer(self, row: EntitlementChange) -> SafeString:
        return format_html('<a class="underline" href="{}">{}</a>', account_url(row.account), row.account)
