"""Starting a subscription: which plan first, then how it begins, then what the customer will have."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from catalog.domain.window import add_days, end_through
from catalog.models import Plan, PlanVersion
from catalog.queries.prices import say_plan_prices, say_trial
from entitlements.actions.subscriptions import start
from entitlements.admin.fields import offer
from entitlements.admin.life.asking import DayField, LifePage, Outlook, Stage, stage
from entitlements.admin.selling.add_on_pages import FirstDayForm
from entitlements.admin.selling.asking import INTERVALS
from entitlements.domain.facts import Phase
from entitlements.models import Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.models.account import AccountKind
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.as_if import as_if
from entitlements.queries.life.plan_choices import PlanChoice, plans_on_sale
from entitlements.queries.selling.on_sale import check_sale
from journal.admin.fields import WholeNumberField
from journal.domain.refusal import Refusal

SALE, TRIAL, CARD = "sale", "trial", "card"
BEGINNINGS = [
    (SALE, "It is bought"),
    (TRIAL, "With a trial; somebody converts it, or it ends"),
    (CARD, "With a trial and a card on file; at its end it becomes a sale by itself"),
]
NOBODYS = -1  # a subscription that nobody has kept yet


class PlanForm(forms.Form):
    plan = forms.ChoiceField(label="Plan", widget=forms.RadioSelect, error_messages={"required": "Choose a plan."})

    def __init__(self, *args: Any, choices: tuple[PlanChoice, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "plan", [(one.plan.key, f"{one.words} · {_short_trial(one.version)}") for one in choices])


class StartForm(FirstDayForm):
    plan = forms.CharField(widget=forms.HiddenInput)
    quantity = WholeNumberField(label="How many", min_value=1, max_value=1_000_000, initial=1)
    begins_as = forms.ChoiceField(label="How it begins", choices=BEGINNINGS, widget=forms.RadioSelect)
    trial_days = WholeNumberField(label="Days of trial", required=False, min_value=1, max_value=365)
    through = DayField(label="Last day", required=False, help_text="Empty: it goes on until somebody ends it.")
    field_order = ("quantity", "interval", "starts_at", "through", "begins_as", "trial_days")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        tried = given.get("begins_as") in {TRIAL, CARD}
        if tried and not given.get("trial_days") and "trial_days" not in self.errors:
            self.add_error("trial_days", "Say how many days it is tried.")
        return given

    @property
    def ends_at(self) -> datetime | None:
        """The end of the last day, in the customer's zone."""
        day = self.cleaned_data["through"]
        return None if day is None else end_through(day, self.zone)

    def window(self, *, at: datetime) -> dict[str, Any]:
        begins = self.begins(at=at)
        if self.ends_at is not None and self.ends_at <= begins:
            raise Refusal("The last day would be before the first.", field="through")
        return {"starts_at": begins, "ends_at": self.ends_at}

    @property
    def days(self) -> int | None:
        return self.cleaned_data["trial_days"] if self.cleaned_data["begins_as"] in {TRIAL, CARD} else None

    @property
    def with_card(self) -> bool:
        return bool(self.cleaned_data["begins_as"] == CARD)


