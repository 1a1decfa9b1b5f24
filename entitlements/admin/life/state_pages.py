"""What befalls a subscription: payments that fail and come, pauses, leaving and staying; what each leads to, first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse

from catalog.domain.window import add_days, end_through
from entitlements.actions.lifecycle import LONGEST_GRACE, fail_payment, pause, restore, resume
from entitlements.admin.fields import ReasonField
from entitlements.admin.life.asking import DayField, LifePage, Outlook, stage
from entitlements.admin.life.state_words import say_state
from entitlements.admin.selling.asking import SellingForm
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import Move
from entitlements.models import Subscription, SubscriptionPhase
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.as_if import as_if
from entitlements.queries.life.held_plans import grace_days_of
from entitlements.queries.life.renewal_ahead import renewal_ahead
from entitlements.queries.life.state import require_move, state_of
from entitlements.queries.life.token import life_token
from journal.admin.fields import WholeNumberField
from journal.admin.pages import FormOf
from journal.domain.refusal import Refusal


class SubscriptionPage(LifePage[FormOf]):
    """A page about one subscription; where its state doesn't permit the move, there is nothing to offer."""

    move: ClassVar[Move]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.begin()
            return super().get(request, *args, **kwargs)
        except Refusal as refusal:
            return self.gone(refusal)

    def begin(self) -> None:
        """Refuse where there is nothing to offer, before a form is shown; the action asks all of it again."""
        require_move(self.subscription, self.move, at=self.at)

    def token(self) -> str:
        return life_token(self.subscription, at=self.at)

    def stale(self) -> str:
        row = Subscription.objects.get(pk=self.subscription.pk)
        return (
            f"Since you opened this form, subscription {row.number} was changed; it now "
            f"{state_of(row, at=self.at).said}. Look again."
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "about": f"subscription {self.subscription.number}"}

    def now_facts(self) -> Sequence[tuple[str, str]]:
        plans = ", ".join(item.version for item in self.held.plans) or self.held.after_trial or "None"
        facts = [("Plan", plans), ("State", say_state(self.held, self.state, at=self.at, zone=self.zone))]
        renewal = self.renewal()
        return [*facts, ("Renews next", self.say(renewal))] if renewal else facts

    @property
    def state(self) -> Any:
        return state_of(self.subscription, at=self.at)

    def renewal(self) -> datetime | None:
        return renewal_ahead(self.subscription, at=self.at)

    def phase(self, phase: Phase, *, ends_at: datetime | None) -> SubscriptionPhase:
        """A phase from now on that nobody has kept."""
        return SubscriptionPhase(subscription=self.subscription, phase=phase, starts_at=self.at, ends_at=ends_at)

    def led_to(self, when: str, *rows: Any, at: datetime, same: str = "") -> Any:
        """What is otherwise at the moment if these rows stood so."""
        before = entitlements_of(account=self.account, at=at)
        return stage(when, before, as_if(account=self.account, rows=rows, at=at), same=same, later=at > self.at)


class OnlyAskPage(SubscriptionPage[FormOf]):
    """Where there is next to nothing to fill in, the outlook stands on the first page, with the button."""

    template_name = "entitlements/life/only_ask.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        try:
            return {"preview": self.outlook(context["form"]), **context}
        except Refusal:
            return context  # the refusal stands in the form already


class PaymentFailedForm(SellingForm):
    grace_days = WholeNumberField(
        label="Days of grace",
        min_value=0,
        max_value=LONGEST_GRACE,
        help_text="Calendar days from now on in which the subscription still serves. 0: it closes at once.",
    )
    reason = ReasonField(required=False)


class PaymentFailedPage(SubscriptionPage[PaymentFailedForm]):
    permission = "entitlements.record_payment"
    move = Move.FAIL_PAYMENT
    title = "A payment failed"
    button = "Record the failed payment"
    danger = True
    intro = "The subscription goes into grace. If the payment comes meanwhile, everything is as it was."

    def form(self, *, data: Any = None) -> PaymentFailedForm:
        days = grace_days_of(self.subscription, at=self.at)
        return PaymentFailedForm(data, initial=self.opened_with(grace_days=days))

    def outlook(self, form: PaymentFailedForm) -> Outlook:
        days = form.cleaned_data["grace_days"]
        end = add_days(self.at, days, self.zone)
        grace = self.phase(Phase.GRACE, ends_at=end)
        closed = f"From {self.say(end)} on, if nobody has paid" if days else "From now on, until somebody has paid"
        stages = [self.led_to(closed, grace, at=end)]
        if days:
            stages.insert(0, self.led_to("From now on, in grace", grace, at=self.at, same="Everything stays as it is."))
        lasts = self.say_through(end) if days else "none: it gives nothing from now on"
        others = self.account.subscriptions.exclude(pk=self.subscription.pk).exists()
        return Outlook(
            f"Subscription {self.subscription.number} waits for a payment",
            [("Grace", lasts), *_why(form)],
            stages,
            notes=["What other subscriptions of this customer give stays as it is."] if others else [],
        )

    def carry_out(self, form: PaymentFailedForm) -> str:
        given = form.cleaned_data
        grace = fail_payment(
            subscription=self.subscription,
            grace_days=given["grace_days"],
            reason=given["reason"],
            by=self.by,
            at=self.at,
        )
        assert grace.ends_at is not None  # every grace ends
        if grace.ends_at <= self.at:
            return f"The failed payment is recorded; subscription {self.subscription.number} gives nothing from now on."
        return f"The failed payment is recorded. Grace runs {self.say_through(grace.ends_at)}."


