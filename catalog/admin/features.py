"""The list of features, and one feature with its rules, dimensions and uses."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from catalog.actions.features import remove_feature
from catalog.admin.dimension_pages import DimensionAddPage, DimensionEditPage, DimensionRemovePage
from catalog.admin.feature_pages import EDIT, FeatureEditPage, FeatureNewPage
from catalog.admin.feature_words import AGGREGATIONS
from catalog.admin.launches import availability_buttons
from catalog.admin.rules_pages import RulesPage, RulesStrikePage
from catalog.admin.shown import CatalogAdmin
from catalog.domain.values import Aggregation, Kind
from catalog.models import Feature
from catalog.queries.rules import rule_lines
from catalog.queries.uses import uses_of
from journal.admin.base import Button
from journal.admin.question import Question, ask


@admin.register(Feature)
class FeatureAdmin(CatalogAdmin):
    class Media:
        css = {"all": ("catalog/features.css",)}

    list_display = ("name", "group", "kind", "counted_in", "key")
    list_filter = ("kind", "group")
    list_select_related = ("group",)
    list_before_template = "catalog/features/list_head.html"
    search_fields = ("name", "key")
    fields = (
        "name", "key", "note", "group", "kind", "counted_in", "adds_up", "possible_choices", "told_apart_by", "used_in",
        "rules",
    )  # fmt: skip
    readonly_fields = fields
    row_pages = ("remove",)

    def get_urls(self) -> list[URLPattern]:
        one = "<int:feature_id>"
        return [
            self.page_at("new/", FeatureNewPage, "catalog_feature_new"),
            self.page_at(f"{one}/edit/", FeatureEditPage, "catalog_feature_edit"),
            self.page_at(f"{one}/rules/", RulesPage, "catalog_feature_rules"),
            self.page_at(f"{one}/rules/<int:revision_id>/strike/", RulesStrikePage, "catalog_feature_rules_strike"),
            self.page_at(f"{one}/by/", DimensionAddPage, "catalog_dimension_add"),
            self.page_at(f"{one}/by/<int:dimension_id>/", DimensionEditPage, "catalog_dimension_edit"),
            self.page_at(f"{one}/by/<int:dimension_id>/remove/", DimensionRemovePage, "catalog_dimension_remove"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_edit = request.user.has_perm(EDIT)
        return super().changelist_view(request, {"title": "Features", "may_edit": may_edit, **(extra_context or {})})

    def buttons(self, request: HttpRequest, row: Feature) -> list[Button]:
        if not request.user.has_perm(EDIT):
            return availability_buttons(request, row)
        offered = [
            Button("Edit", reverse("admin:catalog_feature_edit", args=[row.pk]), "primary"),
            Button("Change its rules", reverse("admin:catalog_feature_rules", args=[row.pk])),
        ]
        for dimension in row.dimensions.all():
            address = reverse("admin:catalog_dimension_edit", args=[row.pk, dimension.pk])
            offered.append(Button(f"Edit {dimension.name}", address))
        if row.kind in {Kind.METERED, Kind.CREDIT}:
            offered.append(Button("Tell use apart", reverse("admin:catalog_dimension_add", args=[row.pk])))
        offered += availability_buttons(request, row)
        return [*offered, Button("Remove", self.address("remove", row.pk), "danger")]

    def remove_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        feature: Feature = self.found(request, object_id)
        if not request.user.has_perm(EDIT):
            raise PermissionDenied
        uses = uses_of(feature=feature)
        question = Question(
            title=f"Remove {feature}?",
            button="Remove it",
            done=f"{feature} was removed.",
            back_to=self.address("changelist"),
            facts=[("Key", feature.key), ("Used in", "; ".join(map(str, uses)) or "Nothing")],
            warning="It can’t be removed while anything uses it." if uses else "Its rules and dimensions go with it.",
            danger=True,
        )
        return ask(self, request, question, remove_feature, feature=feature)

    @admin.display(description="Counted in")
    def counted_in(self, feature: Feature) -> str:
        return feature.unit or ("choices" if feature.choices else "")

    @admin.display(description="How use adds up")
    def adds_up(self, feature: Feature) -> str:
        return AGGREGATIONS[Aggregation(feature.aggregation)] if feature.aggregation else "It isn’t added up"

    @admin.display(description="Choices, the worst first")
    def possible_choices(self, feature: Feature) -> str:
        return ", ".join(choice.label for choice in feature.shape.choices) or "None"

    @admin.display(description="Use is told apart by")
    def told_apart_by(self, feature: Feature) -> SafeString:
        return self.part("dimensions", dimensions=feature.dimensions.prefetch_related("choices"))

    @admin.display(description="Used in")
    def used_in(self, feature: Feature) -> SafeString:
        return self.part("uses", uses=uses_of(feature=feature))

    @admin.display(description="Rules, by date")
    def rules(self, feature: Feature) -> SafeString:
        return self.part("revisions", lines=rule_lines(feature=feature, at=timezone.now()))
