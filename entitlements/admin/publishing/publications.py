"""The list of publications, and the addresses of publishing."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from catalog.domain.rollouts import Audience
from catalog.models import Rollout
from catalog.queries.instants import say_instant
from entitlements.admin.publishing.forms import AUDIENCES
from entitlements.admin.publishing.rollout_page import (
    AbovePage,
    AccountsFile,
    AccountsPage,
    CompareAnewPage,
    CountPage,
    DonePage,
)
from entitlements.admin.publishing.step import step_url
from entitlements.admin.publishing.steps import CheckPage, WhatPage, WhoPage
from entitlements.queries.publishing.publications import cohort_name
from journal.admin.base import Button, RecordedModelAdmin
from journal.admin.pages import Page

COLOURS = {"In force": "success", "Scheduled": "info", "Called off": "danger"}


@admin.register(Rollout)
class RolloutAdmin(RecordedModelAdmin):
    """What was published for whom, and from when; it is done, and called off, on pages of its own."""

    list_display = ("what", "whom", "begins", "standing", "published")
    list_filter = ("audience", "version__plan")
    list_select_related = ("version__plan", "approval")
    ordering = ("-pk",)
    fields = ("what", "whom", "begins", "standing", "published", "second_person")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        return [
            self._page("publish/<int:version_id>/", WhatPage, "publish"),
            self._page("publish/<int:version_id>/who/", WhoPage, "publish_who"),
            self._page("publish/<int:version_id>/accounts/", AccountsPage, "publish_accounts"),
            self._page("publish/<int:version_id>/accounts.csv", AccountsFile, "publish_csv"),
            self._page("publish/<int:version_id>/count/", CountPage, "publish_count"),
            self._page("publish/<int:version_id>/check/", CheckPage, "publish_check"),
            self._page("publish/<int:version_id>/compare/", CompareAnewPage, "publish_compare"),
            self._page("publish/<int:version_id>/above/", AbovePage, "publish_above"),
            self._page("publish/<int:version_id>/done/", DonePage, "publish_done"),
            self._page("move/<int:version_id>/", WhatPage, "rollout"),
            *super().get_urls(),
        ]

    def _page(self, route: str, page: type[Page], name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"entitlements_{name}")

    def buttons(self, request: HttpRequest, row: Rollout) -> list[Button]:
        offered = [Button("What became of it", step_url("publish_done", row.version), "primary")]
        if self.standing(row) == "Scheduled" and request.user.has_perm("catalog.publish_plan"):
            offered.append(Button("Call it off", reverse("admin:catalog_call_off", args=[row.pk]), "danger"))
        return offered

    @display(description="What")
    def what(self, row: Rollout) -> str:
        return str(row.version)

    @display(description="Who gets it")
    def whom(self, row: Rollout) -> str:
        audience = Audience(row.audience)
        return cohort_name(row.cohort_key) if audience is Audience.COHORT else AUDIENCES[audience]

    @display(description="From", ordering="effective_at")
    def begins(self, row: Rollout) -> str:
        return say_instant(row.effective_at)

    @display(description="Where it stands", label=COLOURS)
    def standing(self, row: Rollout) -> str:
        if row.cancelled_at is not None:
            return "Called off"
        return "Scheduled" if row.effective_at > timezone.now() else "In force"

    @display(description="Published", ordering="published_at")
    def published(self, row: Rollout) -> str:
        return say_instant(row.published_at)

    @display(description="Second person")
    def second_person(self, row: Rollout) -> Any:
        if row.approval is None:
            return "Nobody: it took nothing away"
        return f"{row.approval.decided_by_name}, asked by {row.approval.requested_by_name}"
