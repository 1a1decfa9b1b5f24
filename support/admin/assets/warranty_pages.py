"""A warranty set by hand, and one that is ended before its time."""

from functools import cached_property
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404

from catalog.queries.instants import say_until
from support.actions.assets.held import Borne
from support.actions.assets.warranties import add_warranty, void_warranty
from support.admin.assets.forms import VoidForm, WarrantyForm
from support.admin.assets.pages import AssetFormPage
from support.domain.cover_terms import WarrantyBasis
from support.models import Asset, Warranty


class AddWarrantyPage(AssetFormPage):
    title = "Add a warranty"
    button = "Add it"

    def form(self, *, data: Any = None) -> WarrantyForm:
        return WarrantyForm(data, seen=self.seen, basis=self.asset.product.warranty_basis)

    def perform(self, given: dict[str, Any]) -> Asset:
        names = ("name", "first_on", "months", "through_on", "tier", "priority", "transferable", "seen")
        borne = Borne(given["labour"], given["parts"], given["travel"])
        told = {name: given[name] for name in names} | {"basis": WarrantyBasis(given["basis"]), "borne": borne}
        self.added = add_warranty(asset=self.asset, **told, by=self.by, at=self.at)
        return self.asset

    def said(self, asset: Asset) -> str:
        return f"{self.added.name} is there, {say_until(self.added.ends_at, zone=self.added.zone)}."


class VoidWarrantyPage(AssetFormPage):
    title = "End a warranty"
    button = "End it now"
    show = "Show what changes"
    danger: ClassVar[bool] = True

    @cached_property
    def warranty(self) -> Warranty:
        rows = Warranty.objects.select_related("asset__account", "asset__product")
        return get_object_or_404(rows, pk=self.kwargs["warranty"], asset=self.asset)

    def form(self, *, data: Any = None) -> VoidForm:
        return VoidForm(data, initial={"seen": self.seen})

    def effects(self, given: dict[str, Any]) -> list[str]:
        until = say_until(self.warranty.ends_at, zone=self.warranty.zone)
        return [
            f"“{self.warranty.name}” ends now instead of lasting {until}.",
            "What was done under it stays covered. It can’t be brought back; add another one if this was wrong.",
        ]

    def perform(self, given: dict[str, Any]) -> Asset:
        void_warranty(warranty=self.warranty, reason=given["reason"], seen=given["seen"], by=self.by, at=self.at)
        return self.asset

    def said(self, asset: Asset) -> str:
        return f"{self.warranty.name} has ended."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = f"{self.warranty.name}, {say_until(self.warranty.ends_at, zone=self.warranty.zone)}"
        return {**super().get_context_data(**kwargs), "intro": about}
