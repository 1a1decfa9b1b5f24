"""Changing the plan of a subscription, now, at the renewal or on a day: what it gains and loses, first."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms

from catalog.models import Plan
from entitlements.actions.plan_changes import change_plan
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.life.asking import Outlook, first_instant
from entitlements.admin.life.state_pages import SubscriptionPage
from entitlements.admin.life.timing_form import WhenForm, stages_of
from entitlements.admin.selling.asking import INTERVALS, IntervalField
from entitlements.domain.lifecycle import Move
from entitlements.domain.timing import Proration, Timing
from entitlements.queries.billed.guard import biller_of
from entitlements.queries.life.held_plans import plan_items
from entitlements.queries.life.plan_changes import preview_plan_change
from entitlements.queries.life.plan_choices import PlanChoice, plan_choices
from journal.admin.fields import WholeNumberField


class ChangeForm(WhenForm):
    plan = forms.ChoiceField(
        label="The plan from then on", widget=forms.RadioSelect, error_messages={"required": "Choose a plan."}
    )
    quantity = WholeNumberField(label="How many", min_value=1, max_value=1_000_000)
    interval = IntervalField()
    reason = ReasonField(required=False)
    field_order = ("plan", "quantity", "interval", "timing", "on", "proration", "reason")

    def __init__(self, *args: Any, choices: Sequence[PlanChoice], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "plan", [(choice.plan.key, choice.words) for choice in choices])
        self.fields["on"].help_text = f"The first day of it; a day begins at midnight in {self.zone}."

    def wanted(self, *, at: datetime) -> dict[str, Any]:
        """The arguments of the change."""
        given = self.cleaned_data
        on = first_instant(given["on"], zone=self.zone, at=at, field="on") if self.when is Timing.ON_DATE else None
        return {
            "plan": Plan.objects.get(key=given["plan"]),
            "timing": self.when,
            "on": on,
            "quantity": given["quantity"],
            "interval": given["interval"],
        }


class ChangePlanPage(SubscriptionPage[ChangeForm]):
    move = Move.CHANGE
    title = "Change a subscription"
    button = "Change it"

    @cached_property
    def choices(self) -> Sequence[PlanChoice]:
        return plan_choices(subscription=self.subscription, at=self.at)

    def form(self, *, data: Any = None) -> ChangeForm:
        held = next(iter(plan_items(self.subscription, at=max(self.at, self.subscription.starts_at))), None)
        initial = self.opened_with(
            quantity=held.quantity if held else 1,
            interval=(held and held.interval) or INTERVALS[0][0],
            plan=held.plan.key if held else None,
        )
        form = ChangeForm(data, choices=self.choices, timings=self.timings(), zone=self.zone, initial=initial)
        if self.biller:
            form.fields["timing"].help_text = (
                f"{self.biller} bills it: a plan for now is changed there. What is planned here is told to {self.biller} and "
                "holds if the new plan is billed by that day; if not, what is billed goes on."
            )
        return form

    @cached_property
    def biller(self) -> str:
        return biller_of(self.subscription)

    def timings(self) -> list[tuple[Timing, str]]:
        renewal = self.renewal()
        at_renewal = [(Timing.AT_RENEWAL, f"At the next renewal, {self.say(renewal)}")] if renewal else []
        now = [] if self.biller else [(Timing.NOW, "Now")]
        return [*now, *at_renewal, (Timing.ON_DATE, "On a day, given below")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        nothing = "" if self.choices else "No plan is on sale in this customer’s market. Finance publishes one first."
        return {**super().get_context_data(**kwargs), "nothing": nothing}

    def outlook(self, form: ChangeForm) -> Outlook:
        wanted, given = form.wanted(at=self.at), form.cleaned_data
        found = preview_plan_change(subscription=self.subscription, at=self.at, **wanted)
        plan = wanted["plan"]
        held = ", ".join(str(item.plan) for item in plan_items(self.subscription, at=self.at)) or "No plan"
        count = f"{given['quantity']} × {plan}" if given["quantity"] > 1 else str(plan)
        facts = [("Paid", dict(INTERVALS)[given["interval"]].lower()), *_settled(form)]
        if found.effective_at is not None:
            facts.insert(0, ("From", self.say(found.effective_at)))
        return Outlook(
            f"{held} → {count}",
            facts,
            stages_of(self, found),
            over=found.over,
            notes=found.notes,
            refused=found.refusals,
        )

    def carry_out(self, form: ChangeForm) -> str:
        given = form.cleaned_data
        change = change_plan(
            subscription=self.subscription,
            **form.wanted(at=self.at),
            proration=Proration(given["proration"]),
            reason=given["reason"],
            by=self.by,
            at=self.at,
        )
        return f"{change.words}, {'now' if change.effective_at <= self.at else f'on {self.say(change.effective_at)}'}."


def _settled(form: WhenForm) -> list[tuple[str, str]]:
    told = [("Billing", Proration(form.cleaned_data["proration"]).words)]
    reason = form.cleaned_data.get("reason")
    return [*told, ("Why", reason)] if reason else told