class PaymentCamePage(OnlyAskPage[SellingForm]):
    permission = "entitlements.record_payment"
    move = Move.RESTORE
    title = "Payment came"
    button = "Record the payment"

    def form(self, *, data: Any = None) -> SellingForm:
        return SellingForm(data, initial=self.opened_with())

    def outlook(self, form: SellingForm) -> Outlook:
        grace = self.subscription.phases.filter(phase=Phase.GRACE, restored_at=None).first()
        if grace is None or grace.ends_at is None:
            raise Refusal(f"Subscription {self.subscription.number} waits for no payment.")
        was = grace.ends_at
        grace.restored_at = self.at
        ran_out = "It ran out" if was <= self.at else "It would run out"
        notes = (
            [] if was > self.at else ["The time without payment stays a gap: what was closed then stays closed then."]
        )
        return Outlook(
            f"Subscription {self.subscription.number} is paid",
            [("In grace since", self.say_past(grace.starts_at)), (ran_out, self.say_past(was))],
            [self.led_to("From now on", grace, at=self.at, same="Everything stays as it is: nothing was reduced.")],
            notes=notes,
        )

    def carry_out(self, form: SellingForm) -> str:
        restore(subscription=self.subscription, by=self.by, at=self.at)
        return f"Subscription {self.subscription.number} is paid and gives everything again."


class PauseForm(SellingForm):
    through = DayField(label="Paused through", required=False)
    reason = ReasonField()

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        self.fields["through"].help_text = f"The last day of the pause, in {zone}. Empty: until somebody resumes it."

    def until(self, *, at: datetime) -> datetime | None:
        day = self.cleaned_data["through"]
        end = None if day is None else end_through(day, self.zone)
        if end is not None and end <= at:
            raise Refusal("This day has passed. Choose today or a later day.", field="through")
        return end


class PausePage(SubscriptionPage[PauseForm]):
    move = Move.PAUSE
    title = "Pause a subscription"
    button = "Pause it"
    danger = True

    def form(self, *, data: Any = None) -> PauseForm:
        return PauseForm(data, zone=self.zone, initial=self.opened_with())

    def outlook(self, form: PauseForm) -> Outlook:
        until = form.until(at=self.at)
        row = self.phase(Phase.PAUSED, ends_at=until)
        lasts = "until somebody resumes it" if until is None else self.say_through(until)
        after = "It goes on by itself as it was." if until else "Whoever resumes it brings everything back at once."
        return Outlook(
            f"Subscription {self.subscription.number} is paused",
            [("Paused", lasts), ("Afterwards", after), *_why(form)],
            [self.led_to("From now on, while it is paused", row, at=self.at)],
        )

    def carry_out(self, form: PauseForm) -> str:
        until = form.until(at=self.at)
        pause(subscription=self.subscription, until=until, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        lasts = "until somebody resumes it" if until is None else self.say_through(until)
        return f"Subscription {self.subscription.number} is paused {lasts}."


class ResumePage(OnlyAskPage[SellingForm]):
    move = Move.RESUME
    title = "Resume a subscription"
    button = "Resume it"

    def form(self, *, data: Any = None) -> SellingForm:
        return SellingForm(data, initial=self.opened_with())

    def outlook(self, form: SellingForm) -> Outlook:
        rows = self.subscription.phases.filter(phase=Phase.PAUSED)
        paused = next((row for row in rows if row.window.contains(self.at)), None)
        if paused is None:
            raise Refusal(f"Subscription {self.subscription.number} is not paused.")
        was = "somebody resumes it" if paused.ends_at is None else self.say_through(paused.ends_at)
        since = self.say_past(paused.starts_at)
        paused.ends_at = self.at
        return Outlook(
            f"Subscription {self.subscription.number} goes on",
            [("Paused since", since), ("Otherwise", was if "somebody" not in was else f"until {was}")],
            [self.led_to("From now on", paused, at=self.at)],
        )

    def carry_out(self, form: SellingForm) -> str:
        resume(subscription=self.subscription, by=self.by, at=self.at)
        return f"Subscription {self.subscription.number} goes on."


def _why(form: forms.Form) -> list[tuple[str, str]]:
    return [("Why", form.cleaned_data["reason"])] if form.cleaned_data.get("reason") else []
