"""Bundles: the list, and the pages on which finance puts one together, changes it and takes it off sale."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.decorators import display

from catalog.actions.bundles import EDIT, create_bundle, edit_bundle, end_bundle
from catalog.admin.offer_days import OfferDaysForm, days_of
from catalog.admin.pages import FormPage
from catalog.admin.rows import refuse_stale, token_of
from catalog.admin.shown import CatalogAdmin
from catalog.domain.values import PlanKind
from catalog.models import Bundle, Plan
from catalog.models.columns import KEY_RULE
from catalog.queries.prices import say_plan_prices
from catalog.queries.promotions import options_of, say_bundle, say_effect, say_window, window_of
from catalog.queries.versions import on_sale
from journal.admin.base import Button
from journal.admin.fields import WholeNumberField
from journal.admin.question import Question, ask

COLOURS = {"On sale": "success", "To come": "info", "Off sale": "danger"}


class ReasonQuestion(forms.Form):
    reason = forms.CharField(label="Why", max_length=500, help_text="It stands in the audit beside your name.")


@admin.register(Bundle)
class BundleAdmin(CatalogAdmin):
    list_display = ("name", "says", "standing", "key")
    search_fields = ("name", "key")
    list_before_template = "catalog/bundles/list_head.html"
    fields = ("name", "key", "says", "dates", "standing", "note")
    readonly_fields = fields
    row_pages = ("end",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bundle]:
        return super().get_queryset(request).prefetch_related("options__add_on")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page_at("new/", BundleNewPage, "catalog_bundle_new"),
            self.page_at("<int:bundle_id>/edit/", BundleEditPage, "catalog_bundle_edit"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_edit = request.user.has_perm(EDIT)
        return super().changelist_view(request, {"title": "Bundles", "may_edit": may_edit, **(extra_context or {})})

    @display(description="What it is")
    def says(self, row: Bundle) -> str:
        return say_bundle(row, add_ons=[option.add_on for option in row.options.all()])

    @display(description="On sale")
    def dates(self, row: Bundle) -> str:
        return say_window(row, zone="UTC").capitalize()

    @display(description="State", label=COLOURS)
    def standing(self, row: Bundle) -> str:
        now = timezone.now()
        if window_of(row).contains(now):
            return "On sale"
        return "To come" if row.starts_at is not None and row.starts_at > now else "Off sale"

    def buttons(self, request: HttpRequest, row: Bundle) -> list[Button]:
        if not request.user.has_perm(EDIT):
            return []
        offered = [Button("Edit", reverse("admin:catalog_bundle_edit", args=[row.pk]), "primary")]
        if window_of(row).contains(timezone.now()):
            offered.append(Button("Take it off sale", self.address("end", row.pk), "danger"))
        return offered

    def end_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row: Bundle = self.found(request, object_id)
        if not request.user.has_perm(EDIT):
            raise PermissionDenied
        question = Question(
            title=f"Take {row} off sale?",
            button="Take it off sale",
            done=f"{row} is off sale.",
            back_to=self.address("change", row.pk),
            facts=[("What it is", self.says(row)), ("Customers who have bought it", row.sales.count())],
            warning="Nobody can buy it from now on. Who has bought it keeps it.",
            danger=True,
        )
        return ask(self, request, question, end_bundle, form_class=ReasonQuestion, bundle=row)


class OptionsField(forms.ModelMultipleChoiceField):
    """Add-ons, each with what it costs and does."""

    at: datetime

    def label_from_instance(self, obj: Any) -> str:
        version = on_sale(plan=obj, at=self.at)
        price = "not on sale" if version is None else say_plan_prices(version.prices.all())
        return f"{obj}: {price}; it {say_effect(obj)}"


class BundleForm(OfferDaysForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label="Name", max_length=120, help_text="As customers know it, for example Security pack.")
    key = forms.CharField(
        label="Key", max_length=64, validators=[KEY_RULE], help_text="How engineers call it. It never changes."
    )
    add_ons = OptionsField(
        label="Add-ons it offers",
        queryset=Plan.objects.filter(kind=PlanKind.ADD_ON),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the add-ons it offers."},
    )
    pick = WholeNumberField(label="How many of them a customer chooses", min_value=1, max_value=100)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    reason = forms.CharField(label="Why", required=False, max_length=500, help_text="It stands in the audit.")
    field_order = ("name", "key", "add_ons", "pick", "starts_at", "ends_at", "note", "reason")

    def __init__(self, *args: Any, at: datetime, fresh: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        chooser = self.fields["add_ons"]
        assert isinstance(chooser, OptionsField)
        chooser.at = at
        del self.fields["reason" if fresh else "key"]

    def told(self, row: Bundle | None = None) -> dict[str, Any]:
        given = self.cleaned_data
        plain = {name: given[name] for name in ("name", "pick", "note")}
        return {**plain, "add_ons": list(given["add_ons"]), **self.instants(row)}


class BundleNewPage(FormPage[BundleForm]):
    permission = EDIT
    template_name = "catalog/bundles/form.html"
    title = "New bundle"

    def form(self, *, data: Any = None) -> BundleForm:
        return BundleForm(data, at=self.at, fresh=True, zone=self.zone)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        nothing = not Plan.objects.filter(kind=PlanKind.ADD_ON).exists()
        back = reverse("admin:catalog_bundle_changelist")
        return {**super().get_context_data(**kwargs), "back": back, "button": "Create it", "nothing": nothing}

    def act(self, form: BundleForm) -> HttpResponse:
        bundle = create_bundle(key=form.cleaned_data["key"], **form.told(), by=self.by, at=self.at)
        self.tell(f"{bundle} can be sold: {say_bundle(bundle, add_ons=options_of(bundle))}.")
        return HttpResponseRedirect(reverse("admin:catalog_bundle_change", args=[bundle.pk]))


class BundleEditPage(FormPage[BundleForm]):
    permission = EDIT
    template_name = "catalog/bundles/form.html"
    title = "Change a bundle"

    @cached_property
    def bundle(self) -> Bundle:
        return get_object_or_404(Bundle, pk=self.kwargs["bundle_id"])

    def form(self, *, data: Any = None) -> BundleForm:
        row = self.bundle
        shown = {
            "name": row.name,
            "pick": row.pick,
            "note": row.note,
            "add_ons": options_of(row),
            "seen": token_of(row),
        }
        initial = {**shown, **days_of(row, zone=self.zone)}
        return BundleForm(data, at=self.at, fresh=False, zone=self.zone, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("admin:catalog_bundle_change", args=[self.bundle.pk])
        return {**super().get_context_data(**kwargs), "back": back, "button": "Save it", "bundle": self.bundle}

    @transaction.atomic
    def act(self, form: BundleForm) -> HttpResponse:
        row = Bundle.objects.select_for_update().get(pk=self.bundle.pk)
        refuse_stale(form.cleaned_data["seen"], row)
        edit_bundle(bundle=row, **form.told(row), reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        self.tell("The bundle stands as you wrote it; who has bought it keeps what they chose.")
        return HttpResponseRedirect(reverse("admin:catalog_bundle_change", args=[row.pk]))
