"""One piece of work: who pays what and why; its price stated later, or all of it withdrawn as recorded by mistake."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.domain.entries import spell_micros
from catalog.queries.instants import say_instant
from entitlements.admin.fields import ReasonField
from journal.admin.base import refusals_shown, version_of
from journal.admin.pages import Page
from journal.domain.refusal import Refusal, Stale
from support.actions.work.billing import is_withdrawable, state_price, withdraw_work
from support.admin.cases.pages import case_url
from support.admin.work.fields import OFF, PriceField
from support.admin.work.pages import BILL, RECORD, VIEW_WORK, dispatch_url, item_url, visit_url
from support.admin.work.wording import work_line
from support.domain.cover_terms import Billing
from support.models import WorkItem
from support.queries.work.invoicing import invoicing_of


class PriceForm(forms.Form):
    version_token = forms.CharField(widget=forms.HiddenInput, required=False)
    amount_micros = PriceField(error_messages={"required": "Say the price of all of it."})
    currency = forms.CharField(
        label="Currency", max_length=3, widget=forms.TextInput(attrs={**OFF, "placeholder": "EUR"}),
        error_messages={"required": "Say in which currency the price is, such as EUR."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, item: WorkItem) -> None:
        amount = spell_micros(item.amount_micros) if item.amount_micros is not None else ""
        initial = {"version_token": version_of(item), "amount_micros": amount, "currency": item.currency}
        super().__init__(data, prefix="price", initial=initial)


class WithdrawForm(forms.Form):
    version_token = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField(help_text="What was wrong with it. It stands in the audit beside your name.")

    def __init__(self, data: Any = None, *, item: WorkItem) -> None:
        super().__init__(data, prefix="withdraw", initial={"version_token": version_of(item)})


class ItemPage(Page):
    permission: ClassVar[str] = VIEW_WORK
    template_name = "support/work/item.html"

    @cached_property
    def item(self) -> WorkItem:
        rows = WorkItem.objects.select_related("account", "case", "visit__cover", "asset__product", "cover", "warranty")
        return get_object_or_404(rows, pk=self.kwargs["item"])

    def forms(self) -> dict[str, forms.Form]:
        """What may still be done with it by this reader."""
        user, billing = self.request.user, self.item.billing
        found: dict[str, forms.Form] = {}
        if billing == Billing.OPEN and user.has_perm(BILL):
            found["price"] = PriceForm(item=self.item)
        if is_withdrawable(self.item) and user.has_perm(BILL):
            found["withdraw"] = WithdrawForm(item=self.item)
        if billing in {Billing.OPEN, Billing.COVERED} and (user.has_perm(BILL) or user.has_perm(RECORD)):
            found["withdraw"] = WithdrawForm(item=self.item)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        item = self.item
        zone = item.account.zone
        return {
            **super().get_context_data(**kwargs),
            "title": item.description,
            "item": item,
            "line": work_line(item, zone=zone),
            "recorded": say_instant(item.recorded_at, zone=zone),
            "settled": say_instant(item.settled_at, zone=zone) if item.settled_at else "",
            "invoicing": invoicing_of([item]).get(item.pk),
            "may_see_delivery": self.request.user.has_perm("journal.view_outbound"),
            "case_url": case_url(item.case) if item.case else "",
            "visit_url": visit_url(item.visit) if item.visit else "",
            "here": dispatch_url(asset=item.asset_id or "", account=item.account.key),
            "all": reverse("admin:support_work"),
            "history": reverse("admin:support_workitem_history", args=[item.pk]),
            "forms": kwargs.pop("forms", None) or self.forms(),
        }


class ItemActPage(ItemPage):
    """Where the forms of an item's page go."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(BILL) and not request.user.has_perm(RECORD):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(item_url(self.item))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        act = "price" if request.POST.get("act") == "price" else "withdraw"
        form = (PriceForm if act == "price" else WithdrawForm)(request.POST, item=self.item)
        if form.is_valid():
            try:
                self._act(act, form)
            except Refusal as refusal:
                refusals_shown(form, refusal)
            else:
                self.tell("The price stands." if act == "price" else "It is withdrawn.")
                return HttpResponseRedirect(item_url(self.item))
        shown = {**self.forms(), act: form}
        return self.render_to_response(self.get_context_data(forms=shown, tried=act, form=form), status=422)

    def _act(self, act: str, form: Any) -> WorkItem:
        given = form.cleaned_data
        if given["version_token"] != version_of(self.item):
            raise Stale()
        if act == "price":
            return state_price(
                item=self.item, amount_micros=given["amount_micros"], currency=given["currency"], by=self.by, at=self.at
            )
        return withdraw_work(item=self.item, reason=given["reason"], by=self.by, at=self.at)