class StartPage(LifePage[StartForm]):
    title = "Start a subscription"
    button = "Start it"
    show = "Show what they will have"

    @cached_property
    def choices(self) -> tuple[PlanChoice, ...]:
        return plans_on_sale(account=self.account, at=self.at)

    @cached_property
    def chosen(self) -> PlanChoice | None:
        key = self.request.POST.get("plan") or self.request.GET.get("plan")
        return next((choice for choice in self.choices if choice.plan.key == key), None)

    @property
    def about_plan(self) -> PlanChoice:
        if self.chosen is None:
            raise Refusal("This plan is not on sale in this customer’s market. Choose another.")
        return self.chosen

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.chosen is None:
            return self.render_to_response(self.get_context_data(form=PlanForm(choices=self.choices), choosing=True))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.chosen is not None else self.get(request)

    def form(self, *, data: Any = None) -> StartForm:
        version = self.about_plan.version
        initial = self.opened_with(
            plan=self.about_plan.plan.key,
            begins_as=TRIAL if version.trial_days else SALE,
            trial_days=version.trial_days,
        )
        own = _trial_of(version)
        form = StartForm(data, zone=self.zone, initial=initial)
        form.fields["trial_days"].help_text = f"{own[0].upper()}{own[1:]}; longer only as far as you may extend one."
        if self.account.kind == AccountKind.INTERNAL:
            form.fields["through"].required = True
            form.fields["through"].help_text = "The account is internal, so whatever it holds needs an end."
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        nothing = "" if self.choices else "No plan is on sale in this customer’s market. Finance publishes one first."
        return {**super().get_context_data(**kwargs), "nothing": nothing}

    def now_facts(self) -> list[tuple[str, str]]:
        if self.chosen is None:
            return []
        version = self.chosen.version
        return [("Plan", str(version)), ("Price", say_plan_prices(version.prices.all())), ("Trial", say_trial(version))]

    def outlook(self, form: StartForm) -> Outlook:
        given, plan = form.cleaned_data, self.about_plan.plan
        window = form.window(at=self.at)
        begins = window["starts_at"]
        trial_end = None if form.days is None else add_days(begins, form.days, self.zone)
        rows = self._rows(form, plan, window, trial_end)
        facts = [
            ("From", self.say(begins)),
            ("Price", say_plan_prices(self.about_plan.version.prices.all())),
            ("Paid", dict(INTERVALS)[given["interval"]].lower()),
        ]
        if trial_end is not None:
            facts.append(("Trial", self.say_through(trial_end)))
        if form.ends_at is not None:
            facts.append(("Ends by itself", self.say_through(form.ends_at)))
        what = f"{given['quantity']} × {plan}" if given["quantity"] > 1 else str(plan)
        return Outlook(f"{what} is started", facts, self._stages(rows, begins, trial_end, with_card=form.with_card))

    def _rows(self, form: StartForm, plan: Plan, window: dict[str, Any], trial_end: datetime | None) -> list[Any]:
        """The subscription as it would be kept, refused for the same reasons."""
        given, begins = form.cleaned_data, window["starts_at"]
        held = Subscription(pk=NOBODYS, account=self.account, number=0, **window)
        told = {"quantity": given["quantity"], "interval": given["interval"], "starts_at": begins}
        version: PlanVersion = check_sale(held, plan, at=self.at, **told)
        item = SubscriptionItem(pk=NOBODYS, subscription=held, plan=plan, version=version, recorded_at=self.at, **told)
        if trial_end is None:
            return [held, item]
        trial = {"starts_at": begins, "ends_at": trial_end}
        return [held, item, SubscriptionPhase(subscription=held, phase=Phase.TRIAL, with_card=form.with_card, **trial)]

    def _stages(self, rows: list[Any], begins: datetime, trial_end: datetime | None, *, with_card: bool) -> list[Stage]:
        when = f"From {self.say(begins)} on" if begins > self.at else "From now on"
        stages = [self._stage(when, rows, begins)]
        if trial_end is not None and with_card:
            stages.append(Stage(f"From {self.say(trial_end)} on", (), "It becomes a sale by itself and goes on."))
        elif trial_end is not None:
            stages.append(self._stage(f"From {self.say(trial_end)} on, if nobody converts it", rows, trial_end))
        return stages

    def _stage(self, when: str, rows: list[Any], at: datetime) -> Stage:
        before = entitlements_of(account=self.account, at=at)
        return stage(when, before, as_if(account=self.account, rows=rows, at=at), later=at > self.at)

    def carry_out(self, form: StartForm) -> str:
        given = form.cleaned_data
        window = form.window(at=self.at)
        subscription = start(
            account=self.account,
            plan=self.about_plan.plan,
            quantity=given["quantity"],
            interval=given["interval"],
            trial_days=form.days,
            with_card=form.with_card,
            by=self.by,
            at=self.at,
            **window,
        )
        begins = subscription.starts_at
        begun = "has begun" if begins <= self.at else f"begins on {self.say(begins)}"
        return f"Subscription {subscription.number}, {self.about_plan.plan}, {begun}."


def _trial_of(version: PlanVersion) -> str:
    return (
        f"the plan’s own trial is {version.trial_days} days"
        if version.trial_days
        else "the plan has no trial of its own"
    )


def _short_trial(version: PlanVersion) -> str:
    return f"trial of {version.trial_days} days" if version.trial_days else "no trial"
