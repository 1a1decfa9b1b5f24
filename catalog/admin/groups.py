"""Groups of features: the headings of the plan sheet, nested where a package sells several as one."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.actions.groups import create_group, edit_group, remove_group
from catalog.admin.feature_pages import EDIT
from catalog.admin.order_pages import OrderPage, order_url
from catalog.admin.packages import PackageNewPage, PackagesPage
from catalog.admin.shown import CatalogAdmin
from catalog.models import FeatureGroup
from journal.admin.base import Button, DeskForm
from journal.domain.actor import Actor

LABELS = {"name": "Name", "key": "Key", "parent": "Stands in"}


class GroupForm(DeskForm):
    after = forms.ModelChoiceField(
        label="Comes after",
        queryset=FeatureGroup.objects.all(),
        required=False,
        empty_label="Where it is",
        widget=UnfoldAdminSelectWidget,
        help_text="Its place on the plan sheet.",
    )

    class Meta:
        model = FeatureGroup
        fields = ("name", "key", "parent")
        labels = LABELS
        help_texts = {
            "parent": "Empty: it stands by itself. What a plan says for the group above reaches this one too."
        }

    def _post_clean(self) -> None:
        """Whether it may be so is the action's to say, in the reader's words."""


@admin.register(FeatureGroup)
class FeatureGroupAdmin(CatalogAdmin):
    form = GroupForm
    add_permission = change_permission = remove_permission = EDIT
    list_display = ("name", "stands_in", "how_many", "key")
    list_select_related = ("parent",)
    search_fields = ("name", "key")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page_at("<int:group_id>/order/", OrderPage, "catalog_order"),
            self.page_at("packages/", PackagesPage, "catalog_packages"),
            self.page_at("packages/new/", PackageNewPage, "catalog_package_new"),
            *super().get_urls(),
        ]

    def buttons(self, request: HttpRequest, row: FeatureGroup) -> list[Button]:
        return [Button("Put it in order", order_url(row))] if request.user.has_perm(EDIT) else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeatureGroup]:
        return super().get_queryset(request).annotate(held=Count("features"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        may_edit = self.has_change_permission(request, obj)
        return ("name", "key", "parent", *(("after",) if may_edit else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("key",)

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> FeatureGroup:
        given = form.cleaned_data
        return create_group(
            key=given["key"], name=given["name"], parent=given["parent"], after=given["after"], by=by, at=at
        )

    def saves_through(self, *, row: FeatureGroup, form: Any, by: Actor, at: datetime) -> FeatureGroup:
        given = form.cleaned_data
        return edit_group(group=row, name=given["name"], parent=given["parent"], after=given["after"], by=by, at=at)

    def removes_through(self, *, row: FeatureGroup, by: Actor, at: datetime) -> None:
        remove_group(group=row, by=by, at=at)

    @display(description="Stands in", ordering="parent")
    def stands_in(self, group: FeatureGroup) -> str:
        return str(group.parent or "–")

    @display(description="Features", ordering="held")
    def how_many(self, group: Any) -> str:
        return str(group.held or "none yet")
