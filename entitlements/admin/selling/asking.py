"""What the pages that sell something to an account, or take it away, have in common.

Each asks twice: a form first, then what it changes for the customer, and the button that says so. Both steps stand on
one address, and what was typed goes along; nothing is written before the button.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from catalog.models import Plan
from catalog.models.plan import Interval
from catalog.queries.prices import say_plan_prices
from catalog.queries.promotions import say_effect
from catalog.queries.versions import on_sale
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import AccountFormPage
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.life.item_preview import Difference
from entitlements.queries.selling.redeemed import holding_token
from journal.admin.pages import FormOf
from journal.domain.refusal import Refusal, Stale

CONFIRM, CHANGE = "confirm", "change"
PART = "extras"
INTERVALS = [(Interval.MONTH.value, "Every month"), (Interval.YEAR.value, "Every year")]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done, and what it changes for the customer from then on."""

    what: str
    facts: Sequence[tuple[str, str]]
    differences: Sequence[Difference] = ()
    same: str = "It changes nothing for the customer as things stand."


class SellingForm(forms.Form):
    """`seen` is what the account held when the form was opened: pressed twice, the second press is refused."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class ReasonedForm(SellingForm):
    reason = ReasonField()


class IntervalField(forms.ChoiceField):
    def __init__(self) -> None:
        super().__init__(label="Paid", choices=INTERVALS, widget=forms.RadioSelect, initial=Interval.MONTH.value)


class OfferedField(forms.ModelChoiceField):
    """One of the add-ons on sale for this customer, each with its price and what it does."""

    at: datetime

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Plan.objects.none(), widget=forms.RadioSelect, empty_label=None, **options)

    def label_from_instance(self, obj: Any) -> str:
        return say_offer(obj, at=self.at)


class OfferedParts(forms.ModelMultipleChoiceField):
    """Several of them."""

    at: datetime

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Plan.objects.none(), widget=forms.CheckboxSelectMultiple, **options)

    def label_from_instance(self, obj: Any) -> str:
        return say_offer(obj, at=self.at)


def offer_only(form: forms.Form, name: str, plans: Sequence[Plan], *, at: datetime) -> None:
    """Let the field offer these add-ons, as they are sold at that moment."""
    field = form.fields[name]
    assert isinstance(field, OfferedField | OfferedParts)
    field.at = at
    field.queryset = Plan.objects.filter(pk__in=[plan.pk for plan in plans])


class SellingPage(AccountFormPage, Generic[FormOf]):
    """Two steps on one address. Subclasses give the form, the preview and the act."""

    permission = "entitlements.start_subscription"
    template_name = "entitlements/selling/ask.html"
    button: ClassVar[str]
    leave: ClassVar[str] = "Leave it"
    danger: ClassVar[bool] = False
    part: ClassVar[str] = PART
    intro: str = ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == CHANGE:
            return self.render_to_response(self.get_context_data(form=self.form(data=request.POST)))
        return super().post(request, *args, **kwargs)

    def act(self, form: FormOf) -> HttpResponse:
        if self.request.POST.get("step") != CONFIRM:
            return self.render_to_response(self.get_context_data(form=form, preview=self.preview(form)))
        with transaction.atomic():
            Account.objects.select_for_update(no_key=True).get(pk=self.account.pk)
            if form.cleaned_data.get("seen") != self.token():
                raise Stale(self.stale())
            told = self.carry_out(form)
        return self.done(told, part=self.part)

    def preview(self, form: FormOf) -> Preview:
        raise NotImplementedError

    def carry_out(self, form: FormOf) -> str:
        """Do it; what the reader is told."""
        raise NotImplementedError

    def token(self) -> str:
        """What the form was opened with, read anew: if it differs at the end, nothing is done."""
        return holding_token(self.account)

    def stale(self) -> str:
        return f"What {self.account} has was changed since you opened this form. Look again."

    def opened_with(self, **initial: Any) -> dict[str, Any]:
        return {"seen": self.token(), **initial}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "button": self.button,
            "leave": self.leave,
            "danger": self.danger,
            "intro": self.intro,
        }


class ItemPage(SellingPage[FormOf]):
    """A page about one item of the account, by its own number; another account's is not found."""

    @property
    def item(self) -> SubscriptionItem:
        rows = SubscriptionItem.objects.select_related(
            "plan", "version", "subscription__account__market", "sold_bundle__bundle"
        )
        return get_object_or_404(rows, pk=self.kwargs["item"], subscription__account=self.account)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        item = self.item
        if item.ends_at is not None and item.ends_at <= self.at:
            return self.gone(Refusal(f"{item.plan} has ended already."))
        return super().get(request, *args, **kwargs)


def say_offer(plan: Plan, *, at: datetime) -> str:
    """ "IPv4: $4 a month; adds to what the plan gives"."""
    version = on_sale(plan=plan, at=at)
    prices = say_plan_prices(version.prices.all()) if version is not None else "not on sale"
    return f"{plan}: {prices}; it {say_effect(plan)}"
