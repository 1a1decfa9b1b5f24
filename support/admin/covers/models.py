"""The list of covers: whose, what, until when; each row leads to the page of its cover."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from catalog.queries.instants import say_instant
from entitlements.admin.pages import account_url
from journal.admin.base import RecordedModelAdmin
from support.admin.covers.addresses import PAGES
from support.admin.covers.filters import AccountFilter, ContractFilter, StateFilter, TierFilter
from support.admin.covers.pages import TAB, WRITE, cover_url
from support.domain.cover_draft import CoverPlace
from support.domain.cover_words import say_what
from support.models import Cover
from support.queries.covers.reading import CoverRead, read_covers

LABELS = {
    CoverPlace.IN_FORCE.words: "success",
    CoverPlace.TO_COME.words: "info",
    CoverPlace.ENDED.words: "danger",
    CoverPlace.CALLED_OFF.words: "warning",
}


class CoverList(ChangeList):
    """Reads what the covers of one page say at once, instead of cover by cover."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        now = timezone.now()
        for row, read in zip(self.result_list, read_covers(self.result_list), strict=True):
            row.said, row.place = read, read.place(now)


@admin.register(Cover)
class CoverAdmin(RecordedModelAdmin):
    list_before_template = "support/covers/list_head.html"
    list_display = ("shown", "customer", "standing", "says", "lasts", "under")
    list_display_links = None
    list_filter = (StateFilter, TierFilter, AccountFilter, ContractFilter)
    list_select_related = ("account", "contract")
    ordering = ("account__name", "-starts_at", "-pk")
    search_fields = ("name", "account__name", "account__key__exact", "contract__key")
    search_help_text = "What it is called, the customer’s name or key, or the number of its contract."
    fields = readonly_fields = ("name", "account", "starts_at", "ends_at")

    class Media:
        css: ClassVar = {"all": ["support/covers.css"]}

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [
            path(route, site.admin_view(page.as_view(model_admin=self)), name=f"support_cover{name}")
            for route, page, name in PAGES
        ]
        return [*pages, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CoverList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        told = {"may_write": request.user.has_perm(WRITE)}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What a cover says stands on its own page; nothing is written by a stock form."""
        row: Cover = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(cover_url(row))

    @display(description="Cover", ordering="name")
    def shown(self, row: Cover) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', cover_url(row), row.name)

    @display(description="Customer", ordering="account__name")
    def customer(self, row: Cover) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', account_url(row.account, part=TAB), row.account)

    @display(description="State", label=LABELS)
    def standing(self, row: Any) -> str:
        place: CoverPlace = row.place
        return place.words

    @display(description="What it says")
    def says(self, row: Any) -> SafeString:
        read: CoverRead = row.said
        return format_html('<span class="cover-says">{}</span>', say_what(read.draft, named=read.named))

    @display(description="Days", ordering="starts_at")
    def lasts(self, row: Any) -> str:
        read: CoverRead = row.said
        since = say_instant(row.starts_at, zone=row.zone).rpartition(" (")[0]
        return f"From {since} {read.named.until or 'until somebody ends it'}"

    @display(description="Under", ordering="contract__key")
    def under(self, row: Cover) -> str:
        if row.contract is None:
            return "–"
        return f"{row.contract.key}, line {row.line}" if row.line else row.contract.key
