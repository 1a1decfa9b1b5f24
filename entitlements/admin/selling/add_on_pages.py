"""Add-ons on an account: selling one, changing how many, ending it."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms

from catalog.domain.values import Scaling
from catalog.domain.window import end_through, start_of_day
from catalog.models import Plan, PlanVersion
from catalog.queries.instants import say_instant
from catalog.queries.promotions import say_effect
from entitlements.actions.items import as_if_unplanned, change_quantity, end_item, plan_end, plan_quantity
from entitlements.actions.overrides import check_day
from entitlements.actions.sales import check_sale
from entitlements.actions.subscriptions import add_item
from entitlements.admin.fields import offer
from entitlements.admin.selling.asking import (
    INTERVALS,
    IntervalField,
    ItemPage,
    OfferedField,
    Preview,
    ReasonedForm,
    SellingForm,
    SellingPage,
    offer_only,
    say_offer,
)
from entitlements.domain.timing import Timing
from entitlements.models import SubscriptionItem
from entitlements.queries.life.item_preview import with_items
from entitlements.queries.life.renewals import next_renewal
from entitlements.queries.selling.redeemed import add_ons_for
from journal.admin.fields import DayInput, WholeNumberField
from journal.domain.refusal import Refusal


class FirstDayForm(SellingForm):
    """What is sold from now on, or from a day that is said in the customer's zone."""

    interval = IntervalField()
    starts_at = forms.DateField(label="First day", required=False, widget=DayInput)

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        self.fields["starts_at"].help_text = f"Empty: from now on. A day begins at midnight in {zone}."

    def clean_starts_at(self) -> Any:
        day = self.cleaned_data["starts_at"]
        try:
            check_day(day, field="starts_at")
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from None
        return day

    def begins(self, *, at: datetime) -> datetime:
        day = self.cleaned_data["starts_at"]
        if day is None:
            return at
        if end_through(day, self.zone) <= at:
            raise Refusal("This day has passed. Choose today or a later day.", field="starts_at")
        return max(start_of_day(day, self.zone), at)


