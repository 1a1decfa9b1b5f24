"""Plans and versions to look through; they change on the pages made for it."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.compare import ComparePage
from catalog.admin.drafts import DraftDiscardPage, DraftOpenPage
from catalog.admin.launches import availability_buttons
from catalog.admin.lifecycle import CallOffPage, RetirePage, plan_buttons, version_buttons
from catalog.admin.naming import NamingPage
from catalog.admin.offer_page import OfferPage
from catalog.admin.pages import Page
from catalog.admin.publishing import PublishPage
from catalog.admin.sheet import SheetPage, VaguePage
from catalog.admin.sheet_edit import CellsReadPage, CellsWritePage, ColumnsPage, SheetDraftPage, SheetOrderPage
from catalog.admin.shown import CatalogAdmin
from catalog.admin.term_edit import GroupEditPage, TermEditPage
from catalog.admin.terms_of_sale import TermsOfSalePage
from catalog.models import Plan, PlanVersion
from catalog.models.plan import VersionState
from catalog.queries.instants import say_instant
from catalog.queries.prices import say_grace, say_plan_prices, say_trial
from catalog.queries.terms import general_terms, say_cell
from catalog.queries.versions import rollouts_of, stages_of, versions_of
from journal.admin.base import Button


@admin.register(Plan)
class PlanAdmin(CatalogAdmin):
    list_display = ("name", "kind", "on_sale_now", "drafts", "key")
    list_filter = ("kind",)
    search_fields = ("name", "key")
    fields = ("name", "key", "kind", "effect_beside_a_plan", "audience", "versions_and_rollouts")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return super().get_queryset(request).prefetch_related("versions")

    def buttons(self, request: HttpRequest, row: Plan) -> Sequence[Button]:
        return [*plan_buttons(request, row, at=timezone.now()), *availability_buttons(request, row)]

    @admin.display(description="Published")
    def on_sale_now(self, plan: Plan) -> str:
        published = [v.number for v in plan.versions.all() if v.state == VersionState.PUBLISHED]
        return f"v{max(published)}" if published else "Nothing published yet"

    @admin.display(description="Draft")
    def drafts(self, plan: Plan) -> str:
        return next((f"v{v.number} is being written" for v in plan.versions.all() if v.is_draft), "")

    @admin.display(description="Beside a plan")
    def effect_beside_a_plan(self, plan: Plan) -> str:
        return plan.get_effect_display() if plan.kind == "add_on" else "It is a plan"

    @admin.display(description="Versions")
    def versions_and_rollouts(self, plan: Plan) -> SafeString:
        return self.part("versions", lines=versions_of(plan=plan, at=timezone.now()))


@admin.register(PlanVersion)
class PlanVersionAdmin(CatalogAdmin):
    list_display = ("__str__", "state", "published")
    list_filter = ("state", "plan")
    list_select_related = ("plan",)
    fields = ("plan", "number", "stage", "price", "trial", "grace", "published", "retired", "terms")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        return [
            self._page("sheet/", SheetPage, "catalog_sheet"),
            self._page("sheet/cells/", CellsWritePage, "catalog_sheet_write"),
            self._page("sheet/read/", CellsReadPage, "catalog_sheet_read"),
            self._page("sheet/columns/", ColumnsPage, "catalog_sheet_columns"),
            self._page("sheet/draft/", SheetDraftPage, "catalog_sheet_draft"),
            self._page("sheet/order/", SheetOrderPage, "catalog_sheet_order"),
            self._page("offer/", OfferPage, "catalog_offer"),
            self._page("waiting/", VaguePage, "catalog_vague"),
            self._page("compare/", ComparePage, "catalog_compare"),
            self._page("new/", NamingPage, "catalog_plan_new"),
            self._page("open/<int:plan_id>/", DraftOpenPage, "catalog_draft_open"),
            self._page("<int:version_id>/review/", PublishPage, "catalog_publish"),
            self._page("<int:version_id>/discard/", DraftDiscardPage, "catalog_draft_discard"),
            self._page("<int:version_id>/retire/", RetirePage, "catalog_retire"),
            self._page("rollout/<int:rollout_id>/call-off/", CallOffPage, "catalog_call_off"),
            self._page("<int:version_id>/price/", TermsOfSalePage, "catalog_terms_of_sale"),
            self._page("<int:version_id>/cell/<int:feature_id>/", TermEditPage, "catalog_term_edit"),
            self._page("<int:version_id>/group/<int:group_id>/", GroupEditPage, "catalog_group_edit"),
            *super().get_urls(),
        ]

    def _page(self, route: str, page: type[Page], name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)

    def buttons(self, request: HttpRequest, row: PlanVersion) -> Sequence[Button]:
        beside = Button("Compare with another version", f"{reverse('admin:catalog_compare')}?right={row.pk}")
        return [*version_buttons(request, row), beside]

    @admin.display(description="Where it stands")
    def stage(self, version: PlanVersion) -> SafeString:
        rollouts = rollouts_of(plans=[version.plan])
        stage = stages_of(versions=[version], rollouts=rollouts, at=timezone.now())[version.pk]
        frozen = "" if version.is_draft else " It never changes again."
        return format_html(
            '<span class="desk-page"><span class="desk-badge is-{}">{}</span>{}</span>', stage, stage.words, frozen
        )

    @admin.display(description="Price")
    def price(self, version: PlanVersion) -> str:
        return say_plan_prices(version.prices.all())

    @admin.display(description="Trial")
    def trial(self, version: PlanVersion) -> str:
        return say_trial(version)

    @admin.display(description="It still serves for")
    def grace(self, version: PlanVersion) -> str:
        return say_grace(version)

    @admin.display(description="Published", ordering="published_at")
    def published(self, version: PlanVersion) -> str:
        if version.published_at is None:
            return "Not yet"
        return f"{say_instant(version.published_at)}, by {version.published_by}"

    @admin.display(description="Taken off sale")
    def retired(self, version: PlanVersion) -> str:
        return say_instant(version.retired_at) if version.retired_at else "No"

    @admin.display(description="What it gives")
    def terms(self, version: PlanVersion) -> SafeString:
        said = [(feature, say_cell(term, feature=feature)) for feature, term in general_terms(version=version)]
        return self.part("terms", terms=said)
