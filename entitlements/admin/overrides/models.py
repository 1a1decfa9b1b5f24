"""The list of overrides: what was promised to whom, until when, by whom."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from catalog.queries.instants import say_instant
from entitlements.actions.override_bulk import MOST_AT_ONCE
from entitlements.actions.overrides import words_of
from entitlements.admin.overrides.acts import REVOKE, acts_for
from entitlements.admin.overrides.bulk_page import RevokeManyPage, bulk_url
from entitlements.admin.overrides.change_pages import EditPage, RenewPage
from entitlements.admin.overrides.filters import (
    OverriddenFeatureFilter,
    PlaceFilter,
    ReasonCodeFilter,
    RequesterFilter,
)
from entitlements.admin.overrides.revoke_page import RevokePage
from entitlements.admin.pages import account_url
from entitlements.admin.review.addresses import review_addresses
from entitlements.admin.review.filters import GrantedFilter, TeamFilter
from entitlements.admin.wording import say_end
from entitlements.models import Override
from entitlements.queries.concessions import Place, place_of
from journal.admin.base import Button, DeskModelAdmin
from journal.admin.pages import Page
from journal.models import Approval

COLOURS = {
    Place.IN_FORCE.words: "success",
    Place.TO_COME.words: "info",
    Place.WAITING.words: "warning",
    Place.REVOKED.words: "danger",
    Place.REJECTED.words: "danger",
}


@admin.register(Override)
class OverrideAdmin(DeskModelAdmin):
    list_display = ("what", "customer", "place", "asked_by", "agreed_by", "because")
    list_filter = (PlaceFilter, OverriddenFeatureFilter, ReasonCodeFilter, TeamFilter, RequesterFilter, GrantedFilter)
    list_select_related = ("account", "feature", "subscription", "reason_code")
    actions = ("revoke_chosen",)
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
        "reason_code",
        "reason",
        "link",
        "follows",
        "requested_by",
        "approved_by",
        "revoked_by",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        return [
            self._page("revoke/", RevokeManyPage, "overrides_revoke"),
            self._page("<int:override_id>/edit/", EditPage, "override_edit"),
            self._page("<int:override_id>/renew/", RenewPage, "override_renew"),
            self._page("<int:override_id>/revoke/", RevokePage, "override_revoke"),
            *review_addresses(self),
            *super().get_urls(),
        ]

    def _page(self, route: str, page: type[Page], name: str) -> URLPattern:
        view = self.admin_site.admin_view(page.as_view(model_admin=self))
        return path(route, view, name=f"entitlements_{name}")

    def buttons(self, request: HttpRequest, row: Override) -> list[Button]:
        waiting = Approval.objects.filter(kind="override", subject_key=str(row.pk), state=Approval.State.PENDING)
        place = place_of(row, at=timezone.now())
        return list(acts_for(row, place=place, user=request.user, request=waiting.first()))

    def has_revoke_override_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(REVOKE)

    @admin.action(description="Revoke overrides", permissions=["revoke_override"])
    def revoke_chosen(self, request: HttpRequest, queryset: QuerySet[Override]) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(ids) > MOST_AT_ONCE:
            message = f"At most {MOST_AT_ONCE} overrides at once. Narrow the list down first."
            self.message_user(request, message, messages.ERROR)
            return None
        return HttpResponseRedirect(bulk_url(ids))

    @display(description="What")
    def what(self, row: Override) -> str:
        return f"{row.feature}: {words_of(row)}"

    @display(description="Customer", ordering="account__name")
    def customer(self, row: Override) -> SafeString:
        return format_html('<a class="underline" href="{}">{}</a>', account_url(row.account), row.account)

    @display(description="Now", label=COLOURS)
    def place(self, row: Override) -> str:
        return place_of(row, at=timezone.now()).words

    @display(description="Asked by", ordering="requested_by")
    def asked_by(self, row: Override) -> str:
        return row.requested_by

    @display(description="Agreed by", ordering="approved_by")
    def agreed_by(self, row: Override) -> str:
        return row.approved_by or "–"

    @display(description="Why")
    def because(self, row: Override) -> str:
        return f"{row.reason_code}: {row.reason}" if row.reason_code else row.reason

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
