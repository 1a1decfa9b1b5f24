"""Features, plans, versions and markets to look through; they change on the pages made for it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.drafts import DraftDiscardPage, DraftOpenPage
from catalog.admin.naming import NamingPage, TermsOfSalePage
from catalog.admin.pages import Page
from catalog.admin.publishing import PublishPage
from catalog.admin.sheet import SheetPage, VaguePage
from catalog.admin.term_edit import TermEditPage
from catalog.models import Feature, Market, Plan, PlanVersion
from catalog.models.plan import VersionState
from catalog.queries.instants import say_instant
from catalog.queries.prices import say_plan_prices, say_trial
from catalog.queries.terms import general_terms, say_cell
from catalog.queries.versions import rollouts_of, stages_of, versions_of
from journal.admin.base import RecordedModelAdmin

ZONE = "UTC"


class CatalogAdmin(RecordedModelAdmin):
    """Read-only; what a page shows beyond columns comes from a query through a template."""

    class Media:
        css = {"all": ("catalog/catalog.css",)}

    def part(self, template: str, **context: Any) -> SafeString:
        return render_to_string(f"catalog/parts/{template}.html", {"zone": ZONE, **context})


@admin.register(Feature)
class FeatureAdmin(CatalogAdmin):
    list_display = ("name", "group", "kind", "counted_in", "key")
    list_filter = ("kind", "group")
    list_select_related = ("group",)
    search_fields = ("name", "key")
    fields = ("name", "key", "note", "group", "kind", "counted_in", "aggregation", "possible_choices", "rules")
    readonly_fields = fields

    @admin.display(description="Counted in")
    def counted_in(self, feature: Feature) -> str:
        return feature.unit or ("choices" if feature.choices else "")

    @admin.display(description="Choices, the worst first")
    def possible_choices(self, feature: Feature) -> str:
        return ", ".join(choice.label for choice in feature.shape.choices) or "None"

    @admin.display(description="Rules, by date")
    def rules(self, feature: Feature) -> SafeString:
        return self.part("revisions", revisions=feature.revisions.order_by("-effective_at"))


@admin.register(Plan)
class PlanAdmin(CatalogAdmin):
    list_display = ("name", "kind", "on_sale_now", "drafts", "key")
    list_filter = ("kind",)
    search_fields = ("name", "key")
    fields = ("name", "key", "kind", "effect_beside_a_plan", "audience", "versions_and_rollouts")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return super().get_queryset(request).prefetch_related("versions")

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
    fields = ("plan", "number", "stage", "price", "trial", "published", "retired", "terms")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        return [
            self._page("sheet/", SheetPage, "catalog_sheet"),
            self._page("waiting/", VaguePage, "catalog_vague"),
            self._page("new/", NamingPage, "catalog_plan_new"),
            self._page("open/<int:plan_id>/", DraftOpenPage, "catalog_draft_open"),
            self._page("<int:version_id>/review/", PublishPage, "catalog_publish"),
            self._page("<int:version_id>/discard/", DraftDiscardPage, "catalog_draft_discard"),
            self._page("<int:version_id>/price/", TermsOfSalePage, "catalog_terms_of_sale"),
            self._page("<int:version_id>/cell/<int:feature_id>/", TermEditPage, "catalog_term_edit"),
            *super().get_urls(),
        ]

    def _page(self, route: str, page: type[Page], name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)

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


@admin.register(Market)
class MarketAdmin(CatalogAdmin):
    list_display = ("name", "country_codes", "key")
    search_fields = ("name", "key")
    fields = ("name", "key", "country_codes", "limits")
    readonly_fields = fields

    @admin.display(description="Countries")
    def country_codes(self, market: Market) -> str:
        return ", ".join(market.countries)

    @admin.display(description="Limited in time")
    def limits(self, market: Market) -> SafeString:
        return self.part("windows", windows=market.windows.select_related("plan", "feature"))
