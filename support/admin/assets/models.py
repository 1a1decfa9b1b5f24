"""Products, locations and assets: their lists, and the forms of the first two, which go through actions."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from entitlements.admin.pages import account_url
from journal.admin.base import Button, DeskForm, RecordedModelAdmin
from journal.admin.question import Question, ask
from journal.domain.actor import Actor
from support.actions.assets.held import Borne
from support.actions.assets.locations import edit_location
from support.actions.assets.products import add_product, bring_product_back, edit_product, retire_product
from support.admin.assets.addresses import ASSETS, LOCATIONS
from support.admin.assets.filters import (
    CountedSoFar,
    LocationFilter,
    ProductFilter,
    ServiceFilter,
    WarrantyFilter,
    Whose,
)
from support.admin.assets.pages import EDIT, PRODUCTS, asset_url
from support.admin.assets.words import say_borne, say_under
from support.domain.cover_terms import WarrantyBasis
from support.domain.serials import serial_key
from support.models import Asset, Location, Product
from support.queries.assets.standing import warranties_of

GIVEN = ("name", "maker", "category", "warranty_months", "warranty_transferable")


class ProductForm(DeskForm):
    class Meta:
        model = Product
        fields = (
            "key", "name", "maker", "category", "warranty_months", "warranty_basis", "warranty_transferable",
            "labour", "parts", "travel",
        )  # fmt: skip
        labels = {
            "warranty_months": "Warranty, in months",
            "warranty_basis": "Counted from the day it was",
            "warranty_transferable": "It goes along to another customer",
            "labour": "Labour it bears, in percent",
            "parts": "Parts it bears, in percent",
            "travel": "Travel it bears, in percent",
        }
        help_texts = {
            "key": "How programs name it, such as press_600. It never changes.",
            "warranty_months": "What a new one comes with; empty: nothing. Warranties that have begun stay as they are.",
        }

    def _get_validation_exclusions(self) -> set[str]:
        """Nothing is left to the database's own words: the action says in the reader's what can't be."""
        return {field.name for field in Product._meta.concrete_fields}


@admin.register(Product)
class ProductAdmin(RecordedModelAdmin):
    form = ProductForm
    add_permission = change_permission = PRODUCTS
    list_display = ("name", "key", "maker", "category", "warranty", "registered", "sold")
    list_filter = ("category",)
    search_fields = ("name", "key", "maker", "category")
    search_help_text = "A name, a key, a maker or a category."
    row_pages = ("retire", "bring_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return (
            super().get_queryset(request).annotate(so_many=Count("assets", filter=Q(assets__retired_at__isnull=True)))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj is not None else ()

    def buttons(self, request: HttpRequest, row: Product) -> list[Button]:
        if not request.user.has_perm(PRODUCTS):
            return []
        if row.retired_at is None:
            return [Button("Retire it: no new one is registered", self.address("retire", row.pk))]
        return [Button("Bring it back", self.address("bring_back", row.pk))]

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> Product:
        return add_product(key=form.cleaned_data["key"], **_said(form), by=by, at=at)

    def saves_through(self, *, row: Product, form: Any, by: Actor, at: datetime) -> Product:
        return edit_product(product=row, **_said(form), by=by, at=at)

    def retire_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        warning = "No new one of it is registered from now on. What is in service keeps its warranties and covers."
        return self._ask(request, object_id, retire_product, "Retire it", warning)

    def bring_back_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, bring_product_back, "Bring it back", "New ones may be registered again.")

    def _ask(self, request: HttpRequest, object_id: str, act: Any, button: str, warning: str) -> HttpResponse:
        product: Product = self.found(request, object_id)
        if not request.user.has_perm(PRODUCTS):
            raise PermissionDenied
        in_service = product.assets.filter(retired_at__isnull=True).count()
        question = Question(
            title=str(product), button=button, done=f"{product} is changed.", warning=warning,
            back_to=self.address("change", product.pk), facts=[("In service", in_service)],
        )  # fmt: skip
        return ask(self, request, question, act, product=product)

    @display(description="Warranty of a new one")
    def warranty(self, row: Product) -> str:
        if row.warranty_months is None:
            return "–"
        return f"{row.warranty_months} months from {_noun(row.warranty_basis)}: {say_borne(row)}"

    @display(description="In service", ordering="so_many")
    def registered(self, row: Any) -> int:
        return int(row.so_many)

    @display(description="State", label={"In use": "success", "Retired": "danger"})
    def sold(self, row: Product) -> str:
        return "In use" if row.retired_at is None else "Retired"


class LocationForm(DeskForm):
    class Meta:
        model = Location
        fields = ("name", "address", "country", "zone")
        labels = {"zone": "Time zone"}


