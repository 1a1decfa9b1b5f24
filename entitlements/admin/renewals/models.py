"""What ends, and what becomes of it: the list, the pages of each task, and its history."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from entitlements.admin.renewals.bulk_pages import AssignManyPage, LetManyEndPage
from entitlements.admin.renewals.deciding_pages import AgainPage, AssignPage, LetEndPage, RenewedPage, RenewPage
from entitlements.admin.renewals.list_page import RenewalsFile, RenewalsPage
from entitlements.admin.renewals.pages import RenewalPage
from entitlements.admin.renewals.words import renewal_url
from entitlements.models import Renewal
from journal.admin.base import RecordedModelAdmin
from journal.admin.pages import Page

ONE = "<int:renewal>"
RENEWALS: tuple[tuple[str, type[Page], str], ...] = (
    ("renewals.csv", RenewalsFile, "entitlements_renewals_csv"),
    ("assign/", AssignManyPage, "entitlements_renewals_assign"),
    ("let-end/", LetManyEndPage, "entitlements_renewals_let_end"),
    (f"{ONE}/page/", RenewalPage, "entitlements_renewal_page"),
    (f"{ONE}/assign/", AssignPage, "entitlements_renewal_assign"),
    (f"{ONE}/let-end/", LetEndPage, "entitlements_renewal_let_end"),
    (f"{ONE}/renewed/", RenewedPage, "entitlements_renewal_renewed"),
    (f"{ONE}/renew/", RenewPage, "entitlements_renewal_renew"),
    (f"{ONE}/again/", AgainPage, "entitlements_renewal_again"),
)


@admin.register(Renewal)
class RenewalAdmin(RecordedModelAdmin):
    """The list and the page of one are pages of our own; nothing is written by a stock form."""

    list_display = ("label", "account", "ends_at", "state")
    fields = ("label", "account", "ends_at", "state")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [
            path(route, site.admin_view(page.as_view(model_admin=self)), name=name) for route, page, name in RENEWALS
        ]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return RenewalsPage.as_view(model_admin=self)(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row: Renewal = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(renewal_url(row))
