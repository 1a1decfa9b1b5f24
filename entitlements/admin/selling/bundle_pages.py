"""Bundles on an account: choosing the parts, swapping one, ending all of it."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from catalog.models import Bundle, Plan
from catalog.queries.instants import say_instant
from catalog.queries.promotions import say_bundle
from entitlements.actions.bundles import (
    check_bundle,
    check_swap,
    end_sold_bundle,
    live_parts,
    sell_bundle,
    swap_part,
)
from entitlements.actions.sales import check_sale
from entitlements.admin.selling.add_on_pages import FirstDayForm
from entitlements.admin.selling.asking import (
    INTERVALS,
    ItemPage,
    OfferedField,
    OfferedParts,
    Preview,
    ReasonedForm,
    SellingPage,
    offer_only,
)
from entitlements.models import SoldBundle, SubscriptionItem
from entitlements.queries.life.item_preview import with_items
from entitlements.queries.selling.redeemed import bundles_for
from journal.domain.refusal import Refusal


class BundleChoiceForm(forms.Form):
    """The first question: which bundle."""

    bundle = forms.ChoiceField(label="Bundle", widget=forms.RadioSelect)


class BundleForm(FirstDayForm):
    add_ons = OfferedParts(label="Parts", error_messages={"required": "Choose the add-ons it is made of."})
    field_order = ("add_ons", "interval", "starts_at")

    def __init__(self, *args: Any, bundle: Bundle, offers: list[Plan], at: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["add_ons"].label = f"Choose {bundle.pick} of {len(offers)}"
        offer_only(self, "add_ons", offers, at=at)


class BundleSellPage(SellingPage[Any]):
    title = "Sell a bundle"
    button = "Sell it"

    @cached_property
    def offers(self) -> list[tuple[Bundle, list[Plan]]]:
        return bundles_for(account=self.account, at=self.at)

    @cached_property
    def chosen(self) -> tuple[Bundle, list[Plan]] | None:
        key = self.request.POST.get("bundle") or self.request.GET.get("bundle")
        return next((offer for offer in self.offers if offer[0].key == key), None)

    @property
    def about(self) -> tuple[Bundle, list[Plan]]:
        """The bundle and what of it is sold to this customer; every step after the first has one."""
        assert self.chosen is not None
        return self.chosen

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.chosen is None:
            form = BundleChoiceForm()
            choices = [(bundle.key, f"{bundle}: {say_bundle(bundle, add_ons=own)}") for bundle, own in self.offers]
            form.fields["bundle"].choices = choices  # type: ignore[attr-defined]
            return self.render_to_response(self.get_context_data(form=form, choosing=True))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.chosen is None:
            return self.gone(Refusal("This bundle is not on sale any more."))
        return super().post(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> BundleForm:
        bundle, offers = self.about
        return BundleForm(data, bundle=bundle, offers=offers, at=self.at, zone=self.zone, initial=self.opened_with())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        nothing = "" if self.offers else "No bundle is on sale for this customer. Finance puts one together first."
        keep = None if self.chosen is None else ("bundle", self.chosen[0].key)
        title = self.title if self.chosen is None else f"Sell {self.chosen[0]}"
        return {**super().get_context_data(**kwargs), "nothing": nothing, "keep": keep, "title": title}

    def preview(self, form: BundleForm) -> Preview:
        bundle, _ = self.about
        add_ons, starts_at = list(form.cleaned_data["add_ons"]), form.begins(at=self.at)
        interval = form.cleaned_data["interval"]
        check_bundle(self.subscription, bundle, add_ons, starts_at=starts_at, at=self.at)
        rows = [self._part(plan, starts_at, interval) for plan in add_ons]
        return Preview(
            what=f"{bundle}: {', '.join(plan.name for plan in add_ons)}",
            facts=[
                ("Paid", dict(INTERVALS)[interval].lower()),
                ("From", say_instant(starts_at, zone=self.zone) if starts_at > self.at else "now"),
                ("Together", "Its parts end together; one may be swapped for another of its options."),
            ],
            differences=with_items(account=self.account, adds=rows, at=starts_at),
        )

    def _part(self, plan: Plan, starts_at: Any, interval: str) -> SubscriptionItem:
        version = check_sale(self.subscription, plan, quantity=1, starts_at=starts_at, at=self.at)
        told = {"starts_at": starts_at, "interval": interval, "recorded_at": self.at}
        return SubscriptionItem(subscription=self.subscription, plan=plan, version=version, **told)

    def carry_out(self, form: BundleForm) -> str:
        sold = sell_bundle(
            subscription=self.subscription,
            bundle=self.about[0],
            add_ons=list(form.cleaned_data["add_ons"]),
            interval=form.cleaned_data["interval"],
            starts_at=form.begins(at=self.at),
            by=self.by,
            at=self.at,
        )
        return f"{sold.bundle} was sold: {', '.join(part.plan.name for part in live_parts(sold, at=self.at))}."


class BundleEndPage(SellingPage[ReasonedForm]):
    title = "End a bundle"
    button = "End it"
    leave = "Keep it"
    danger = True

    @cached_property
    def sold(self) -> SoldBundle:
        rows = SoldBundle.objects.select_related("bundle", "subscription__account")
        return get_object_or_404(rows, pk=self.kwargs["sold"], subscription__account=self.account)

    @property
    def intro(self) -> str:  # type: ignore[override]
        parts = ", ".join(part.plan.name for part in live_parts(self.sold, at=self.at))
        return f"All parts of {self.sold.bundle} end together: {parts}."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.sold.ends_at is not None and self.sold.ends_at <= self.at:
            return self.gone(Refusal(f"{self.sold.bundle} has ended already."))
        return super().get(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> ReasonedForm:
        return ReasonedForm(data, initial=self.opened_with())

    def preview(self, form: ReasonedForm) -> Preview:
        parts = live_parts(self.sold, at=self.at)
        when = max(self.at, self.sold.starts_at)
        return Preview(
            what=f"{self.sold.bundle} ends, with {', '.join(part.plan.name for part in parts)}",
            facts=[("When", "now"), ("Why", form.cleaned_data["reason"])],
            differences=with_items(account=self.account, ends={part.pk: self.at for part in parts}, at=when),
        )

    def carry_out(self, form: ReasonedForm) -> str:
        end_sold_bundle(sold=self.sold, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return f"{self.sold.bundle} has ended."


class SwapForm(ReasonedForm):
    add_on = OfferedField(label="What comes instead", error_messages={"required": "Choose what comes instead."})
    field_order = ("add_on", "reason")

    def __init__(self, *args: Any, offers: list[Plan], at: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_only(self, "add_on", offers, at=at)


class SwapPage(ItemPage[SwapForm]):
    title = "Swap a part"
    button = "Swap it"

    @cached_property
    def offers(self) -> list[Plan]:
        out = self.item
        if out.sold_bundle is None:
            return []
        options = [option.add_on for option in out.sold_bundle.bundle.options.select_related("add_on")]
        return [plan for plan in options if self._may_come(out, plan)]

    def _may_come(self, out: SubscriptionItem, plan: Plan) -> bool:
        try:
            check_swap(out, plan, at=self.at)
        except Refusal:
            return False
        return True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.item.sold_bundle is None:
            return self.gone(Refusal(f"{self.item.plan} is not part of a bundle."))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        nothing = "" if self.offers else "The bundle has no other option on sale for this customer."
        return {**super().get_context_data(**kwargs), "nothing": nothing}

    @property
    def intro(self) -> str:  # type: ignore[override]
        return f"{self.item.plan} goes, from now on; the rest of {self.item.origin} stays as it is."

    def form(self, *, data: Any = None) -> SwapForm:
        return SwapForm(data, offers=self.offers, at=self.at, initial=self.opened_with())

    def preview(self, form: SwapForm) -> Preview:
        out, plan = self.item, form.cleaned_data["add_on"]
        check_swap(out, plan, at=self.at)
        when = max(self.at, out.starts_at)
        version = check_sale(out.subscription, plan, quantity=1, starts_at=when, at=self.at)
        told = {"starts_at": when, "ends_at": out.ends_at, "interval": out.interval, "recorded_at": self.at}
        row = SubscriptionItem(subscription=out.subscription, plan=plan, version=version, **told)
        return Preview(
            what=f"{plan} instead of {out.plan}",
            facts=[("From", "now" if when <= self.at else say_instant(when, zone=self.zone))],
            differences=with_items(account=self.account, adds=[row], ends={out.pk: when}, at=when),
        )

    def carry_out(self, form: SwapForm) -> str:
        given = form.cleaned_data
        out = self.item
        new = swap_part(part=out, add_on=given["add_on"], reason=given["reason"], by=self.by, at=self.at)
        return f"{out.plan} was swapped for {new.plan}."
