"""Keeping one customer on a version for a time, and letting them follow again: what each means, before the button."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from catalog.domain.window import end_through
from catalog.models import PlanVersion
from entitlements.actions.holds import PERMISSION, hold, lasts, release_hold
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import AccountFormPage
from entitlements.admin.wording import say_end
from entitlements.models import SubscriptionItem
from entitlements.queries.publishing.holders import version_of, version_without_hold
from journal.admin.fields import DayInput


class HoldForm(forms.Form):
    through = forms.DateField(
        label="Through",
        widget=DayInput,
        error_messages={"required": "Say through which day they keep it."},
    )
    reason = ReasonField()

    def __init__(self, data: Any = None, *, zone: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.zone = zone
        self.fields["through"].help_text = f"The last day of it, in {zone}. After it they have what was published."

    def until(self) -> datetime:
        return end_through(self.cleaned_data["through"], self.zone)


class HoldBasePage(AccountFormPage):
    permission = PERMISSION

    @cached_property
    def item(self) -> SubscriptionItem:
        rows = SubscriptionItem.objects.select_related("subscription__account", "plan", "version__plan")
        return get_object_or_404(rows, pk=self.kwargs["item"], subscription__account=self.account)

    @cached_property
    def has(self) -> PlanVersion:
        return version_of(item=self.item, at=self.at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = lasts(self.item, at=self.at)
        until = self.item.held_until
        return {
            **super().get_context_data(**kwargs),
            "item": self.item,
            "has": self.has,
            "held": held,
            "until": say_end(until, zone=self.zone) if held and until is not None else "",
            "follows": version_without_hold(item=self.item, at=self.at),
        }


class HoldPage(HoldBasePage):
    template_name = "entitlements/hold.html"
    title = "Keep a customer on a version"

    def form(self, *, data: Any = None) -> HoldForm:
        return HoldForm(data, zone=self.zone)

    def act(self, form: HoldForm) -> HttpResponse:
        has, until = self.has, form.until()
        hold(item=self.item, until=until, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done(f"{self.account} keeps {has} {say_end(until, zone=self.zone)}.", part="subscriptions")


class ReleaseForm(forms.Form):
    reason = ReasonField()


class ReleasePage(HoldBasePage):
    template_name = "entitlements/release.html"
    title = "Let a customer follow again"

    def form(self, *, data: Any = None) -> ReleaseForm:
        return ReleaseForm(data)

    def act(self, form: ReleaseForm) -> HttpResponse:
        release_hold(item=self.item, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        now = version_of(item=self.item, at=self.at)
        return self.done(f"{self.account} has {now} from now on.", part="subscriptions")


HOLDS: tuple[tuple[str, type[AccountFormPage], str], ...] = (
    ("item/<int:item>/hold/", HoldPage, "version_hold"),
    ("item/<int:item>/release/", ReleasePage, "version_release"),
)
