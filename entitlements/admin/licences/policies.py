"""How licences of each product behave: the list, and one policy read as sentences, with its releases."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from entitlements.actions.licences.policies import PERMISSION
from entitlements.admin.licences.policy_pages import (
    PolicyEditPage,
    PolicyNewPage,
    PolicyRetirePage,
    ReleaseTellPage,
    ReleaseWithdrawPage,
    policy_url,
)
from entitlements.admin.licences.words import say_day, say_limit, sentences
from entitlements.models import LicencePolicy
from journal.admin.base import Button, RecordedModelAdmin
from journal.admin.pages import Page

COLOURS = {"In use": "success", "Retired": "warning"}
PAGES: tuple[tuple[str, type[Page], str], ...] = (
    ("new/", PolicyNewPage, "new"),
    ("<int:policy>/edit/", PolicyEditPage, "edit"),
    ("<int:policy>/retire/", PolicyRetirePage, "retire"),
    ("<int:policy>/releases/tell/", ReleaseTellPage, "release"),
    ("<int:policy>/releases/<int:release>/withdraw/", ReleaseWithdrawPage, "withdraw"),
)


@admin.register(LicencePolicy)
class LicencePolicyAdmin(RecordedModelAdmin):
    list_before_template = "entitlements/licences/policies_head.html"
    list_display = ("name", "comes_with", "places", "standing", "out")
    list_select_related = ("plan", "activation_feature")
    ordering = ("name", "pk")
    fields = ("name", "key")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                route,
                self.admin_site.admin_view(page.as_view(model_admin=self)),
                name=f"entitlements_licencepolicy_{name}",
            )
            for route, page, name in PAGES
        ]
        return [*pages, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LicencePolicy]:
        live = Count("licences", filter=Q(licences__revoked_at__isnull=True))
        return super().get_queryset(request).annotate(live=live)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"title": "How licences behave", "may_set": request.user.has_perm(PERMISSION)}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    @display(description="Comes with")
    def comes_with(self, row: LicencePolicy) -> str:
        return "Issued by hand" if row.plan is None else row.plan.name

    @display(description="Active on")
    def places(self, row: LicencePolicy) -> str:
        words = say_limit(row)
        return words[0].upper() + words[1:]

    @display(description="State", label=COLOURS)
    def standing(self, row: LicencePolicy) -> str:
        return "In use" if row.retired_at is None else "Retired"

    @display(description="Licences", ordering="live")
    def out(self, row: Any) -> str:
        return f"{row.live:,}"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row: LicencePolicy = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        may_set = request.user.has_perm(PERMISSION)
        context = {
            "title": row.name,
            "policy": row,
            "lines": list(sentences(row)),
            "standing": self.standing(row),
            "releases": [(one, say_day(one.released_on)) for one in row.releases.all()],
            "buttons": self.buttons(request, row),
            "may_set": may_set and row.retired_at is None,
            "licences": f"{reverse('admin:entitlements_licence_changelist')}?policy={row.key}",
            "out": self.out(row),
            "history": self.address("history", row.pk),
            "back": self.address("changelist"),
        }
        return self.page(request, "entitlements/licences/policy.html", context)

    def buttons(self, request: HttpRequest, row: LicencePolicy) -> list[Button]:
        if row.retired_at is not None or not request.user.has_perm(PERMISSION):
            return []
        return [
            Button("Change it", policy_url(row, "edit"), "primary"),
            Button("Tell of a release", policy_url(row, "release")),
            Button("Retire it", policy_url(row, "retire"), "danger"),
        ]
