"""Billing findings: the list, the page of one, and the pages below them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from entitlements.admin.billed.bulk_page import MOST_AT_ONCE, TakeManyPage, bulk_url
from entitlements.admin.billed.comparing import ComparePage
from entitlements.admin.billed.filters import AgeFilter, ConnectionFilter, KindFilter, ModeFilter, StateFilter
from entitlements.admin.billed.finding_page import FindingShownPage
from entitlements.admin.billed.link_page import LinkPage
from entitlements.admin.billed.look_pages import LookAgainAllPage, LookAgainPage, LookAtAccountPage
from entitlements.admin.billed.push_page import PushAgainPage
from entitlements.admin.billed.settle_pages import KeepOursPage, TakeTheirsPage
from entitlements.admin.billed.whose_page import WhosePage
from entitlements.admin.billed.words import COLOURS, SETTLE, VIEW, of_nobody, say_age, say_where
from entitlements.admin.pages import account_url
from entitlements.domain.billed.findings import FindingState
from entitlements.models import BillingFinding
from entitlements.queries.billed.listing import last_told, open_count
from entitlements.queries.findings import MOST_COUNTED, OPEN_FIRST
from journal.admin.base import RecordedModelAdmin
from journal.admin.pages import Page

ONE = "<int:finding>"
PAGES: tuple[tuple[str, type[Page], str], ...] = (
    ("take/", TakeManyPage, "entitlements_billingfindings_take"),
    ("account/<str:key>/look/", LookAtAccountPage, "entitlements_billed_look"),
    ("compare/<int:connection>/", ComparePage, "entitlements_billed_compare"),
    (f"{ONE}/look/", LookAgainPage, "entitlements_billingfinding_look"),
    (f"{ONE}/look-all/", LookAgainAllPage, "entitlements_billingfinding_look_all"),
    (f"{ONE}/link/", LinkPage, "entitlements_billingfinding_link"),
    (f"{ONE}/whose/", WhosePage, "entitlements_billingfinding_whose"),
    (f"{ONE}/push/", PushAgainPage, "entitlements_billingfinding_push"),
    (f"{ONE}/take/", TakeTheirsPage, "entitlements_billingfinding_take"),
    (f"{ONE}/keep/", KeepOursPage, "entitlements_billingfinding_keep"),
)


def to_look_at(request: HttpRequest) -> str:
    """How many are open, for whoever may settle them."""
    if not request.user.has_perm(SETTLE):
        return ""
    number = open_count()
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number or "")


@admin.register(BillingFinding)
class BillingFindingAdmin(RecordedModelAdmin):
    list_before_template = "entitlements/billed/list_head.html"
    list_display = ("what", "kind_words", "customer", "where", "age", "seen", "standing")
    list_display_links = None
    list_filter = (KindFilter, StateFilter, ConnectionFilter, ModeFilter, AgeFilter)
    list_select_related = ("connection", "account")
    ordering = (OPEN_FIRST, "first_at", "pk")
    actions = ("take_chosen",)
    search_fields = ("account__name", "account__key__exact", "billing_id__exact", "about__exact")
    search_help_text = "The name or key of a customer, or the id of a subscription or a price as the billing has it."
    fields = ("words", "standing")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [path(route, site.admin_view(page.as_view(model_admin=self)), name=name) for route, page, name in PAGES]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        told = {"last_told": last_told(), "any_open": open_count() > 0}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A page to read stands where a stock form would: a finding is settled on pages that ask."""
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        row: BillingFinding = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return FindingShownPage.as_view(model_admin=self)(request, finding=row.pk)  # type: ignore[return-value]

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SETTLE)

    @admin.action(description="Take theirs", permissions=["settle"])
    def take_chosen(self, request: HttpRequest, queryset: QuerySet[BillingFinding]) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(ids) > MOST_AT_ONCE:
            message = f"At most {MOST_AT_ONCE} at once. Narrow the list down first."
            self.message_user(request, message, messages.ERROR)
            return None
        return HttpResponseRedirect(bulk_url(ids))

    @display(description="What")
    def what(self, row: BillingFinding) -> SafeString:
        words = row.words if len(row.words) <= 140 else f"{row.words[:139]}…"
        return format_html('<a class="billed-what" href="{}">{}</a>', self.address("change", row.pk), words)

    @display(description="Kind", ordering="kind")
    def kind_words(self, row: BillingFinding) -> SafeString:
        return format_html('<span class="billed-kind">{}</span>', row.title)

    @display(description="Account", ordering="account__name", empty_value="Nobody’s yet")
    def customer(self, row: BillingFinding) -> SafeString | None:
        if row.account is None:
            return format_html("–") if of_nobody(row) else None
        url = account_url(row.account, part="subscriptions")
        return format_html('<a class="text-link" href="{}">{}</a>', url, row.account)

    @display(description="Where", ordering="connection__name")
    def where(self, row: BillingFinding) -> SafeString:
        return format_html('<span class="billed-where">{}</span>', say_where(row.connection))

    @display(description="Found", ordering="first_at")
    def age(self, row: BillingFinding) -> str:
        return say_age(row.first_at, at=timezone.now())

    @display(description="Seen last", ordering="last_at")
    def seen(self, row: BillingFinding) -> str:
        return say_age(row.last_at, at=timezone.now())

    @display(description="State", ordering="state", label=COLOURS)
    def standing(self, row: BillingFinding) -> str:
        return FindingState(row.state).words
