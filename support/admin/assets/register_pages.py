"""Registering an asset, putting right what is written of one, and the locations they stand at."""

from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from entitlements.admin.pages import AccountFormPage
from support.actions.assets.locations import add_location
from support.actions.assets.registering import edit_asset, register_asset
from support.admin.assets.forms import EditForm, LocationForm, RegisterForm
from support.admin.assets.pages import EDIT, AssetFormPage, SeesAssets, ShowsFirst, rehearsal
from support.domain.warranties import Days
from support.models import Asset
from support.queries.assets.effects import effects_on_warranties, warranties_said
from support.queries.assets.warranties import waits_for


class RegisterPage(ShowsFirst):
    title = "Register equipment"
    button = "Register it"

    def form(self, *, data: Any = None) -> RegisterForm:
        initial = {"product": self.request.GET.get("product", ""), "serial": self.request.GET.get("serial", "")}
        return RegisterForm(data, account=self.account, initial=initial)

    def perform(self, given: dict[str, Any]) -> Asset:
        names = ("product", "serial", "name", "location", "external_id", "held_since")
        told = {name: given[name] for name in names}
        return register_asset(account=self.account, **told, days=days_in(given), by=self.by, at=self.at)

    def said(self, asset: Asset) -> str:
        warranty = asset.warranties.first()
        under = f" {warranty.name}: through {warranty.through_on}." if warranty else f" {waits_for(asset)}".rstrip()
        return f"{asset} is registered.{under}"


class EditPage(AssetFormPage):
    """Where other dates move a warranty, that is shown before it is done."""

    title = "Put right what is written"

    def form(self, *, data: Any = None) -> EditForm:
        return EditForm(data, asset=self.asset, seen=self.seen)

    def effects(self, given: dict[str, Any]) -> list[str]:
        before = warranties_said(self.asset)
        with rehearsal():
            after = warranties_said(self.perform(given))
        self.__dict__.pop("asset", None)
        return effects_on_warranties(before, after)

    def perform(self, given: dict[str, Any]) -> Asset:
        names = ("serial", "name", "location", "external_id", "seen")
        told = {name: given[name] for name in names}
        return edit_asset(asset=self.asset, **told, days=days_in(given), by=self.by, at=self.at)

    def said(self, asset: Asset) -> str:
        return f"{asset} is saved."


class LocationPage(SeesAssets, AccountFormPage):
    """A further location of a customer."""

    permission: ClassVar[str] = EDIT
    template_name = "support/assets/form.html"
    title = "Add a location"

    def form(self, *, data: Any = None) -> LocationForm:
        return LocationForm(data, initial={"country": self.account.country})

    def act(self, form: Any) -> HttpResponse:
        location = add_location(account=self.account, **form.cleaned_data, by=self.by, at=self.at)
        self.tell(f"{location.name} is there. Equipment of {self.account} may stand at it now.")
        return HttpResponseRedirect(self.came_from or locations_url(self.account.key))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"show": "Add it", "button": "Add it", **super().get_context_data(**kwargs)}


def locations_url(key: str) -> str:
    return f"{reverse('admin:support_location_changelist')}?account={key}"


def days_in(given: dict[str, Any]) -> Days:
    return Days(given["shipped_on"], given["installed_on"], given["invoiced_on"], given["in_service_on"])
