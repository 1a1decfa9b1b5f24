"""The list of overrides: what was promised to whom, until when, by whom."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from catalog.queries.instants import say_instant
from entitlements.actions.overrides import words_of
from entitlements.admin.overrides.pages import RevokePage
from entitlements.admin.pages import account_url
from entitlements.admin.wording import say_end
from entitlements.models import Override
from entitlements.queries.concessions import Place, place_of
from journal.admin.base import Button, DeskModelAdmin

COLOURS = {
    Place.IN_FORCE.words: "success",
    Place.TO_COME.words: "info",
    Place.WAITING.words: "warning",
    Place.REVOKED.words: "danger",
    Place.REJECTED.words: "danger",
}


@admin.register(Override)
class OverrideAdmin(DeskModelAdmin):
    list_display = ("what", "customer", "place", "requested_by", "approved_by", "reason")
    list_filter = ("state", "mode", "feature__group")
    list_select_related = ("account", "feature", "subscription")
    ordering = ("-starts_at", "-pk")
    search_fields = ("account__name", "account__key__exact", "feature__name")
    search_help_text = "The name or key of a customer, or the name of a feature."
    fields = (
        "what",
        "customer",
        "place",
        "where",
        "begins",
        "ends",
        "review_on",
        "reason",
        "link",
        "requested_by",
        "approved_by",
        "revoked_by",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(RevokePage.as_view(model_admin=self))
        return [
            path("<int:override_id>/revoke/", revoke, name="entitlements_override_revoke"),
            *super().get_urls(),
        ]

    def buttons(self, request: HttpRequest, row: Override) -> list[Button]:
        live = place_of(row, at=timezone.now()) in {Place.IN_FORCE, Place.TO_COME}
        if not live or not request.user.has_perm("entitlements.revoke_override"):
            return []
        return [Button("Revoke this override", reverse("admin:entitlements_override_revoke", args=[row.pk]), "danger")]

    @display(description="What")
    def what(self, row: Override) -> str:
        return f"{row.feature}: {words_of(row)}"

    @display(description="Customer", ordering="account__name")
    def customer(self, row: Override) -> SafeString:
        return format_html('<a class="underline" href="{}">{}</a>', account_url(row.account), row.account)

    @display(description="Now", label=COLOURS)
    def place(self, row: Override) -> str:
        return place_of(row, at=timezone.now()).words

    @display(description="Where it holds")
    def where(self, row: Override) -> str:
        if row.subscription is None:
            return "The whole account"
        return f"Subscription {row.subscription.number}; it sleeps while that gives nothing"

    @display(description="Begins")
    def begins(self, row: Override) -> str:
        return say_instant(row.starts_at, zone=row.account.zone)

    @display(description="Ends")
    def ends(self, row: Override) -> str:
        return say_end(row.ends_at, zone=row.account.zone) if row.ends_at else "No end"
