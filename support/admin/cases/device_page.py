"""Saying which device a case is about, or putting it right: what that changes, then the button."""

from copy import copy
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse, HttpResponseRedirect

from journal.admin.pages import FormPage
from journal.domain.refusal import Stale
from support.actions.cases.naming import device_meant, name_device
from support.admin.cases.cover_block import candidate_lines
from support.admin.cases.cover_page import move_lines
from support.admin.cases.open_page import LONGEST_SERIAL, devices_in_service
from support.admin.cases.pages import HANDLE, AboutCase, case_url
from support.models import Case, Product
from support.queries.cases.device import with_device
from support.queries.policy_history import tier_choices


class DeviceForm(forms.Form):
    """`instead_of` is the device that stood when the page was opened: what somebody else said since isn't overwritten."""

    instead_of = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    asset = forms.CharField(
        label="Device", required=False, max_length=LONGEST_SERIAL,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "list": "devices"}),
        help_text="Its serial number; of several with one number with the product’s key before it. Empty: no device.",
    )  # fmt: skip
    product = forms.ModelChoiceField(
        Product.objects.all(), label="Product", required=False, to_field_name="key",
        empty_label="Not about a product, or as the device says",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, case: Case) -> None:
        device = case.asset
        said = "" if device is None else f"{device.product.key}:{device.serial}"
        product = None if device is not None or case.product is None else case.product.key
        super().__init__(data, initial={"instead_of": str(case.asset_id or ""), "asset": said, "product": product})

    @property
    def named(self) -> dict[str, str]:
        """As the action takes it."""
        product: Product | None = self.cleaned_data["product"]
        return {"asset": self.cleaned_data["asset"], "product": "" if product is None else product.key}


class NameDevicePage(AboutCase, FormPage[DeviceForm]):
    permission: ClassVar[str] = HANDLE
    template_name = "support/cases/device.html"
    title = "Which device is it about?"

    def form(self, *, data: Any = None) -> DeviceForm:
        return DeviceForm(data, case=self.case)

    def act(self, form: DeviceForm) -> HttpResponse:
        step = self.request.POST.get("step", "")
        if step == "change":
            return self.render_to_response(self.get_context_data(form=form))
        if step != "name":
            return self.render_to_response(self.get_context_data(form=form, preview=self._preview(form)))
        seen = form.cleaned_data["instead_of"]
        if seen and not (seen.isascii() and seen.isdecimal()):
            raise Stale
        case = name_device(
            case=self.case, **form.named, instead_of=int(seen) if seen else None, by=self.by, at=self.at
        )  # fmt: skip
        self.tell(f"{case.number} is about {case.asset or case.product or 'no device'} now.")
        return HttpResponseRedirect(case_url(case))

    def _preview(self, form: DeviceForm) -> dict[str, Any]:
        meant = device_meant(self.case, **form.named)
        case = copy(self.case)
        case.asset, case.product = meant.asset, meant.product
        found = with_device(case, at=self.at)
        choice, chosen = (None, "") if found is None else (found.choice, case.chosen_cover)
        return {
            "meant": meant,
            "promise": None if found is None else found.promise,
            "moves": [] if found is None else list(move_lines(case, found, at=self.at, zone=self.zone)),
            "missed": "" if choice is None else choice.missed,
            "lines": list(candidate_lines(choice, chosen=chosen, tiers=tier_choices())),
        }

    @cached_property
    def devices(self) -> list[Any]:
        return devices_in_service(self.case.account)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "case": self.case,
            "back": case_url(self.case),
            "devices": self.devices,
            **kwargs,
        }