class AddOnForm(FirstDayForm):
    plan = OfferedField(label="Add-on", error_messages={"required": "Choose an add-on."})
    quantity = WholeNumberField(label="How many", min_value=1, max_value=1_000_000, initial=1)
    field_order = ("plan", "quantity", "interval", "starts_at")

    def __init__(self, *args: Any, offers: list[Plan], at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_only(self, "plan", offers, at=at)


class AddOnSellPage(SellingPage[AddOnForm]):
    title = "Sell an add-on"
    button = "Add it"

    @cached_property
    def offers(self) -> list[Plan]:
        return add_ons_for(account=self.account, at=self.at)

    def form(self, *, data: Any = None) -> AddOnForm:
        initial = self.opened_with(interval=_interval_of(self.subscription))
        return AddOnForm(data, offers=self.offers, at=self.at, zone=self.zone, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        nothing = "" if self.offers else "No add-on is on sale in this customer’s market. Finance publishes one first."
        return {**super().get_context_data(**kwargs), "nothing": nothing}

    def preview(self, form: AddOnForm) -> Preview:
        given, starts_at = form.cleaned_data, form.begins(at=self.at)
        plan, quantity = given["plan"], given["quantity"]
        told = {"quantity": quantity, "interval": given["interval"], "starts_at": starts_at}
        version = check_sale(self.subscription, plan, at=self.at, **told)
        row = SubscriptionItem(subscription=self.subscription, plan=plan, version=version, recorded_at=self.at, **told)
        return Preview(
            what=f"{quantity} × {plan}",
            facts=[
                ("Price", say_offer(plan, at=self.at).partition(": ")[2].partition(";")[0]),
                ("Paid", dict(INTERVALS)[given["interval"]].lower()),
                ("Effect", f"It {say_effect(plan)}."),
                *_flat(version, quantity),
                ("From", say_instant(starts_at, zone=self.zone) if starts_at > self.at else "now"),
            ],
            differences=with_items(account=self.account, adds=[row], at=starts_at),
        )

    def carry_out(self, form: AddOnForm) -> str:
        given = form.cleaned_data
        item = add_item(
            subscription=self.subscription,
            plan=given["plan"],
            quantity=given["quantity"],
            interval=given["interval"],
            starts_at=form.begins(at=self.at),
            by=self.by,
            at=self.at,
        )
        return f"{item.quantity} × {item.plan} was added."


def _flat(version: PlanVersion, quantity: int) -> list[tuple[str, str]]:
    """A word of warning where several are bought of something that gives the same however many there are."""
    grows = version.terms.exclude(scaling=Scaling.FLAT).exists()
    if quantity == 1 or grows:
        return []
    told = f"{version} gives the same however many are bought: no amount in it is “per unit”. Is 1 enough?"
    return [("Mind", told)]


def _interval_of(subscription: Any) -> str:
    """As the plan is paid, unless somebody says otherwise."""
    found = subscription.items.exclude(interval="").order_by("pk").values_list("interval", flat=True).first()
    return found or INTERVALS[0][0]


class TimedForm(ReasonedForm):
    timing = forms.ChoiceField(label="When", widget=forms.RadioSelect, initial=Timing.NOW.value)
    field_order = ("quantity", "timing", "reason")

    def __init__(self, *args: Any, renewal: str, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(Timing.NOW.value, "At once"), (Timing.AT_RENEWAL.value, f"At the next renewal, {renewal}")]
        offer(self, "timing", choices)

    def when(self) -> Timing:
        return Timing(self.cleaned_data["timing"])


class QuantityForm(TimedForm):
    seen_quantity = forms.IntegerField(widget=forms.HiddenInput)
    quantity = WholeNumberField(label="How many from then on", min_value=1, max_value=1_000_000)


class TimedItemPage(ItemPage[Any]):
    def renewal(self) -> str:
        return say_instant(next_renewal(self.item, at=self.at), zone=self.zone)


class QuantityPage(TimedItemPage):
    title = "Change the quantity"
    button = "Change it"

    @property
    def intro(self) -> str:  # type: ignore[override]
        item, planned = self.item, as_if_unplanned(self.item)
        words = f"Now {item.quantity} × {item.plan}."
        if planned is not None:
            start = say_instant(planned.starts_at, zone=self.zone)
            words += f" {planned.quantity} from {start} on are planned; what you say here takes the place of that."
        return f"{words} More is there at once; fewer at once or at the renewal."

    def form(self, *, data: Any = None) -> QuantityForm:
        quantity = self.item.quantity
        initial = self.opened_with(quantity=quantity, seen_quantity=quantity)
        return QuantityForm(data, renewal=self.renewal(), initial=initial)

    def preview(self, form: QuantityForm) -> Preview:
        item = self.item
        planned = as_if_unplanned(item)
        wanted = form.cleaned_data["quantity"]
        change = plan_quantity(item, wanted, at=self.at, timing=form.when(), was_planned=planned is not None)
        ends = {} if change.follower is None else {item.pk: change.ends_at}
        adds = [] if change.follower is None else [change.follower]
        if planned is not None:
            ends[planned.pk] = planned.starts_at
        when = "now" if change.ends_at <= self.at else say_instant(change.ends_at, zone=self.zone)
        return Preview(
            what=f"{item.quantity} × {item.plan} becomes {wanted} × {item.plan}",
            facts=[("From", when), ("Why", form.cleaned_data["reason"])],
            differences=with_items(account=self.account, adds=adds, ends=ends, at=max(change.ends_at, self.at)),
        )

    def carry_out(self, form: QuantityForm) -> str:
        given = form.cleaned_data
        kept = change_quantity(
            item=self.item,
            quantity=given["quantity"],
            timing=form.when(),
            seen=given["seen_quantity"],
            reason=given["reason"],
            by=self.by,
            at=self.at,
        )
        later = f" from {say_instant(kept.starts_at, zone=self.zone)} on" if kept.starts_at > self.at else ""
        return f"It is {kept.quantity} × {kept.plan}{later}."


class ItemEndPage(TimedItemPage):
    title = "End an add-on"
    button = "End it"
    leave = "Keep it"
    danger = True

    @property
    def intro(self) -> str:  # type: ignore[override]
        return f"{self.item.quantity} × {self.item.plan}: what it gives goes with it."

    def form(self, *, data: Any = None) -> TimedForm:
        return TimedForm(data, renewal=self.renewal(), initial=self.opened_with())

    def preview(self, form: TimedForm) -> Preview:
        item = self.item
        planned = as_if_unplanned(item)
        when = plan_end(item, at=self.at, timing=form.when())
        ends = {item.pk: when} | ({planned.pk: planned.starts_at} if planned is not None else {})
        return Preview(
            what=f"{item.quantity} × {item.plan} ends",
            facts=[
                ("When", "now" if when <= self.at else say_instant(when, zone=self.zone)),
                ("Why", form.cleaned_data["reason"]),
            ],
            differences=with_items(account=self.account, ends=ends, at=max(when, item.starts_at)),
        )

    def carry_out(self, form: TimedForm) -> str:
        item = self.item
        end_item(item=item, timing=form.when(), reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return f"{item.plan} ends {'now' if form.when() is Timing.NOW else 'at the renewal'}."