@admin.register(Location)
class LocationAdmin(RecordedModelAdmin):
    form = LocationForm
    change_permission = EDIT
    list_before_template = "support/assets/locations_head.html"
    list_display = ("name", "customer", "address_line", "country", "standing")
    list_filter = (Whose,)
    list_select_related = ("account",)
    search_fields = ("name", "address", "account__name", "account__key__exact")
    search_help_text = "A name, an address, or a customer."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Location]:
        return (
            super().get_queryset(request).annotate(so_many=Count("assets", filter=Q(assets__retired_at__isnull=True)))
        )

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [
            path(route, site.admin_view(one.as_view(model_admin=self)), name=name) for route, one, name in LOCATIONS
        ]
        return [*pages, *super().get_urls()]

    def saves_through(self, *, row: Location, form: Any, by: Actor, at: datetime) -> Location:
        given = {name: form.cleaned_data[name] for name in ("name", "address", "country", "zone")}
        return edit_location(location=row, **given, by=by, at=at)

    @display(description="Customer", ordering="account__name")
    def customer(self, row: Location) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', account_url(row.account), row.account)

    @display(description="Address")
    def address_line(self, row: Location) -> str:
        return ", ".join(row.address.split("\n")) or "–"

    @display(description="Equipment", ordering="so_many")
    def standing(self, row: Any) -> int:
        return int(row.so_many)


class AssetList(ChangeList):
    """Reads the warranties of one page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        under = warranties_of(list(self.result_list), at=timezone.now())
        for asset in self.result_list:
            asset.under = under.get(asset.pk)


@admin.register(Asset)
class AssetAdmin(RecordedModelAdmin):
    """To find; everything that can be done with an asset is done on pages of its own."""

    list_before_template = "support/assets/head.html"
    list_display = ("shown", "called", "customer", "place", "warranty", "state")
    list_display_links = None
    list_filter = (WarrantyFilter, ProductFilter, ServiceFilter, Whose, LocationFilter)
    list_select_related = ("account", "product", "location")
    ordering = ("-pk",)  # the newest first; sorting a hundred thousand by their customers takes most of a second
    search_fields = ("serial", "name", "product__name", "account__name", "account__key__exact", "external_id__exact")
    search_help_text = (
        "A serial number, with or without spaces and hyphens; what it is called; a product or a customer."
    )
    fields = ("serial", "product", "account", "name")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [path(route, site.admin_view(one.as_view(model_admin=self)), name=name) for route, one, name in ASSETS]
        return [*pages, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AssetList

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        by_warranty = WarrantyFilter.parameter_name in request.GET
        return (CountedSoFar if by_warranty else self.paginator)(*args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = request.user.has_perm(EDIT) and request.user.has_perm("catalog.view_importrun")
        bring = f"{reverse('admin:catalog_import_new')}?kind=assets" if may else ""
        shown = {"title": "Equipment", "import_url": bring}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Asset], bool]:
        """A serial number as it is compared; only where nothing has it, words are looked for."""
        key = serial_key(search_term.replace("\x00", ""))
        exact = queryset.filter(serial_key=key) if key else queryset.none()
        if exact.exists():
            return exact, False
        found, many = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(serial_key__startswith=key), many) if key else (found, many)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What an asset is stands on its own page; nothing is written by a stock form."""
        row: Asset = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(asset_url(row))

    @display(description="Equipment", ordering="serial_key")
    def shown(self, row: Asset) -> SafeString:
        return format_html('<a class="text-link" href="{}">{} {}</a>', asset_url(row), row.product, row.serial)

    @display(description="Called", ordering="name")
    def called(self, row: Asset) -> str:
        return row.name or "–"

    @display(description="Customer", ordering="account__name")
    def customer(self, row: Asset) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', account_url(row.account), row.account)

    @display(description="Location", ordering="location__name")
    def place(self, row: Asset) -> str:
        return row.location.name if row.location else "–"

    @display(description="Warranty")
    def warranty(self, row: Any) -> str:
        return say_under(getattr(row, "under", None))

    @display(description="State", label={"In service": "success", "Retired": "danger"})
    def state(self, row: Asset) -> str:
        return "In service" if row.retired_at is None else "Retired"

    class Media:
        css: ClassVar = {"all": ["support/assets.css"]}


def _said(form: Any) -> dict[str, Any]:
    given = form.cleaned_data
    borne = Borne(given["labour"], given["parts"], given["travel"])
    return {name: given[name] for name in GIVEN} | {
        "warranty_basis": WarrantyBasis(given["warranty_basis"]),
        "borne": borne,
    }


def _noun(basis: str) -> str:
    return {"shipped": "shipping", "installed": "installation", "invoiced": "the invoice"}[basis]
